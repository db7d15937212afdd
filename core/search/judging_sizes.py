"""What a model at another input size keeps: measured by ground truth where there is some.

The estimate that plans are compared by takes every difference for a loss. That is right of INT8,
which only adds noise; another resolution moves scores and boxes without finding less. On 128 photos
YOLOX-nano at 352 instead of 416 keeps .98 of its mAP, and .88 by the estimate: docs/decisions/0034.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.datasets.class_mapping import map_classes
from core.datasets.dataset import Dataset
from core.datasets.registry import read_annotations
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.metrics.accuracy.accuracy_kept import accuracy_kept
from core.metrics.accuracy.coco_statistics import coco_statistics
from core.metrics.accuracy.kept import LEAST_AP, measured_kept
from core.metrics.accuracy.kept_small import FEWEST_SMALL, SMALL_AREA, small_kept
from core.metrics.accuracy.truth import GroundTruth, ground_truth_for, require_truth
from core.search.workshop import KeptAtSize


def estimated(parent: DetectionTable, other: DetectionTable) -> KeptAtSize:
    """Without annotations: at least so much is kept."""
    share = accuracy_kept(parent, other)
    return KeptAtSize(share=share, at_least=share, small=small_kept(parent, other), measured=False)


@dataclass(frozen=True, eq=False)
class ByTruth:
    """Measures by the annotations of `dataset`, in the images that `parent` found things in."""

    parent: DetectionTable
    dataset: Dataset

    def measured(self, other: DetectionTable) -> KeptAtSize | None:
        """None where the annotations say nothing of the parent."""
        truth = self._truth
        kept = None if truth is None else measured_kept(truth, self.parent, other)
        if truth is None or kept is None:
            return None
        return KeptAtSize(
            share=min(1.0, kept.share.value),
            at_least=min(1.0, kept.share.low),
            small=self._small(truth, other),
            measured=True,
        )

    def _small(self, truth: GroundTruth, other: DetectionTable) -> float | None:
        """The share of the parent's AP of small objects; None where it says nothing."""
        own = self._own_small
        if own is None or own < LEAST_AP or (truth.areas < SMALL_AREA).sum() < FEWEST_SMALL:
            return None
        return (coco_statistics(truth, other).values["APs"] or 0.0) / own

    @cached_property
    def _own_small(self) -> float | None:
        assert self._truth is not None
        return coco_statistics(self._truth, self.parent).values["APs"]

    @cached_property
    def _truth(self) -> GroundTruth | None:
        if not self.dataset.annotated:
            return None
        try:
            annotations = read_annotations(self.dataset, lambda done: None)
            mapping = map_classes(annotations.class_names, self.parent.class_names)
            ids = mapping.model_ids(annotations.class_names)
            require_truth(annotations, ids, self.dataset.name, "the model")
            return ground_truth_for(self.parent, annotations, ids)
        except InputError:  # of other classes, or damaged: then it is estimated, and said so
            return None
