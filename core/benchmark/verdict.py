"""What a benchmark says, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.plan import BenchmarkRun, Interval, Ratio


def speed_sentence(runs: Sequence[BenchmarkRun], ratios: Sequence[Ratio]) -> str:
    """Throughput of the other models against the first, in true f32 and by default.

    With one model, its default precision against its true f32. Of several settings, the ratios
    at the first one, and which run is the fastest.
    """
    names = list(dict.fromkeys(run.model for run in runs))
    told = [_compared(runs, ratios, name, names[0]) for name in names[1:] or names]
    if len({run.setting for run in runs if run.setting and run.setting.hint == "streams"}) > 1:
        told.append(_fastest(runs))
    return " ".join(filter(None, told))


def _compared(runs: Sequence[BenchmarkRun], ratios: Sequence[Ratio], model: str, first: str) -> str:
    executed = {(run.model, run.precision_hint): run.precision_executed for run in runs}
    setting = ratios[0].setting if ratios else ""
    told = []
    for ratio in ratios:
        if ratio.model != model or ratio.precision_hint != "default" or ratio.against != first:
            continue
        if ratio.setting != setting:
            continue
        base = executed[first, ratio.against_precision_hint]
        asked = {
            "f32": "in true f32",
            "default": f"by default ({base})",
        }.get(ratio.against_precision_hint, f"asked for {ratio.against_precision_hint} ({base})")
        whom = "itself" if first == model else first
        few = "after too few rounds, " * (ratio.throughput_verdict == "too few rounds")
        told.append(f"{few}{speedup(ratio.throughput, whom)} {asked}")
    if not told:
        return ""
    own = executed[model, "default"]
    where = f", {setting}," if setting else ""
    return f"The throughput of {model} by default ({own}){where} is {', and '.join(told)}."


def _fastest(runs: Sequence[BenchmarkRun]) -> str:
    best = max(runs, key=lambda run: run.throughput_fps)
    setting = best.setting.label if best.setting else "throughput"
    return (
        f"The most pictures per second: {best.throughput_fps:.1f}, by {best.model} with "
        f"{setting} ({best.precision_hint} precision, executed in {best.precision_executed})."
    )


def speedup(interval: Interval, whom: str) -> str:
    """Such as ``2.13 times (2.05 to 2.20) that of parent``."""
    figure = (
        f"{interval.value:.2f} times ({interval.low:.2f} to {interval.high:.2f}) that of {whom}"
    )
    return figure if interval.differs_from_one else f"within the noise, {figure}"
