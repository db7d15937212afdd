"""Report: the optimized model's predictions against its parent's, image by image.

A is the optimized model, B the parent, which is the reference. Columns and formulae are those of
the predecessor, without its defects: one-to-one matching, one score threshold for both sides,
rows for classes that only one side found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.accuracy.average_precision import (
    COCO_THRESHOLDS,
    average_precision,
    grouped_average_precision,
)
from core.accuracy.matching import Matches, Ranked, match, rank
from core.detection.detections import DetectionTable
from core.errors import WorkbenchError
from core.values import Value

VerdictName = Literal["safe", "check", "not_safe"]
Whole = NDArray[np.int64]
Real = NDArray[np.float64]


class Thresholds(Value):
    """What counts: applied to both sides alike.

    Attributes:
        score: detections below are left out.
        iou: overlap from which two boxes are a match.
        per_class_limit: at most so many detections of one image and class, best first.
    """

    score: float = 0.3
    iou: float = 0.5
    per_class_limit: int = 20


class VerdictLimits(Value):
    """From which figures on an optimized model is called safe, or not."""

    safe_agreement: float = 0.8
    safe_matched: float = 0.95
    unsafe_agreement: float = 0.6
    unsafe_matched: float = 0.85


@dataclass(frozen=True, eq=False)
class ImageRows:
    """Basic table, one row an image: int64 ``[I]`` each; worst (most differences) first."""

    image: Whole
    optimized: Whole
    parent: Whole
    matches: Whole

    @property
    def missed(self) -> Whole:
        """Boxes that only the parent has."""
        return self.parent - self.matches

    @property
    def extra(self) -> Whole:
        """Boxes that only the optimized model has."""
        return self.optimized - self.matches


@dataclass(frozen=True, eq=False)
class ClassRows:
    """Advanced table, one row for each image and class that either side found there.

    `precision` is AP@[.50:.95] and `average_precision` AP at IoU .50, of that image and class;
    both are 0 where one side has none.
    """

    image: Whole
    class_id: Whole
    optimized: Whole
    parent: Whole
    matches: Whole
    precision: Real
    average_precision: Real


class ClassSummary(Value):
    """One class over the dataset; `agreement` is its AP@[.50:.95], None without parent boxes."""

    class_name: str
    optimized: int
    parent: int
    matches: int
    agreement: float | None


class Summary(Value):
    """The comparison in figures.

    Attributes:
        agreement: COCO AP@[.50:.95] of the optimized model with the parent as ground truth.
        agreement_50: the same at IoU .50.
        precision: matches / detections of the optimized model.
        recall: matches / detections of the parent.
        mean_iou: of the matches.
        score_shift: mean of optimized score minus parent score over the matches.
        verdict: ``safe``, ``check`` or ``not_safe``.
        sentence: what it rests on.
    """

    images: int
    images_changed: int
    optimized: int
    parent: int
    matches: int
    missed: int
    extra: int
    agreement: float | None
    agreement_50: float | None
    precision: float | None
    recall: float | None
    mean_iou: float | None
    score_shift: float | None
    verdict: VerdictName
    sentence: str


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything computed from two tables of detections at one set of thresholds.

    `partner_of_parent` and `partner_of_optimized` hold for every row of the tables the partner's
    row in the other table, -1 (`ALONE`) without one, or -2 (`HIDDEN`) below the thresholds.
    """

    parent: DetectionTable
    optimized: DetectionTable
    thresholds: Thresholds
    partner_of_parent: Whole
    partner_of_optimized: Whole
    iou_of_optimized: Real
    images: ImageRows
    classes: ClassRows
    per_class: tuple[ClassSummary, ...]
    summary: Summary


VERDICT_WORDS: dict[VerdictName, str] = {
    "safe": "Safe",
    "check": "Check",
    "not_safe": "Not safe",
}
ALONE = -1
HIDDEN = -2


def compare(
    parent: DetectionTable,
    optimized: DetectionTable,
    thresholds: Thresholds | None = None,
    limits: VerdictLimits | None = None,
) -> Comparison:
    """Compare two models' detections on the same images.

    Raises WorkbenchError where the tables are of different images or classes.
    """
    thresholds = thresholds or Thresholds()
    if parent.image_names != optimized.image_names or parent.class_names != optimized.class_names:
        raise WorkbenchError(
            "The two sets of detections are of different images or classes.",
            "Predict with both models on the same dataset.",
        )
    a = rank(optimized, thresholds.score, thresholds.per_class_limit)
    b = rank(parent, thresholds.score, thresholds.per_class_limit)
    levels = np.append(COCO_THRESHOLDS, thresholds.iou)
    matches = match(optimized, a, parent, b, levels)
    shown = matches.partner_of_a[-1]
    class_rows = _class_rows(a, b, matches, max(1, len(parent.class_names)))
    per_class, agreement = _per_class(optimized, a, parent, b, matches)
    image_rows = _image_rows(class_rows, len(parent))
    return Comparison(
        parent,
        optimized,
        thresholds,
        _in_table(b.rows, a.rows, matches.partner_of_b[-1], len(parent.scores)),
        _in_table(a.rows, b.rows, shown, len(optimized.scores)),
        _iou_in_table(a.rows, matches.iou[-1], len(optimized.scores)),
        image_rows,
        class_rows,
        per_class,
        _summary(
            image_rows,
            agreement,
            matches.iou[-1][shown >= 0],
            optimized.scores[a.rows[shown >= 0]] - parent.scores[b.rows[shown[shown >= 0]]],
            limits or VerdictLimits(),
        ),
    )


def _in_table(rows: Whole, other_rows: Whole, partners: Whole, length: int) -> Whole:
    """Partners as rows of the other table, for every row of a table of this length."""
    result = np.full(length, HIDDEN, np.int64)
    result[rows] = ALONE
    paired = partners >= 0
    result[rows[paired]] = other_rows[partners[paired]]
    return result


def _iou_in_table(rows: Whole, iou: Real, length: int) -> Real:
    result = np.zeros(length)
    result[rows] = iou
    return result


def _class_rows(a: Ranked, b: Ranked, matches: Matches, classes: int) -> ClassRows:
    keys, group = np.unique(np.concatenate([a.keys, b.keys]), return_inverse=True)
    group_a, group_b = group[: len(a.keys)], group[len(a.keys) :]
    count_b = np.bincount(group_b, minlength=len(keys))
    hits = matches.partner_of_a >= 0
    ap = grouped_average_precision(hits[:-1], group_a, a.ranks, count_b)
    return ClassRows(
        image=keys // classes,
        class_id=keys % classes,
        optimized=np.bincount(group_a, minlength=len(keys)),
        parent=count_b,
        matches=np.bincount(group_a[hits[-1]], minlength=len(keys)),
        precision=ap.mean(axis=0),
        average_precision=ap[0],
    )


def _image_rows(classes: ClassRows, images: int) -> ImageRows:
    def per_image(counts: Whole) -> Whole:
        total = np.bincount(classes.image, weights=counts, minlength=images)
        return total.astype(np.int64)

    optimized, parent = per_image(classes.optimized), per_image(classes.parent)
    matches = per_image(classes.matches)
    worst_first = np.argsort(2 * matches - optimized - parent, kind="stable")
    return ImageRows(worst_first, optimized[worst_first], parent[worst_first], matches[worst_first])


def _per_class(
    optimized: DetectionTable, a: Ranked, parent: DetectionTable, b: Ranked, matches: Matches
) -> tuple[tuple[ClassSummary, ...], Real]:
    """Every class that either side found, and AP ``[10, classes of the parent]``."""
    class_a, class_b = optimized.class_ids[a.rows], parent.class_ids[b.rows]
    hits = matches.partner_of_a >= 0
    order = np.argsort(-optimized.scores[a.rows], kind="stable")
    summaries, precisions = [], []
    for class_id in np.union1d(class_a, class_b):
        ranking = order[class_a[order] == class_id]
        references = int((class_b == class_id).sum())
        ap = average_precision(hits[:-1, ranking], references) if references else None
        if ap is not None:
            precisions.append(ap)
        summaries.append(
            ClassSummary(
                class_name=parent.class_names[class_id],
                optimized=len(ranking),
                parent=references,
                matches=int(hits[-1, ranking].sum()),
                agreement=None if ap is None else float(ap.mean()),
            )
        )
    return tuple(summaries), np.stack(precisions, axis=1) if precisions else np.zeros((10, 0))


def _summary(
    rows: ImageRows, agreement: Real, iou: Real, shifts: NDArray[np.float32], limits: VerdictLimits
) -> Summary:
    optimized, parent = int(rows.optimized.sum()), int(rows.parent.sum())
    matches = int(rows.matches.sum())
    agreed = float(agreement.mean()) if agreement.size else None
    verdict = _verdict(agreed, matches, optimized, parent, limits)
    return Summary(
        images=len(rows.image),
        images_changed=int(((rows.missed + rows.extra) > 0).sum()),
        optimized=optimized,
        parent=parent,
        matches=matches,
        missed=parent - matches,
        extra=optimized - matches,
        agreement=agreed,
        agreement_50=float(agreement[0].mean()) if agreement.size else None,
        precision=matches / optimized if optimized else None,
        recall=matches / parent if parent else None,
        mean_iou=float(iou.mean()) if len(iou) else None,
        score_shift=float(shifts.mean(dtype=np.float64)) if len(shifts) else None,
        verdict=verdict,
        sentence=_sentence(verdict, rows),
    )


def _verdict(
    agreement: float | None, matches: int, optimized: int, parent: int, limits: VerdictLimits
) -> VerdictName:
    if agreement is None:  # the parent finds nothing: there is nothing to lose, or to judge by
        return "check"
    matched = 2 * matches / (optimized + parent)
    if agreement < limits.unsafe_agreement or matched < limits.unsafe_matched:
        return "not_safe"
    if agreement >= limits.safe_agreement and matched >= limits.safe_matched:
        return "safe"
    return "check"


def _sentence(verdict: VerdictName, rows: ImageRows) -> str:
    images, parent = len(rows.image), int(rows.parent.sum())
    if not parent:
        return (
            f"The parent finds nothing in these {images} images above the score threshold: "
            "there is nothing to judge the optimized model by. Lower it, or use other images."
        )
    start = {
        "safe": "The optimized model finds what its parent finds.",
        "check": "Some predictions changed; look at the worst images.",
        "not_safe": "The optimized model lost too much of what its parent finds.",
    }[verdict]
    changed = int(((rows.missed + rows.extra) > 0).sum())
    return (
        f"{start} {rows.matches.sum()} of the parent's {parent} detections are matched, "
        f"{rows.missed.sum()} are missed, {rows.extra.sum()} are extra; "
        f"{changed} of {images} images differ."
    )
