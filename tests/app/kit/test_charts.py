"""Plots."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.kit.charts.chart import Chart
from app.kit.widgets import label
from tests.support import user


class _Crossed(Chart):
    """A name on a line that is as wide as the plot."""

    def draw(self) -> None:
        self.plot.setXRange(0, 1, padding=0)
        self.plot.setYRange(0, 1, padding=0)
        self.plot.plot([0, 1], [0.5, 0.5], pen=pg.mkPen("#ff0000", width=3))
        self.write("recommended: parent default", 0.5, 0.5, (0.5, 0.5))


class _Whole(Chart):
    """Its topmost tick lies on the upper edge."""

    def draw(self) -> None:
        self.plot.setYRange(0, 1, padding=0)


def test_the_label_of_the_topmost_tick_has_its_place(qtbot: QtBot) -> None:
    chart = _Whole()
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    chart.show()
    chart.redraw()
    tick = user.drawn(chart).getPlotItem().vb.sceneBoundingRect().top()
    assert tick >= chart.fontMetrics().height() / 2


def test_nothing_beside_a_plot_moves_when_it_is_made(qtbot: QtBot) -> None:
    chart = _Whole()
    above, below = label("above"), label("below")
    chart.box.insertWidget(0, above)
    chart.box.addWidget(below)
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    chart.redraw()
    chart.show()
    assert "plot" not in vars(chart)
    before = above.geometry(), below.geometry()
    user.drawn(chart)
    assert (above.geometry(), below.geometry()) == before


def test_no_line_runs_through_words(qtbot: QtBot) -> None:
    """The Pareto front ran through the name of the recommended point."""
    chart = _Crossed()
    qtbot.addWidget(chart)
    chart.resize(500, 300)
    chart.show()
    chart.redraw()
    view = user.drawn(chart).getPlotItem().vb.sceneBoundingRect().toRect()
    seen = user.drawn(chart).grab().toImage()
    line = QColor("#ff0000")
    row = [seen.pixelColor(x, view.center().y()) for x in range(view.left() + 4, view.right() - 4)]
    assert row[0] == row[-1] == line, "it is drawn"
    assert line not in row[len(row) // 2 - 60 : len(row) // 2 + 60], "and not in the name"
