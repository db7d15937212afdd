"""A model's detections beside a ground truth, both in their files: to be compared part by part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.joining import Both
from core.metrics.accuracy.truth import judged_by
from core.metrics.comparison.stored_pair import StoredPair


@dataclass(frozen=True, eq=False)
class TruthPair(StoredPair):
    """The objects, in the place of a parent's boxes, and the detections that can be judged.

    `mapped`, bool ``[C]``, are the classes that the ground truth can have.
    """

    mapped: NDArray[np.bool_]

    def both(self, images: range) -> Both:
        """The objects and detections in some images, one after the other."""
        objects, found = super().both(images)
        return objects, judged_by(self.mapped, found)
