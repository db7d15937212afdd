"""The slider for the score from which detections count."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from app.kit.boxes import across
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.widgets import label
from core.metrics.matching.thresholds import Thresholds

_TOOLTIP = "Only detections with at least this score are compared, of both models alike"
_OF_PARENT = (
    "Only detections with at least this score are compared, of the parent; the optimized model has "
    "thresholds of its own, an operating point's"
)


class ScoreSlider(QWidget):
    """`changed` carries what the user chose, 0 to 1."""

    changed = Sends[float]()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(5)
        self.slider.setValue(30)
        self.slider.setMinimumWidth(70)
        self.slider.setMaximumWidth(200)
        self.slider.setAccessibleName("Score threshold")
        self.slider.setToolTip(tooltip(_TOOLTIP))
        self._own = ""  # what is said of the optimized model's own
        self.slider.valueChanged.connect(self._on_moved)
        self.number = label(wrap=False)
        across(label("Min. score", wrap=False), (self.slider, 1), self.number, margins=0, on=self)
        self._show_number()

    def show_thresholds(self, thresholds: Thresholds) -> None:
        """Put the slider at the score, without a signal; say what the optimized model's is."""
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(round(thresholds.score * 100))
        self.slider.blockSignals(blocked)
        own = thresholds.optimized_scores
        self._own = "" if own is None else f", optimized {own.score:g}"
        if own is not None and own.classes:
            self._own += " and by class"
        self.slider.setToolTip(tooltip(_TOOLTIP if own is None else _OF_PARENT))
        self._show_number()

    def _on_moved(self) -> None:
        self._show_number()
        self.changed.emit(self.slider.value() / 100)

    def _show_number(self) -> None:
        self.number.setText(f"{self.slider.value() / 100:.2f}{self._own}")
