"""Where quantization brings no speed: that it does not, why, and what to use instead."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from core.benchmark.result import BenchmarkResult, BenchmarkRun, NoGain, Ratio, Reason
from core.errors import WorkbenchError
from core.inference.machine import Machine
from core.profiling.bottlenecks import Bottleneck, compare_int8
from core.profiling.settings import DEFAULT_SECONDS, ProfiledModel, ProfileSettings
from core.progress import Step

_INT8 = "int8"
_LITTLE = 1.1  # times: a gain below is none that is worth a loss of accuracy
_SAME_MODEL = 0.5  # of the layer time, that must come from the same operations


def no_gain(
    machine: Machine, runs: Sequence[BenchmarkRun], ratios: Sequence[Ratio]
) -> tuple[NoGain, ...]:
    """The INT8 models that are no faster than the first model by default."""
    first = runs[0].model
    parent = _default_run(runs, first)
    found = []
    for model in dict.fromkeys(run.model for run in runs if run.model != first):
        ratio, quantized = _default_ratio(ratios, model, first), _default_run(runs, model)
        if ratio is None or quantized is None or parent is None:
            continue
        if _INT8 in quantized.precision_layers and gains_nothing(ratio):
            found.append(
                NoGain(
                    model=model,
                    against=first,
                    verdict=ratio.throughput_verdict,
                    latency_gain=ratio.latency.value if ratio.latency_verdict == "faster" else None,
                    precision_executed=parent.precision_executed,
                    precision_layers=quantized.precision_layers,
                    reasons=_reasons(machine, quantized, parent),
                    instead=_fastest(runs, first),
                )
            )
    return tuple(found)


def gains_nothing(ratio: Ratio) -> bool:
    """Whether a benchmark has shown that: slower, or at the very best a little faster.

    An interval that is wide because the machine was busy shows nothing.
    """
    if ratio.throughput_verdict == "within the noise":
        return ratio.throughput.high < _LITTLE
    return ratio.throughput_verdict == "slower"


def with_bottlenecks(result: BenchmarkResult, step: Step) -> BenchmarkResult:
    """`result`, naming the layers for which the models without a gain are no faster.

    Profiles these models for that, if there are any. There is nothing to name where a model was
    not made from the first one, or where the device does not say what its layers take.
    """
    if not result.no_gain:
        return result
    from core.profiling.measuring import profile

    losing = {one.model for one in result.no_gain}
    first = result.models[0]
    models = [ProfiledModel(name=first.name, xml=first.xml)]
    models += [ProfiledModel(name=o.name, xml=o.xml) for o in result.models if o.name in losing]
    settings = ProfileSettings(
        seconds=min(DEFAULT_SECONDS, result.settings.seconds) / 2,
        device=result.settings.device,
        seed=result.settings.seed,
    )
    try:
        parent, *others = profile(models, settings, step).profiles
    except WorkbenchError:
        return result
    found: dict[str, tuple[Bottleneck, ...]] = {}
    for other in others:
        compared = compare_int8(parent, other)
        found[other.model] = compared.bottlenecks if compared.matched > _SAME_MODEL else ()
    named = tuple(replace(one, bottlenecks=found[one.model]) for one in result.no_gain)
    return replace(result, no_gain=named)


def _default_ratio(ratios: Sequence[Ratio], model: str, against: str) -> Ratio | None:
    wanted = (model, "default", against, "default")
    return next(
        (
            one
            for one in ratios
            if (one.model, one.precision_hint, one.against, one.against_precision_hint) == wanted
        ),
        None,
    )


def _default_run(runs: Sequence[BenchmarkRun], model: str) -> BenchmarkRun | None:
    found = (run for run in runs if (run.model, run.precision_hint) == (model, "default"))
    return next(found, None)


def _reasons(machine: Machine, quantized: BenchmarkRun, parent: BenchmarkRun) -> tuple[Reason, ...]:
    only_int8 = set(quantized.precision_layers) == {_INT8}
    found: list[Reason] = ["all_int8" if only_int8 else "float_layers"]
    if parent.precision_executed == "bf16" and machine.fast_bf16:
        found.append("fast_bf16")
    if machine.instruction_sets and not machine.fast_int8:
        found.append("slow_int8")
    return tuple(found)


def _fastest(runs: Sequence[BenchmarkRun], model: str) -> int:
    places = [
        place for place, run in enumerate(runs) if run.model == model and not run.mode.to_boxes
    ]
    return max(places, key=lambda place: runs[place].throughput_fps)
