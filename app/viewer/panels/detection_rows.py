"""The boxes of an image as a list: what belongs together is one row. No widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.viewer.scene.choices import Choices
from app.viewer.scene.scene import ALONE, BoxStatus, Side, ViewedImage

# As short as the column is narrow.
STATUS_WORDS = {
    BoxStatus.MATCHED: "Matched",
    BoxStatus.DRIFTED: "Drift",
    BoxStatus.SHIFTED: "Shifted",
    BoxStatus.CLASS_CHANGED: "Changed",
    BoxStatus.EXTRA: "Extra",
    BoxStatus.MISSED: "Missed",
    BoxStatus.IGNORED: "Ignored",
    BoxStatus.FOUND_BY_NEITHER: "Neither",
}

_FOUND_BY_NONE = (BoxStatus.FOUND_BY_NEITHER, BoxStatus.IGNORED)

WORST_FIRST = (
    BoxStatus.MISSED,
    BoxStatus.EXTRA,
    BoxStatus.CLASS_CHANGED,
    BoxStatus.SHIFTED,
    BoxStatus.DRIFTED,
    BoxStatus.MATCHED,
    BoxStatus.FOUND_BY_NEITHER,
    BoxStatus.IGNORED,
)


@dataclass(frozen=True)
class DetectionRow:
    """One thing found, by one model or both, or an object that neither found.

    Attributes:
        places: where its boxes are in the overlays; only the sides that have one.
        parent, optimized: scores; None on a side without a box.
        iou: of the two models' boxes; None without a pair.
    """

    status: BoxStatus
    class_name: str
    places: tuple[tuple[Side, int], ...]
    parent: float | None
    optimized: float | None
    iou: float | None

    def place(self, side: Side) -> int:
        """Its box on a side, or `ALONE`."""
        return dict(self.places).get(side, ALONE)


def rows_of(image: ViewedImage, choices: Choices) -> tuple[DetectionRow, ...]:
    """Everything that is shown of an image, worst first, then surest first."""
    shown = {side: choices.shown(image.overlay(side)) for side in Side}
    truth = image.overlay(Side.TRUTH)
    found = [(Side.PARENT, index) for index in range(len(image.parent))]
    found += [
        (Side.OPTIMIZED, index)
        for index in range(len(image.optimized))
        if image.optimized.linked(index, Side.PARENT) == ALONE
    ]
    found += [
        (Side.TRUTH, index)
        for index in range(len(truth))
        if choices.truth and truth.statuses[index] in _FOUND_BY_NONE
    ]
    rows = (_row(image, side, index) for side, index in found)
    return tuple(sorted((row for row in rows if _is_seen(row, shown)), key=_badness))


def _is_seen(row: DetectionRow, shown: Mapping[Side, NDArray[np.bool_]]) -> bool:
    """Whether one of its boxes is; of what a model found, the objects do not count."""
    of_models = [place for place in row.places if place[0] is not Side.TRUTH]
    return any(shown[side][index] for side, index in of_models or row.places)


def belonging(image: ViewedImage, side: Side, index: int) -> tuple[tuple[Side, int], ...]:
    """A box and those of the other sides that belong to it, perhaps by way of a third."""
    found = {side: index}
    for _ in Side:
        for near, place in tuple(found.items()):
            for other in Side:
                linked = image.overlay(near).linked(place, other)
                if other not in found and linked != ALONE:
                    found[other] = linked
    return tuple((one, found[one]) for one in Side if one in found)


def _badness(row: DetectionRow) -> tuple[int, float]:
    return WORST_FIRST.index(row.status), -max(row.parent or 0.0, row.optimized or 0.0)


def _row(image: ViewedImage, side: Side, index: int) -> DetectionRow:
    places = dict(belonging(image, side, index))
    if side is Side.PARENT and image.parent.linked(index, Side.OPTIMIZED) == ALONE:
        places.pop(Side.OPTIMIZED, None)  # it found the same object, and has a row of its own
    if side is Side.OPTIMIZED:
        places.pop(Side.PARENT, None)
    overlay = image.overlay(side)
    parent, optimized = places.get(Side.PARENT), places.get(Side.OPTIMIZED)
    name, iou = overlay.names[index], None
    if parent is not None and optimized is not None:
        after = image.optimized.names[optimized]
        name = name if after == name else f"{name} → {after}"
        iou = float(image.parent.ious[Side.OPTIMIZED][parent])
    return DetectionRow(
        BoxStatus(int(overlay.statuses[index])),
        name,
        tuple((one, places[one]) for one in Side if one in places),
        None if parent is None else float(image.parent.scores[parent]),
        None if optimized is None else float(image.optimized.scores[optimized]),
        iou,
    )
