"""Which box the user points at or picked: marked in all panes and in the list."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.viewer.panels.detection_list import DetectionList
from app.viewer.panels.detection_rows import DetectionRow, belonging
from app.viewer.panes.pane_area import PaneArea
from app.viewer.scene.hit_test import NOTHING
from app.viewer.scene.scene import Side, ViewedImage
from app.viewer.scene.view_state import ViewState

Place = tuple[Side, int]


class Picking(QObject):
    """Follows mouse and list; what belongs to a box is marked with it, on every side.

    `box_picked` carries the image's number and the class id of a box that was picked.
    """

    box_picked = Sends[int, int]()  # place in the scene, class id

    def __init__(
        self, panes: PaneArea, boxes: DetectionList, state: ViewState, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._panes, self._list, self._state = panes, boxes, state
        self._image: ViewedImage | None = None
        self._picked: Place | None = None  # a side, and a row of its table
        for side, pane in panes.panes.items():
            pane.setProperty("side", side)
            pane.box_clicked.connect(self._on_box_clicked)
            pane.box_hovered.connect(self._on_box_hovered)
        boxes.row_picked.connect(self._on_row_picked)
        boxes.row_activated.connect(self._on_row_opened)

    @property
    def picked(self) -> Place | None:
        """The side and the index of the box that was picked, while it is there."""
        if self._image is None or self._picked is None:
            return None
        side, row = self._picked
        rows = self._image.overlay(side).rows.tolist()
        return (side, rows.index(row)) if row in rows else None

    def show_image(self, image: ViewedImage | None, *, same: bool) -> None:
        """Another image, or the same one with other boxes: then the box stays picked."""
        self._image = image
        if not same:
            self._picked = None
        self.refresh()

    def refresh(self) -> None:
        """Mark it again, as panes and list have been filled anew."""
        self._mark(None)
        picked = self.picked
        if picked is not None:
            self._list.select_box(*picked)

    def _on_box_clicked(self, index: int) -> None:
        side: Side = self.sender().property("side")
        self._pick((side, index))
        self._list.select_box(side, index)

    def _on_box_hovered(self, index: int) -> None:
        side: Side = self.sender().property("side")
        self._mark(None if index == NOTHING else (side, index))

    def _on_row_picked(self, row: DetectionRow) -> None:
        self._pick(row.places[0])
        self._bring_into_view(row, zoom=False)

    def _on_row_opened(self, row: DetectionRow) -> None:
        self._bring_into_view(row, zoom=True)

    def _pick(self, place: Place) -> None:
        side, index = place
        self._picked = None
        if self._image is not None and index != NOTHING:
            overlay = self._image.overlay(side)
            self._picked = (side, int(overlay.rows[index]))
            self.box_picked.emit(self._image.number, int(overlay.class_ids[index]))
        self._mark(None)

    def _mark(self, hovered: Place | None) -> None:
        """Hovered ones on top of what is picked."""
        marked: dict[Side, list[int]] = {side: [] for side in Side}
        for place in (hovered, self.picked):
            if place is not None and self._image is not None:
                for side, index in belonging(self._image, *place):
                    marked[side].append(index)
        for side, pane in self._panes.panes.items():
            pane.set_marked(tuple(marked[side]))

    def _bring_into_view(self, row: DetectionRow, *, zoom: bool) -> None:
        if self._image is None:
            return
        boxes = [self._image.overlay(side).boxes[index] for side, index in row.places]
        around = (
            float(min(box[0] for box in boxes)),
            float(min(box[1] for box in boxes)),
            float(max(box[2] for box in boxes)),
            float(max(box[3] for box in boxes)),
        )
        self._state.show_box(self._panes.main_pane.size_shown, around, zoom=zoom)
