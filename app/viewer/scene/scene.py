"""What the viewer shows, as values: no widgets, no colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ALONE = -1


class Side(Enum):
    """Whose boxes."""

    PARENT = "parent"
    OPTIMIZED = "optimized"
    TRUTH = "truth"


class BoxStatus(IntEnum):
    """What became of a box: in the other model's detections, or of an object in both models'.

    In the order in which they are painted: what must be seen comes last, on top.
    """

    MATCHED = 0
    DRIFTED = 1
    SHIFTED = 2
    CLASS_CHANGED = 3
    EXTRA = 4
    MISSED = 5
    # Of ground truth only:
    IGNORED = 6
    FOUND_BY_BOTH = 7
    FOUND_BY_NEITHER = 8
    GAINED = 9
    LOST = 10


MODEL_STATUSES = (
    BoxStatus.MATCHED,
    BoxStatus.MISSED,
    BoxStatus.EXTRA,
    BoxStatus.CLASS_CHANGED,
    BoxStatus.SHIFTED,
    BoxStatus.DRIFTED,
)
SAME = (BoxStatus.MATCHED, BoxStatus.IGNORED, BoxStatus.FOUND_BY_BOTH, BoxStatus.FOUND_BY_NEITHER)


@dataclass(frozen=True, eq=False)
class Overlay:
    """The boxes of one pane, best first.

    Attributes:
        boxes: float32 ``[N,4]``, x1 y1 x2 y2 in pixels of the original image.
        names: class name of each box.
        labels: class name and score of each box ("traffic light 0.93"), score last.
        statuses: integers ``[N]``, values of `BoxStatus`.
        hints: what hovering over each box tells: class, score, partner, IoU with it.
        class_ids: integers ``[N]``, the model's; -1 for a class that it does not know.
        scores: float32 ``[N]``; of ground truth 1.
        rows: int64 ``[N]``, the same for the same box at other thresholds.
        links: for other sides int32 ``[N]``: the box there that belongs to it, or `ALONE`.
        ious: for other sides float ``[N]``: IoU with that box, 0 without one.
        classes: ids of all classes of the image, on whichever side; none: those of these boxes.

    Raises ValueError when built from columns of different lengths.
    """

    boxes: NDArray[np.float32]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    statuses: NDArray[np.integer]
    hints: tuple[str, ...]
    class_ids: NDArray[np.integer]
    scores: NDArray[np.float32]
    rows: NDArray[np.integer]
    links: Mapping[Side, NDArray[np.integer]] = field(default_factory=dict)
    ious: Mapping[Side, NDArray[np.floating]] = field(default_factory=dict)
    classes: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        count = len(self.labels)
        if self.boxes.shape != (count, 4):
            raise ValueError(f"boxes must be [{count}, 4], not {list(self.boxes.shape)}")
        columns = (self.statuses, self.class_ids, self.scores, self.rows)
        for column in (*columns, *self.links.values(), *self.ious.values()):
            if column.shape != (count,):
                raise ValueError(f"columns must be [{count}], not {list(column.shape)}")
        if len(self.names) != count or len(self.hints) != count:
            raise ValueError(f"there must be {count} names and hints")

    def __len__(self) -> int:
        return len(self.labels)

    def count(self, status: BoxStatus) -> int:
        """How many boxes have this status."""
        return int((self.statuses == status).sum())

    def linked(self, index: int, side: Side) -> int:
        """The box of another side that belongs to a box, or `ALONE`."""
        links = self.links.get(side)
        return ALONE if links is None or index < 0 else int(links[index])

    @staticmethod
    def of_one_model(
        boxes: Sequence[Sequence[float]],
        names: Sequence[str],
        scores: Sequence[float],
        class_ids: Sequence[int],
    ) -> Overlay:
        """What one model found, with nothing to compare it with."""
        pairs = list(zip(names, scores, strict=True))
        return Overlay(
            boxes=np.array(boxes, np.float32).reshape(-1, 4),
            names=tuple(names),
            labels=tuple(f"{name} {score:.2f}" for name, score in pairs),
            statuses=np.full(len(pairs), int(BoxStatus.MATCHED), np.uint8),
            hints=tuple(f"{name}, score {score:.3f}" for name, score in pairs),
            class_ids=np.array(class_ids, np.int32),
            scores=np.array(scores, np.float32),
            rows=np.arange(len(pairs)),
        )

    @staticmethod
    def none() -> Overlay:
        """No boxes."""
        return Overlay.of_one_model((), (), (), ())


@dataclass(frozen=True, eq=False)
class ViewedImage:
    """One image with both models' boxes, and its ground truth where that is known.

    Attributes:
        name: as the table shows it.
        path: the image.
        position: place in the list that is walked through, from 0.
        total: length of that list.
        width, height: size in pixels that the boxes belong to, after EXIF turning.
        truth: None where there is none, or it is not read yet.
        number: the image's place in the report's tables.
        class_names: the model's.
        class_order: class ids, the most frequent in the whole report first; the keys 1 to 9
            stand for the first nine.
        names: what the two sides are called, the parent's first.
        only: what boxes of one side alone are called, those of the parent's first.
        mark: of the image when the boxes were found, see `core.images.marks`; 0: not known.
    """

    name: str
    path: Path
    position: int
    total: int
    width: int
    height: int
    parent: Overlay
    optimized: Overlay
    truth: Overlay | None = None
    number: int = 0
    class_names: tuple[str, ...] = ()
    class_order: tuple[int, ...] = ()
    names: tuple[str, str] = ("Parent", "Optimized")
    only: tuple[str, str] = ("Missed", "Extra")
    mark: int = 0

    @property
    def classes(self) -> frozenset[int]:
        """Ids of the classes of all its boxes."""
        sides = (self.parent, self.optimized, *((self.truth,) if self.truth else ()))
        return frozenset(one for side in sides for one in side.class_ids.tolist())

    def name_of(self, side: Side) -> str:
        """What a side is called."""
        if side is Side.TRUTH:
            return "Ground truth"
        return self.names[side is Side.OPTIMIZED]

    def overlay(self, side: Side) -> Overlay:
        """The boxes of a side; none where there is no ground truth."""
        found = self.parent if side is Side.PARENT else self.optimized
        if side is Side.TRUTH:
            found = self.truth or Overlay.none()
        return replace(found, classes=self.classes)
