"""What an estimate of the accuracy kept is made of, part by part: columns, 17 bytes a detection."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import Detections, DetectionTable
from core.detection.nms import suppress
from core.metrics.arrays import Real
from core.metrics.matching.candidates import NO_LIMIT, Candidates, by_class_and_score, prepare
from core.metrics.matching.hits import Hits, find_hits
from core.metrics.matching.matching import overlapping_pairs, rank
from core.metrics.matching.thresholds import Thresholds

Single = NDArray[np.float32]

LOWEST_SCORE = 0.01
OVERLAPS = np.linspace(0.5, 0.85, 8)  # COCO's without the last two: jitter of a pixel decides there
_OBJECT = 0.25  # score below which a detection of the parent is no object
_ONE_OBJECT = 0.6  # IoU from which on two boxes of a class are of one object
_MATCH = Thresholds(score=LOWEST_SCORE, iou=0.5, per_class_limit=1000)


@dataclass(frozen=True, eq=False)
class FoundPart:
    """Detections of some images: of each the score of the object that it is matched with, or 0.

    `depth` uint8 ``[K]`` says how many of the overlaps they reach.
    """

    images: NDArray[np.int32]
    class_ids: NDArray[np.int32]
    scores: Single
    sure: Single
    depth: NDArray[np.uint8]

    @staticmethod
    def of(
        objects: DetectionTable,
        other: DetectionTable,
        counted: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None,
    ) -> FoundPart:
        """What `other` found; with `counted`, of those rows of both tables alone.

        A detection counts as the object does that it is matched with, or else as it does itself.
        """
        candidates = prepare(objects, other)
        hits, side = find_hits(candidates, _MATCH), candidates.a
        sure, depth = np.zeros(len(side.scores), np.float32), np.zeros(len(side.scores), np.uint8)
        sure[hits.a] = candidates.b.scores[hits.b]
        depth[hits.a] = (hits.iou >= OVERLAPS[:, None] - 1e-9).sum(axis=0)
        active = hits.active_a
        if counted is not None:
            active = active & _counted(candidates, hits, *counted)
        class_ids = other.class_ids[side.ranked.rows[active]]
        return FoundPart(
            side.images[active], class_ids, side.scores[active], sure[active], depth[active]
        )


def _counted(
    candidates: Candidates, hits: Hits, objects: NDArray[np.bool_], other: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Bool ``[K]``: which of the ranked detections count."""
    found = np.asarray(other[candidates.a.ranked.rows])
    found[hits.a] = objects[candidates.b.ranked.rows[hits.b]]
    return found


OfPart = tuple[int, DetectionTable, tuple[FoundPart, FoundPart]]


def of_part(both: tuple[DetectionTable, DetectionTable]) -> OfPart:
    """How many images, the parent's objects there, and what the other and the parent found."""
    parent, other = both
    objects = objects_of(parent)
    found = FoundPart.of(objects, other), FoundPart.of(objects, parent)
    return len(parent), objects, found


@dataclass
class Columns:
    """What a model found, part by part; each class is ranked when it is asked for."""

    parts: list[FoundPart] = field(default_factory=list)
    bounds: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))

    def add(self, part: FoundPart, before: int) -> None:
        """Parts are added in the order of their images; so many images come before."""
        self.parts.append(replace(part, images=part.images + np.int32(before)))

    def rank(self) -> None:
        """Put all in one, by class and falling score."""
        names = [one.name for one in fields(FoundPart)]
        whole = {name: np.concatenate([getattr(p, name) for p in self.parts]) for name in names}
        self.parts.clear()
        class_ids = whole["class_ids"]
        self.bounds = np.append(0, np.cumsum(np.bincount(class_ids)))
        order = by_class_and_score(class_ids, whole["scores"])
        self.parts.append(FoundPart(**{name: column[order] for name, column in whole.items()}))

    def of_class(self, number: int) -> FoundPart:
        """Those of one class, best score first; they were ranked."""
        (whole,) = self.parts
        last = len(self.bounds) - 1
        rows = slice(*self.bounds[[min(number, last), min(number + 1, last)]].tolist())
        return FoundPart(
            whole.images[rows],
            whole.class_ids[rows],
            whole.scores[rows],
            whole.sure[rows],
            whole.depth[rows],
        )


@dataclass
class Objects:
    """The parent's objects, part by part: columns of images, classes and scores."""

    images: list[NDArray[np.int32]] = field(default_factory=list)
    class_ids: list[NDArray[np.int32]] = field(default_factory=list)
    scores: list[Single] = field(default_factory=list)
    best: float = 0.0

    def add(self, part: DetectionTable, before: int) -> None:
        """As `Columns.add`."""
        self.images.append((part.image_indices + before).astype(np.int32))
        self.class_ids.append(part.class_ids)
        self.scores.append(part.scores)
        self.best = max(self.best, float(part.scores.max(initial=0.0)))

    def degree(self, scores: Single) -> Real:
        """Float64 ``[K]``: to what degree detections of the parent are true, by their scores.

        Squared; 0 below `_OBJECT`, or half of the highest score of a parent that is never sure.
        """
        lowest = min(_OBJECT, self.best / 2)
        return np.where(scores >= lowest, scores.astype(np.float64) ** 2, 0.0)


def small_ids(class_ids: NDArray[np.int32]) -> NDArray[np.signedinteger]:
    """The same in 16 bits where they fit, which sort faster."""
    return class_ids.astype(np.int16) if class_ids.max(initial=0) < 2**15 else class_ids


def objects_of(parent: DetectionTable) -> DetectionTable:
    """The parent's detections without those on a better one of their class and image."""
    kept, counts, place = [], np.diff(parent.offsets), 0
    for image in _to_suppress(parent).tolist():
        first, last = parent.offsets[image : image + 2].tolist()
        found = suppress(parent[image], _ONE_OBJECT, last - first)
        kept += [_rows(parent, place, first), found]
        counts[image], place = len(found), last
    kept.append(_rows(parent, place, len(parent.scores)))
    return replace(
        parent,
        offsets=np.append(0, np.cumsum(counts)).astype(np.int64),
        boxes=np.concatenate([one.boxes for one in kept]),
        scores=np.concatenate([one.scores for one in kept]),
        class_ids=np.concatenate([one.class_ids for one in kept]),
    )


def _rows(table: DetectionTable, first: int, last: int) -> Detections:
    rows = slice(first, last)
    return Detections(table.boxes[rows], table.scores[rows], table.class_ids[rows])


def _to_suppress(table: DetectionTable) -> NDArray[np.int64]:
    """The images of which NMS may leave something out or change the order: few, mostly.

    Boxes that overlap nearly enough, that have no area, or lie so far out that OpenCV's own figures
    are coarse, are left to it.
    """
    ranked = rank(table, -np.inf, NO_LIMIT)
    pairs = overlapping_pairs(table, ranked, table, ranked, _ONE_OBJECT - 0.01)
    on_another = ranked.rows[pairs.a[pairs.a != pairs.b]]
    sides = (table.boxes[:, 2:] - table.boxes[:, :2]).astype(np.float64)
    odd = (sides.min(axis=1, initial=np.inf) < 1e-3) | (np.abs(table.boxes).max(axis=1) > 1e6)
    images = table.image_indices
    odd |= table.scores <= 0
    odd[1:] |= (table.scores[1:] > table.scores[:-1]) & (images[1:] == images[:-1])
    odd[on_another] = True
    return np.unique(images[odd])
