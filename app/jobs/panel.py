"""The jobs panel: what runs, what waits and what ended, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHideEvent,
    QKeySequence,
    QPalette,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QDockWidget, QPushButton, QStackedWidget, QWidget

from app.jobs.presenter import JobsPresenter
from app.jobs.rows import JobRow
from app.kit.boxes import across, down
from app.kit.signals import Sends
from app.kit.tables.columns import Column
from app.kit.tables.rows_table import RowsTable
from app.kit.text import time_text, tooltip
from app.kit.theme import GAP, verdict_colour
from app.kit.widgets import button, label
from app.workers.queued import JobState

_STATES: dict[JobState, str] = {
    "waiting": "Waiting",
    "running": "Running",
    "cancelling": "Cancelling…",
    "succeeded": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
_VERDICTS = {"succeeded": "safe", "failed": "not_safe", "cancelling": "check"}
_EMPTY = (
    "No jobs. What you start is listed here, with what runs in other windows and in the terminal."
)
_WIDTHS = {"Job": 330, "Project": 150, "State": 90, "Progress": 330, "Time left": 90}
_HEIGHT = 210


def _colour(row: JobRow) -> QColor:
    palette = QGuiApplication.palette()
    verdict = _VERDICTS.get(row.state)
    if verdict is not None:
        return verdict_colour(palette, verdict)
    quiet = row.state in ("waiting", "cancelled")
    return palette.color(QPalette.ColorRole.PlaceholderText if quiet else QPalette.ColorRole.Link)


def _hint(row: JobRow) -> str:
    return row.message or row.stage


_COLUMNS: tuple[Column[JobRow], ...] = (
    Column("Job", value=lambda row: row.title),
    Column("Project", value=lambda row: row.project or None),
    Column(
        "State",
        value=lambda row: _STATES[row.state],
        hint=_hint,
        roles={Qt.ItemDataRole.ForegroundRole: _colour},
    ),
    Column("Progress", value=lambda row: row.message or row.stage or None, hint=_hint),
    Column(
        "Time left",
        "Of the whole job, where that is known",
        value=lambda row: row.seconds_left,
        text=time_text,
        right=True,
    ),
    Column("Runs in", value=lambda row: row.where),
)


class JobsPanel(QDockWidget):
    """A dock below the pages. Nothing in it is animated: that would cost a benchmark."""

    log_requested = Sends[Path]()

    def __init__(self, presenter: JobsPresenter, parent: QWidget | None = None) -> None:
        super().__init__("Jobs", parent)
        self.setObjectName("jobs")
        self.setAllowedAreas(Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        self._presenter = presenter
        self.table = RowsTable("Jobs", _COLUMNS, _WIDTHS)
        self.table.setSortingEnabled(False)
        self.table.header.setSectionsClickable(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)  # sentences, which begin with what
        self.table.rows_chosen.connect(self._on_chosen)
        self.table.row_activated.connect(self._on_open)
        self.empty = label(_EMPTY, quiet=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.cancel = self._button("Cancel", "Delete", self._on_cancel)
        self.earlier = self._button("Move up", "Alt+Up", lambda: self._move(-1))
        self.later = self._button("Move down", "Alt+Down", lambda: self._move(1))
        self.open_log = self._button("Open log", "", self._on_log)
        self.open_result = self._button("Open result", "", self._on_open)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.table)
        inside = QWidget()
        column = down(
            self.cancel, self.earlier, self.later, self.open_log, self.open_result, 1, spacing=4
        )
        across((self._pages, 1), column, spacing=GAP, margins=(GAP, 4, GAP, GAP), on=inside)
        inside.setMinimumHeight(_HEIGHT)
        self.setWidget(inside)
        presenter.rows_changed.connect(self.show_rows)
        self._on_chosen()

    @property
    def row(self) -> JobRow | None:
        """The job that is selected."""
        places = self.table.selected_places
        row = self.table.rows.all_rows[places[0]] if places else None
        return row if isinstance(row, JobRow) else None

    def show_rows(self, rows: tuple[JobRow, ...]) -> None:
        """Show these; the selected one stays so, wherever it now stands."""
        before, selected = [row.key for row in self.table.rows.all_rows], self.row
        after = [row.key for row in rows]
        if before == after:
            self.table.rows.update_rows(rows)
        else:
            scrolled = self.table.verticalScrollBar().value()
            self.table.show_rows(rows)
            if selected is not None and selected.key in after:
                self.table.select(after.index(selected.key))
            self.table.verticalScrollBar().setValue(scrolled)
        self._pages.setCurrentWidget(self.table if rows else self.empty)
        self._on_chosen()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._presenter.begin()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._presenter.end()

    def _button(self, text: str, key: str, run: Callable[[], object]) -> QPushButton:
        made = button(text)
        made.setMinimumWidth(120)
        made.clicked.connect(run)
        if key:
            shortcut = QShortcut(QKeySequence(key), self, run)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.setToolTip(tooltip(f"{text} ({QKeySequence(key).toString()})"))
        return made

    def _on_chosen(self) -> None:
        row = self.row
        self.cancel.setEnabled(row is not None and row.can_cancel)
        waiting = [one.key for one in self.table.rows.all_rows if one.waits_here]
        key = row.key if row is not None else ""
        self.earlier.setEnabled(key in waiting[1:])
        self.later.setEnabled(key in waiting[:-1])
        self.open_log.setEnabled(row is not None and row.log is not None)
        self.open_result.setEnabled(row is not None and row.result is not None)

    def _on_cancel(self) -> None:
        if self.row is not None and self.row.can_cancel:
            self._presenter.cancel(self.row)

    def _move(self, by: int) -> None:
        if self.row is not None:
            self._presenter.move(self.row, by)

    def _on_log(self) -> None:
        if self.row is not None and self.row.log is not None:
            self.log_requested.emit(self.row.log)

    def _on_open(self) -> None:
        if self.row is not None and self.row.result is not None:
            self._presenter.open_result(self.row.result)
