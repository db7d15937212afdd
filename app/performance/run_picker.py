"""Choosing one side of a comparison: a project, and one of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import button, heading
from core.wording.project_comparison import run_label

if TYPE_CHECKING:
    from core.project_comparison.service import ProjectRun


class RunPicker(QWidget):
    """The letter, the project, the run, and a button to leave it out."""

    experiment_chosen = Sends[int, int]()  # side, place among the experiments
    removal_requested = Sends[int]()  # side

    def __init__(self, side: int) -> None:
        super().__init__()
        self._side = side
        self._experiments: Sequence[ProjectRun] = ()
        self._projects: list[int] = []
        self._runs: list[int] = []
        letter = chr(ord("A") + side)
        self.letter = heading(letter, 2)
        self.letter.setFixedWidth(24)
        self.project, self.run = QComboBox(), QComboBox()
        for choice, name in ((self.project, "Project"), (self.run, "Run")):
            choice.setMinimumHeight(FIELD_HEIGHT)
            choice.setAccessibleName(f"{name} {letter}")
            choice.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.project.activated.connect(self._on_project_chosen)
        self.run.activated.connect(self._on_run_chosen)
        self.leave_out = button("Leave out", flat=True)
        self.leave_out.clicked.connect(self._on_leave_out_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.letter)
        row.addWidget(self.project, 2)
        row.addWidget(self.run, 3)
        row.addWidget(self.leave_out)

    def show_choice(
        self, experiments: Sequence[ProjectRun], chosen: int, *, removable: bool
    ) -> None:
        """Offer these, with that one chosen."""
        self._experiments = experiments
        titles = {one.project.id: one.title for one in experiments}
        self._projects = list(titles)
        project_id = experiments[chosen].project.id
        self.project.clear()
        self.project.addItems([displayable(title) for title in titles.values()])
        self.project.setCurrentIndex(self._projects.index(project_id))
        self._runs = self._runs_of(project_id)
        self.run.clear()
        self.run.addItems([run_label(experiments[place].speed) for place in self._runs])
        self.run.setCurrentIndex(self._runs.index(chosen))
        self.run.setToolTip(tooltip(run_label(experiments[chosen].speed)))
        self.leave_out.setVisible(removable)

    def _runs_of(self, project_id: int) -> list[int]:
        return [n for n, one in enumerate(self._experiments) if one.project.id == project_id]

    def _on_project_chosen(self, number: int) -> None:
        runs = self._runs_of(self._projects[number])
        usual = [n for n in runs if self._experiments[n].precision_hint == "default"]
        self.experiment_chosen.emit(self._side, (usual or runs)[0])

    def _on_run_chosen(self, number: int) -> None:
        self.experiment_chosen.emit(self._side, self._runs[number])

    def _on_leave_out_clicked(self) -> None:
        self.removal_requested.emit(self._side)
