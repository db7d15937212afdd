"""One model's image with its boxes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from app.kit.signals import Sends
from app.kit.text import tooltip
from app.viewer.panes.painting import (
    LabelledOverlay,
    Mask,
    paint_banner,
    paint_message,
    paint_overlay,
    paint_pointer,
)
from app.viewer.panes.photo import PhotoRenderer
from app.viewer.scene.choices import Choices
from app.viewer.scene.geometry import Size, View
from app.viewer.scene.hit_test import NOTHING, box_at
from app.viewer.scene.scene import Overlay
from app.viewer.scene.view_state import ViewState
from app.workers.decoding import LoadedImage

_WHEEL_STEP = 1.2  # for each notch, of 120 units
_SLOP = 3.0  # screen pixels
_SURROUND = 115  # QColor.darker: a shade below the window, quieter around photos than white


class ImagePane(QWidget):
    """Shows the part of an image that the shared view state says, and what was found there.

    Wheel, drag, double click and pinch change that state, and so all panes. `box_hovered` and
    `box_clicked` carry the index of a box in `overlay`, or `NOTHING`.
    """

    box_hovered = Sends[int]()
    box_clicked = Sends[int]()

    def __init__(self, state: ViewState, photos: PhotoRenderer, parent: QWidget | None = None):
        super().__init__(parent)
        self._state = state
        self._photos = photos
        self._overlay = Overlay.none()
        self._labelled: LabelledOverlay | None = None
        self._choices = Choices()
        self._shown = self._choices.shown(self._overlay)
        self._marked: tuple[int, ...] = ()
        self._photo: LoadedImage | None = None
        self._message = ""
        self._warning = ""
        self._hovered = NOTHING
        self._dragged_from: QPointF | None = None
        self._pressed_at: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        state.changed.connect(self._on_view_changed)
        state.pointer_moved.connect(self.update)

    @property
    def overlay(self) -> Overlay:
        """The boxes shown."""
        return self._overlay

    @property
    def photo(self) -> LoadedImage | None:
        """The image shown, None while there is none."""
        return self._photo

    @property
    def message(self) -> str:
        """The sentence shown instead of an image."""
        return self._message

    @property
    def warning(self) -> str:
        """The sentence shown over the image."""
        return self._warning

    @property
    def hovered(self) -> int:
        """Index of the box under the mouse, or `NOTHING`."""
        return self._hovered

    @property
    def shown(self) -> Mask:
        """Bool ``[N]``: which boxes of `overlay` are seen."""
        return self._shown

    @property
    def marked(self) -> tuple[int, ...]:
        """Boxes that are painted thicker, besides the one under the mouse."""
        return self._marked

    @property
    def size_shown(self) -> Size:
        """Width and height in logical pixels."""
        return float(self.width()), float(self.height())

    @property
    def view(self) -> View:
        """Where this pane looks."""
        return self._state.view_in(self.size_shown)

    def set_overlay(self, overlay: Overlay) -> None:
        """Show other boxes; none of them is marked."""
        self._overlay = overlay
        self._shown = self._choices.shown(overlay)
        self._labelled = None
        self._marked = ()
        self._set_hovered(NOTHING)
        self.update()

    def set_choices(self, choices: Choices) -> None:
        """Show what the user chose to see, in the colours chosen."""
        if choices.colouring is not self._choices.colouring:
            self._labelled = None
        self._choices = choices
        self._shown = choices.shown(self._overlay)
        self._set_hovered(NOTHING)
        self.update()

    def set_marked(self, boxes: tuple[int, ...]) -> None:
        """Paint these boxes thicker, the first ones on top."""
        if boxes != self._marked:
            self._marked = boxes
            self.update()

    def set_photo(self, photo: LoadedImage | None, warning: str = "") -> None:
        """Show an image, with a sentence over it where something about it is wrong."""
        self._photo, self._message, self._warning = photo, "", warning
        self.update()

    def set_message(self, message: str) -> None:
        """Show a sentence and no image."""
        self._photo, self._message, self._warning = None, message, ""
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 400)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        background = palette.color(QPalette.ColorRole.Window).darker(_SURROUND)
        pane, ratio = self.size_shown, self.devicePixelRatioF()
        if self._photo is None:
            painter.fillRect(self.rect(), background)
            colour = palette.color(QPalette.ColorRole.PlaceholderText)
            paint_message(painter, pane, self._message, colour)
            return
        view = self.view
        image = self._photos.render(
            self._photo.levels, self._state.image_size, view, pane, ratio, background
        )
        painter.drawImage(0, 0, image)
        self.paint_boxes(painter, view, pane, ratio)
        elsewhere = self._state.pointer_from_others(self)
        if elsewhere is not None:
            paint_pointer(painter, view, pane, elsewhere)
        if self._warning:
            painter.setFont(self.font())
            paint_banner(
                painter,
                pane,
                self._warning,
                palette.color(QPalette.ColorRole.ToolTipBase),
                palette.color(QPalette.ColorRole.ToolTipText),
            )

    def paint_boxes(self, painter: QPainter, view: View, pane: Size, ratio: float) -> None:
        """Paint what is seen of the overlay as this view shows it."""
        hovered = () if self._hovered == NOTHING else (self._hovered,)
        marked = tuple(dict.fromkeys((*hovered, *self._marked)))
        labels = self._labels()
        paint_overlay(painter, labels, view, pane, ratio, shown=self._shown, marked=marked)

    def _labels(self) -> LabelledOverlay:
        if self._labelled is None:
            font = QFont(self.font())
            if font.pointSizeF() > 0:
                font.setPointSizeF(font.pointSizeF() * 0.9)
            self._labelled = LabelledOverlay.measured(self._overlay, font, self._choices.colouring)
        return self._labelled

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._labelled = None
        super().changeEvent(event)

    # The mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches and self._photo is not None:
            at = event.position()
            self._state.zoom(self.size_shown, _WHEEL_STEP**notches, (at.x(), at.y()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        buttons = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton
        if event.button() & buttons and self._photo is not None:
            self._dragged_from = self._pressed_at = event.position()
        super().mousePressEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._dragged_from is not None:
            if self._pressed_at is not None and _is_still(at - self._pressed_at):
                return  # a click by an unsteady hand
            self._pressed_at = None
            moved = at - self._dragged_from
            self._dragged_from = at
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._state.pan(self.size_shown, moved.x(), moved.y())
        else:
            self._hover(at, event.globalPosition())
        point = self.view.to_image((at.x(), at.y()), self.size_shown)
        self._state.point_at(self, point if self._photo is not None else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._pressed_at is not None and event.button() == Qt.MouseButton.LeftButton
        self._dragged_from = self._pressed_at = None
        self.unsetCursor()
        if clicked:
            self.box_clicked.emit(self._box_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = self._pressed_at = None
        self._state.fit()

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hovered(NOTHING)
        self._state.point_at(self, None)
        super().leaveEvent(event)

    def _hover(self, at: QPointF, on_desktop: QPointF) -> None:
        if self._photo is None:
            return
        found = self._box_at(at)
        if found == self._hovered:
            return
        self._set_hovered(found)
        if found != NOTHING:
            QToolTip.showText(on_desktop.toPoint(), tooltip(self._overlay.hints[found]), self)

    def _box_at(self, at: QPointF) -> int:
        view = self.view
        x, y = view.to_image((at.x(), at.y()), self.size_shown)
        return box_at(self._overlay.boxes, x, y, _SLOP / view.scale, self._shown)

    def _set_hovered(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            if index == NOTHING:
                QToolTip.hideText()
            self.update()
            self.box_hovered.emit(index)

    def _on_view_changed(self) -> None:
        self._set_hovered(NOTHING)
        self.update()


def _is_still(moved: QPointF) -> bool:
    return moved.manhattanLength() < QApplication.startDragDistance()
