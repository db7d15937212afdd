"""Where quantization brings no speed: that it does not, why, and what to use instead."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.machine import Machine
from core.benchmark.plan import BenchmarkRun, Ratio

_INT8 = "int8"
_LITTLE = 1.1  # times: a gain below is none that is worth a loss of accuracy


def no_gain(
    where: Machine, runs: Sequence[BenchmarkRun], ratios: Sequence[Ratio]
) -> tuple[str, ...]:
    """Sentences about the INT8 models that are no faster than the first model by default."""
    first = runs[0].model
    told: list[str] = []
    for model in dict.fromkeys(run.model for run in runs if run.model != first):
        ratio = next(
            (
                one
                for one in ratios
                if (one.model, one.precision_hint) == (model, "default")
                and (one.against, one.against_precision_hint) == (first, "default")
            ),
            None,
        )
        quantized = _default_run(runs, model)
        parent = _default_run(runs, first)
        if ratio is None or quantized is None or parent is None:
            continue
        if _INT8 in quantized.precision_layers and gains_nothing(ratio):
            told += _no_gain(ratio, quantized, parent)
            told += _reasons(where, quantized, parent)
            told.append(_instead([run for run in runs if run.model == first]))
    return tuple(told)


def gains_nothing(ratio: Ratio) -> bool:
    """Whether a benchmark has shown that: slower, or at the very best a little faster.

    An interval that is wide because the machine was busy shows nothing.
    """
    if ratio.throughput_verdict == "within the noise":
        return ratio.throughput.high < _LITTLE
    return ratio.throughput_verdict == "slower"


def _default_run(runs: Sequence[BenchmarkRun], model: str) -> BenchmarkRun | None:
    found = (run for run in runs if (run.model, run.precision_hint) == (model, "default"))
    return next(found, None)


def _no_gain(ratio: Ratio, quantized: BenchmarkRun, parent: BenchmarkRun) -> list[str]:
    word = "slower than" if ratio.throughput_verdict == "slower" else "no faster than"
    told = [
        f"INT8 is no gain in throughput here: {quantized.model} is {word} {parent.model} by "
        f"default, which OpenVINO runs in {parent.precision_executed}."
    ]
    if ratio.latency_verdict == "faster":
        told.append(
            f"Its latency is still better, {ratio.latency.value:.2f} times; it is the throughput "
            "that gains nothing."
        )
    return told


def _reasons(where: Machine, quantized: BenchmarkRun, parent: BenchmarkRun) -> list[str]:
    layers = quantized.precision_layers
    total = sum(layers.values())
    still = {name: count for name, count in layers.items() if name != _INT8}
    told = []
    if still:
        which = " and ".join(f"{count} in {name}" for name, count in still.items())
        told.append(
            f"{sum(still.values())} of its {total} convolutions and matrix products still run in "
            f"float ({which})."
        )
    else:
        told.append(
            f"All of its {total} convolutions and matrix products run in INT8, so that the time "
            "goes elsewhere: into conversions between precisions, and layers that gain nothing."
        )
    if parent.precision_executed == "bf16" and where.fast_bf16:
        told.append("This processor multiplies bf16 natively, so that float is fast already.")
    if where.instruction_sets and not where.fast_int8:
        told.append("This processor has no instructions for 8-bit products (VNNI, AMX).")
    return told


def _instead(parents: Sequence[BenchmarkRun]) -> str:
    best = max(parents, key=lambda run: run.throughput_fps)
    asked = "by default" if best.precision_hint == "default" else f"with {best.precision_hint}"
    how = best.setting.label if best.setting is not None else "throughput"
    return (
        f"The fastest setting that loses nothing is {best.model} {asked} "
        f"(executed in {best.precision_executed}, {how}): {best.throughput_fps:.1f} FPS."
    )
