"""The executed graph: wheel zooms, dragging pans, a click selects."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPalette,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QToolTip

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.performance.graph.colours import precision_colour, time_colour
from app.performance.graph.graph_item import GraphItem
from app.performance.layers_presenter import LayersView
from core.profiling.profile import Layer
from core.wording.profiling import layer_facts

ColourBy = Literal["time", "precision"]

_STEP = 1.2
_READABLE = 0.8
_LIMITS = (0.005, 3.0)


class GraphView(QGraphicsView):
    """Shows one profile's graph."""

    layer_clicked = Sends[int | None]()  # place among the layers

    def __init__(self) -> None:
        super().__init__()
        self.setScene(QGraphicsScene(self))
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.item = GraphItem()
        self.scene().addItem(self.item)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setAccessibleName("Executed graph")
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._view: LayersView | None = None
        self._colour_by: ColourBy = "time"
        self._pressed: QPoint | None = None
        self._placed = False  # whether the start was shown since there is a size

    @property
    def zoom(self) -> float:
        """Pixels on screen for one of the scene."""
        return self.transform().m11()

    def show_graph(self, view: LayersView | None) -> None:
        """Show another profile, from its start."""
        self._view = view
        places = view.places if view else None
        if places is not None:
            self.item.set_graph(places.x, places.y, places.edges)
        else:
            self.item.set_graph((), (), ())
        self._recolour()
        self.setSceneRect(self.item.boundingRect())
        self._placed = False
        self.show_start()

    def colour_by(self, what: ColourBy) -> None:
        """Colour the boxes by time or by precision."""
        self._colour_by = what
        self._recolour()

    def select(self, place: int | None, *, centre: bool) -> None:
        """Mark a layer, and bring it into view."""
        self.item.selected = place
        if place is not None and centre:
            if self.zoom < 0.3:
                self._zoom_to(_READABLE)
            self.centerOn(self.item.rect(place).center())
        self.viewport().update()

    def mark(self, places: frozenset[int]) -> None:
        """Frame several layers."""
        self.item.marked = places
        self.viewport().update()

    def show_start(self) -> None:
        """The first layers, large enough to be read."""
        if self._view is None or not self._view.profile.layers or not self.isVisible():
            return
        self._zoom_to(_READABLE)
        first = self.item.rect(0)
        self.centerOn(first.center().x(), first.top() + self.viewport().height() / 2 / self.zoom)
        self._placed = True

    def fit(self) -> None:
        """The whole graph."""
        self.fitInView(self.item.boundingRect(), Qt.AspectRatioMode.KeepAspectRatio)

    def zoom_by(self, factor: float) -> None:
        """Closer, or further away."""
        self._zoom_to(self.zoom * factor)

    def _zoom_to(self, wanted: float) -> None:
        wanted = max(_LIMITS[0], min(_LIMITS[1], wanted))
        self.scale(wanted / self.zoom, wanted / self.zoom)

    def _recolour(self) -> None:
        if self._view is None:
            self.item.set_boxes((), lambda place: ("", ""))
            return
        layers = self._view.profile.layers
        slowest = max((layer.time_ms for layer in layers), default=0.0) or 1.0
        by_time = self._colour_by == "time"
        self.item.set_boxes(
            [
                time_colour(layer.time_ms / slowest)
                if by_time
                else precision_colour(layer.precision)
                for layer in layers
            ],
            lambda place: described(layers[place]),
        )

    # Qt

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(_STEP ** (event.angleDelta().y() / 120))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        pressed, self._pressed = self._pressed, None
        here = event.position().toPoint()
        moved = (here - pressed).manhattanLength() if pressed else 0
        if pressed is not None and moved < QApplication.startDragDistance():
            self.layer_clicked.emit(self.item.hit(self.mapToScene(here)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _STEP)
        elif key == Qt.Key.Key_F:
            self.fit()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._view is not None:
            step = 1 if key == Qt.Key.Key_Down else -1
            place = (-1 if self.item.selected is None else self.item.selected) + step
            if 0 <= place < len(self._view.profile.layers):
                self.layer_clicked.emit(place)
                self.select(place, centre=True)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._placed:
            self.show_start()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.item.hit(self.mapToScene(event.pos()))
            if place is None or self._view is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(
                    event.globalPos(), tooltip(layer_hint(self._view.profile.layers[place])), self
                )
            return True
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "item"):
            self._take_palette()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._take_palette()
        if not self._placed:
            self.show_start()

    def _take_palette(self) -> None:
        self.setBackgroundBrush(self.palette().color(QPalette.ColorRole.Base))
        self.item.set_palette(self.palette())


def described(layer: Layer) -> tuple[str, ...]:
    """What stands in a layer's box: its type, its kernel, its shape and time, and last its name.

    Names are often generated, and say nothing.
    """
    time = f"{layer.time_ms:.3f} ms" if layer.time_ms else ""
    shape = " · ".join(filter(None, ("x".join(map(str, layer.shape)), time)))
    lines = layer.what, layer.primitive or layer.precision, shape, layer.label
    return tuple(displayable(line) for line in lines)


def layer_hint(layer: Layer) -> str:
    """What is known about a layer, a line each."""
    return "\n".join(f"{name}: {value}" for name, value in layer_facts(layer))
