"""Taking profiles: a run of its own in which OpenVINO times every layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import WorkbenchError
from core.inference.compiling import (
    COMPUTING_TYPES,
    ExecutedPrecision,
    compile_for,
    computed_in,
    executed_precision,
    number_property,
    precision_name,
)
from core.inference.inputs import random_inputs
from core.inference.machine import this_machine
from core.inference.settings import InferenceSettings
from core.jobs.quiet import TimedRounds
from core.metrics.speed.figures import MIN_ROUNDS
from core.metrics.speed.statistics import spread
from core.models.stored import read_network
from core.profiling.findings import findings_of
from core.profiling.graph_places import place_layers
from core.profiling.profile import Layer, Profile, Role
from core.profiling.result import ProfileResult
from core.profiling.settings import ProfiledModel, ProfileSettings
from core.progress import Step

if TYPE_CHECKING:
    import openvino as ov

Facts = dict[str, str]

PROFILING = "Profiling layers in turns"

TURN_SECONDS = 0.15
WARM_UP_INFERENCES = 3
_ELEMENTWISE = frozenset({"Subgraph", "Eltwise", "Math", "Activation", "Multiply", "Add"})
_CONVERSIONS = frozenset({"Reorder", "Convert", "FakeQuantize"})


@dataclass(eq=False)
class _Runner:
    """One model at one precision hint, compiled with counters.

    OpenVINO's counters give the mean over all inferences since the model was compiled, in whole
    microseconds: one interruption stays in it for long. What a turn took is therefore computed
    from the totals before and after it, and the median of the turns is taken.
    """

    model: ProfiledModel
    precision: ExecutedPrecision
    request: ov.InferRequest
    threads: int
    layers: list[Layer]
    quantized: bool
    inferences: int = 0  # since it was compiled
    rounds_ms: list[NDArray[np.float64]] = field(default_factory=list)  # of every layer
    latency_rounds_ms: list[float] = field(default_factory=list)

    def infer(self) -> None:
        self.request.infer()
        self.inferences += 1

    def total_ms(self) -> NDArray[np.float64]:
        """What every layer took in all inferences together."""
        times = {one.node_name: one.real_time for one in self.request.profiling_info}
        means = [
            times[layer.name].total_seconds() if layer.name in times else 0.0
            for layer in self.layers
        ]
        return np.asarray(means) * 1000 * self.inferences


def profile(
    models: Sequence[ProfiledModel], settings: ProfileSettings, step: Step
) -> ProfileResult:
    """Profile the layers of these models; `step` hears of progress and may raise to stop.

    The models take turns in rounds, in an order drawn anew. The counters cost time themselves: a
    benchmark measures how fast a model is. Raises WorkbenchError where a device does not say which
    layers it executes.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    runners = []
    for number, model in enumerate(models):
        step("Compiling and warming up", number, len(models))
        runners.append(_prepare(model, settings))
    rounds = max(MIN_ROUNDS, round(settings.seconds / (TURN_SECONDS * len(runners))))
    turn = min(TURN_SECONDS, settings.seconds / (rounds * len(runners)))
    order = np.random.default_rng(settings.seed)
    with TimedRounds(lambda: step(PROFILING, 0, rounds)) as alone:
        for done in range(rounds):
            step(PROFILING, done, rounds)
            alone.give_way(partial(step, PROFILING, done, rounds))
            for place in order.permutation(len(runners)):
                _take_turn(runners[place], turn)
    step(PROFILING, rounds, rounds)
    profiles = tuple(_profile(runner) for runner in runners)
    step("Laying out the graphs", 0, None)
    return ProfileResult(
        machine=this_machine(settings.device),
        rounds=rounds,
        started=started,
        profiles=profiles,
        findings=tuple(findings_of(one, profiles) for one in profiles),
        places=tuple(place_layers([layer.inputs for layer in one.layers]) for one in profiles),
    )


def _prepare(model: ProfiledModel, settings: ProfileSettings) -> _Runner:
    read = read_network(model.xml)
    inputs = random_inputs(model.xml, read, settings.seed)
    asked = InferenceSettings(device=settings.device, precision_hint=model.precision_hint)
    compiled = compile_for(read, asked, "LATENCY", count_time=True)
    request = compiled.create_infer_request()
    request.infer(inputs)  # from now on the inputs are in place
    types = {op.get_friendly_name(): str(op.get_type_name()) for op in read.get_ops()}
    runner = _Runner(
        model,
        executed_precision(compiled),
        request,
        number_property(compiled, "INFERENCE_NUM_THREADS"),
        executed_layers(compiled, types),
        "FakeQuantize" in types.values(),
        inferences=1,
    )
    for _ in range(WARM_UP_INFERENCES):
        runner.infer()
    return runner


def executed_layers(compiled: ov.CompiledModel, types: dict[str, str]) -> list[Layer]:
    """The layers of the executed graph in their order, not timed yet.

    What is computed from constants alone, once and for all, is left out. `types` are those of the
    operations in the model's file, by name.
    """
    places: dict[str, int] = {}
    layers: list[Layer] = []
    for op in compiled.get_runtime_model().get_ordered_ops():
        facts: Facts = {key: value.astype(str) for key, value in op.get_rt_info().items()}
        read = [value.get_node().get_friendly_name() for value in op.input_values()]
        inputs = tuple(dict.fromkeys(places[name] for name in read if name in places))
        if not inputs and facts.get("layerType") != "Input":
            continue
        places[op.get_friendly_name()] = len(layers)
        layers.append(_layer(op, facts, inputs, types))
    if not layers:
        raise WorkbenchError(
            "This device does not say which layers it executes.", "Profile the model on CPU."
        )
    return layers


def _layer(op: Any, facts: Facts, inputs: tuple[int, ...], types: dict[str, str]) -> Layer:
    named = facts.get("originalLayersNames", "").split(",")
    originals = tuple(name for name in named if name in types)  # others OpenVINO made up
    kinds = tuple(types[name] for name in originals)
    shape = op.output(0).get_partial_shape() if op.get_output_size() else []
    return Layer(
        name=op.get_friendly_name(),
        type=facts["layerType"],
        role=_role(facts, kinds),
        time_ms=0.0,
        time_low_ms=0.0,
        time_high_ms=0.0,
        precision=computed_in(facts),
        output_precision=precision_name(
            facts.get("outputPrecisions", facts["runtimePrecision"]).split(",")[0]
        ),
        primitive=facts["primitiveType"],
        originals=originals,
        original_types=kinds,
        shape=tuple(side.get_length() if side.is_static else -1 for side in shape),
        inputs=inputs,
    )


def _role(facts: Facts, kinds: tuple[str, ...]) -> Role:
    kind = facts["layerType"]
    if kind in COMPUTING_TYPES:
        grouped = kind == "Convolution" and "GroupConvolution" in kinds
        return "depthwise" if grouped and "_dw_" in facts["primitiveType"] else "convolution"
    if kind in _ELEMENTWISE:
        return "conversion" if kinds and set(kinds) <= _CONVERSIONS else "elementwise"
    return "conversion" if kind in _CONVERSIONS else "other"


def _take_turn(runner: _Runner, seconds: float) -> None:
    """At least three inferences after one that warms the caches again."""
    runner.infer()
    before_turn, first = runner.total_ms(), runner.inferences
    latencies: list[float] = []
    start = now = perf_counter()
    while now - start < seconds or len(latencies) < 3:
        runner.infer()
        before, now = now, perf_counter()
        latencies.append((now - before) * 1000)
    took = (runner.total_ms() - before_turn) / (runner.inferences - first)
    runner.rounds_ms.append(np.maximum(took, 0))
    runner.latency_rounds_ms.append(float(np.median(latencies)))


def _profile(runner: _Runner) -> Profile:
    import msgspec

    low, median, high = np.quantile(runner.rounds_ms, [0.25, 0.5, 0.75], axis=0)
    layers = (
        msgspec.structs.replace(
            layer,
            time_ms=round(float(median[place]), 6),
            time_low_ms=round(float(low[place]), 6),
            time_high_ms=round(float(high[place]), 6),
        )
        for place, layer in enumerate(runner.layers)
    )
    return Profile(
        model=runner.model.name,
        precision_hint=runner.model.precision_hint,
        precision_executed=runner.precision.name,
        precision_layers=runner.precision.layers,
        inferences=runner.inferences,
        threads=runner.threads,
        latency_ms=spread(runner.latency_rounds_ms),
        latency_rounds_ms=tuple(runner.latency_rounds_ms),
        layers=tuple(layers),
        quantized=runner.quantized,
    )
