"""Everything about two tables of detections that no threshold changes, computed once.

A score threshold keeps, of every ranking, its beginning: so rankings, overlaps and the order of
a class over the dataset are found once, and moving a threshold only chooses among them. No box
of one image has to do with another image's: so all of it is done in parts, on all cores.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.errors import WorkbenchError
from core.metrics.matching.chunks import ROWS, chunks, on_all_cores
from core.metrics.matching.matching import Pairs, Ranked, grouped, overlapping_pairs, rank
from core.metrics.matching.sorting import rising_then_falling

Whole = NDArray[np.int64]
Indices = NDArray[np.signedinteger]
Small = NDArray[np.int32]
NO_LIMIT = np.iinfo(np.int32).max
_FLOORS = (0.5, 0.1, 0.0)  # pairs are kept from the highest of these that no threshold is below


@dataclass(frozen=True, eq=False)
class Side:
    """One table's rows in the order of image, class and falling score.

    `ranked` has all rows; `scores` float32 ``[K]`` are in that order, `bounds` int64 ``[G+1]``
    are where each group of `Candidates` begins.
    """

    table: DetectionTable
    ranked: Ranked
    scores: NDArray[np.float32]
    bounds: Whole

    def cut(self, groups: slice) -> Side:
        """These groups alone; the same table, and views of all else."""
        bounds = self.bounds[groups.start : groups.stop + 1]
        rows = slice(*bounds[[0, -1]].tolist())
        ranked = Ranked(self.ranked.rows[rows], self.ranked.keys[rows], self.ranked.ranks[rows])
        return Side(self.table, ranked, self.scores[rows], bounds - bounds[0])

    @property
    def images(self) -> Small:
        """Int32 ``[K]``: the image of each row, in the ranked order."""
        return np.asarray(self.ranked.keys // self._classes, np.int32)

    def images_of(self, places: Indices | NDArray[np.bool_]) -> Small:
        """Int32: the images of some rows of the ranked order."""
        return np.asarray(self.ranked.keys[places] // self._classes, np.int32)

    def classes_of(self, places: Indices | NDArray[np.bool_]) -> Small:
        """Int32: the class ids of some rows of the ranked order."""
        return self.table.class_ids.take(self.ranked.rows[places])

    @property
    def _classes(self) -> int:
        return max(1, len(self.table.class_names))

    @property
    def groups(self) -> Small:
        """Int32 ``[K]``: which group of `Candidates` each row belongs to."""
        return np.repeat(np.arange(len(self.bounds) - 1, dtype=np.int32), np.diff(self.bounds))

    @cached_property
    def class_order(self) -> Small:
        """Int32 ``[K]``: places in the ranked order, by class and then by falling score."""
        return by_class_and_score(self.table.class_ids.take(self.ranked.rows), self.scores)

    @cached_property
    def class_bounds(self) -> Whole:
        """Int64 ``[classes + 1]``: where each class begins in `class_order`."""
        counts = np.bincount(self.table.class_ids.take(self.ranked.rows), minlength=self._classes)
        return np.append(0, np.cumsum(counts))


def by_class_and_score(class_ids: Indices, scores: NDArray[np.float32]) -> Small:
    """Int32 ``[K]``: the stable order by class and then by falling score."""
    return rising_then_falling(class_ids, scores).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Two tables, A the optimized model's and B the parent's, ready to be compared.

    Attributes:
        a, b: the sides.
        keys: ``[G]``, ``image * classes + class`` of every group that either side has.
    """

    a: Side
    b: Side
    keys: Indices
    _pairs: dict[float, Pairs] = field(default_factory=dict, repr=False)

    @property
    def class_count(self) -> int:
        """Number of classes, at least 1."""
        return max(1, len(self.b.table.class_names))

    def pairs(self, lowest_iou: float) -> Pairs:
        """All pairs of one image and class that overlap by at least this."""
        floor = next(floor for floor in _FLOORS if floor <= lowest_iou)
        if floor not in self._pairs:
            if self._pairs:
                self._pairs.clear()
            self._pairs[floor] = overlapping_pairs(
                self.a.table, self.a.ranked, self.b.table, self.b.ranked, max(floor, 1e-9)
            )
        return self._pairs[floor]

    def known_pairs(self, floor: float) -> Pairs | None:
        """Those that overlap by at least `floor`; None where they were not asked for last."""
        return self._pairs.get(floor)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All of it, some images after the other; at least one part."""
        images = chunks(self.a.table.offsets + self.b.table.offsets)
        if len(images) == 1:
            return (Part(self, images[0]),)
        return tuple(self._part(some) for some in images)

    def _part(self, images: range) -> Part:
        first, last = images.start * self.class_count, images.stop * self.class_count
        groups = slice(*np.searchsorted(self.keys, [first, last]).tolist())
        own = Candidates(self.a.cut(groups), self.b.cut(groups), self.keys[groups])
        return Part(own, images)


@dataclass(frozen=True, eq=False)
class Part:
    """Some images of `Candidates`, one after the other.

    Rows of the tables, and the images in the keys, are numbered as in the whole; places in the
    ranked orders are the part's own.
    """

    candidates: Candidates
    images: range


def prepare(parent: DetectionTable, optimized: DetectionTable) -> Candidates:
    """Rank and pair two models' detections on the same images.

    Raises WorkbenchError where the tables are of different images or classes.
    """
    if parent.image_names != optimized.image_names or parent.class_names != optimized.class_names:
        raise WorkbenchError(
            "The two sets of detections are of different images or classes.",
            "Predict with both models on the same dataset.",
        )
    sides = optimized, parent

    def ranked(table: DetectionTable) -> Ranked:
        return rank(table, 0.0, NO_LIMIT)

    many = len(parent.scores) + len(optimized.scores) > ROWS
    a, b = on_all_cores(ranked, sides) if many else map(ranked, sides)
    keys, bounds_a, bounds_b = grouped(a.keys, b.keys)
    return Candidates(_side(optimized, a, bounds_a), _side(parent, b, bounds_b), keys)


def _side(table: DetectionTable, ranked: Ranked, bounds: Whole) -> Side:
    return Side(table, ranked, table.scores.take(ranked.rows), bounds)
