"""Choosing one side of a comparison: a project, and one of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.kit.boxes import across
from app.kit.fields import combo
from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.kit.theme import GAP
from app.kit.widgets import button, heading, reserved
from core.wording.project_comparison import run_label
from core.wording.words import letter

if TYPE_CHECKING:
    from core.project_comparison.service import ProjectRun


class RunPicker(QWidget):
    """The letter, the project, the run, and a button to remove it."""

    run_chosen = Sends[int, int]()  # side, place among the runs
    removal_requested = Sends[int]()  # side

    def __init__(self, side: int) -> None:
        super().__init__()
        self._side = side
        self._runs: Sequence[ProjectRun] = ()
        self._projects: list[int] = []
        self._shown: list[int] = []
        self.letter = heading(letter(side), 2)
        self.letter.setFixedWidth(24)
        self.project = combo(f"Project {letter(side)}")
        self.run = combo(f"Run {letter(side)}")
        self.project.activated.connect(self._on_project_chosen)
        self.run.activated.connect(self._on_run_chosen)
        self.remove = reserved(button("Remove", flat=True))
        self.remove.clicked.connect(self._on_remove_clicked)
        across(
            self.letter,
            (self.project, 2),
            (self.run, 3),
            self.remove,
            spacing=GAP,
            margins=0,
            on=self,
        )

    def show_choice(self, runs: Sequence[ProjectRun], chosen: int, *, removable: bool) -> None:
        """Offer these, with that one chosen."""
        self._runs = runs
        titles = {one.project.id: one.title for one in runs}
        self._projects = list(titles)
        project_id = runs[chosen].project.id
        self.project.clear()
        self.project.addItems([displayable(title) for title in titles.values()])
        self.project.setCurrentIndex(self._projects.index(project_id))
        self._shown = self._runs_of(project_id)
        self.run.clear()
        self.run.addItems([run_label(runs[place].speed) for place in self._shown])
        self.run.setCurrentIndex(self._shown.index(chosen))
        self.run.setToolTip(tooltip(run_label(runs[chosen].speed)))
        self.remove.setVisible(removable)

    def _runs_of(self, project_id: int) -> list[int]:
        return [n for n, one in enumerate(self._runs) if one.project.id == project_id]

    def _on_project_chosen(self, number: int) -> None:
        runs = self._runs_of(self._projects[number])
        usual = [n for n in runs if self._runs[n].precision_hint == "default"]
        self.run_chosen.emit(self._side, (usual or runs)[0])

    def _on_run_chosen(self, number: int) -> None:
        self.run_chosen.emit(self._side, self._shown[number])

    def _on_remove_clicked(self) -> None:
        self.removal_requested.emit(self._side)
