"""The one pan and zoom that all panes of a viewer share."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.viewer.scene.geometry import Point, Size, View, fitted, panned, showing, zoomed, zoomed_to


class ViewState(QObject):
    """Holds what is looked at; panes ask it when they paint, and tell it what the user did.

    `changed` follows every change of the view, `pointer_moved` the mouse in any pane.
    """

    changed = Signal()
    pointer_moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._image: Size = (1.0, 1.0)
        self._view: View | None = None  # None: the whole image fits
        self._pointer: tuple[QObject, Point] | None = None

    @property
    def image_size(self) -> Size:
        """Width and height of the image that is looked at."""
        return self._image

    def view_in(self, pane: Size) -> View:
        """The view of a pane of this size."""
        return self._view or fitted(self._image, pane)

    def set_image_size(self, size: Size) -> None:
        """Look at another image: all of it."""
        self._image = size
        self._view = None
        self._pointer = None
        self.changed.emit()

    def fit(self) -> None:
        """Show the whole image."""
        self._set(None)

    def zoom(self, pane: Size, factor: float, at: Point | None = None) -> None:
        """Zoom around a point of a pane of this size; its middle without one."""
        middle = (pane[0] / 2, pane[1] / 2)
        self._set(zoomed(self.view_in(pane), self._image, pane, factor, at or middle))

    def pan(self, pane: Size, dx: float, dy: float) -> None:
        """Move the image by screen pixels."""
        self._set(panned(self.view_in(pane), self._image, dx, dy))

    def show_box(self, pane: Size, box: Sequence[float], *, zoom: bool = False) -> None:
        """Bring a box of the image, x1 y1 x2 y2, into view; with `zoom`, close up."""
        if zoom:
            self._set(zoomed_to(self._image, pane, box))
        elif self._view is not None:  # else all of the image is seen
            self._set(showing(self._view, self._image, pane, box))

    def point_at(self, pane: QObject, point: Point | None) -> None:
        """The mouse is over this image point of that pane; None: over no pane."""
        self._pointer = None if point is None else (pane, point)
        self.pointer_moved.emit()

    def pointer_from_others(self, pane: QObject) -> Point | None:
        """The image point that the mouse shows in another pane than this one."""
        if self._pointer is None or self._pointer[0] is pane:
            return None
        return self._pointer[1]

    def _set(self, view: View | None) -> None:
        if view != self._view:
            self._view = view
            self.changed.emit()
