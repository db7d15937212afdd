"""What a user does with a pane, and sees in it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.viewer.comparison_viewer import ComparisonViewer
from app.viewer.panes.pane import ImagePane
from app.viewer.scene.geometry import fitted
from app.viewer.scene.scene import ViewedImage


def show(viewer: ComparisonViewer, qtbot: QtBot, image: ViewedImage) -> None:
    viewer.show_image(image)
    qtbot.waitUntil(lambda: viewer.parent_pane.photo is not None)
    assert viewer.optimized_pane.photo is viewer.parent_pane.photo


def wheel(pane: ImagePane, at: tuple[float, float], notches: int) -> None:
    position = QPointF(*at)
    event = QWheelEvent(
        position,
        QPointF(pane.mapToGlobal(position)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


def fits(viewer: ComparisonViewer) -> bool:
    """Whether the whole image is seen in each pane."""
    image = viewer.view_state.image_size
    panes = (viewer.parent_pane, viewer.optimized_pane)
    return all(pane.view == fitted(image, pane.size_shown) for pane in panes)


def pixels(pane: ImagePane) -> QImage:
    return pane.grab().toImage()


def count(image: QImage, colour: QColor) -> int:
    rgb = colour.rgb()
    return sum(
        image.pixel(x, y) == rgb for y in range(image.height()) for x in range(image.width())
    )


def colour_at(pane: ImagePane, x: float, y: float) -> QColor:
    """What is painted at a point of the image."""
    on_screen = pane.view.to_screen((x, y), pane.size_shown)
    return pixels(pane).pixelColor(*(round(part) for part in on_screen))
