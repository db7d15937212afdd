"""The reports that exist: opened, set beside each other, named, and deleted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit

from app.kit.boxes import across
from app.kit.signals import Sends
from app.kit.tables.columns import Column
from app.kit.tables.rows_model import RowsModel
from app.kit.widgets import Card, button, label
from app.reports.report_library import KeptReport
from app.reports.report_view import ReportTableView
from core.text import when
from core.workspace.records import LONGEST_TITLE

_WIDTHS = ((1, 116), (2, 146), (3, 120), (4, 100), (5, 138))
_SELECT_TWO = "Select two (with Ctrl) to compare them."


class KeptReports(Card):
    """A table of them with what can be done."""

    open_requested = Sends[KeptReport]()
    compare_requested = Sends[KeptReport, KeptReport]()
    rename_requested = Sends[KeptReport, str]()
    delete_requested = Sends[tuple[KeptReport, ...]]()
    undo_requested = Signal()
    limits_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Reports")
        self._naming = False
        self._waiting: tuple[KeptReport, ...] | None = None
        self.table = ReportTableView()
        self.table.setAccessibleName("Reports")
        self.table.setSelectionMode(ReportTableView.SelectionMode.ExtendedSelection)
        self._model = RowsModel(self._columns(), self)
        self.table.setModel(self._model)
        for column, width in _WIDTHS:
            self.table.setColumnWidth(column, width)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.row_activated.connect(self.open_requested)
        self.table.itemDelegate().closeEditor.connect(self._on_naming_ended)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        keys = QKeySequence.StandardKey
        self._rename = self._action("Rename report", self._on_rename, QKeySequence("F2"))
        self._delete = self._action("Delete report", self._on_delete, QKeySequence(keys.Delete))
        undo = self._action("Undo delete", None, QKeySequence(keys.Undo))
        undo.triggered.connect(self.undo_requested)
        self.rename = button("Rename")
        self.rename.clicked.connect(self._rename.trigger)
        self.delete = button("Delete")
        self.delete.clicked.connect(self._delete.trigger)
        self.open_button = button("Open")
        self.open_button.clicked.connect(self._on_open_clicked)
        self.compare_button = button("Compare")
        self.compare_button.clicked.connect(self._on_compare_clicked)
        self.choice_note = label(quiet=True)
        self.limits = button("Write limits…")
        self.limits.setToolTip(
            "A file with what this project has now: accuracy, speed and size, as far as they were "
            "measured. The command check holds other models to it, in a build."
        )
        self.limits.clicked.connect(self.limits_requested)
        self.box.addWidget(self.table)
        several = (self.rename, self.delete, self.compare_button, self.open_button)
        self.box.addLayout(across(self.limits, (self.choice_note, 1), *several))

    def show_reports(self, reports: tuple[KeptReport, ...]) -> None:
        """Show these; where they are those that are shown, nothing moves.

        While a name is typed, they wait.
        """
        if self._naming:
            self._waiting = reports
            return
        self.setVisible(bool(reports))
        if tuple(self._model.all_rows) != reports:
            chosen = {one.artifact.id for one in self._chosen()}
            self._model.set_rows(reports)
            self._choose(chosen)
        self._fit_table(len(reports))
        self._on_selection_changed()

    def _columns(self) -> list[Column[KeptReport]]:
        return [
            Column(
                "Report",
                "Its name, if it was given one, and what came out",
                lambda one: one.title,
                roles={Qt.ItemDataRole.EditRole: lambda one: one.artifact.name},
                change=self._on_named,
            ),
            Column(
                "Project",
                "The optimized project: this one, or another one of the same parent.",
                lambda one: one.project,
            ),
            Column("Kind", value=lambda one: one.kind.title),
            Column(
                "Run",
                "Device, precision asked for and executed: of the optimized model, and of the "
                "parent",
                lambda one: one.ran,
            ),
            Column("Dataset", value=lambda one: one.dataset),
            Column("Created", value=lambda one: when(one.created)),
        ]

    def _action(self, title: str, do: object, key: QKeySequence) -> QAction:
        action = QAction(title, self.table)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        if callable(do):
            action.triggered.connect(do)
        self.table.addAction(action)
        return action

    def _fit_table(self, rows: int) -> None:
        header = self.table.horizontalHeader().sizeHint().height()
        row = self.table.verticalHeader().defaultSectionSize()
        self.table.setMinimumHeight(header + min(6, max(2, rows)) * row + 6)

    def _chosen(self) -> list[KeptReport]:
        rows = self.table.selectionModel().selectedRows()
        return [self._model.key_at(row) for row in sorted(index.row() for index in rows)]

    def _choose(self, artifacts: set[int]) -> None:
        selection = self.table.selectionModel()
        flags = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
        for row in range(self._model.rowCount()):
            if self._model.key_at(row).artifact.id in artifacts:
                selection.select(self._model.index(row, 0), flags)

    def _on_selection_changed(self) -> None:
        chosen = self._chosen()
        alike = len(chosen) == 2 and chosen[0].kind is chosen[1].kind
        self.open_button.setEnabled(len(chosen) == 1)
        self.compare_button.setEnabled(alike)
        for one, possible in ((self._rename, len(chosen) == 1), (self._delete, bool(chosen))):
            one.setEnabled(possible)
        self.rename.setEnabled(len(chosen) == 1)
        self.delete.setEnabled(bool(chosen))
        if len(chosen) == 2 and not alike:
            self.choice_note.setText("Only two reports of one kind can be compared.")
        else:
            self.choice_note.setText(_SELECT_TWO if self._model.rowCount() > 1 else "")

    def _on_open_clicked(self) -> None:
        self.open_requested.emit(self._chosen()[0])

    def _on_compare_clicked(self) -> None:
        newer, older = self._chosen()
        if newer.artifact.id < older.artifact.id:
            newer, older = older, newer
        self.compare_requested.emit(older, newer)

    def _on_rename(self) -> None:
        """Type the name in its place."""
        for index in self.table.selectionModel().selectedRows():
            self._naming = True
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
            self.table.edit(index)
            field = self.table.viewport().findChild(QLineEdit)
            if field is not None:
                field.setMaxLength(LONGEST_TITLE)
                field.setAccessibleName("Name of the report")
                field.setPlaceholderText("Name of the report")

    def _on_named(self, report: KeptReport, name: str) -> None:
        name = name.strip()
        if name != report.artifact.name:
            self.rename_requested.emit(report, name)

    def _on_naming_ended(self) -> None:
        self._naming = False
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.show_reports(waiting)

    def _on_delete(self) -> None:
        self.delete_requested.emit(tuple(self._chosen()))
