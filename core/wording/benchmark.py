"""What a benchmark measured, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.benchmark.noise import Disturbance, Noise
from core.benchmark.result import BenchmarkResult, BenchmarkRun, NoGain, NotRun, Ratio, Reason
from core.inference.settings import PrecisionHint
from core.inference.words import HINTS
from core.metrics.speed.figures import Interval
from core.text import counted, when
from core.wording.profiling import bottleneck_sentence
from core.wording.words import BF16_EMULATED, beginning, precision, whom


def speed_sentence(result: BenchmarkResult) -> str:
    """Throughput of the other models against the first, in true f32 and by default.

    Of one model alone, its frames per second. Of several modes, the figures in the first one, and
    which run is the fastest.
    """
    names = list(dict.fromkeys(run.model for run in result.runs))
    parts = [_compared(result, name, names[0]) for name in names[1:]] or [_alone(result)]
    alone = [run for run in result.runs if not run.mode.to_boxes]
    if len({run.mode for run in alone if run.mode.hint == "streams"}) > 1:
        fastest = _run(_fastest(alone), alone=len(names) == 1)
        parts.append(f"Highest throughput: {fastest}.")
    return " ".join(filter(None, parts))


def remarks(result: BenchmarkResult) -> list[str]:
    """What else is to be known: where INT8 is no gain and why, and runs that could not be made.

    And that bf16 was asked for where the processor has none.
    """
    found = [BF16_EMULATED] if any(map(result.emulates, result.runs)) else []
    found += [sentence for one in result.no_gain for sentence in no_gain_sentences(one, result)]
    return [*found, *not_run(result.not_run)]


def no_gain_sentences(one: NoGain, result: BenchmarkResult) -> list[str]:
    """That INT8 is no faster here, why, and what to use instead."""
    word = "slower" if one.verdict == "slower" else "no faster"
    sentences = [
        f"INT8 gains no throughput here: {whom(one.model)} is {word} than {whom(one.against)} by "
        f"default, which OpenVINO runs in {one.precision_executed}."
    ]
    if one.latency_gain is not None:
        sentences.append(
            f"Its latency is still better, {one.latency_gain:.2f} times; only throughput gains "
            "nothing."
        )
    sentences += [_REASONS[reason](one) for reason in one.reasons]
    sentences += [bottleneck_sentence(found) for found in one.bottlenecks]
    best = result.runs[one.instead]
    return [*sentences, f"The fastest run without a loss of accuracy: {_run(best, alone=False)}."]


def noise_sentences(noise: Noise) -> list[str]:
    """What disturbed the measurement."""
    return [_DISTURBANCES[one](noise) for one in noise.disturbances]


def speedup(interval: Interval, against: str) -> str:
    """Such as ``2.13 times (2.05 to 2.20) that of the parent``."""
    figure = f"{times(interval)} that of {against}"
    return figure if interval.differs_from_one else f"within the noise, {figure}"


def times(interval: Interval) -> str:
    """Such as ``2.13 times (2.05 to 2.20)``."""
    return f"{interval.value:.2f} times ({interval.low:.2f} to {interval.high:.2f})"


def machine_sentence(result: BenchmarkResult) -> str:
    """Where and how it was measured."""
    machine = result.machine
    sets = ", ".join(machine.instruction_sets) or "unknown"
    return (
        f"{machine.title} ({machine.device}), {machine.logical_cores} logical cores, "
        f"instruction sets: {sets}. OpenVINO {machine.openvino}. "
        f"{counted(result.rounds, 'round')} of at least {result.round_seconds:.2f} s for each run, "
        f"in random order, started {when(result.started)}. {machine.system}."
    )


def _alone(result: BenchmarkResult) -> str:
    """Such as ``The model's throughput is 53.0 FPS in true f32 and 115.0 FPS by default (bf16).``

    A model is not compared with itself: that says nothing of it.
    """
    first = result.runs[0]
    runs = [run for run in result.runs if run.mode == first.mode]
    where = f", {first.mode.label}," if first.mode.hint == "streams" else ""
    figures = [
        f"{run.throughput_fps:.1f} FPS {_asked(run.precision_hint, run.precision_executed)}"
        for run in runs
    ]
    whose = f"{beginning(whom(first.model, alone=True))}'s"
    return f"{whose} throughput{where} is {' and '.join(figures)}."


def _compared(result: BenchmarkResult, model: str, first: str) -> str:
    executed = {(run.model, run.precision_hint): run.precision_executed for run in result.runs}
    ratios = [
        one
        for one in result.ratios
        if (one.model, one.precision_hint, one.against) == (model, "default", first)
        and one.mode == result.ratios[0].mode
    ]
    if not ratios:
        return ""
    mode = ratios[0].mode
    where = f", {mode.label}," if mode is not None else ""
    parts = [
        _against(one, whom(first), executed[first, one.against_precision_hint]) for one in ratios
    ]
    own = executed[model, "default"]
    whose = f"{beginning(whom(model))}'s"
    return f"{whose} throughput by default ({own}){where} is {', and '.join(parts)}."


def _against(ratio: Ratio, other: str, executed: str) -> str:
    asked = _asked(ratio.against_precision_hint, executed)
    if ratio.throughput_verdict == "too few rounds":
        return f"{times(ratio.throughput)} that of {other} {asked}, after too few rounds to tell"
    return f"{speedup(ratio.throughput, other)} {asked}"


def _asked(hint: PrecisionHint, executed: str) -> str:
    by_hint = {"f32": "in true f32", "default": f"by default ({executed})"}
    return by_hint.get(hint, f"asked for {hint} ({executed})")


def _fastest(runs: Sequence[BenchmarkRun]) -> BenchmarkRun:
    return max(runs, key=lambda run: run.throughput_fps)


def _run(run: BenchmarkRun, *, alone: bool) -> str:
    how = precision(run.precision_hint, run.precision_executed)
    return (
        f"{run.throughput_fps:.1f} FPS by {whom(run.model, alone=alone)}, {how}, {run.mode.label}"
    )


def not_run(runs: Sequence[NotRun]) -> list[str]:
    """A sentence for each model and reason, however many modes that is the reason of."""
    modes: dict[tuple[str, str, PrecisionHint], list[str]] = {}
    for one in runs:
        modes.setdefault((one.model, one.reason, one.precision_hint), []).append(one.mode.label)
    hints: dict[tuple[str, str, str], list[str]] = {}
    for (model, reason, hint), labels in modes.items():
        hints.setdefault((model, reason, "; ".join(labels)), []).append(HINTS[hint])
    return [
        f"{beginning(whom(model))} ({' and '.join(asked)}, {labels}) was not run: {reason}"
        for (model, reason, labels), asked in hints.items()
    ]


def _float_layers(one: NoGain) -> str:
    layers = one.precision_layers
    still = {name: count for name, count in layers.items() if name != "int8"}
    which = " and ".join(f"{count} in {name}" for name, count in still.items())
    return (
        f"{sum(still.values())} of its {sum(layers.values())} convolutions and matrix products "
        f"still run in float ({which})."
    )


def _all_int8(one: NoGain) -> str:
    return (
        f"All of its {sum(one.precision_layers.values())} convolutions and matrix products run in "
        "INT8, so the time goes elsewhere: into conversions between precisions, and layers that "
        "gain nothing."
    )


_REASONS: dict[Reason, Callable[[NoGain], str]] = {
    "float_layers": _float_layers,
    "all_int8": _all_int8,
    "fast_bf16": lambda one: "This processor multiplies bf16 natively, so float is fast already.",
    "slow_int8": lambda one: "This processor has no instructions for 8-bit products (VNNI, AMX).",
}


def _drift(noise: Noise) -> str:
    word = "faster" if noise.drift > 1 else "slower"
    return f"The machine became {abs(noise.drift - 1):.0%} {word} during the benchmark."


_DISTURBANCES: dict[Disturbance, Callable[[Noise], str]] = {
    "load": lambda noise: (
        f"Other programs kept {noise.other_load_cores:.1f} cores busy: an idle machine is "
        "faster. Ratios suffer less, but large models are held up more than small ones."
    ),
    "steal": lambda noise: (
        f"The host of this virtual machine gave {noise.steal_share or 0:.0%} of its processor "
        "time to others (steal)."
    ),
    "throttled": lambda noise: "The processor overheated and throttled.",
    "battery": lambda noise: "The machine ran on battery power, which may slow it down.",
    "drift": _drift,
}
