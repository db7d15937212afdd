"""What a benchmark says, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.plan import BenchmarkRun, Interval, Ratio


def speed_sentence(runs: Sequence[BenchmarkRun], ratios: Sequence[Ratio]) -> str:
    """Throughput of the last model against the first, in true f32 and by default.

    With one model, its default precision against its true f32.
    """
    names = list(dict.fromkeys(run.model for run in runs))
    executed = {(run.model, run.precision_hint): run.precision_executed for run in runs}
    first, last = names[0], names[-1]
    told = []
    for ratio in ratios:
        if ratio.model != last or ratio.precision_hint != "default" or ratio.against != first:
            continue
        base = executed[first, ratio.against_precision_hint]
        asked = "in true f32" if ratio.against_precision_hint == "f32" else f"by default ({base})"
        whom = "itself" if first == last else first
        told.append(f"{speedup(ratio.throughput, whom)} {asked}")
    if not told:
        return ""
    own = executed[last, "default"]
    return f"The throughput of {last} by default ({own}) is {', and '.join(told)}."


def speedup(interval: Interval, whom: str) -> str:
    """Such as ``2.13 times (2.05 to 2.20) that of parent``."""
    figure = (
        f"{interval.value:.2f} times ({interval.low:.2f} to {interval.high:.2f}) that of {whom}"
    )
    return figure if interval.differs_from_one else f"within the noise, {figure}"
