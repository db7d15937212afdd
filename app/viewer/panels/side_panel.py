"""Beside the image: its classes, and the list of what was found in it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.kit.boxes import divided, down
from app.kit.widgets import label
from app.viewer.panels.class_legend import ClassLegend
from app.viewer.panels.detection_list import DetectionList, columns_for
from app.viewer.panels.detection_rows import rows_of
from app.viewer.scene.choices import Choices
from app.viewer.scene.scene import ViewedImage

_NARROWEST = 260  # pixels: the columns of the list


class SidePanel(QWidget):
    """Both are made anew for every image; what is left out has no row in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes = ClassLegend(self)
        self.list = DetectionList()
        classes = _titled("Classes, by their keys 1 to 9", self.classes)
        parts = divided(self.list, classes, (400, 150), (1, 0), upright=True, parent=self)
        down(parts, margins=0, on=self)
        self.setMinimumWidth(_NARROWEST)

    def show_image(self, image: ViewedImage | None, choices: Choices) -> None:
        """List what is shown of an image."""
        self.classes.show_image(image, choices)
        if image is None:
            self.list.show_rows(())
        else:
            self.list.show_rows(rows_of(image, choices), columns_for(image.names, image.only))


def _titled(title: str, widget: QWidget) -> QWidget:
    whole = QWidget()
    head = label(title, quiet=True, wrap=False)
    down(head, widget, spacing=2, margins=0, on=whole)
    return whole
