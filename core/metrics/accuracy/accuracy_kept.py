"""How much of the parent's accuracy a model made from it keeps, told without annotations.

COCO AP with the parent's detections as ground truth jumps on a few dozen images: it takes a box of
score .31 for as true as one of .95, and a class of two boxes weighs as much as one of two hundred.
A search needs to tell small differences on few images. So here a detection of the parent is true
to the degree of its squared score, from .25 on, and a class weighs as much as its detections, up to
two certain ones: mAP counts a class of two hundred no more than one of two. Below .25 a detector
may have hundreds of boxes an image, whose order says nothing of mAP. Boxes of the parent on a
better one of their class are not objects (a detector without NMS gives many an object): there mAP
takes one of them for right, too. Measured against mAP on 177 pairs of models:
docs/decisions/0011.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.detection.nms import suppress
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Draws, Interval, draw_images, interval
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.hits import find_hits
from core.metrics.matching.thresholds import Thresholds

Whole = NDArray[np.signedinteger]
Single = NDArray[np.float32]

LOWEST_SCORE = 0.01
_BINS = 64  # of a class's ranking, of which a draw counts the sums
_MOST = 2.0  # of a class's mass that counts
_OBJECT = 0.25  # score below which a detection of the parent is no object
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
    return _kept(_classes(parent, other))


def accuracy_kept_interval(
    parent: DetectionTable,
    other: DetectionTable,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Interval:
    """The accuracy kept with its 95% bootstrap interval over images.

    Bounded as `core.metrics.comparison.bootstrap` is: images in groups, and of each class's ranking
    the sums in a few bins. `step` is told how many of the classes are done, of how many,
    and may raise to stop.
    """
    draws, classes = draw_images(len(parent)), _classes(parent, other)
    shares = _Shares.of(len(draws.weights))
    for done, one in enumerate(classes):
        step(done, len(classes))
        shares.add(*one.drawn(draws))
    value = _kept(classes)
    found = interval(value, shares.kept)
    return Interval(value=value, low=max(0.0, found.low), high=min(1.0, found.high))


def _kept(classes: Sequence[_Class]) -> float:
    shares = _Shares.of(1)
    for one in classes:
        shares.add(*one.whole())
    return float(shares.kept[0])


@dataclass(frozen=True, eq=False)
class _Shares:
    """The mean over classes, in each draw: `found` and `mass` float64 ``[D]``, summed up so far."""

    found: Real
    mass: Real

    @staticmethod
    def of(draws: int) -> _Shares:
        return _Shares(np.zeros(draws), np.zeros(draws))

    def add(self, found: Real, own: Real, mass: Real) -> None:
        """A class: both areas and the mass of its objects, float64 ``[D]`` each."""
        weight = np.minimum(mass, _MOST)
        self.found[:] += np.where(own > 0, found / np.where(own > 0, own, 1), 0) * weight
        self.mass[:] += weight

    @property
    def kept(self) -> Real:
        """1 in a draw in which the parent finds nothing."""
        some = self.mass > 0
        shares = np.minimum(1.0, self.found / np.where(some, self.mass, 1))
        return np.where(some, shares, 1.0)


@dataclass(frozen=True, eq=False)
class _Ranking:
    """Detections of a class, best score first: `truth` ``[T, K]`` and their `images` ``[K]``."""

    truth: Real
    images: Whole

    def whole(self) -> Real:
        """Float64 ``[1]``: the mean area over the overlaps, of all images."""
        ones = np.ones((1, 1, len(self.images)))
        return _area(self.truth[None], ones)

    def drawn(self, draws: Draws) -> Real:
        """Float64 ``[D]``: the same of each draw, by sums in bins of the ranking.

        Bins are narrow where most of the truth is, among the best. By every other overlap, in
        float32: an interval's ends need no more.
        """
        length, groups = len(self.images), draws.weights.shape[1]
        bins = min(length, _BINS)
        if not bins:
            return np.zeros(len(draws.weights))
        bin_of = (bins * np.sqrt(np.arange(length) / length)).astype(np.int64)
        cell = draws.group_of_image[self.images].astype(np.int64) * bins + bin_of

        def sums(weights: Real | None) -> Single:
            summed = np.bincount(cell, weights, groups * bins).reshape(groups, bins)
            return np.asarray(draws.weights @ summed.astype(np.float32))

        truth = np.stack([sums(one) for one in self.truth[::2]], axis=1)
        return _area(truth, sums(None)[:, None]).astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Class:
    """A class that the parent finds.

    `other` and `own` are the other's ranking and the parent's; `objects` ``[O]`` the squared scores
    of its objects, and `object_images` theirs.
    """

    other: _Ranking
    own: _Ranking
    objects: Real
    object_images: Whole

    def whole(self) -> tuple[Real, Real, Real]:
        """The other's area, the parent's, and the mass of its objects."""
        return self.other.whole(), self.own.whole(), self.objects.sum(keepdims=True)

    def drawn(self, draws: Draws) -> tuple[Real, Real, Real]:
        """The same of each draw."""
        groups = draws.group_of_image[self.object_images]
        mass = np.bincount(groups, self.objects, draws.weights.shape[1])
        return self.other.drawn(draws), self.own.drawn(draws), np.asarray(draws.weights @ mass)


def _classes(parent: DetectionTable, other: DetectionTable) -> list[_Class]:
    objects = _objects(parent)
    found, own = _Found.of(objects, other), _Found.of(objects, parent)
    mass = _degree(objects, objects.scores)
    images = objects.image_indices
    classes = []
    for one in np.unique(objects.class_ids[mass > 0]):
        rows = np.flatnonzero(objects.class_ids == one)
        classes.append(_Class(found.of_class(one), own.of_class(one), mass[rows], images[rows]))
    return classes


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
        degrees = _degree(objects, candidates.b.scores)
        truth = np.zeros((len(_OVERLAPS), len(candidates.a.scores)))
        truth[:, hits.a] = np.where(hits.iou >= _OVERLAPS[:, None] - 1e-9, degrees[hits.b], 0.0)
        return _Found(candidates, hits.active_a, truth, other.class_ids[candidates.a.ranked.rows])

    def of_class(self, number: int) -> _Ranking:
        """The ranking of one class."""
        side = self.candidates.a
        rows = np.flatnonzero(self.active & (self.class_ids == number))
        rows = rows[np.argsort(-side.scores[rows], kind="stable")]
        return _Ranking(self.truth[:, rows], side.images[rows])


def _objects(parent: DetectionTable) -> DetectionTable:
    """The parent's detections without those on a better one of their class and image."""
    kept = [suppress(one, _ONE_OBJECT, len(one)) for one in parent]
    sizes = [(int(width), int(height)) for width, height in parent.image_sizes]
    return DetectionTable.build(parent.image_names, sizes, kept, parent.class_names)


def _degree(objects: DetectionTable, scores: NDArray[np.float32]) -> Real:
    """Float64 ``[K]``: to what degree detections of the parent are true, by their scores.

    Squared; 0 below `_OBJECT`, or half of the highest score of a parent that is never sure.
    """
    best = float(objects.scores.max(initial=0.0))
    return np.where(scores >= min(_OBJECT, best / 2), scores.astype(np.float64) ** 2, 0.0)


def _area(truth: Real | Single, counts: Real | Single) -> Real:
    """Float ``[D]``: the area under precision over the truth found, the mean over the overlaps.

    `truth` ``[D, T, K]`` along rankings, `counts` ``[D, 1, K]`` how many detections those are. Not
    divided by the whole truth, which the parent's has as well. Precision never rises with the truth
    found, as in COCO's evaluation.
    """
    precision = np.cumsum(truth, axis=2) / np.maximum(np.cumsum(counts, axis=2), 1)
    envelope = np.maximum.accumulate(precision[..., ::-1], axis=2)[..., ::-1]
    return np.asarray((envelope * truth).sum(axis=2).mean(axis=1))
