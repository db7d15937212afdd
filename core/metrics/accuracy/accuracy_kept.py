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

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.accuracy.kept_columns import (
    OVERLAPS,
    Columns,
    Objects,
    Single,
    of_part,
    small_ids,
)
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Draws, Interval, draw_images, interval
from core.metrics.matching.chunks import in_order

_BINS = 64  # of a class's ranking, of which a draw counts the sums
_MOST = 2.0  # of a class's mass that counts


def accuracy_kept(parent: DetectionTable, other: DetectionTable) -> float:
    """In 0..1: an estimate of `other`'s mAP as a share of the parent's.

    The mean over IoU .50:.05:.85 of AP, where the truth of a detection is the squared score of the
    parent's object that it is matched with (from IoU .5 on, one to one), as a share of the AP that
    the parent itself has by this truth; the mean over classes, weighted by the sum of their squared
    scores, at most 2. 1 where both say the same, or the parent finds nothing.
    """
    columns, objects = [Columns(), Columns()], Objects()
    _, own, found = of_part((parent, other))
    objects.add(own, 0)
    for one, into in zip(found, columns, strict=True):
        into.add(one, 0)
    return kept_of_columns(objects, columns[0], columns[1])


def kept_of_columns(objects: Objects, other: Columns, own: Columns) -> float:
    """The same of what was matched with the parent's `objects`: by the other, and by itself."""
    return _kept(_classes(objects, other, own))


def accuracy_kept_interval(
    parent: DetectionTable,
    other: DetectionTable,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Interval:
    """The accuracy kept with its 95% bootstrap interval over images.

    Bounded as `core.metrics.comparison.bootstrap` is: images in groups, and of each class's ranking
    the sums in a few bins. `step` gets how many of the classes are done, of how many,
    and may raise to stop.
    """
    return accuracy_kept_by_parts([(parent, other)], step).share


@dataclass(frozen=True)
class Estimate:
    """The accuracy kept, on how many images, and whether the parent found anything there."""

    share: Interval
    images: int
    anything: bool


def accuracy_kept_by_parts(
    parts: Iterable[tuple[DetectionTable, DetectionTable]],
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Estimate:
    """The same of the detections of both, which come part by part: images one after the other.

    Of a detection 17 bytes stay in memory.
    """
    columns = [Columns(), Columns()]
    objects = Objects()
    images = 0
    for count, own, found in in_order(of_part, parts):
        step(0, 1)
        objects.add(own, images)
        for one, into in zip(found, columns, strict=True):
            into.add(one, images)
        images += count
    anything = any(len(one.scores) for one in columns[1].parts)
    draws, classes = draw_images(images), _classes(objects, columns[0], columns[1])
    shares = _Shares.of(len(draws.weights))
    for done, of_class in enumerate(classes):
        step(done, len(classes))
        shares.add(*of_class.drawn(draws))
    value = _kept(classes)
    found_interval = interval(value, shares.kept)
    low, high = max(0.0, found_interval.low), min(1.0, found_interval.high)
    return Estimate(Interval(value=value, low=low, high=high), images, anything)


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
    """Detections of a class, best score first: `images` ``[K]``, `degree` float64 ``[K]``.

    `depth` uint8 ``[K]`` says at how many of the overlaps they are true, to that degree.
    """

    degree: Real
    depth: NDArray[np.uint8]
    images: NDArray[np.int32]

    def truth(self, number: int) -> Real:
        """Float64 ``[K]``: to what degree they are true at that overlap."""
        return np.where(self.depth > number, self.degree, 0.0)

    def whole(self) -> Real:
        """Float64 ``[1]``: the mean area over the overlaps, of all images."""
        ones = np.ones((1, 1, len(self.images)))
        areas = [_area(self.truth(n)[None, None], ones)[0] for n in range(len(OVERLAPS))]
        return np.array([np.mean(areas)])

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

        every_other = range(0, len(OVERLAPS), 2)
        truth = np.stack([sums(self.truth(number)) for number in every_other], axis=1)
        return _area(truth, sums(None)[:, None]).astype(np.float64)


@dataclass(frozen=True, eq=False)
class _Class:
    """A class that the parent finds, by its number.

    `scores` ``[O]`` are those of its objects, and `images` theirs; rankings are made when they are
    asked for, of the `other` and of the parent itself.
    """

    number: int
    objects: Objects
    other: Columns
    own: Columns
    scores: Single
    images: NDArray[np.int32]

    def whole(self) -> tuple[Real, Real, Real]:
        """The other's area, the parent's, and the mass of its objects."""
        other, own = self._rankings()
        return other.whole(), own.whole(), self.objects.degree(self.scores).sum(keepdims=True)

    def drawn(self, draws: Draws) -> tuple[Real, Real, Real]:
        """The same of each draw."""
        groups, degree = draws.group_of_image[self.images], self.objects.degree(self.scores)
        mass = np.bincount(groups, degree, draws.weights.shape[1])
        other, own = self._rankings()
        return other.drawn(draws), own.drawn(draws), np.asarray(draws.weights @ mass)

    def _rankings(self) -> tuple[_Ranking, _Ranking]:
        both = (one.of_class(self.number) for one in (self.other, self.own))
        other, own = (
            _Ranking(self.objects.degree(one.sure), one.depth, one.images) for one in both
        )
        return other, own


def _classes(objects: Objects, other: Columns, own: Columns) -> list[_Class]:
    """The classes of the parent's objects; what was found is ranked."""
    if not objects.scores:
        return []
    other.rank()
    own.rank()
    class_ids, scores = np.concatenate(objects.class_ids), np.concatenate(objects.scores)
    order = np.argsort(small_ids(class_ids), kind="stable")
    class_ids, scores = class_ids[order], scores[order]
    images = np.concatenate(objects.images)[order]
    classes = []
    for one in np.unique(class_ids[objects.degree(scores) > 0]).tolist():
        rows = slice(*np.searchsorted(class_ids, [one, one + 1]).tolist())
        classes.append(_Class(one, objects, other, own, scores[rows], images[rows]))
    return classes


def _area(truth: Real | Single, counts: Real | Single) -> Real:
    """Float ``[D]``: the area under precision over the truth found, the mean over the overlaps.

    `truth` ``[D, T, K]`` along rankings, `counts` ``[D, 1, K]`` how many detections those are. Not
    divided by the whole truth, which the parent's has as well. Precision never rises with the truth
    found, as in COCO's evaluation.
    """
    precision = np.cumsum(truth, axis=2) / np.maximum(np.cumsum(counts, axis=2), 1)
    envelope = np.maximum.accumulate(precision[..., ::-1], axis=2)[..., ::-1]
    return np.asarray((envelope * truth).sum(axis=2).mean(axis=1))
