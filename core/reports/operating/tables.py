"""Tables of an operating point: the same for files, pages and the window."""

from __future__ import annotations

from collections.abc import Mapping

from core.documents.csv import Cell
from core.documents.tables import Column, Figure, Table, shown
from core.metrics.comparison.bootstrap import Interval
from core.metrics.operating_point.basis import Basis
from core.metrics.operating_point.best_f1 import BestF1
from core.metrics.operating_point.choosing import Reach
from core.metrics.operating_point.figures import Figures
from core.metrics.operating_point.point import LEAST_OF_CLASS, OperatingPoint
from core.reports.wording import CHANGED

_INTERVALS = "In brackets: 95% bootstrap interval over the images."
SETTING_COLUMNS = (
    Column("setting", "Thresholds of the optimized model"),
    Column("score", "Score", meaning="From which score on its detections count."),
    Column("parent", "Parent", "count", "The parent's detections in the judged half, at its own "
           "threshold.", in_files=True),
    Column("optimized", "Detections", "count", "The optimized model's, at this row's thresholds."),
    Column("kept", "Matched", "count", "Those that the parent has, too.",
           in_files=True),
    Column("missed", "Missed", "count", "The parent's without a match."),
    Column("extra", "Extra", "count", "The optimized model's without a match."),
    Column("moved", "Moved", "count", "Of those matched: a match that has shifted.", in_files=True),
    Column("count", "Optimized / parent", meaning=f"Number of detections. {_INTERVALS}"),
    Column("changed", "Changed", meaning=f"{CHANGED} {_INTERVALS}"),
)  # fmt: skip
CLASS_COLUMNS = (
    Column("class", "Class"),
    Column("score", "Score threshold", "ratio", "Of the optimized model."),
    Column("own", "Chosen by", meaning="Whether the class has a threshold of its own: it takes "
           f"{LEAST_OF_CLASS} detections of the parent in the half that thresholds are chosen on."),
    Column("chosen_parent", "Parent, chosen half", "count", "The parent's detections in the half "
           "that thresholds are chosen on."),
    Column("parent", "Parent", "count", "The parent's detections in the judged half."),
    Column("before", "Optimized, parent's threshold", "count", "In the judged half."),
    Column("optimized", "Optimized", "count", "In the judged half, at this threshold."),
    Column("kept", "Matched", "count", "Those that the parent has, too."),
)  # fmt: skip
CURVE_COLUMNS = (
    Column("score", "Score threshold", "ratio"),
    Column("detections", "Detections", "count", "Of the optimized model, in the half that "
           "thresholds are chosen on."),
    Column("kept", "Matched", "count", "Those that the parent has, too."),
    Column("missed", "Missed", "count", "The parent's without a match."),
    Column("extra", "Extra", "count", "The optimized model's without a match."),
    Column("moved", "Moved", "count", "Of those matched: a match that has shifted."),
)  # fmt: skip
F1_COLUMNS = (
    Column("model", "Model"),
    Column("score", "Score threshold of best F1", "ratio", "IoU .50, all classes together."),
    Column("f1", "F1", meaning=f"In the judged half. {_INTERVALS}"),
    Column("unchanged", "F1 at the parent's threshold", meaning=f"There, too. {_INTERVALS}"),
    Column("objects", "Objects", "count", "Of the ground truth, in the judged half.",
           in_files=True),
    Column("detections", "Detections", "count"),
    Column("found", "Right", "count", "Detections that are an object."),
)  # fmt: skip
_OWN: dict[Reach | None, str] = {
    "reached": "own detections",
    "coarse": "own detections (in steps)",
    "unreached": "own detections (too few at any score)",
    None: "all classes",
}


def figures(point: OperatingPoint, basis: Basis | None = None) -> tuple[Figure, ...]:
    """What it comes to at these thresholds, on the half that they were not chosen on.

    At the recommended ones, if no basis is given.
    """
    basis = basis or point.recommended
    now = point.figures(basis)
    own = point.thresholds("per_class").classes if basis == "per_class" else {}
    what = f"{len(own)} of {len(point.classes)} classes have their own, the others {point.score:g}."
    score = _span(own) if own else f"{point.thresholds(basis).score:g}"
    return (
        Figure("score", "Threshold, optimized", score, "text",
               what if own else "One for all classes."),
        Figure("parent_score", "Threshold, parent", f"{point.parent_score:g}", "text"),
        Figure("count", "Optimized / parent", with_interval(now.count), "text",
               f"Number of detections. {_INTERVALS}"),
        Figure("changed", "Changed", with_interval(now.changed), "text",
               f"{CHANGED} {_INTERVALS}"),
        Figure("before", "Changed, parent's threshold", with_interval(point.unchanged.changed),
               "text", f"With both models at the parent's threshold. {_INTERVALS}"),
    )  # fmt: skip


def setting_table(point: OperatingPoint) -> Table:
    """The parent's own threshold, one for all classes, and one for each: the judged half."""
    by_class = point.thresholds("per_class").classes
    rows: list[tuple[Cell, ...]] = [
        _setting("The parent's", f"{point.parent_score:g}", point.unchanged),
        _setting("One for all classes", f"{point.score:g}", point.at_global),
    ]
    if by_class:
        name = f"By class ({len(by_class)} of {len(point.classes)})"
        rows.append(_setting(name, _span(by_class), point.per_class))
    if point.best_f1 is not None and point.at_best_f1 is not None:
        score = f"{point.best_f1.optimized.score:g}"
        rows.append(_setting("Best F1", score, point.at_best_f1))
    return Table.of_rows(SETTING_COLUMNS, rows)


def _span(scores: Mapping[str, float]) -> str:
    """From the lowest to the highest threshold."""
    lowest, highest = min(scores.values()), max(scores.values())
    return f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"


def _setting(name: str, score: str, one: Figures) -> tuple[Cell, ...]:
    return (
        name, score, one.wanted, one.detections, one.hits, one.missed, one.extra, one.moved,
        with_interval(one.count), with_interval(one.changed),
    )  # fmt: skip


def class_table(point: OperatingPoint) -> Table:
    """The classes that the parent finds, the most frequent first."""
    return Table.of_rows(
        CLASS_COLUMNS,
        (
            (
                one.class_name, one.score, _OWN[one.reach], one.chosen_parent, one.parent,
                one.before, one.optimized, one.kept,
            )
            for one in point.classes
        ),
    )  # fmt: skip


def curve_table(point: OperatingPoint) -> Table:
    """What each threshold leaves, in the half that thresholds are chosen on."""
    curve, wanted = point.curve, point.chosen_parent
    rows = zip(curve.scores, curve.detections, curve.kept, curve.moved, strict=True)
    return Table.of_rows(
        CURVE_COLUMNS,
        (
            (score, seen, kept, wanted - kept, seen - kept, moved)
            for score, seen, kept, moved in rows
        ),
    )


def f1_table(best: BestF1) -> Table:
    """Both models at their thresholds of best F1."""
    return Table.of_rows(
        F1_COLUMNS,
        (
            (
                name, one.score, with_interval(one.figures.f1), with_interval(one.unchanged.f1),
                one.figures.wanted, one.figures.detections, one.figures.hits,
            )
            for name, one in (("Parent", best.parent), ("Optimized", best.optimized))
        ),
    )  # fmt: skip


def with_interval(one: Interval) -> str:
    """The value, with its interval in brackets."""
    value, low, high = (shown(number, "ratio") for number in (one.value, one.low, one.high))
    return f"{value} ({low} to {high})"
