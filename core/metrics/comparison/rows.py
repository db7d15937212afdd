"""The rows of the report's two tables: one an image, and one an image and class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import groups_average_precision
from core.metrics.arrays import Real
from core.metrics.matching.candidates import Part
from core.metrics.matching.hits import Hits
from core.metrics.matching.statuses import Differences

Whole = NDArray[np.signedinteger]


@dataclass(frozen=True, eq=False)
class Counts:
    """How many boxes of a row have which status: int32 ``[R]`` each; `damage` float64 ``[R]``.

    `missed` are the parent's boxes without any partner, `extra` the optimized model's;
    `class_changed` are pairs of one box of each, of two classes. A row's parent boxes are
    matches, missed and class changed; its optimized boxes matches, extra and class changed.
    Shifted and drifted ones are among the matches.
    """

    optimized: Whole
    parent: Whole
    matches: Whole
    missed: Whole
    extra: Whole
    class_changed: Whole
    shifted: Whole
    drifted: Whole
    damage: Real

    @cached_property
    def different(self) -> Whole:
        """Boxes, or pairs of boxes, that are not plain matches; shifted and drifted left out."""
        return self.missed + self.extra + self.class_changed


@dataclass(frozen=True, eq=False)
class ImageRows(Counts):
    """Basic table, one row an image; the image with the most damage first."""

    image: Whole


@dataclass(frozen=True, eq=False)
class ApInput:
    """What the rows' average precision is computed from, when it is asked for."""

    levels: NDArray[np.uint16]
    ranks: NDArray[np.signedinteger]
    bounds: Whole


@dataclass(frozen=True, eq=False)
class ClassRows(Counts):
    """Advanced table, one row for each image and class that either side found there.

    `precision` is AP@[.50:.95] and `average_precision` AP at IoU .50, of that image and class;
    both are 0 where one side has none. They are computed when first asked for.

    A changed class is counted in two rows: in the parent's class and in the optimized model's.
    """

    image: Whole
    class_id: Whole
    ap_input: ApInput

    @cached_property
    def _average_precisions(self) -> tuple[Real, Real]:
        given = self.ap_input
        return groups_average_precision(given.levels, given.ranks, given.bounds, self.parent)

    @property
    def precision(self) -> Real:
        """Float64 ``[R]``: AP@[.50:.95]."""
        return self._average_precisions[0]

    @property
    def average_precision(self) -> Real:
        """Float64 ``[R]``: AP at IoU .50."""
        return self._average_precisions[1]


def image_counts(part: Part, hits: Hits, differences: Differences) -> Counts:
    """What each image of the part counts, in the order of the dataset."""
    first, images = part.images.start, len(part.images)
    side_a, side_b = part.candidates.a, part.candidates.b
    of_match = side_a.images_of(hits.a) - np.int32(first)

    def count(which: NDArray[np.integer]) -> Whole:
        return np.bincount(which, minlength=images).astype(np.int32)

    def add(which: NDArray[np.integer], weights: Real) -> Real:
        return np.bincount(which, weights=weights, minlength=images).astype(np.float64)

    missed = side_b.images_of(differences.missed) - np.int32(first)
    extra = side_a.images_of(differences.extra) - np.int32(first)
    changed = side_a.images_of(differences.changed_a) - np.int32(first)
    harmed = differences.shifted | differences.drifted
    damage = (
        add(missed, differences.missed_damage)
        + add(extra, differences.extra_damage)
        + add(changed, differences.changed_damage)
        + add(of_match[harmed], differences.match_damage[harmed])
    )
    return Counts(
        matches=(matches := count(of_match)),
        missed=(lost := count(missed)),
        extra=(added := count(extra)),
        class_changed=(turned := count(changed)),
        parent=matches + lost + turned,
        optimized=matches + added + turned,
        shifted=count(of_match[differences.shifted]),
        drifted=count(of_match[differences.drifted]),
        damage=damage,
    )


def image_rows(parts: Sequence[Counts]) -> ImageRows:
    """The basic table of the whole, worst first."""
    counts = _joined(parts)
    order = np.argsort(-counts["damage"], kind="stable")
    return ImageRows(image=order, **{name: values[order] for name, values in counts.items()})


def class_counts(part: Part, hits: Hits, differences: Differences) -> ClassRows:
    """The rows of the part's images and classes, in the order of the dataset."""
    candidates = part.candidates
    upto_a = np.append(0, np.cumsum(hits.active_a))[candidates.a.bounds]
    upto_b = np.append(0, np.cumsum(hits.active_b))[candidates.b.bounds]
    optimized, parent = np.diff(upto_a), np.diff(upto_b)
    chosen = np.flatnonzero(optimized + parent)
    groups_a, groups_b = candidates.a.groups, candidates.b.groups
    of_match = groups_a[hits.a]

    def count(which: NDArray[np.integer]) -> Whole:
        return np.bincount(which, minlength=len(parent))[chosen].astype(np.int32)

    def add(which: NDArray[np.integer], weights: Real) -> Real:
        return np.bincount(which, weights, len(parent))[chosen].astype(np.float64)

    missed, extra = groups_b[differences.missed], groups_a[differences.extra]
    changed = np.concatenate([groups_a[differences.changed_a], groups_b[differences.changed_b]])
    harmed = differences.shifted | differences.drifted
    different = np.concatenate([missed, extra, changed, of_match[harmed]])
    keys = candidates.keys[chosen]
    kept = np.append(chosen, len(parent))
    return ClassRows(
        image=keys // candidates.class_count,
        class_id=keys % candidates.class_count,
        optimized=optimized[chosen].astype(np.int32),
        parent=parent[chosen].astype(np.int32),
        matches=count(of_match),
        missed=count(missed),
        extra=count(extra),
        class_changed=count(changed),
        shifted=count(of_match[differences.shifted]),
        drifted=count(of_match[differences.drifted]),
        damage=add(different, _damages(differences, harmed)),
        ap_input=ApInput(
            hits.levels[hits.active_a], candidates.a.ranked.ranks[hits.active_a], upto_a[kept]
        ),
    )


def _damages(differences: Differences, harmed: NDArray[np.bool_]) -> Real:
    """Of what is missed, extra, of another class (in both models) and matched but `harmed`."""
    return np.concatenate(
        [
            differences.missed_damage,
            differences.extra_damage,
            np.tile(differences.changed_damage, 2),
            differences.match_damage[harmed],
        ]
    )


def class_rows(parts: Sequence[ClassRows]) -> ClassRows:
    """The advanced table of the whole."""
    if len(parts) == 1:
        return parts[0]
    given = [one.ap_input for one in parts]
    before = np.cumsum([0, *(len(one.levels) for one in given)])
    bounds = [one.bounds[:-1] + first for one, first in zip(given, before[:-1], strict=True)]
    ap_input = ApInput(
        np.concatenate([one.levels for one in given]),
        np.concatenate([one.ranks for one in given]),
        np.append(np.concatenate(bounds), before[-1]),
    )
    return ClassRows(ap_input=ap_input, **_joined(parts))


def _joined(parts: Sequence[Counts]) -> dict[str, Any]:
    """The columns of the whole, by name; what is not a column is left out."""
    return {
        one.name: np.concatenate([getattr(part, one.name) for part in parts])
        for one in fields(parts[0])
        if one.name != "ap_input"
    }
