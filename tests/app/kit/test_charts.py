"""Plots."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.kit.charts.chart import Chart


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
    tick = chart.plot.getPlotItem().vb.sceneBoundingRect().top()
    assert tick >= chart.fontMetrics().height() / 2
