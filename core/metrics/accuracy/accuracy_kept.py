"""How much of the parent's accuracy a model made from it keeps, told without annotations.

COCO AP with the parent's detections as ground truth jumps on a few dozen images: it takes a box of
score .31 for as true as one of .95, and a class of two boxes weighs as much as one of two hundred.
A search needs to tell small differences on few images. So here a detection of the parent is true
to the degree of its squared score, and a class weighs as much as its detections, up to two certain
ones: mAP counts a class of two hundred no more than one of two. Boxes of the parent on a better one
of their class are not objects (a detector without NMS gives many an object): there mAP takes one of
them for right, too. Measured against mAP on 131 pairs of models: docs/decisions/0011.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.detection.nms import suppress
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Interval, draw_images, interval
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.hits import find_hits
from core.metrics.matching.thresholds import Thresholds

Whole = NDArray[np.signedinteger]

LOWEST_SCORE = 0.01
_CELLS = 1_000_000  # of a block of draws
_MOST = 2.0  # of a class's mass that counts
_ONE_OBJECT = 0.6  # IoU from which on two boxes of a class are of one object
_MATCH = Thresholds(score=LOWEST_SCORE, iou=0.5, per_class_limit=1000)
_OVERLAPS = np.linspace(
    0.5, 0.85, 8
)  # COCO's without the last two: jitter of a pixel decides there


def accuracy_kept(parent: DetectionTable, other: DetectionTable) -> float:
    """In 0..1: an estimate of `other`'s mAP as a share of the parent's.

    The mean over IoU .50:.05:.85 of AP, where the truth of a detection is the squared score of the
    parent's object that it is matched with (from IoU .5 on, one to one), as a share of the AP that
    the parent itself has by this truth; the mean over classes, weighted by the sum of their squared
    scores, at most 2. 1 where both say the same, or the parent finds nothing.
    """
    return float(_Ranked.of(parent, other).kept(np.ones((1, len(parent))))[0])


def accuracy_kept_interval(
    parent: DetectionTable,
    other: DetectionTable,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Interval:
    """The accuracy kept with its 95 % bootstrap interval over images.

    Detections are matched once; a draw weighs them by how often their image is drawn. `step` is
    told how many of the draws are done, of how many, and may raise to stop.
    """
    draws, ranked = draw_images(len(parent)), _Ranked.of(parent, other)
    total = len(draws.weights)
    drawn = np.empty(total)
    block = max(1, _CELLS // max(1, ranked.longest * len(_OVERLAPS)))
    for first in range(0, total, block):
        step(first, total)
        rows = slice(first, first + block)
        drawn[rows] = ranked.kept(draws.weights[rows][:, draws.group_of_image].astype(np.float64))
    found = interval(float(drawn[0]), drawn)
    return Interval(value=found.value, low=max(0.0, found.low), high=min(1.0, found.high))


@dataclass(frozen=True, eq=False)
class _Class:
    """A class that the parent finds.

    `truth` ``[T, K]`` of the other's detections, best score first, and their `images` ``[K]``;
    `own` ``[T, P]`` and `own_images`, the same of the parent's; `objects` ``[O]``, the squared
    scores of its objects, and their `object_images`.
    """

    truth: Real
    images: Whole
    own: Real
    own_images: Whole
    objects: Real
    object_images: Whole


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Both models' detections, matched and ranked."""

    classes: tuple[_Class, ...]

    @staticmethod
    def of(parent: DetectionTable, other: DetectionTable) -> _Ranked:
        objects = _objects(parent)
        found, own = _Found.of(objects, other), _Found.of(objects, parent)
        mass = objects.scores.astype(np.float64) ** 2
        mass[objects.scores < LOWEST_SCORE] = 0
        images = objects.image_indices
        classes = []
        for one in np.unique(objects.class_ids[mass > 0]):
            rows = np.flatnonzero(objects.class_ids == one)
            classes.append(
                _Class(*found.of_class(one), *own.of_class(one), mass[rows], images[rows])
            )
        return _Ranked(tuple(classes))

    @property
    def longest(self) -> int:
        """Detections of the class with most."""
        return max((max(len(one.images), len(one.own_images)) for one in self.classes), default=0)

    def kept(self, weights: Real) -> Real:
        """Float64 ``[D]``: what is kept in each draw; `weights` ``[D, I]`` say how often it has an
        image. 1 in a draw in which the parent finds nothing.
        """
        kept, mass = np.zeros(len(weights)), np.zeros(len(weights))
        for one in self.classes:
            own_weights = weights[:, one.own_images]
            whole = _area(one.own, own_weights).mean(axis=1)
            found = _area(one.truth, weights[:, one.images]).mean(axis=1)
            own_mass = np.minimum(weights[:, one.object_images] @ one.objects, _MOST)
            kept += np.where(whole > 0, found / np.where(whole > 0, whole, 1), 0) * own_mass
            mass += own_mass
        return np.where(mass > 0, np.minimum(1.0, kept / np.where(mass > 0, mass, 1)), 1.0)


@dataclass(frozen=True, eq=False)
class _Found:
    """How true the detections of a table are: `truth` ``[T, K]``, in the order of `candidates`."""

    candidates: Candidates
    active: NDArray[np.bool_]
    truth: Real
    class_ids: Whole

    @staticmethod
    def of(objects: DetectionTable, other: DetectionTable) -> _Found:
        candidates = prepare(objects, other)
        hits = find_hits(candidates, _MATCH)
        squared = candidates.b.scores.astype(np.float64) ** 2
        truth = np.zeros((len(_OVERLAPS), len(candidates.a.scores)))
        truth[:, hits.a] = np.where(hits.iou >= _OVERLAPS[:, None] - 1e-9, squared[hits.b], 0.0)
        return _Found(candidates, hits.active_a, truth, other.class_ids[candidates.a.ranked.rows])

    def of_class(self, number: int) -> tuple[Real, Whole]:
        """The truth of one class's detections, best score first, and their images."""
        side = self.candidates.a
        rows = np.flatnonzero(self.active & (self.class_ids == number))
        rows = rows[np.argsort(-side.scores[rows], kind="stable")]
        return self.truth[:, rows], side.images[rows]


def _objects(parent: DetectionTable) -> DetectionTable:
    """The parent's detections without those on a better one of their class and image."""
    kept = [suppress(one, _ONE_OBJECT, len(one)) for one in parent]
    sizes = [(int(width), int(height)) for width, height in parent.image_sizes]
    return DetectionTable.build(parent.image_names, sizes, kept, parent.class_names)


def _area(truth: Real, weights: Real) -> Real:
    """Float64 ``[D, T]``: the area under precision over the truth found, of rankings ``[T, K]``.

    Not yet divided by the whole truth, which the parent's has as well. Precision never rises with
    the truth found, as in COCO's evaluation. `weights` ``[D, K]`` say how often each counts.
    """
    weighted = weights[:, None] * truth
    seen = np.maximum(np.cumsum(weights, axis=1), 1)[:, None]
    precision = np.cumsum(weighted, axis=2) / seen
    envelope = np.maximum.accumulate(precision[..., ::-1], axis=2)[..., ::-1]
    return np.asarray((envelope * weighted).sum(axis=2))
