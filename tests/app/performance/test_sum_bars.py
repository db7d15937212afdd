"""Bars of sums over layers."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.performance.graph.sum_bars import SumBars
from core.profiling.sums import LayerSum


def _sum(layers: int) -> LayerSum:
    return LayerSum(
        name="Convolution",
        layers=layers,
        time_ms=191.25,
        share=0.63,
        precisions={"int8": 191.25},
        counts={"int8": layers},
    )


def test_the_longest_figures_have_room_behind_the_bars(qtbot: QtBot) -> None:
    bars = SumBars()
    qtbot.addWidget(bars)
    bars.resize(340, 60)
    bars.show_sums([_sum(1)])
    usual = bars.room_for_bars()
    bars.show_sums([_sum(1), _sum(1234)])
    longer = bars.fontMetrics().horizontalAdvance("191.25 ms · 63% · 1,234 layers")
    assert 0 < bars.room_for_bars() < usual
    assert bars.width() * 0.34 + bars.room_for_bars() + longer < bars.width()
    assert bars.grab().width() == 340
