"""Precision over recall of both models: the parent solid, the optimized model dashed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

# Okabe and Ito 2008: told apart with any colour vision; dashes say it as well.
PARENT, OPTIMIZED = "#E69F00", "#0072B2"


class PrecisionRecall(QWidget):
    """The curves of one class, or of the mean of all."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Sequence[float], Sequence[float]] = ((), ())
        self.plot: Any = pg.PlotWidget()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, 1, padding=0.02)
        self.legend: Any = self.plot.addLegend(offset=(-16, 12))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.plot)

    def show_curves(self, parent: Sequence[float], optimized: Sequence[float]) -> None:
        """Precision at recall 0, .01, ... 1."""
        self._curves = (parent, optimized)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "legend"):
            self._draw()

    def _draw(self) -> None:
        palette = self.palette()
        text = palette.color(QPalette.ColorRole.WindowText)
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.plot.clear()
        self.legend.setLabelTextColor(text)
        for values, name, colour, style in (
            (self._curves[0], "parent", PARENT, Qt.PenStyle.SolidLine),
            (self._curves[1], "optimized", OPTIMIZED, Qt.PenStyle.DashLine),
        ):
            recall = np.linspace(0, 1, len(values)) if len(values) else np.zeros(0)
            pen = pg.mkPen(colour, width=2.5, style=style)
            self.plot.plot(recall, np.asarray(values, float), pen=pen, name=name)
        for side, words in (("bottom", "Recall"), ("left", "Precision at IoU .50")):
            axis = self.plot.getAxis(side)
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(text)
            axis.setTickFont(self.font())
            axis.setLabel(words, color=text.name())
