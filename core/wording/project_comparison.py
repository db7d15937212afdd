"""What a comparison of projects comes to: sentences, and the rows of its summary."""

from __future__ import annotations

from collections.abc import Callable

from core.documents.csv import Cell
from core.inference.words import HINTS
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.speed.figures import Interval
from core.metrics.speed.pairing import paired
from core.project_comparison.comparing import (
    ComparedProject,
    Pair,
    Predicted,
    ProjectComparison,
    Speed,
    SpeedRatio,
)
from core.reports.wording import VERDICT_WORDS, kept_words
from core.sizes import megabytes
from core.text import percent, significant, when, when_utc
from core.wording.benchmark import times
from core.wording.words import precision

Figure = tuple[str, tuple[Cell, ...]]
RUN = "Run"  # what the row is called that names each project's run


def run_label(speed: Speed | None, at: Callable[[str], str] = when) -> str:
    """Such as ``default (bf16), throughput, 2026-01-02 11:00: 43.1 FPS``; `at` words the time."""
    if speed is None:
        return "not benchmarked"
    mode = speed.mode.label if speed.mode is not None else "OpenVINO's hints"
    how = precision(speed.precision_hint, speed.precision_executed)
    on = f", on {speed.machine}" if speed.machine else ""
    return f"{how}, {mode}{on}, {at(speed.started)}: {speed.throughput_fps.median:.1f} FPS"


def comparison_sentences(comparison: ProjectComparison) -> list[str]:
    """What each project but the first comes to against the first."""
    first, *others = comparison.projects
    return [
        _sentence(first, other, ratio)
        for other, ratio in zip(others, comparison.ratios, strict=True)
    ]


def figures(comparison: ProjectComparison) -> list[Figure]:
    """The rows of the summary: a name, and a value for every project; times as files have them."""
    projects = comparison.projects
    first, *others = projects
    compared = list(zip(others, comparison.ratios, strict=True))
    throughput = (_throughput_against(first.speed, one.speed, by) for one, by in compared)
    latency = (_latency_against(first.speed, one.speed, by) for one, by in compared)

    def row(name: str, *values: Cell) -> Figure:
        return name, values

    return [
        row(RUN, *(run_label(one.speed, when_utc) for one in projects)),
        row("Model file", *(megabytes(one.size_bytes) for one in projects)),
        row("Stored precision", *(one.precision for one in projects)),
        row("Executed precision", *(_executed(one) for one in projects)),
        row("Throughput, FPS: median (quartiles)", *(_throughput(one) for one in projects)),
        row("Throughput against A", None, *throughput),
        row("Latency p50 / p90 / p99, ms", *(_latency(one) for one in projects)),
        row("Latency against A", None, *latency),
        row("Time in layers, ms", *(_layers(one) for one in projects)),
        row("Verdict", *(_verdict(one) for one in projects)),
        row("Accuracy kept of its parent's", *(_kept(one) for one in projects)),
        row("Predictions changed", *(_changed(one) for one in projects)),
        row("Agreement with its parent", *(_agreement(one) for one in projects)),
        row("AP on annotations", *(_accuracy(one) for one in projects)),
    ]


def pair_note(pair: Pair) -> str:
    """Which layers stand in one row, and how sure a difference is."""
    note = "Layers that come from the same operations of the model."
    if not pair.in_turns:
        note += " Profiled at different times: part of a difference may be due to the machine."
    return note


def _executed(one: ComparedProject) -> str | None:
    return one.speed.precision_executed if one.speed else None


def _throughput(one: ComparedProject) -> str | None:
    if one.speed is None:
        return None
    fps = one.speed.throughput_fps
    return f"{fps.median:.1f} ({fps.low:.1f} to {fps.high:.1f})"


def _latency(one: ComparedProject) -> str | None:
    if one.speed is None:
        return None
    latency = one.speed.latency_ms
    return f"{latency.p50:.2f} / {latency.p90:.2f} / {latency.p99:.2f}"


def _throughput_against(
    first: Speed | None, other: Speed | None, ratio: SpeedRatio | None
) -> str | None:
    if ratio is None or first is None or other is None:
        return None
    rounds = other.throughput_rounds_fps, first.throughput_rounds_fps
    return _against(ratio.throughput, ratio.throughput_interval, rounds, "{} against {} FPS")


def _latency_against(
    first: Speed | None, other: Speed | None, ratio: SpeedRatio | None
) -> str | None:
    if ratio is None or first is None or other is None:
        return None
    rounds = first.latency_rounds_ms, other.latency_rounds_ms
    return _against(ratio.latency, ratio.latency_interval, rounds, "{1} against {0} ms")


def _against(
    value: float,
    interval: Interval | None,
    rounds: tuple[tuple[float, ...], tuple[float, ...]],
    middle: str,
) -> str:
    """The ratio, and the other's figure and the first one's that divide to it (decision 0026)."""
    if interval is None:
        return f"{value:.2f} times, not in turns"
    found = paired(*rounds, interval.value)
    beside = (
        f"; {middle.format(*(significant(one, 4) for one in found))} in the middle round"
        if found
        else ""
    )
    noise = "" if interval.differs_from_one else ": within the noise"
    return f"{times(interval)}{noise}{beside}"


def _layers(one: ComparedProject) -> str | None:
    if one.profile is None:
        return None
    return f"{one.profile.layers_ms:.2f} in {len(one.profile.layers)} layers"


def _kept(one: ComparedProject) -> str | None:
    found = one.predictions
    if found is None or found.kept is None:
        return None
    return f"{_share_kept(found, found.kept)} ({kept_words(found.kept)}) on {found.dataset}"


def _changed(one: ComparedProject) -> str | None:
    found = one.predictions
    if found is None or found.changed is None:
        return None
    return percent(found.changed, found.limits.most_changed)


def _share_kept(found: Predicted, kept: AccuracyKept) -> str:
    return percent(kept.share.value, *found.limits.of_kept)


def _agreement(one: ComparedProject) -> str | None:
    found = one.predictions
    return None if found is None or found.agreement is None else f"{found.agreement:.3f}"


def _verdict(one: ComparedProject) -> str | None:
    return VERDICT_WORDS[one.predictions.verdict] if one.predictions else None


def _accuracy(one: ComparedProject) -> str | None:
    found = one.accuracy
    if found is None:
        return None
    low, high = found.interval
    return f"{found.ap:.3f} ({low:.3f} to {high:.3f}) on {found.dataset}"


def _sentence(first: ComparedProject, other: ComparedProject, ratio: SpeedRatio | None) -> str:
    parts = [] if ratio is None else [_speed(ratio)]
    if ratio is None and first.speed is not None and other.speed is not None:
        parts.append("speed measured on another machine")
    parts.append(f"{other.size_bytes / first.size_bytes:.2f} times its size")
    if (found := other.predictions) is not None and found.kept is not None:
        parts.append(f"{_share_kept(found, found.kept)} of its parent's accuracy")
    before, after = first.accuracy, other.accuracy
    if before is not None and after is not None and before.dataset == after.dataset:
        parts.append(f"an AP of {after.ap:.3f} instead of {before.ap:.3f}")
    return f"{_name(other)} against {_name(first)}: {', '.join(parts)}."


def _speed(ratio: SpeedRatio) -> str:
    interval = ratio.throughput_interval
    if interval is None:
        return (
            f"{ratio.throughput:.2f} times its throughput, measured at different times, so that "
            "part of that may be the machine's"
        )
    low, high = interval.low, interval.high
    figure = f"{interval.value:.2f} times its throughput ({low:.2f} to {high:.2f})"
    return figure if interval.differs_from_one else f"within the noise, {figure}"


def _name(project: ComparedProject) -> str:
    if project.speed is None:
        return project.title
    return f"{project.title} ({HINTS[project.speed.precision_hint]})"
