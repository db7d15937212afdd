"""A comparison as plain rows, for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.metrics.comparison.comparison import Comparison
from core.metrics.comparison.confusion import NONE, confusion_matrix
from core.reports.filters import RowFilter, class_mask, image_mask
from core.values import to_plain


def report_rows(comparison: Comparison, chosen: RowFilter | None = None) -> dict[str, Any]:
    """The documented JSON of a report: thresholds, summary, per-class and per-image rows.

    `chosen`, if given, says which images and rows are listed; the figures are of all.
    """
    chosen = chosen or RowFilter()
    of_images = np.flatnonzero(image_mask(comparison, chosen)).tolist()
    of_classes = np.flatnonzero(class_mask(comparison, chosen)).tolist()
    names = comparison.parent.image_names
    classes = comparison.parent.class_names
    images, rows = comparison.images, comparison.classes
    matrix = confusion_matrix(comparison).shown()
    return {
        "thresholds": to_plain(comparison.thresholds),
        "summary": to_plain(comparison.summary),
        "classes": to_plain(comparison.per_class),
        "confusion": {
            "class_names": [*matrix.class_names, NONE],
            "counts": matrix.counts.tolist(),
        },
        "per_image": [
            {
                "image": names[images.image[place]],
                "optimized_detections": int(images.optimized[place]),
                "parent_detections": int(images.parent[place]),
                "matches": int(images.matches[place]),
                "missed": int(images.missed[place]),
                "extra": int(images.extra[place]),
                "class_changed": int(images.class_changed[place]),
                "shifted": int(images.shifted[place]),
                "score_drift": int(images.drifted[place]),
                "damage": round(float(images.damage[place]), 6),
            }
            for place in of_images
        ],
        "per_class": [
            {
                "image": names[rows.image[place]],
                "class": classes[rows.class_id[place]],
                "optimized_detections": int(rows.optimized[place]),
                "parent_detections": int(rows.parent[place]),
                "matches": int(rows.matches[place]),
                "missed": int(rows.missed[place]),
                "extra": int(rows.extra[place]),
                "class_changed": int(rows.class_changed[place]),
                "shifted": int(rows.shifted[place]),
                "score_drift": int(rows.drifted[place]),
                "predicted_class_precision": float(rows.precision[place]),
                "predicted_class_average_precision": float(rows.average_precision[place]),
            }
            for place in of_classes
        ],
    }
