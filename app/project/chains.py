"""Chains of jobs: each next one is planned when the one before has succeeded."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from app.project.presenting import Presenter, Surroundings
from core.errors import WorkbenchError
from core.jobs.planned import JobEnd, Made, Part, PlannedJob


@dataclass(frozen=True)
class ChainState:
    """How far a chain is; `stopped` says why it went no further, empty while it goes on.

    `parent_id` is the project that it began with, `project_id` the one that it makes.
    """

    part: Part
    project_id: int
    parent_id: int | None
    stopped: str = ""

    @property
    def title(self) -> str:
        """Of the part that it is at."""
        return self.part.titles[self.part.number]


class Chains(Presenter):
    """Plans what comes next; what fails, or is cancelled, ends the chain."""

    changed = Signal()  # what runs or waits for a project, or how far a chain is

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._states: dict[int, ChainState] = {}  # by the project that is made, the newest last
        self.queue.job_ended.connect(self._on_job_ended)

    def of(self, project_id: int) -> ChainState | None:
        """The chain that a project is made by; of a parent, the newest that began with it."""
        if project_id in self._states:
            return self._states[project_id]
        begun = [one for one in self._states.values() if one.parent_id == project_id]
        return begun[-1] if begun else None

    def coming(self, project_id: int) -> frozenset[Made]:
        """What is going to be made for a project: by jobs that run or wait, and after them."""
        own = {job.makes for job in self.queue.jobs if job.project_id == project_id}
        state = self._states.get(project_id)
        goes_on = state is not None and not state.stopped
        return frozenset(own | {"benchmark", "report"} if goes_on else own)

    def note(self, job: PlannedJob) -> None:
        """A job was added."""
        if job.part is not None and job.project_id is not None:
            with self._refusals_shown():
                parent = self.workspace.project(job.project_id).parent_id
                self._forget(job.project_id, parent)
                self._states[job.project_id] = ChainState(job.part, job.project_id, parent)
        self.changed.emit()

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        project_id = job.project_id
        if project_id is not None:
            if job.part is not None:
                self._continue(project_id, job.part, end)
            elif end.outcome.state == "succeeded":  # it was done by a job of its own
                self._states.pop(project_id, None)
        self.changed.emit()

    def _continue(self, project_id: int, part: Part, end: JobEnd) -> None:
        if end.outcome.error is not None:
            self._stop(project_id, str(end.outcome.error))
        elif end.outcome.state != "succeeded" or end.project_id is None:
            self._stop(project_id, "cancelled")
        elif part.last:
            self._states.pop(project_id, None)
        else:
            try:
                following = part.then(end.project_id)
            except WorkbenchError as error:
                self.notices.refuse(error)
                self._stop(project_id, str(error))
                return
            if following is None:
                self._stop(project_id, "cancelled")
            else:
                self.queue.submit(following)

    def _stop(self, project_id: int, why: str) -> None:
        state = self._states.get(project_id)
        if state is not None:
            self._states[project_id] = replace(state, stopped=why)

    def _forget(self, project_id: int, parent_id: int | None) -> None:
        """What was stopped before is of no interest once something new goes on."""
        for one in list(self._states.values()):
            same = one.project_id == project_id or one.parent_id == parent_id
            if one.stopped and same:
                del self._states[one.project_id]
        self._states.pop(project_id, None)
