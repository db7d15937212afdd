"""Plots."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.kit.charts.chart import Chart
from app.kit.widgets import label
from tests.support import user


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
