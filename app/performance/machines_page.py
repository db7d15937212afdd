"""Compare machines: what each measured of a project, below each other in one table."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QMenu

from app.kit.boxes import across, discard
from app.kit.page import Page
from app.kit.saving import ask_where_to_save
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.whole_rows import WholeRowsView
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import Card, button, heading, label
from app.machines.choice import allowed
from app.performance.machines_presenter import MachinesComparedPresenter
from app.project_views import ProjectView
from core.documents.tables import Column, shown
from core.errors import WorkbenchError
from core.machine_comparison.comparing import COLUMNS
from core.machines.machine import THIS
from core.machines.run_on import hosts

if TYPE_CHECKING:
    from core.machine_comparison.service import ProjectOnMachines

_KINDS = (("Table (CSV)…", "csv"), ("All figures (JSON)…", "json"))
_NONE = "Nothing is measured yet. Tick the machines to measure on."
_APART = (
    "The newest benchmark and report of each machine, measured in its own turn: figures of "
    "different machines were not measured together."
)
_ADD = "To measure on another machine, add it by SSH: File > Machines…"
_MOST_ROWS = 16  # without scrolling
_WIDTHS = (110, 180, 240, 70, 80, 80, 90, 80)  # pixels of the columns


class MachinesPage(Page):
    """The table, and which machines are to measure."""

    def __init__(self, presenter: MachinesComparedPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self._ready = False  # whether there is a model to measure
        self.ticks: dict[str | None, QCheckBox] = {}
        self.measure = button("Run benchmark", primary=True)
        self.export = button("Save as")
        menu = QMenu(self.export)
        for text, kind in _KINDS:
            menu.addAction(text).setData(kind)
        menu.triggered.connect(self._on_export_chosen)
        self.export.setMenu(menu)
        self.note = label(_APART, quiet=True)
        self.table = WholeRowsView()
        self.table.setAccessibleName("Machines compared")
        self.table.setModel(PlainModel([_plain(one) for one in _columns()], self.table))
        self.table.header.setStretchLastSection(True)
        for place, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(place, width)
        self.problems = label(selectable=True)
        box = self.box
        box.addLayout(across((heading("Compare machines", 7), 1), self.export))
        for part in (self.note, self.table, self.problems, self._build_measuring()):
            box.addWidget(part)
        box.addStretch(1)
        presenter.compared.connect(self._on_compared)

    def show_project(self, view: ProjectView) -> None:
        """Another project is selected, or something of it is new."""
        what = "Run benchmark and accuracy report" if view.optimized else "Run benchmark"
        self.measure.setText(what)
        self._ready = view.ready
        self._presenter.show_project(view.project.id)
        self._show_hosts()

    def save(self, path: Path) -> None:
        """Write the table; the ending says as what."""
        self._presenter.save(path)

    def _build_measuring(self) -> Card:
        card = Card("Measure on")
        self._rows = card.box
        self.add = label(_ADD, quiet=True)
        self.measure.clicked.connect(self._on_measure_clicked)
        card.box.addLayout(across((self.add, 1), self.measure, spacing=GAP))
        self._tick(None, "This machine")
        return card

    def _tick(self, name: str | None, title: str) -> None:
        """A machine to tick, above what stands at the foot."""
        tick = QCheckBox(displayable(title))
        tick.toggled.connect(self._show_possible)
        self._rows.insertWidget(self._rows.count() - 1, tick)
        self.ticks[name] = tick

    def _show_hosts(self) -> None:
        """Those that can be measured on now; what is ticked stays so."""
        try:
            found = {one.name: f"{one.name}: {one.address}" for one in hosts()}
        except WorkbenchError:  # the dialog of machines says so
            found = {}
        for name in [one for one in self.ticks if one is not None and one not in found]:
            discard(self.ticks.pop(name))
        for name, title in found.items():
            if name not in self.ticks:
                self._tick(name, title)
        self._show_possible()

    def _show_possible(self) -> None:
        ticked = any(tick.isChecked() for tick in self.ticks.values())
        self.measure.setEnabled(self._ready and ticked)

    def _on_compared(self, found: ProjectOnMachines | None) -> None:
        there = found is not None and len(found.table) > 0
        self.export.setEnabled(there)
        self.table.setVisible(there)
        self.note.setText(_APART if there else _NONE)
        problems = () if found is None else found.problems
        self.problems.setText(displayable("\n".join(problems)))
        self.problems.setVisible(bool(problems))
        if found is not None:
            model = self.table.model()
            assert isinstance(model, PlainModel)
            rows = (list(row) for row in found.table.readable().rows())
            model.set_rows([["This machine" if one == THIS else one, *rest] for one, *rest in rows])
            self.table.fit_height(_MOST_ROWS)

    def _on_measure_clicked(self) -> None:
        chosen = [name for name, tick in self.ticks.items() if tick.isChecked()]
        if all(allowed(self, name) for name in chosen):
            for tick in self.ticks.values():
                tick.setChecked(False)
            self._presenter.measure(chosen)

    def _on_export_chosen(self, action: QAction) -> None:
        kind = str(action.data())
        name, forms = f"compared-machines.{kind}", f"{kind.upper()} (*.{kind})"
        path = ask_where_to_save(self, "Save the comparison", "machines", name, forms)
        if path is not None:
            self.save(path)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_hosts()
        self._presenter.set_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.set_seen(False)


def _columns() -> list[Column]:
    return [one for one in COLUMNS if not one.in_files]


def _plain(column: Column) -> PlainColumn:
    form = None if column.form == "text" else partial(shown, form=column.form)
    title = column.title[0].upper() + column.title[1:]
    return PlainColumn(title, column.meaning, form)
