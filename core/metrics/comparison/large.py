"""A comparison of so many detections that they stay in their files: columns, and parts when asked.

What the window shows of a report is here as it is in a `Comparison`, but for single boxes: those of
an image are compared when it is looked at, those of many images part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.detection.stored_table import StoredTable
from core.metrics.comparison.bands import EDGES, ScoreBand, band_counts, bands_of
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.by_parts import (
    ComparedByParts,
    OfParts,
    compared_candidates,
    together,
)
from core.metrics.comparison.comparison import (
    ComparedBoxes,
    Comparison,
    PartFound,
    RowPairs,
    compare,
)
from core.metrics.comparison.confusion import ConfusionMatrix, confusion_matrix, images_in_cell
from core.metrics.comparison.rows import ClassRows, ImageRows
from core.metrics.comparison.sampled import Estimate, Sample, sample
from core.metrics.comparison.stored_pair import StoredPair, Unwanted
from core.metrics.comparison.summary import (
    ClassSummary,
    Summary,
    class_totals,
    summaries_of_totals,
)
from core.metrics.matching.candidates import Part
from core.metrics.matching.chunks import in_order
from core.metrics.matching.thresholds import Thresholds

Mask = NDArray[np.bool_]
DETAILED_IMAGES = 5_000
"""Those whose classes are shown a row each, the worst of what a filter leaves."""


@dataclass(frozen=True, eq=False)
class ClassMarks:
    """Which statuses boxes of a class have in an image: as `ClassRows`, but only whether any.

    `marks` uint8 ``[R]`` has a bit for each name of `MARKS`.
    """

    image: NDArray[np.int32]
    class_id: NDArray[np.int32]
    marks: NDArray[np.uint8]

    def __getattr__(self, name: str) -> NDArray[np.uint8]:
        """Whether there is a box of that status: the name of a column of `Counts`."""
        if name in MARKS:
            return self.marks & np.uint8(1 << MARKS.index(name))
        raise AttributeError(name)

    @property
    def different(self) -> NDArray[np.uint8]:
        """Whether there is one that is missed, extra or of another class."""
        return self.marks & np.uint8(0b111)

    @staticmethod
    def of(rows: ClassRows) -> ClassMarks:
        marks = np.zeros(len(rows.image), np.uint8)
        for bit, name in enumerate(MARKS):
            marks |= (getattr(rows, name) > 0).astype(np.uint8) << np.uint8(bit)
        return ClassMarks(rows.image.astype(np.int32), rows.class_id.astype(np.int32), marks)

    def behind(self, images: int) -> ClassMarks:
        """The same where so many images come before."""
        return replace(self, image=self.image + np.int32(images))

    @staticmethod
    def joined(parts: Sequence[ClassMarks]) -> ClassMarks:
        none = np.zeros(0, np.int32)
        return ClassMarks(
            np.concatenate([none, *(one.image for one in parts)]),
            np.concatenate([none, *(one.class_id for one in parts)]),
            np.concatenate([np.zeros(0, np.uint8), *(one.marks for one in parts)]),
        )


MARKS = ("missed", "extra", "class_changed", "shifted", "drifted", "matches")


@dataclass(frozen=True, eq=False)
class LargeComparison:
    """As `Comparison`; with an `estimate`, `images` and `classes` are those of a sample."""

    pair: StoredPair
    thresholds: Thresholds
    images: ImageRows
    classes: ClassMarks
    per_class: tuple[ClassSummary, ...]
    summary: Summary
    bands: tuple[ScoreBand, ...]
    confusion: ConfusionMatrix
    class_counts: NDArray[np.int64]
    rankings: list[ComparedByParts]
    estimate: Estimate | None = None
    _detailed: dict[bytes, tuple[Comparison, NDArray[np.int64]]] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """Whether `images`, `classes` and what is counted by class and score are of a sample."""
        return len(self.images.image) < len(self.parent)

    @property
    def parent(self) -> StoredTable:
        """The parent's detections."""
        return self.pair.parent

    @property
    def optimized(self) -> StoredTable:
        """The optimized model's."""
        return self.pair.optimized

    def interval(self, wanted: Callable[[], bool] = lambda: True) -> Interval | None:
        """Of the agreement; None where there is none, or it is no longer wanted."""
        return self.rankings[0].interval(wanted) if self.rankings else None

    def forget_rankings(self) -> None:
        """Let go of what the interval is computed from, once it is known: much of the memory."""
        self.rankings.clear()

    def parts(self) -> Iterator[Comparison]:
        """All images with every box, some thousand after the other."""
        return (compare(*both, self.thresholds) for both in self.pair.parts())

    def detailed(self, chosen: Mask) -> tuple[Comparison, NDArray[np.int64]]:
        """The worst of the images that are chosen, bool ``[rows of images]``, with every box.

        And int64 ``[N]``, their numbers: those of the comparison go from 0.
        """
        images = np.sort(self.images.image[chosen][:DETAILED_IMAGES]).astype(np.int64)
        key = images.tobytes()
        if key not in self._detailed:
            self._detailed.clear()
            both = [self.pair.both(range(one, one + 1)) for one in images.tolist()]
            parent, optimized = (
                DetectionTable.joined([one[side] for one in both], self.parent.class_names)
                for side in (0, 1)
            )
            self._detailed[key] = compare(parent, optimized, self.thresholds), images
        return self._detailed[key]

    def in_cell(self, reference: str | None, given: str | None) -> Mask:
        """As `core.metrics.comparison.confusion.images_in_cell`, block by block."""
        mask = np.zeros(len(self.parent), bool)
        wanted = np.zeros(len(self.parent), bool)
        wanted[self.images.image] = True
        for block in self.pair.stretches:
            if wanted[block.start : block.stop].any():
                found = compare(*self.pair.both(block), self.thresholds)
                mask[block.start : block.stop] = images_in_cell(found, reference, given)
        return mask


def of_image(comparison: Comparison | LargeComparison, image: int) -> tuple[Comparison, int]:
    """A comparison that has every box of an image, and the image's number there."""
    if isinstance(comparison, LargeComparison):
        return comparison.pair.compared(image, comparison.thresholds), 0
    return comparison, image


def compare_stored(
    pair: StoredPair, thresholds: Thresholds, wanted: Callable[[], bool] = lambda: True
) -> LargeComparison:
    """Compare everything; raises Unwanted where `wanted` says so meanwhile."""
    seen = _Seen(len(pair.parent.class_names))
    names = pair.parent.image_names

    def compared(block: range) -> OfParts:
        if not wanted():
            raise Unwanted
        candidates = pair.kept.of(block, *pair.both(block))
        found = compared_candidates(candidates, thresholds, seen.look)
        pair.kept.keep(block, candidates)
        return found

    found = together(in_order(compared, pair.stretches), names, seen.classes)
    starts = [(names[block.start], block.start) for block in pair.stretches]
    return _large(pair, thresholds, found, seen, seen.marks(starts))


def sample_of(pair: StoredPair) -> Sample | None:
    """Some of the images, from which the same is estimated; None where all are as soon compared."""
    chosen = sample(pair.rows)
    if len(chosen) == len(pair.blocks):
        return None
    blocks = [pair.blocks[number] for number in chosen]
    both = (pair.both(block) for block in blocks)
    return Sample.of(both, blocks, len(pair.blocks), pair.parent.image_names)


def estimate_stored(pair: StoredPair, some: Sample, thresholds: Thresholds) -> LargeComparison:
    """What `compare_stored` would give, by a sample of the pair."""
    seen = _Seen(len(pair.parent.class_names))
    sampled = some.compare(seen.classes, thresholds, seen.look)
    rows = sampled.found.images
    found = replace(sampled.found, images=replace(rows, image=sampled.images[rows.image]))
    starts = np.cumsum([0, *(len(group.b.table) for group in some.groups[:-1])]).tolist()
    marks = seen.marks(
        (group.b.table.image_names[0], before)
        for group, before in zip(some.groups, starts, strict=True)
    )
    marks = replace(marks, image=sampled.images[marks.image].astype(np.int32))
    large = _large(pair, thresholds, found, seen, marks)
    estimate = sampled.estimate()
    return replace(large, summary=estimate.summary, estimate=estimate, rankings=[])


def _large(
    pair: StoredPair,
    thresholds: Thresholds,
    found: ComparedByParts,
    seen: _Seen,
    marks: ClassMarks,
) -> LargeComparison:
    names = pair.parent.class_names
    return LargeComparison(
        pair=pair,
        thresholds=thresholds,
        images=found.images,
        classes=marks,
        per_class=summaries_of_totals(seen.totals, names, found.agreement),
        summary=found.summary,
        bands=bands_of(seen.bands),
        confusion=ConfusionMatrix(names, seen.confusion),
        class_counts=seen.class_counts,
        rankings=[found],
    )


class _Seen:
    """What is added up over parts, which come in any order and in several threads."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.totals: dict[str, NDArray[np.int64]] = {}
        self.bands = np.zeros((2, len(EDGES)), np.int64)
        self.confusion = np.zeros((classes + 1, classes + 1), np.int64)
        self.class_counts = np.zeros(classes, np.int64)
        self._marks: dict[str, list[tuple[int, ClassMarks]]] = {}
        self._lock = Lock()

    def look(self, part: Part, found: PartFound) -> None:
        """Take what a part has."""
        boxes = _boxes(part, found)
        totals = class_totals(found.classes, self.classes)
        bands, confusion = band_counts(boxes), confusion_matrix(boxes).counts
        marks = ClassMarks.of(found.classes)
        both = np.concatenate([boxes.parent.class_ids, boxes.optimized.class_ids])
        counts = np.bincount(both, minlength=self.classes)
        block = part.candidates.b.table.image_names[0]
        with self._lock:
            for name, values in totals.items():
                self.totals[name] = self.totals.get(name, 0) + values
            self.bands += bands
            self.confusion += confusion
            self.class_counts += counts
            self._marks.setdefault(block, []).append((part.images.start, marks))

    def marks(self, firsts: Iterable[tuple[str, int]]) -> ClassMarks:
        """Those of all parts, in the order of the images; they are forgotten then.

        `firsts` are the first image of each table, and how many images come before it.
        """
        parts = []
        for name, before in firsts:
            own = self._marks.pop(name)
            parts += [one.behind(before) for _, one in sorted(own, key=lambda each: each[0])]
        return ClassMarks.joined(parts)


def _boxes(part: Part, found: PartFound) -> ComparedBoxes:
    """The part's boxes; rows are those of the part."""
    tables = part.candidates.b.table, part.candidates.a.table
    before = [one.offsets[part.images.start].astype(np.int32) for one in tables]
    parent, optimized = (one.part(part.images) for one in tables)
    return ComparedBoxes(
        parent,
        optimized,
        RowPairs(found.matched_parent - before[0], found.matched_optimized - before[1]),
        RowPairs(found.changed_parent - before[0], found.changed_optimized - before[1]),
        found.status_of_parent,
        found.status_of_optimized,
    )
