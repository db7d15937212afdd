"""The slider for the score from which detections count."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from app.kit.boxes import across
from app.kit.signals import Sends
from app.kit.widgets import label


class ScoreSlider(QWidget):
    """`changed` carries what the user chose, 0.01 to 1."""

    changed = Sends[float]()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(1, 100)
        self.slider.setPageStep(5)
        self.slider.setValue(30)
        self.slider.setMinimumWidth(70)
        self.slider.setMaximumWidth(200)
        self.slider.setAccessibleName("Score threshold")
        self.slider.setToolTip(
            "Only detections with at least this score are compared, of both models alike"
        )
        self.slider.valueChanged.connect(self._on_moved)
        self.number = label(wrap=False)
        across(label("Min. score", wrap=False), (self.slider, 1), self.number, margins=0, on=self)
        self._show_number()

    def set_value(self, value: float) -> None:
        """Put the slider at a score, without a signal."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(round(value * 100))
        self.slider.blockSignals(blocked)
        self._show_number()

    def _on_moved(self) -> None:
        self._show_number()
        self.changed.emit(self.slider.value() / 100)

    def _show_number(self) -> None:
        self.number.setText(f"{self.slider.value() / 100:.2f}")
