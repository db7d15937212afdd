"""Detections that find something or nothing, and how many of both each threshold leaves.

What is to be found are the parent's detections from its threshold on, or the objects of a ground
truth. The matching goes by falling score, so that what a detection finds has to do with surer ones
alone: one matching of all detections serves every threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from msgspec.structs import replace as changed
from numpy.typing import NDArray

from core.metrics.accuracy.judging import Judged
from core.metrics.comparison.changed import changed_detections
from core.metrics.matching.candidates import Candidates
from core.metrics.matching.hits import find_hits
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.models.decoders.base import SCORE_FLOOR

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
Places = NDArray[np.int32]
_MOST_DIGITS = 8  # of a threshold; float32 has fewer
_BELOW = 0.01  # so far below the lowest score a threshold may lie


@dataclass(frozen=True, eq=False)
class Found:
    """The detections of a model, and what there is to be found.

    Attributes:
        images, class_ids: int32 ``[K]``, and `scores` float32 ``[K]``, of each detection.
        hits: bool ``[K]``: whether it finds something.
        moved: bool ``[K]``: of those, whether it lies elsewhere: a match that has shifted.
        wanted_images, wanted_classes: int32 ``[W]``, of each thing to be found.
        class_names: of all ids.
    """

    images: Places
    class_ids: Places
    scores: NDArray[np.float32]
    hits: Mask
    moved: Mask
    wanted_images: Places
    wanted_classes: Places
    class_names: tuple[str, ...]

    @staticmethod
    def of_parent(candidates: Candidates, thresholds: Thresholds) -> Found:
        """Of the optimized model at any score, with what the parent finds to be found.

        The optimized model's own threshold does not count.
        """
        everything = ScoreThresholds(score=SCORE_FLOOR)
        hits = find_hits(candidates, changed(thresholds, optimized_scores=everything))
        moved = hits.a[hits.iou < thresholds.shifted_iou]
        return _found(candidates, hits.active_a, hits.a, moved, hits.active_b)

    @staticmethod
    def of_truth(judged: Judged) -> Found:
        """Of a model, with the objects of the ground truth to be found at an IoU of .50.

        Detections on crowds count for nothing.
        """
        candidates, hits = judged.candidates, judged.hits
        counted = hits.active_a & (judged.ignored & 1 == 0)
        counted &= candidates.a.scores >= np.float32(SCORE_FLOOR)
        right, none = np.flatnonzero(hits.levels & 1), np.zeros(0, np.intp)
        return _found(candidates, counted, right, none, np.ones(len(hits.active_b), bool))

    def behind(self, images: int) -> Found:
        """The same, of images that so many others come before."""
        first = np.int32(images)
        return replace(self, images=self.images + first, wanted_images=self.wanted_images + first)

    @staticmethod
    def joined(parts: Sequence[Found]) -> Found:
        """All of them, the images one after the other; at least one."""

        def column(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(one, name) for one in parts])

        return Found(
            column("images"),
            column("class_ids"),
            column("scores"),
            column("hits"),
            column("moved"),
            column("wanted_images"),
            column("wanted_classes"),
            parts[0].class_names,
        )

    def where(self, images: Mask, class_id: int | None = None) -> Found:
        """Of these images, and of one class alone; `images` is bool ``[I]``."""
        own, wanted = images[self.images], images[self.wanted_images]
        if class_id is not None:
            own, wanted = (
                own & (self.class_ids == class_id),
                wanted & (self.wanted_classes == class_id),
            )
        return Found(
            self.images[own],
            self.class_ids[own],
            self.scores[own],
            self.hits[own],
            self.moved[own],
            self.wanted_images[wanted],
            self.wanted_classes[wanted],
            self.class_names,
        )

    def from_score(self, scores: ScoreThresholds) -> Mask:
        """Bool ``[K]``: the detections that these thresholds leave."""
        return np.asarray(self.scores >= scores.by_class(self.class_names)[self.class_ids])

    @property
    def steps(self) -> Steps:
        """What each threshold leaves."""
        order = np.argsort(-self.scores, kind="stable")
        scores = self.scores[order]
        last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)[: len(scores)])
        hits, moved = (np.cumsum(one[order], dtype=np.int64) for one in (self.hits, self.moved))
        return Steps(scores[last], last + 1, hits[last], moved[last], len(self.wanted_images))


def _found(
    candidates: Candidates,
    counted: Mask,
    hit: NDArray[np.signedinteger],
    shifted: NDArray[np.signedinteger],
    wanted: Mask,
) -> Found:
    """`hit` and `shifted` are places of detections, `counted` and `wanted` masks."""
    a, b, classes = candidates.a, candidates.b, candidates.class_count
    hits, moved = (np.zeros(len(counted), bool) for _ in range(2))
    hits[hit] = True
    moved[shifted] = True
    return Found(
        a.images[counted].astype(np.int32),
        np.asarray(a.ranked.keys[counted] % classes, np.int32),
        a.scores[counted],
        hits[counted],
        moved[counted],
        b.images[wanted].astype(np.int32),
        np.asarray(b.ranked.keys[wanted] % classes, np.int32),
        b.table.class_names,
    )


@dataclass(frozen=True, eq=False)
class Steps:
    """What is left from each score on that a detector gives: an INT8 model gives few different.

    Attributes:
        scores: float32 ``[L]``, all different, falling.
        detections, hits, moved: int64 ``[L]``, with at least that score.
        wanted: how many there are to be found.
    """

    scores: NDArray[np.float32]
    detections: Whole
    hits: Whole
    moved: Whole
    wanted: int

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def changed(self) -> NDArray[np.float64]:
        """Float64 ``[L]``: how many of both are changed."""
        return changed_detections(self.wanted, self.detections, self.hits - self.moved)

    @property
    def f1(self) -> NDArray[np.float64]:
        """Float64 ``[L]``: the harmonic mean of precision and recall."""
        return 2 * self.hits / np.maximum(self.wanted + self.detections, 1)

    def at(self, score: float) -> tuple[int, int, int]:
        """Detections from this score on, how many of them are hits, and how many of those moved."""
        place = int(np.searchsorted(-self.scores, -np.float32(score), side="right")) - 1
        if place < 0:
            return 0, 0, 0
        return int(self.detections[place]), int(self.hits[place]), int(self.moved[place])

    def threshold(self, place: int, near: float) -> float:
        """A threshold that leaves what has at least the score at `place`.

        `near` itself if it does, else in the middle between that score and the next lower one (a
        hundredth lower where there is none), so that a score which another processor rounds
        differently stays on its side; in as few decimals as say it.
        """
        high = self.scores[place]
        low = self.scores[place + 1] if place + 1 < len(self) else np.float32(0)
        if low < np.float32(near) <= high:
            return near
        if place + 1 == len(self):
            low = max(low, high - np.float32(_BELOW))
        middle = (float(low) + float(high)) / 2
        for digits in range(2, _MOST_DIGITS + 1):
            rounded = round(middle, digits)
            if low < np.float32(rounded) <= high:
                return rounded
        return float(high)

    def nearest(self, places: NDArray[np.intp], near: float) -> int:
        """Of places that are equally good, the one whose threshold is nearest to `near`."""
        away = [abs(self.threshold(place, near) - near) for place in places.tolist()]
        return int(places[int(np.argmin(away))])
