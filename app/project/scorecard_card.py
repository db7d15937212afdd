"""The scorecard: verdict, then speed, size and accuracy of a parent and an optimized model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QLabel

from app.kit.boxes import across, down
from app.kit.elided_label import ElidedLabel
from app.kit.fields import FIELD_WIDTH, combo, quietly
from app.kit.signals import Sends
from app.kit.text import displayable
from app.kit.theme import GAP, verdict_colour
from app.kit.widgets import Card, heading, label
from app.project.figure_cell import FigureCell
from core.jobs.planned import Made

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent

    from core.scorecard.score import Score, Scorecard, Source
    from core.wording.scorecard import Cell, Fill

_NAMES = {"throughput": "Throughput", "latency": "Latency", "size": "Size", "ap": "COCO AP"}
_PARENT, _OPTIMIZED, _CHANGE = 1, 3, 4  # columns
_FILLED_BY: dict[Made, tuple[str, ...]] = {
    "benchmark": ("benchmark",),
    "report": ("report", "annotations"),
}
_ONCE = ("latency",)  # its button stands in the row above


class ScorecardCard(Card):
    """Rows that stay in their places, with what is known filled in."""

    source_requested = Sends["Source"]()
    fill_requested = Sends[int, "Fill"]()  # of which project
    other_chosen = Sends[int | None]()  # the optimized project to show; None for the best

    def __init__(self) -> None:
        super().__init__("Scorecard")
        self._ids: dict[int, int | None] = {}  # of the projects in the two columns
        self._verdict_name: str | None = None
        self._offered: list[tuple[str, int | None]] = []
        self.other = combo("Optimized model to show", widest=FIELD_WIDTH)
        self.other.setMinimumContentsLength(24)
        self.other.currentIndexChanged.connect(self._on_other_chosen)
        self.box.removeWidget(self.title)
        self.box.insertLayout(0, across((self.title, 1), self.other))
        self.verdict: QLabel = heading("No verdict yet", 8)
        self.moved = ElidedLabel()
        self.moved.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.kept = FigureCell("Accuracy kept", 5, lines=2)
        self.changed = FigureCell("Changed", 5, lines=2)
        self.parent_name, self.optimized_name = ElidedLabel(), ElidedLabel()
        self.cells = {
            name: {
                column: FigureCell(f"{title}, {what}")
                for column, what in (
                    (_PARENT, "parent"),
                    (_OPTIMIZED, "optimized"),
                    (_CHANGE, "change"),
                )
            }
            for name, title in _NAMES.items()
        }
        self.problems = label(selectable=True)
        self.problems.setForegroundRole(QPalette.ColorRole.BrightText)
        self.problems.hide()
        self.box.addLayout(self._grid())
        self.box.addWidget(self.problems)
        for column, cell in self._all_cells():
            cell.source_requested.connect(self.source_requested)
            cell.fill_requested.connect(partial(self._on_fill_requested, column))

    def show_scorecard(
        self,
        card: Scorecard,
        made: dict[int, frozenset[Made]],
        *,
        annotated: bool,
        warning: str = "",
    ) -> None:
        """Show a scorecard; `made` is what jobs are at for each project.

        `warning` says of the project on the page what ended before all was tried.
        """
        from core.wording.scorecard import rows

        optimized = card.optimized
        self._ids = {
            _PARENT: card.parent.project_id,
            _OPTIMIZED: optimized.project_id if optimized else card.parent.project_id,
        }
        self._ids[_CHANGE] = self._ids[_OPTIMIZED]
        self.parent_name.set_text(card.parent.name)
        self.optimized_name.set_text(optimized.name if optimized else "Optimized")
        self._show_verdict(optimized, made)
        for row in rows(card):
            cells = self.cells[row.figure]
            for column, cell in (
                (_PARENT, row.parent),
                (_OPTIMIZED, row.optimized),
                (_CHANGE, row.change),
            ):
                self._show(cells[column], column, cell, made, annotated, row.figure in _ONCE)
        problems = [*card.parent.problems, *(optimized.problems if optimized else ())]
        problems += [warning] if warning else []
        self.problems.setText("\n".join(f"• {displayable(one)}" for one in dict.fromkeys(problems)))
        self.problems.setVisible(bool(problems))

    def clear(self) -> None:
        """Show no figures, those of the project before least of all."""
        from core.wording.scorecard import Cell

        self._ids, self._verdict_name = {}, None
        self.verdict.setText("")
        for name in (self.moved, self.parent_name, self.optimized_name):
            name.set_text("")
        for _, cell in self._all_cells():
            cell.show_cell(Cell(""))
        self.problems.hide()
        self.other.hide()

    def offer_others(self, others: tuple[Score, ...], shown: int | None) -> None:
        """The optimized models of a parent to choose from; `shown` is one, None for the best."""
        from core.wording.scorecard import in_short

        offered: list[tuple[str, int | None]] = [("Best optimized model", None)]
        for one in others:
            short = in_short(one)
            offered.append((f"{one.name} ({short})" if short else one.name, one.project_id))
        with quietly(self.other):
            if offered != self._offered:
                self._offered = offered
                self.other.clear()
                for text, number in offered:
                    self.other.addItem(displayable(text), number)
            self.other.setCurrentIndex(max(0, self.other.findData(shown)))
        self.other.setVisible(len(others) > 1)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(2)
        middle = Qt.AlignmentFlag.AlignVCenter
        grid.addLayout(down(self.verdict, self.moved, spacing=0), 0, 0, 1, 2)
        grid.addWidget(self.kept, 0, _OPTIMIZED)
        grid.addWidget(self.changed, 0, _CHANGE)
        for column, above in ((_PARENT, self.parent_name), (_OPTIMIZED, self.optimized_name)):
            above.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            grid.addLayout(across(above, margins=(9, 0, 0, 0)), 1, column)
        for place, (name, cells) in enumerate(self.cells.items(), start=2):
            title = label(_NAMES[name], quiet=True, wrap=False)
            grid.addWidget(title, place, 0, middle)
            grid.addWidget(label("→", quiet=True, wrap=False), place, 2, middle)
            for column, cell in cells.items():
                grid.addWidget(cell, place, column)
        for column in (_PARENT, _OPTIMIZED, _CHANGE):
            grid.setColumnStretch(column, 1)
            grid.setColumnMinimumWidth(column, 170)
        return grid

    def _all_cells(self) -> Iterator[tuple[int, FigureCell]]:
        yield _OPTIMIZED, self.kept
        yield _CHANGE, self.changed
        for cells in self.cells.values():
            yield from cells.items()

    def _show_verdict(self, optimized: Score | None, made: dict[int, frozenset[Made]]) -> None:
        from core.wording.scorecard import verdict_text

        verdict = verdict_text(optimized)
        self._verdict_name = verdict.name
        self.verdict.setText(verdict.word)
        self.moved.set_text(verdict.note)
        self._colour()
        self._show(self.kept, _OPTIMIZED, verdict.kept, made, True, False)
        self._show(self.changed, _CHANGE, verdict.changed, made, True, True)

    def _show(
        self,
        place: FigureCell,
        column: int,
        cell: Cell,
        made: dict[int, frozenset[Made]],
        annotated: bool,
        quiet: bool,
    ) -> None:
        """A figure, and its button unless a job is at it, or `quiet`: another cell has it."""
        from dataclasses import replace

        from core.wording.scorecard import FILL_BUTTONS

        going = made.get(self._ids.get(column) or 0, frozenset())
        if cell.fill and any(cell.fill in _FILLED_BY.get(one, ()) for one in going):
            place.show_cell(replace(cell, note="in progress: see Jobs below"))
        elif cell.fill == "annotations" and not annotated:
            place.show_cell(replace(cell, note="the images have no annotations", fill=""))
        else:
            buttons = not quiet and cell.fill not in ("", "optimize")
            place.show_cell(cell, FILL_BUTTONS[cell.fill] if buttons else "")

    def _colour(self) -> None:
        palette = self.verdict.palette()
        ink = QPalette.ColorRole.WindowText
        name = self._verdict_name
        usual = self.palette().color(QPalette.ColorRole.PlaceholderText)
        palette.setColor(ink, verdict_colour(self.palette(), name) if name else usual)
        self.verdict.setPalette(palette)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == event.Type.PaletteChange and hasattr(self, "verdict"):
            self._colour()

    def _on_fill_requested(self, column: int, fill: Fill) -> None:
        project_id = self._ids.get(column)
        if project_id is not None:
            self.fill_requested.emit(project_id, fill)

    def _on_other_chosen(self) -> None:
        self.other_chosen.emit(self.other.currentData())
