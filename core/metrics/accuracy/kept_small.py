"""How much of the parent's accuracy on small objects is kept: what a smaller input loses first.

As `core.metrics.accuracy.accuracy_kept`, of objects below COCO's limit for small ones. As COCO has
it, what is matched with a larger object, or with none and is larger itself, does not count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.metrics.accuracy.accuracy_kept import kept_of_columns
from core.metrics.accuracy.kept_columns import Columns, FoundPart, Objects, objects_of

SMALL_AREA = 32.0**2  # square pixels of the image, as COCO has it
FEWEST_SMALL = 10  # objects, with fewer of which nothing is said


def small_kept(parent: DetectionTable, other: DetectionTable) -> float | None:
    """In 0..1; None where the parent finds fewer than `FEWEST_SMALL` small objects."""
    every = objects_of(parent)
    small = _areas(every) < SMALL_AREA
    objects = Objects()
    objects.add(every, 0)
    if (objects.degree(every.scores[small]) > 0).sum() < FEWEST_SMALL:
        return None
    chosen = Objects(
        images=[objects.images[0][small]],
        class_ids=[objects.class_ids[0][small]],
        scores=[objects.scores[0][small]],
        best=objects.best,
    )
    columns = []
    for one in (other, parent):
        columns.append(Columns())
        counted = _areas(one) < SMALL_AREA
        columns[-1].add(FoundPart.of(every, one, (small, counted)), 0)
    return kept_of_columns(chosen, *columns)


def _areas(table: DetectionTable) -> NDArray[np.float32]:
    """Float32 ``[N]``: square pixels of each box."""
    boxes = table.boxes
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), np.float32)
