"""All runs of the chosen projects in a table, and everything about the selected one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.kit.boxes import across, down
from app.kit.choice_menu import ChoiceMenu
from app.kit.text import counted
from app.kit.theme import GAP
from app.kit.widgets import Card, button, heading, reserved
from app.performance.runs_table import RunsTable
from app.performance.speed_presenter import SpeedPresenter, SpeedView
from core.wording.benchmark_runs import run_facts, run_title

_ROWS = 8  # that are seen at once, at most


class RunsPanel(QWidget):
    """Which projects, the table, and the selected run."""

    def __init__(self, presenter: SpeedPresenter) -> None:
        super().__init__()
        self.presenter = presenter
        title = heading("All runs", 1.5)
        title.setWordWrap(False)
        self.projects = ChoiceMenu("Projects whose runs are shown", _projects)
        self.projects.changed.connect(self._on_projects_changed)
        self.delete = reserved(button("Delete benchmark", flat=True))
        self.delete.setToolTip("Delete all runs of the benchmark that the selected run belongs to")
        self.delete.clicked.connect(presenter.delete)
        self.table = RunsTable()
        undo = QAction("Undo delete", self.table)
        undo.setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        undo.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        undo.triggered.connect(presenter.go.undo_delete)
        self.table.addAction(undo)
        self.table.runs_selected.connect(presenter.select)
        self.details = Card("Selected run")
        head = across(title, self.projects, 1, self.delete, spacing=GAP)
        down(head, self.table, self.details, spacing=GAP, margins=0, on=self)

    def show_view(self, view: SpeedView) -> None:
        """Show these runs."""
        chosen = [(number, title, True) for number, title in view.chosen.items()]
        self.projects.offer(chosen, more=self.presenter.choices)
        self.table.show_runs(view.runs, view.selected)
        self._fit_table(len(view.runs))
        selected = view.selected_runs
        self.delete.setVisible(bool(selected))
        self.details.setVisible(len(selected) == 1)
        if len(selected) == 1:
            self.details.title.setText(run_title(selected[0]))
            self.details.set_facts(run_facts(selected[0]))

    def _fit_table(self, rows: int) -> None:
        header = self.table.horizontalHeader().sizeHint().height()
        each = self.table.verticalHeader().defaultSectionSize()
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(header + each * min(max(rows, 1), _ROWS) + bar + 4)

    def _on_projects_changed(self) -> None:
        self.presenter.choose_projects([int(str(one)) for one in self.projects.chosen])


def _projects(titles: Sequence[str]) -> str:
    if len(titles) == 1:
        return titles[0]
    return f"of {counted(len(titles), 'project', 'projects')}"
