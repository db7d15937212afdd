"""Which detections are right by the ground truth, at every COCO threshold: for intervals,
error kinds and Pascal VOC. Held equal to the COCO evaluation by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import area
from core.detection.detections import DetectionTable
from core.metrics.accuracy.average_precision import COCO_THRESHOLDS
from core.metrics.accuracy.coco_matching import LIMIT
from core.metrics.accuracy.ranked_ap import RankedPart, class_ap, mean_ap
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Rankings
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.hits import Hits, find_hits
from core.metrics.matching.matching import bars_of, overlapping_pairs, rank
from core.metrics.matching.thresholds import Thresholds

Bits = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Judged:
    """Detections (A) beside the ground truth (B); places are those of `candidates`.

    `ignored` uint16 ``[Ka]`` has bit t set where an unmatched detection lies on a crowd.
    """

    candidates: Candidates
    hits: Hits
    ignored: Bits

    def rankings(self) -> Rankings:
        """For the bootstrap."""
        a, b = self.candidates.a, self.candidates.b
        active = self.hits.active_a[a.class_order]
        order = a.class_order[active]
        return Rankings(
            images=a.images[order],
            class_bounds=np.append(0, np.cumsum(active))[a.class_bounds],
            hits=self.hits.levels[order],
            ignored=self.ignored[order] if self.ignored.any() else None,
            reference_images=b.images.astype(np.int64),
            reference_classes=np.asarray(b.ranked.keys % self.candidates.class_count, np.int64),
        )

    def part(self) -> RankedPart:
        """The same of some images, to be ranked with others."""
        a, b = self.candidates.a, self.candidates.b
        active, classes = self.hits.active_a, self.candidates.class_count
        return RankedPart(
            images=a.images[active],
            class_ids=np.asarray(a.ranked.keys[active] % classes, np.int32),
            scores=a.scores[active],
            hits=self.hits.levels[active],
            ignored=self.ignored[active] if self.ignored.any() else None,
            reference_images=b.images,
            reference_classes=np.asarray(b.ranked.keys % classes, np.int32),
        )

    def ap(self) -> float:
        """COCO's AP@[.50:.95], over the classes that the ground truth has; NaN without any."""
        return mean_ap(self.class_ap())

    def class_ap(self) -> NDArray[np.float64]:
        """Float64 ``[10, C]``: AP by threshold and class; NaN without ground truth."""
        return class_ap(self.rankings(), self.candidates.class_count)


def judge(truth: GroundTruth, detections: DetectionTable) -> Judged:
    """Match detections with the ground truth as COCO does; crowds excuse what is left."""
    judged = truth.judged(detections)
    candidates = prepare(truth.table, judged)
    hits = find_hits(candidates, Thresholds(score=0.0, per_class_limit=LIMIT))
    return Judged(candidates, hits, _on_crowds(truth, judged, candidates, hits))


def _on_crowds(
    truth: GroundTruth, detections: DetectionTable, candidates: Candidates, hits: Hits
) -> Bits:
    """A crowd matches any number of detections: by how much of the detection lies on it."""
    ignored = np.zeros(len(hits.levels), np.uint16)
    if not len(truth.ignored.scores):
        return ignored
    ranked = candidates.a.ranked
    crowds = rank(truth.ignored, 0.0, len(truth.ignored.scores))
    pairs = overlapping_pairs(detections, ranked, truth.ignored, crowds, 1e-9)
    own = area(detections.boxes[ranked.rows[pairs.a]])
    both = own + area(truth.ignored.boxes[crowds.rows[pairs.b]])
    covered = pairs.iou / (1 + pairs.iou) * both / np.maximum(own, 1e-12)
    for number, bar in enumerate(bars_of(COCO_THRESHOLDS)):
        ignored[pairs.a[covered >= bar - 1e-12]] |= np.uint16(1 << number)
    return ignored & ~hits.levels
