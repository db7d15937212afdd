"""The score thresholds at which an optimized model does what its parent does at its own.

Quantization shifts scores: at the parent's threshold an INT8 model gives fewer detections, or more.
Without annotations, the threshold is chosen at which it gives as many as its parent and loses
least of them; with annotations also the thresholds of the best F1 of both models. They are chosen
on half of the images and judged on the other half: on their own half they look better than they
are. docs/decisions/0023 has the rules and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import ceil, log10

import numpy as np

from core.detection.detections import DetectionTable
from core.detection.joining import Both
from core.errors import InputError
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval, draw_images
from core.metrics.matching.candidates import prepare
from core.metrics.matching.chunks import in_order
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.metrics.operating_point.basis import Basis
from core.metrics.operating_point.best_f1 import BestF1, best_f1_of
from core.metrics.operating_point.choosing import Reach, same_count
from core.metrics.operating_point.enough import require_detections, require_images
from core.metrics.operating_point.figures import Drawn, Figures, drawn_figures, less_changed
from core.metrics.operating_point.found import Found, Mask, Steps
from core.metrics.operating_point.halves import chosen_half
from core.values import Value

LEAST_OF_CLASS = 30  # in the half that thresholds are chosen on: a class with fewer has none
PRECISE = 0.05  # how sure the number of detections should be: within so much of it
CURVE_STEP = 0.01
WORTHWHILE = 0.005  # so much less must be changed for the trouble of a threshold for each class


class Curve(Value):
    """What each threshold leaves of the optimized model's detections, on the chosen half.

    `detections`, `kept` (those that the parent has, too) and `moved` (those of them that have
    shifted) are one a threshold 0, .01, ... 1.
    """

    detections: tuple[int, ...]
    kept: tuple[int, ...]
    moved: tuple[int, ...]

    @property
    def scores(self) -> tuple[float, ...]:
        """The thresholds."""
        return tuple(round(place * CURVE_STEP, 2) for place in range(len(self.detections)))


class ClassPoint(Value):
    """A class that the parent finds.

    Attributes:
        score: the optimized model's threshold; the global one where there is none of its own.
        reach: of its own threshold, None without one: too few detections, or none at all.
        chosen_parent: the parent's detections in the half that thresholds are chosen on.
        parent, optimized, kept: detections in the other half, at this threshold.
        before: the optimized model's there, at the parent's threshold.
    """

    class_name: str
    score: float
    reach: Reach | None
    chosen_parent: int
    parent: int
    optimized: int
    kept: int
    before: int


class OperatingPoint(Value):
    """Thresholds of the optimized model, and what they give on the other half of the images.

    Attributes:
        parent_score, iou: the parent's threshold, and what matches.
        seed: of the halves; `chosen_images` and `judged_images` are how many each has.
        score: the one threshold for all classes; `reach` says how well it does.
        chosen_parent: the parent's detections in the half that thresholds are chosen on.
        curve: on that half.
        unchanged, at_global, per_class: the other half at the parent's own threshold, at `score`,
            and at those of `classes`.
        global_gain: by how much less is changed at `score` than at the parent's threshold.
        class_gain: by how much less at the classes' thresholds than at `score`.
        images_wanted: so many images in all would make the number of detections sure to 5%; None
            where it is.
        best_f1: by the ground truth, None without one;
        at_best_f1: the other half at its threshold, the parent at its own.
    """

    parent_score: float
    iou: float
    seed: int
    chosen_images: int
    judged_images: int
    score: float
    reach: Reach
    chosen_parent: int
    curve: Curve
    classes: tuple[ClassPoint, ...]
    unchanged: Figures
    at_global: Figures
    per_class: Figures
    global_gain: Interval
    class_gain: Interval
    images_wanted: int | None = None
    best_f1: BestF1 | None = None
    at_best_f1: Figures | None = None

    @property
    def recommended(self) -> Basis:
        """Thresholds by class only where they are surely better than one for all, and worth it."""
        better = self.class_gain.low > 0 and self.class_gain.value >= WORTHWHILE
        return "per_class" if better else "global"

    @property
    def bases(self) -> tuple[Basis, ...]:
        """Which thresholds there are."""
        bases: list[Basis] = ["global"]
        if any(one.reach is not None for one in self.classes):
            bases.append("per_class")
        if self.best_f1 is not None:
            bases.append("best_f1")
        return tuple(bases)

    def figures(self, basis: Basis | None = None) -> Figures:
        """The judged half at these thresholds; of the recommended basis, if none is given."""
        basis = basis or self.recommended
        if basis == "best_f1" and self.at_best_f1 is not None:
            return self.at_best_f1
        return self.per_class if basis == "per_class" else self.at_global

    def thresholds(self, basis: Basis | None = None) -> ScoreThresholds:
        """Those of the optimized model; of the recommended basis, if none is given.

        Raises InputError for those of best F1 without annotations.
        """
        basis = basis or self.recommended
        if basis == "best_f1":
            if self.best_f1 is None:
                raise InputError(
                    "The operating point was made without annotations: no F1 is known.",
                    "Make the report on an annotated dataset, or use another basis.",
                )
            return ScoreThresholds(score=self.best_f1.optimized.score)
        own = {one.class_name: one.score for one in self.classes if one.reach is not None}
        return ScoreThresholds(score=self.score, classes=own if basis == "per_class" else {})


def operating_point(
    parent: DetectionTable,
    optimized: DetectionTable,
    thresholds: Thresholds | None = None,
    seed: int = 0,
    truth: GroundTruth | None = None,
) -> OperatingPoint:
    """Choose the optimized model's thresholds, for a parent that is used at `thresholds.score`.

    Raises InputError where there are too few images or detections to choose by and to judge.
    """
    both = parent, optimized
    return operating_point_by_parts(lambda: [both], parent.image_names, thresholds, seed, truth)


def operating_point_by_parts(
    parts: Callable[[], Iterable[Both]],
    image_names: Sequence[str],
    thresholds: Thresholds | None = None,
    seed: int = 0,
    truth: GroundTruth | None = None,
) -> OperatingPoint:
    """The same, of both models' detections that come part by part each time they are asked for.

    They have the images of `image_names` one after the other; of a detection 14 bytes stay.
    """
    thresholds = thresholds or Thresholds()
    near = thresholds.score
    require_images(len(image_names))
    chosen = chosen_half(image_names, seed)
    found = _found(parts(), thresholds)
    require_detections(found, chosen, near)
    best_f1 = None if truth is None else best_f1_of(truth, parts, near, chosen)
    return _point(found, chosen, thresholds, seed, best_f1)


def _found(parts: Iterable[Both], thresholds: Thresholds) -> Found:
    found: list[Found] = []
    first = 0
    work = in_order(lambda both: (len(both[0]), Found.of_parent(prepare(*both), thresholds)), parts)
    for images, one in work:
        found.append(one.behind(first))
        first += images
    return Found.joined(found)


def _point(
    found: Found, chosen: Mask, thresholds: Thresholds, seed: int, best_f1: BestF1 | None
) -> OperatingPoint:
    """Chosen on the images `chosen`, bool ``[I]``, and judged on the others."""
    near, steps = thresholds.score, found.where(chosen).steps
    score, reach = same_count(steps, near)
    classes = _class_points(found, chosen, near, score)
    judging = _Judging(found, ~chosen, near, score, classes)
    return OperatingPoint(
        parent_score=near,
        iou=thresholds.iou,
        seed=seed,
        chosen_images=int(chosen.sum()),
        judged_images=int((~chosen).sum()),
        score=score,
        reach=reach,
        chosen_parent=steps.wanted,
        curve=_curve(steps),
        classes=classes,
        unchanged=judging.unchanged.figures,
        at_global=judging.at_global.figures,
        per_class=judging.per_class.figures,
        global_gain=less_changed(judging.unchanged, judging.at_global),
        class_gain=less_changed(judging.at_global, judging.per_class),
        images_wanted=_images_wanted(len(chosen), judging.at_global.figures.count),
        best_f1=best_f1,
        at_best_f1=None if best_f1 is None else judging.at(best_f1.optimized.score).figures,
    )


def _curve(steps: Steps) -> Curve:
    counts = [steps.at(place * CURVE_STEP) for place in range(round(1 / CURVE_STEP) + 1)]
    detections, kept, moved = zip(*counts, strict=True)
    return Curve(detections=detections, kept=kept, moved=moved)


class _Judging:
    """The other half, at each kind of thresholds, on the same draws of its images."""

    def __init__(
        self, found: Found, judged: Mask, near: float, score: float, classes: tuple[ClassPoint, ...]
    ) -> None:
        self._of = found, judged, draw_images(int(judged.sum()))
        self.unchanged, self.at_global = self.at(near), self.at(score)
        self.per_class = self.at(score, {one.class_name: one.score for one in classes})

    def at(self, score: float, classes: dict[str, float] | None = None) -> Drawn:
        """At these thresholds of the optimized model."""
        found, judged, draws = self._of
        scores = ScoreThresholds(score=score, classes=classes or {})
        return drawn_figures(found, scores, judged, draws)


def _class_points(found: Found, chosen: Mask, near: float, score: float) -> tuple[ClassPoint, ...]:
    """The classes that the parent finds, the most frequent first."""
    names = found.class_names
    points = []
    for class_id in np.unique(found.wanted_classes).tolist():
        mine, others = (found.where(half, class_id) for half in (chosen, ~chosen))
        steps, own, reach = mine.steps, score, None
        # A name that two classes share cannot tell their thresholds apart.
        if steps.wanted >= LEAST_OF_CLASS and len(steps) and names.count(names[class_id]) == 1:
            own, reach = same_count(steps, score)
        optimized, kept, _ = others.steps.at(own)
        points.append(
            ClassPoint(
                class_name=names[class_id],
                score=own,
                reach=reach,
                chosen_parent=steps.wanted,
                parent=len(others.wanted_images),
                optimized=optimized,
                kept=kept,
                before=others.steps.at(near)[0],
            )
        )
    return tuple(sorted(points, key=lambda one: -(one.chosen_parent + one.parent)))


def _images_wanted(images: int, count: Interval) -> int | None:
    """How many images would bring the interval to `PRECISE`; two digits of it are meant."""
    half = (count.high - count.low) / 2
    if half <= PRECISE:
        return None
    wanted = images * (half / PRECISE) ** 2
    unit = int(10 ** max(0, ceil(log10(wanted)) - 2))
    return ceil(wanted / unit) * unit
