"""The summary of a comparison: sentences, figures, bars of speed, and time by type of layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QWidget

from app.kit.boxes import down
from app.kit.tables.columns import NOTHING
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.whole_rows import WholeRowsView
from app.kit.theme import GAP
from app.kit.widgets import Card, heading, label
from app.performance.graph.colours import PRECISIONS
from app.performance.graph.value_bars import ValueBar, ValueBars
from core.wording.profiling import sum_counts
from core.wording.project_comparison import RUN, comparison_sentences, figures
from core.wording.words import letter

if TYPE_CHECKING:
    from core.project_comparison.comparing import ProjectComparison


class CompareSummary(QWidget):
    """Everything but the single layers."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences = label(selectable=True)
        self.figures = _Table("Speed of the runs")
        self.figures.wrap_rows()
        self.throughput = ValueBars("Throughput", PRECISIONS["int8"])
        self.latency = ValueBars("Latency", PRECISIONS["bf16"])
        bars = QHBoxLayout()
        bars.setSpacing(GAP)
        for title, chart in (
            ("Throughput, FPS: median and quartiles", self.throughput),
            ("Latency, ms: median, quartiles of the rounds", self.latency),
        ):
            card = Card(title)
            card.box.addWidget(chart)
            card.box.addStretch(1)
            bars.addWidget(card, 1)
        self.types_title = heading(points_more=2)
        self.types = _Table("Time by type")
        down(
            self.sentences,
            self.figures,
            bars,
            self.types_title,
            self.types,
            spacing=GAP,
            margins=0,
            on=self,
        )

    def show_comparison(self, comparison: ProjectComparison) -> None:
        """Show it."""
        self.sentences.setText("\n".join(comparison_sentences(comparison)))
        titles = [f"{letter(n)}: {one.title}" for n, one in enumerate(comparison.projects)]
        rows = [
            [name, *(NOTHING if value is None else str(value) for value in values)]
            for name, values in figures(comparison)
            if name != RUN  # the choice above says it
        ]
        _fill(self.figures, ["", *titles], rows)
        self._show_bars(comparison)
        self._show_types(comparison)

    def _show_bars(self, comparison: ProjectComparison) -> None:
        throughput, latency = [], []
        for place, one in enumerate(comparison.projects):
            if one.speed is None:
                continue
            name = f"{letter(place)}: {one.speed.precision_executed}"
            fps, ms = one.speed.throughput_fps, one.speed.latency_ms
            spread = ms.p50_spread
            fps_text, ms_text = f"{fps.median:.1f} FPS", f"{ms.p50:.2f} ms"
            throughput.append(ValueBar(name, fps.median, fps.low, fps.high, fps_text))
            latency.append(ValueBar(name, ms.p50, spread.low, spread.high, ms_text))
        self.throughput.show_bars(throughput)
        self.latency.show_bars(latency)

    def _show_types(self, comparison: ProjectComparison) -> None:
        there = bool(comparison.types)
        self.types.setVisible(there)
        self.types_title.setText(
            "Where the time goes" if there else "Where the time goes: no layers profiled yet"
        )
        titles = ["Type"]
        for place in range(len(comparison.projects)):
            name = letter(place)
            titles += [f"{name}: time, ms", f"{name}: share", f"{name}: layers"]
        rows = []
        for row in comparison.types:
            cells = [row.name]
            for one in row.sums:
                if one is None:
                    cells += [NOTHING] * 3
                else:
                    cells += [f"{one.time_ms:.2f}", f"{one.share:.0%}", sum_counts(one)]
            rows.append(cells)
        _fill(self.types, titles, rows)


class _Table(WholeRowsView):
    """As high as its rows."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def _fill(table: _Table, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Fill the table."""
    model = PlainModel([PlainColumn(title) for title in titles], table)
    model.set_rows(rows)
    table.setModel(model)
    table.setSortingEnabled(False)
    table.header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    table.fit_height()  # from now on: titles need fewer lines the wider their columns are
