"""The comparison in figures, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import COCO_THRESHOLDS, ap_of_classes
from core.metrics.arrays import Real
from core.metrics.comparison.changed import changed_share
from core.metrics.comparison.rows import ClassRows, ImageRows
from core.metrics.matching.candidates import Side
from core.metrics.matching.chunks import chunks, on_all_cores
from core.values import Value

Mask = NDArray[np.bool_]
Levels = NDArray[np.uint16]
Whole = NDArray[np.int64]

_NAMED = 3  # worst images, to be looked at first


class ClassSummary(Value):
    """One class over the dataset; `agreement` is its AP@[.50:.95], None without parent boxes."""

    class_name: str
    optimized: int
    parent: int
    matches: int
    agreement: float | None
    agreement_50: float | None = None
    missed: int = 0
    extra: int = 0
    class_changed: int = 0
    shifted: int = 0
    drifted: int = 0


class Summary(Value):
    """The comparison in figures.

    Attributes:
        images_changed: images with a missed or extra box, or one of another class.
        class_changed: pairs of boxes at one place to which the models give different classes;
            they are neither matches, nor missed, nor extra.
        shifted, drifted: matches that overlap little, or whose scores differ much.
        agreement: COCO AP@[.50:.95] of the optimized model with the parent as ground truth.
        agreement_50: the same at IoU .50.
        precision: matches / detections of the optimized model.
        recall: matches / detections of the parent.
        mean_iou: of the matches.
        score_shift: mean of optimized score minus parent score over the matches.
        changed: share of both models' detections that appear, vanish, change class or move: see
            `core.metrics.comparison.changed`; None where neither finds anything.
        worst_images: names of the images to look at first; none where nothing differs.
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
    changed: float | None
    class_changed: int = 0
    shifted: int = 0
    drifted: int = 0
    worst_images: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Agreement:
    """AP of the optimized model against its parent: float64 ``[10, C]``, NaN where the parent
    has no box of the class.
    """

    per_class: Real

    @property
    def mean(self) -> float | None:
        """AP@[.50:.95], over the classes that the parent finds; None if it finds nothing."""
        return _mean(self.per_class)

    @property
    def half(self) -> float | None:
        """The same at IoU .50."""
        return _mean(self.per_class[:1])

    def of_class(self, class_id: int) -> tuple[float | None, float | None]:
        """AP@[.50:.95] and AP at .50 of one class."""
        column = self.per_class[:, class_id]
        return _mean(column), _mean(column[:1])


def _mean(values: Real) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def agreement_of(side: Side, active: Mask, levels: Levels, references: Whole) -> Agreement:
    """AP of each class at each COCO threshold.

    `side` is that of the optimized model; bool ``[K]`` `active` says which of its detections
    count, uint16 ``[K]`` `levels` at which thresholds each has a partner; `references` ``[C]``
    counts the parent's.
    """
    bounds = side.class_bounds

    def ap(classes: range) -> Real:
        first, last = bounds[[classes.start, classes.stop]].tolist()
        order = side.class_order[first:last]
        kept = active[order]
        own = bounds[classes.start : classes.stop + 1] - first
        ends = np.append(0, np.cumsum(kept))[own]
        found, wanted = levels[order[kept]], references[classes.start : classes.stop]
        bits = [np.uint16(1 << number) for number in range(len(COCO_THRESHOLDS))]
        return np.stack([ap_of_classes(found & bit > 0, ends, wanted) for bit in bits])

    return Agreement(np.concatenate(on_all_cores(ap, chunks(bounds)), axis=1))


def class_summaries(
    rows: ClassRows, class_names: tuple[str, ...], agreement: Agreement
) -> tuple[ClassSummary, ...]:
    """Every class that either side found."""
    return summaries_of_totals(class_totals(rows, len(class_names)), class_names, agreement)


def class_totals(rows: ClassRows, classes: int) -> dict[str, Whole]:
    """Int64 ``[C]`` by name: what the rows of a class count together."""

    def total(counts: NDArray[np.int64]) -> Whole:
        return np.rint(np.bincount(rows.class_id, counts, classes)).astype(np.int64)

    names = ("optimized", "parent", "matches", "missed", "extra", "class_changed")
    return {name: total(getattr(rows, name)) for name in (*names, "shifted", "drifted")}


def summaries_of_totals(
    totals: Mapping[str, Whole], class_names: tuple[str, ...], agreement: Agreement
) -> tuple[ClassSummary, ...]:
    """Every class that either side found."""
    found = []
    for class_id, name in enumerate(class_names):
        counts = {key: int(values[class_id]) for key, values in totals.items()}
        if counts["optimized"] or counts["parent"]:
            mean, half = agreement.of_class(class_id)
            found.append(ClassSummary(class_name=name, agreement=mean, agreement_50=half, **counts))
    return tuple(found)


def summarise(
    rows: ImageRows,
    names: Sequence[str],
    agreement: Agreement,
    iou: Real,
    shifts: Real,
) -> Summary:
    """The figures of `rows`; `iou` and `shifts` (of the scores) are sums of each image's matches.

    By images, so that it makes no difference in what parts they were compared.
    """
    optimized, parent = int(rows.optimized.sum()), int(rows.parent.sum())
    matches = int(rows.matches.sum())
    unchanged = matches - int(rows.shifted.sum())
    return Summary(
        images=len(rows.image),
        images_changed=int((rows.different > 0).sum()),
        optimized=optimized,
        parent=parent,
        matches=matches,
        missed=int(rows.missed.sum()),
        extra=int(rows.extra.sum()),
        class_changed=int(rows.class_changed.sum()),
        shifted=int(rows.shifted.sum()),
        drifted=int(rows.drifted.sum()),
        agreement=agreement.mean,
        agreement_50=agreement.half,
        precision=matches / optimized if optimized else None,
        recall=matches / parent if parent else None,
        mean_iou=float(iou.sum()) / matches if matches else None,
        score_shift=float(shifts.sum()) / matches if matches else None,
        changed=float(changed_share(parent, optimized, unchanged)) if optimized + parent else None,
        worst_images=tuple(names[image] for image in worst_of(rows)),
    )


def worst_of(rows: ImageRows) -> tuple[int, ...]:
    """The places of the images to look at first, the worst of all in front."""
    return tuple(rows.image[:_NAMED][rows.damage[:_NAMED] > 0].tolist())
