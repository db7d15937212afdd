"""Ground truth as a reader gives it, and its boxes by image."""

from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.annotations import Annotations
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations


def read(folder: Path, role: str = "validation") -> Annotations:
    return read_annotations(open_dataset(folder, role))


def boxes_of(truth: Annotations) -> dict[str, list[tuple[Any, ...]]]:
    """As `TRUTH` is written, to be compared with it."""
    return {
        name: [
            (truth.class_names[truth.class_ids[row]], *np.round(truth.boxes[row], 3).tolist())
            for row in range(truth.rows(image).start, truth.rows(image).stop)
        ]
        for image, name in enumerate(truth.image_names)
    }
