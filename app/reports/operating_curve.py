"""What each score threshold leaves of the optimized model's detections."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from app.kit.charts.chart import BLUE, COLOURS, GREEN, Chart
from core.metrics.operating_point.point import OperatingPoint
from core.reports.operating.page import HIGHEST, SHARES, shares

_CHANGED = COLOURS[5]
_AT_LEFT, _AT_RIGHT, _MIDDLE = 16, -16, 0.55  # the legend keeps clear of the threshold
_DASH, _SOLID = Qt.PenStyle.DashLine, Qt.PenStyle.SolidLine


class OperatingCurve(Chart):
    """Detections, those that the parent has too, and those that changed, by threshold."""

    def __init__(self) -> None:
        super().__init__()
        self._point: OperatingPoint | None = None
        self._chosen = 0.0

    def show_point(self, point: OperatingPoint, chosen: float) -> None:
        """Of this point, with the threshold `chosen` marked."""
        self._point, self._chosen = point, chosen
        self.redraw()

    def draw(self) -> None:
        point = self._point
        if point is None:
            return
        self.plot.setXRange(0, 1, padding=0.02)
        self.plot.setYRange(0, HIGHEST, padding=0.02)
        self.place_legend(_AT_RIGHT if self._chosen < _MIDDLE else _AT_LEFT, 12)
        scores = np.asarray(point.curve.scores)
        for values, name, colour, style in zip(
            shares(point),
            SHARES,
            (BLUE, GREEN, _CHANGED),
            (_SOLID, _DASH, _SOLID),
            strict=True,
        ):
            pen = pg.mkPen(colour, width=2.5, style=style)
            self.plot.plot(scores, np.asarray(values), pen=pen, name=name)
        for score, name, style in (
            (point.parent_score, f"parent at {point.parent_score:g}", _DASH),
            (self._chosen, f"optimized at {self._chosen:g}", _SOLID),
        ):
            pen = pg.mkPen(self.ink, width=1.2, style=style)
            self.plot.plot([score, score], [0, HIGHEST], pen=pen, name=name)
        self.name_axes("Score threshold of the optimized model", "Share of detections")
