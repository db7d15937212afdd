"""Precision over recall of both models: the parent solid, the optimized model dashed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.kit.charts.chart import BLUE, ORANGE, Chart

PARENT, OPTIMIZED = ORANGE, BLUE  # dashes say it as well


class PrecisionRecall(Chart):
    """The curves of one class, or of the mean of all."""

    def __init__(self) -> None:
        super().__init__()
        self._curves: tuple[Sequence[float], Sequence[float]] = ((), ())

    def show_curves(self, parent: Sequence[float], optimized: Sequence[float]) -> None:
        """Precision at recall 0, .01, ... 1."""
        self._curves = (parent, optimized)
        self.redraw()

    def draw(self) -> None:
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, 1, padding=0.02)
        self.place_legend(-16, 12)
        for values, name, colour, style in (
            (self._curves[0], "parent", PARENT, Qt.PenStyle.SolidLine),
            (self._curves[1], "optimized", OPTIMIZED, Qt.PenStyle.DashLine),
        ):
            recall = np.linspace(0, 1, len(values)) if len(values) else np.zeros(0)
            pen = pg.mkPen(colour, width=2.5, style=style)
            self.plot.plot(recall, np.asarray(values, float), pen=pen, name=name)
        self.name_axes("Recall", "Precision at IoU .50")
