"""A scorecard in words, for both faces: rows, verdict, and what would fill what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from core.inference.words import run_text
from core.metrics.accuracy.verdict import VerdictName
from core.metrics.speed.figures import Interval, Verdict
from core.models.info import foreign_format, size_change
from core.reports.wording import VERDICT_WORDS
from core.scorecard.score import Apart, Judged, MeasuredAp, ModelSpeed, Score, Scorecard, Source
from core.sizes import megabytes
from core.text import when
from core.wording.judged import (
    NOTHING,
    changed_text,
    judged_for_text,
    kept_text,
    moved_text,
    verdict_word,
)
from core.wording.words import precision

Fill = Literal["", "optimize", "benchmark", "report", "annotations"]
"""What would fill a figure that is missing; nothing, where it is there or on its way."""

FigureName = Literal["throughput", "latency", "size", "ap"]

FILL_BUTTONS: Mapping[Fill, str] = {
    "optimize": "Optimize and compare",
    "benchmark": "Run benchmark",
    "report": "Create accuracy report",
    "annotations": "Measure AP",
}
MISSING: Mapping[Fill, str] = {
    "": "",
    "optimize": "not optimized yet",
    "benchmark": "not benchmarked yet",
    "report": "not compared yet",
    "annotations": "no report on annotations",
}
APART: Mapping[Apart, str] = {
    "device": "not divided: other device",
    "precision": "not divided: other precision",
    "benchmark": "not divided: other benchmark",
}


@dataclass(frozen=True)
class Cell:
    """A figure as it is shown.

    Attributes:
        text: the figure; a dash where there is none.
        note: its precision and device, or why it is missing.
        hint: all there is to know about it.
        source: where it comes from.
        fill: what would fill it, or give it for where the model is to run.
    """

    text: str = NOTHING
    note: str = ""
    hint: str = ""
    source: Source | None = None
    fill: Fill = ""


@dataclass(frozen=True)
class Row:
    """A figure of both models, and what became of it."""

    figure: FigureName
    name: str
    parent: Cell
    optimized: Cell
    change: Cell


def rows(card: Scorecard) -> tuple[Row, ...]:
    """The figures of a scorecard, the same ones whatever is known."""
    return tuple(_ROWS[figure](card) for figure in _ROWS)


@dataclass(frozen=True)
class VerdictText:
    """The verdict: its name for a colour, its word, and what it rests on.

    `note` says for which target it is, and of which thresholds, where they were moved.
    """

    name: VerdictName | None
    word: str
    note: str
    kept: Cell
    changed: Cell


def verdict_text(score: Score | None) -> VerdictText:
    """Of an optimized model."""
    judged = score.judged if score is not None else None
    if score is None or judged is None:
        return VerdictText(None, "No verdict yet", "", _no_verdict(score), Cell(""))
    ran = run_text(judged.executed)
    kept = judged.kept
    by = "annotations" if kept and kept.measured else "the parent's detections, without annotations"
    hint = (
        f"With its 95% interval, by {by}\n{ran}\nScore threshold {judged.score:g}\n{judged.dataset}"
    )
    how = "the parent finds nothing"
    if kept is not None:
        means = "measured" if kept.measured else "estimated"
        share = kept.share
        how = f"accuracy kept, {100 * share.low:.1f} to {100 * share.high:.1f}%, {means}"
    return VerdictText(
        judged.verdict if score.is_judged else None,
        VERDICT_WORDS[judged.verdict],
        ", ".join(filter(None, (moved_text(judged), judged_for_text(score, judged)))),
        Cell(kept_text(judged), how, hint, judged.source, "" if score.is_judged else "report"),
        Cell(changed_text(judged), f"predictions changed, {ran}", hint, judged.source),
    )


def _no_verdict(score: Score | None) -> Cell:
    """Why there is none, and what would fill it."""
    if score is not None and score.state != "ready":
        return Cell(note="in progress" if score.state == "in_progress" else "failed")
    fill: Fill = "optimize" if score is None else "report"
    return Cell(note=MISSING[fill], fill=fill)


def in_short(score: Score) -> str:
    """For a list: speed-up and verdict of an optimized model, such as ``1.9×, check``."""
    if score.parent_id is None:
        return f"{score.speed.fps:.1f} FPS{_on(score.speed)}" if score.speed else ""
    where = _on(score.speed) if score.speed else ""
    parts = [
        *([f"{speed_up_text(score)}{where}"] if score.speed_up else []),
        *([_verdict_in_short(score, score.judged)] if score.judged else []),
    ]
    return ", ".join(parts)


def _verdict_in_short(score: Score, judged: Judged) -> str:
    word = verdict_word(score, judged).lower()
    return f"{word} at {judged.as_made.at:.2f}" if judged.as_made else word


def speed_up_text(score: Score) -> str:
    """Such as ``1.9×``; ``about`` where it is not sure."""
    ratio = score.speed_up
    if ratio is None:
        return NOTHING
    return f"{_about(ratio.throughput_verdict)}{ratio.throughput.value:.1f}×"


def _about(verdict: Verdict) -> str:
    return "" if verdict in ("faster", "slower") else "about "


def speed_hint(speed: ModelSpeed, figure: FigureName) -> str:
    """Everything about a figure of speed."""
    fps, ms = speed.fps_spread, speed.latency_spread_ms
    of_all = (
        f"All rounds: median {fps.median:.1f} FPS (quartiles {fps.low:.1f} to {fps.high:.1f})"
        if figure == "throughput"
        else f"All rounds: median {ms.median:.2f} ms (quartiles {ms.low:.2f} to {ms.high:.2f})"
    )
    mode = f"\nMode: {speed.mode}" if speed.mode else ""
    stopped = "\nThe benchmark was stopped early." if speed.stopped else ""
    return (
        f"{of_all}\nAsked for {speed.precision_hint}, executed {speed.precision_executed}\n"
        f"{speed.device}: {speed.device_name}\nMeasured {when(speed.started)}{mode}{stopped}"
    )


def ran_as(speed: ModelSpeed) -> str:
    """The precision asked for and executed, and the device: ``default (int8), CPU``."""
    mode = f", {speed.mode}" if speed.mode else ""
    stopped = ", stopped early" if speed.stopped else ""
    ran = precision(speed.precision_hint, speed.precision_executed)
    return f"{ran}, {speed.device}{_on(speed)}{mode}{stopped}"


def _on(speed: ModelSpeed) -> str:
    """Which host it was measured on, if that is another machine."""
    return f" on {speed.machine}" if speed.machine else ""


# One row for each figure


def _throughput(card: Scorecard) -> Row:
    ratio = card.optimized.speed_up if card.optimized else None
    change = _ratio(ratio.throughput, ratio.throughput_verdict) if ratio else _undivided(card)
    return Row("throughput", "Throughput", *_speeds(card, "throughput"), change)


def _latency(card: Scorecard) -> Row:
    ratio = card.optimized.speed_up if card.optimized else None
    change = _ratio(ratio.latency, ratio.latency_verdict) if ratio else _undivided(card)
    return Row("latency", "Latency", *_speeds(card, "latency"), change)


def _speeds(card: Scorecard, figure: FigureName) -> tuple[Cell, Cell]:
    """The parent's figure is that which belongs to the ratio, where there is one."""
    optimized = card.optimized
    parent = (optimized.parent_speed if optimized else None) or card.parent.speed
    return _speed(parent, figure, card.parent), _speed(
        optimized.speed if optimized else None, figure, optimized
    )


def _speed(speed: ModelSpeed | None, figure: FigureName, score: Score | None) -> Cell:
    if speed is None:
        return _missing(score, "benchmark")
    text = f"{speed.fps:.1f} FPS" if figure == "throughput" else f"{speed.latency_ms:.2f} ms"
    run = speed.source.run if figure == "throughput" else speed.latency_run
    source = Source(
        project_id=speed.source.project_id, artifact_id=speed.source.artifact_id, run=run
    )
    fill: Fill = "" if score is None or score.counts(speed.machine) else "benchmark"
    return Cell(text, ran_as(speed), speed_hint(speed, figure), source, fill)


def _ratio(interval: Interval, verdict: Verdict) -> Cell:
    return Cell(
        f"{_about(verdict)}{interval.value:.2f}×",
        f"{verdict} ({interval.low:.2f} to {interval.high:.2f})",
        "Above 1: faster than its parent.\nMedian of the ratios of rounds that were measured in "
        "turns, and its 95% interval.\nThe figures beside it are of the round in the middle, so "
        "that they divide to it.",
    )


def _undivided(card: Scorecard) -> Cell:
    optimized = card.optimized
    if optimized is None or optimized.apart is None:
        return Cell(text="")
    return Cell(note=APART[optimized.apart], fill="benchmark")


def _size(card: Scorecard) -> Row:
    before = card.parent.size_bytes
    after = card.optimized.size_bytes if card.optimized else None
    change = Cell(text="")
    if before and after:
        figure, _, word = size_change(before, after).partition(" times ")
        change = Cell(f"{figure}×", word)
    return Row("size", "Size", _bytes(card.parent), _bytes(card.optimized), change)


def _bytes(score: Score | None) -> Cell:
    if score is None or score.size_bytes is None:
        return _missing(score, "")
    foreign = foreign_format(score.framework)
    note = f"{score.precision}, {foreign} file" if foreign else score.precision
    return Cell(megabytes(score.size_bytes), note, "Graph and weights on disk")


def _ap(card: Scorecard) -> Row:
    optimized = card.optimized
    after = optimized.ap if optimized else None
    before = (optimized.parent_ap if optimized and after else None) or card.parent.ap
    change = Cell(text="")
    if optimized and optimized.ap and optimized.parent_ap:
        change = Cell(f"{optimized.ap.ap - optimized.parent_ap.ap:+z.3f}", "on the same images")
    elif after and before:
        change = Cell(note="of different reports: not compared")
    return Row("ap", "COCO AP", _ap_cell(before, card.parent), _ap_cell(after, optimized), change)


def _ap_cell(found: MeasuredAp | None, score: Score | None) -> Cell:
    if found is None:
        missing = _missing(score, "annotations")  # a report on the optimized model fills both
        return missing if score and score.parent_id else replace(missing, fill="")
    return Cell(
        f"{found.ap:.3f}",
        run_text(found.executed) + (f" on {found.machine}" if found.machine else ""),
        f"COCO AP@[.50:.95]\n{run_text(found.executed)}\n{found.dataset}",
        found.source,
    )


def _missing(score: Score | None, fill: Fill) -> Cell:
    if score is None or score.state != "ready":
        return Cell()  # the verdict says why
    return Cell(note=MISSING[fill], fill=fill)


_ROWS: Mapping[FigureName, Callable[[Scorecard], Row]] = {
    "throughput": _throughput,
    "latency": _latency,
    "size": _size,
    "ap": _ap,
}
