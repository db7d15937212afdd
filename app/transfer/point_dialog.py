"""From which score on a package's detections count: the usual threshold, or an operating point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QWidget

from app.kit.boxes import down
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import FIELD_HEIGHT, GAP, MARGIN
from app.kit.widgets import label
from core.metrics.matching.thresholds import DEFAULT_SCORE

if TYPE_CHECKING:
    from core.deployment.points import ChosenPoint, OfferedPoint


class PointDialog(QDialog):
    """`chosen` carries the operating point, None for the usual threshold."""

    chosen = Sends["ChosenPoint | None"]()

    def __init__(self, window: QWidget, offered: Sequence[OfferedPoint]) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Make a deployment package")
        self._points: list[ChosenPoint | None] = [one.chosen for one in offered]
        self._points.append(None)
        self.points = QComboBox()
        self.points.setMinimumHeight(FIELD_HEIGHT)
        self.points.setMinimumWidth(420)
        self.points.setAccessibleName("Score threshold")
        for one in offered:
            self.points.addItem(displayable(one.title))
        self.points.addItem(f"{DEFAULT_SCORE:g}, the usual threshold")
        note = label(
            "From which score on the package's detections count. Another threshold can be given "
            "when it runs.",
            quiet=True,
        )
        form = QFormLayout()
        form.setHorizontalSpacing(MARGIN)
        form.addRow("Score threshold", self.points)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Choose where…")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        down(note, form, self.buttons, spacing=GAP, margins=MARGIN, on=self)
        self.accepted.connect(self._on_accepted)

    def _on_accepted(self) -> None:
        self.chosen.emit(self._points[self.points.currentIndex()])
