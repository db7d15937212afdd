"""What the viewer shows of one image, made from a comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.viewer.scene import BoxStatus, Overlay, ViewedImage
from core.accuracy.comparison import ALONE, Comparison


def viewed_image(
    comparison: Comparison, image: int, path: Path, position: int, total: int
) -> ViewedImage:
    """Image number `image` of both models' tables, at a place of the list walked through."""
    width, height = comparison.parent.image_sizes[image].tolist()
    return ViewedImage(
        name=comparison.parent.image_names[image],
        path=path,
        position=position,
        total=total,
        width=width,
        height=height,
        parent=_overlay(comparison, image, BoxStatus.ONLY_PARENT),
        optimized=_overlay(comparison, image, BoxStatus.ONLY_OPTIMIZED),
    )


def _overlay(comparison: Comparison, image: int, alone: int) -> Overlay:
    """One side's boxes on an image; `alone` says which side, by the status of a lone box."""
    of_parent = alone == BoxStatus.ONLY_PARENT
    table = comparison.parent if of_parent else comparison.optimized
    other = comparison.optimized if of_parent else comparison.parent
    partners = comparison.partner_of_parent if of_parent else comparison.partner_of_optimized
    rows = np.arange(table.offsets[image], table.offsets[image + 1])
    rows = rows[partners[rows] >= ALONE]
    labels, hints = [], []
    for row in rows.tolist():
        name, score = table.class_names[table.class_ids[row]], float(table.scores[row])
        labels.append(f"{name} {score:.2f}")
        partner = int(partners[row])
        if partner >= 0:
            iou = comparison.iou_of_optimized[partner if of_parent else row]
            hints.append(
                f"{name}, score {score:.3f}\nmatched: score {other.scores[partner]:.3f} "
                f"in the other model, IoU {iou:.3f}"
            )
        else:
            hints.append(f"{name}, score {score:.3f}\nnot found by the other model")
    return Overlay(
        boxes=table.boxes[rows],
        labels=tuple(labels),
        statuses=np.where(partners[rows] >= 0, int(BoxStatus.MATCHED), alone).astype(np.uint8),
        hints=tuple(hints),
    )
