"""Boxes of some images that can be used, as columns, which are joined as they become many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.detection.boxes import area

if TYPE_CHECKING:
    from core.datasets.collecting import Boxes

_LARGE = 100_000  # boxes


@dataclass
class Rows:
    """Columns of boxes that can be used: see `Annotations`."""

    boxes: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    crowd: NDArray[np.bool_]
    difficult: NDArray[np.bool_]
    areas: NDArray[np.float64]

    @staticmethod
    def of(
        given: Boxes,
        kept: NDArray[np.intp],
        boxes: NDArray[np.float32],
        class_ids: NDArray[np.int64],
        *,
        scaled: bool,
    ) -> Rows:
        """The `boxes` of the positions that are `kept`, with what is stated of them."""
        areas, positions = area(boxes), kept.tolist()
        if given.stated_areas is not None:
            if not scaled:
                stated = given.stated_areas[kept]
                areas = np.where(np.isfinite(stated) & (stated >= 0), stated, areas)
        elif given.areas and not scaled:
            for row, position in enumerate(positions):
                one = given.areas.get(position, -1.0)
                if np.isfinite(one) and one >= 0:
                    areas[row] = one
        if given.crowds is None:
            crowd = np.array([given.crowd.get(one, False) for one in positions], np.bool_)
        else:
            crowd = given.crowds[kept]
        difficult = np.array([given.difficult.get(one, False) for one in positions], np.bool_)
        return Rows(boxes, class_ids[kept].astype(np.int32), crowd, difficult, areas)

    @staticmethod
    def joined(parts: list[Rows]) -> Rows:
        """All of them; each column is let go of when it is joined."""

        def column(name: str, none: NDArray[Any]) -> NDArray[Any]:
            whole = np.concatenate([none, *(getattr(one, name) for one in parts)])
            for one in parts:
                setattr(one, name, none)
            return whole

        return Rows(
            column("boxes", np.zeros((0, 4), np.float32)),
            column("class_ids", np.zeros(0, np.int32)),
            column("crowd", np.zeros(0, np.bool_)),
            column("difficult", np.zeros(0, np.bool_)),
            column("areas", np.zeros(0)),
        )


def fewer(parts: list[Rows]) -> list[Rows]:
    """The last of them, which are small, as one."""
    large = next((at for at, one in enumerate(parts) if len(one.class_ids) < _LARGE), len(parts))
    return [*parts[:large], Rows.joined(parts[large:])]
