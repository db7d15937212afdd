"""What the viewer shows, as values: no widgets, no colours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class BoxStatus(IntEnum):
    """What became of a box in the other model's detections."""

    MATCHED = 0
    ONLY_PARENT = 1
    ONLY_OPTIMIZED = 2


@dataclass(frozen=True, eq=False)
class Overlay:
    """The boxes of one pane, best first.

    Attributes:
        boxes: float32 ``[N,4]``, x1 y1 x2 y2 in pixels of the original image.
        labels: class name and score of each box ("traffic light 0.93"), score last.
        statuses: integers ``[N]``, values of `BoxStatus`.
        hints: what hovering over each box tells: class, score, IoU with its partner.

    Raises ValueError when built from columns of different lengths.
    """

    boxes: NDArray[np.float32]
    labels: tuple[str, ...]
    statuses: NDArray[np.integer]
    hints: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.labels)
        if self.boxes.shape != (count, 4):
            raise ValueError(f"boxes must be [{count}, 4], not {list(self.boxes.shape)}")
        if self.statuses.shape != (count,) or len(self.hints) != count:
            raise ValueError(
                f"statuses and hints must have {count} entries, "
                f"not {list(self.statuses.shape)} and {len(self.hints)}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def count(self, status: BoxStatus) -> int:
        """How many boxes have this status."""
        return int((self.statuses == status).sum())

    @staticmethod
    def none() -> Overlay:
        """No boxes."""
        return Overlay(np.zeros((0, 4), np.float32), (), np.zeros(0, np.uint8), ())


@dataclass(frozen=True, eq=False)
class ViewedImage:
    """One image with both models' boxes.

    Attributes:
        name: as the table shows it.
        path: the picture.
        position: place in the list that is walked through, from 0.
        total: length of that list.
        width, height: size in pixels that the boxes belong to, after EXIF turning.
    """

    name: str
    path: Path
    position: int
    total: int
    width: int
    height: int
    parent: Overlay
    optimized: Overlay
