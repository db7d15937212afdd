"""Which projects there are, which one is selected, and what became of the jobs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notice, cut_off, deleted_elsewhere
from app.kit.signals import Sends
from app.project.navigation import Tab
from app.project.presenting import Presenter, Surroundings
from app.project_views import ProjectRow, ProjectView, project_rows, project_view, rows_with
from core.jobs.events import Event, LogLine
from core.jobs.planned import JobEnd, Made, PlannedJob, log_of
from core.workspace.projects import card_of

if TYPE_CHECKING:
    from app.shell.following import Found
    from app.workers.job_thread import JobThread
    from core.sample import Sample

_SHOWN_AFTERWARDS: tuple[Made, ...] = ("model", "optimized model", "projects")
_BEFORE_A_CHAIN_ENDS: tuple[Tab, ...] = ("project", "optimize")  # on others something is looked at


class Session(Presenter):
    """Shows the projects, and tells what changed."""

    projects_changed = Sends[tuple[ProjectRow, ...]]()
    project_shown = Sends[ProjectView | None]()
    results_changed = Sends[()]()  # results, and what is in the trash; also where they may have
    reading_wanted = Sends[()]()  # of the whole workspace, beside the window

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._last_log: Path | None = None
        self._rows: tuple[ProjectRow, ...] = ()
        self._selected: int | None = None
        self._copying: JobThread | None = None
        self._shown: ProjectView | None = None
        self._tab: Tab = "project"  # in front
        self._asked_at: dict[int, tuple[int | None, Tab]] = {}  # by job: what was looked at then
        self._results: tuple[tuple[int, str], ...] = ()
        self._names: dict[int, str] = {}  # of all projects, when one was last shown
        self.go.show_project.connect(self.show_project)
        self.go.refresh.connect(self.refresh)
        self.queue.job_added.connect(self._on_job_added)
        self.queue.job_ended.connect(self._on_job_ended)
        self.queue.event_received.connect(self._on_event_received)

    @property
    def log(self) -> Path:
        """What the running job writes, or the last one wrote; the folder of logs before any."""
        current = self.queue.current
        if current is not None:
            return log_of(self.workspace, current) or self.workspace.logs
        return self._last_log or self.workspace.logs

    @property
    def rows(self) -> tuple[ProjectRow, ...]:
        """All projects, as they are listed."""
        return self._rows

    @property
    def selected(self) -> int | None:
        """Id of the selected project."""
        return self._selected

    def start(self) -> None:
        """Show what the workspace holds, and what was cut off the last time.

        One that cannot be changed says so, before somebody does work in vain.
        """
        if self.workspace.only_for_looking:
            self.notices.post(Notice(self.workspace.only_for_looking))
        for sentence in self.workspace.interrupted:
            self.notices.post(cut_off(sentence))
        with self._refusals_shown():
            self._rows = project_rows(self.workspace)
            self.projects_changed.emit(self._rows)
            self._show()

    def refresh(self) -> None:
        """Read the workspace anew; another window may have changed it."""
        with self._refusals_shown():
            self._read_rows(self._selected)
            self._show()
        self.results_changed.emit()  # in the files, perhaps
        self.reading_wanted.emit()

    def take(self, found: Found) -> None:
        """Show what another process changed, if it is not shown yet."""
        if found.rows != self._rows:
            self._rows = found.rows
            self.projects_changed.emit(found.rows)
        view = found.view
        if self._selected is not None and (view is None or view.project.id != self._selected):
            with self._refusals_shown():
                self._show()  # it is gone, or another one was selected meanwhile
        elif self._note(found.results) or view != self._shown:
            self._shown = view
            self.project_shown.emit(view)

    def select_project(self, project_id: int | None) -> None:
        """Show this project, or the start page."""
        if project_id != self._selected:
            self._selected = project_id
            with self._refusals_shown():
                if project_id is not None and not self._is_listed(project_id):
                    self._read_rows(project_id)  # made elsewhere just now
                self.project_shown.emit(self._view())

    def look_at(self, tab: Tab) -> None:
        """This tab is in front: what ends meanwhile takes nobody from another one."""
        self._tab = tab

    def show_project(self, project_id: int | None) -> None:
        """The same, of a project that was made or changed just now."""
        self.show_changed(project_id, project_id)

    def show_changed(self, changed: int | None, project_id: int | None) -> None:
        """The same, after that project was made, changed, deleted or restored."""
        self._selected = project_id
        with self._refusals_shown():
            self._read_rows(changed)
            self._show()

    def open_sample(self) -> None:
        """Show the sample project, making it if it is not there yet."""
        from app.workers.job_thread import JobThread
        from core.sample import copied_sample, sample_in

        ours = sample_in(self.workspace.sample)
        with self._refusals_shown():
            for project in self.workspace.projects():
                card = card_of(project) if project.parent_id is None else None
                if card is not None and card.source == ours.model:
                    self.select_project(project.id)
                    return
        if self._copying is None:
            folder = self.workspace.sample
            self._copying = JobThread(lambda on_event, cancel: copied_sample(folder), self)
            self._copying.succeeded.connect(self._on_sample_copied)
            self._copying.failed.connect(self.notices.refuse)
            self._copying.finished.connect(self._on_copying_ended)
            self._copying.start()

    def close(self) -> None:
        """Wait for what works in the background."""
        if self._copying is not None:
            self._copying.wait()

    def rename_project(self, project_id: int, name: str) -> None:
        """Give a project another name."""
        with self._refusals_shown():
            self.workspace.rename_project(project_id, name)
            self._read_rows(project_id)
            self._show()

    def _is_listed(self, project_id: int | None) -> bool:
        return any(row.id == project_id for row in self._rows)

    def _read_rows(self, *changed: int | None) -> None:
        """Read these projects anew, with those below them; the others are not."""
        rows = self._rows
        for number in {one for one in changed if one is not None}:
            rows = rows_with(self.workspace, rows, number)
        if rows != self._rows:
            self._rows = rows
            self.projects_changed.emit(rows)

    def _show(self) -> None:
        """Read the selected project anew, and show it; the start page where it is gone."""
        if self._selected is not None and not self._is_listed(self._selected):
            self._report_loss(self._selected)
            self._selected = None
        self._names = {row.id: row.title for row in self._rows}
        results = self.workspace.results()
        self.project_shown.emit(self._view())
        self._note(results)

    def _note(self, results: tuple[tuple[int, str], ...]) -> bool:
        """Whether these are others than before; whoever reads them is told."""
        before, self._results = self._results, results
        if before != results:
            self.results_changed.emit()
        return before != results

    def _report_loss(self, gone: int) -> None:
        if gone in self._names:
            self.notices.post(deleted_elsewhere(self._names[gone]))

    def _view(self) -> ProjectView | None:
        selected = self._selected
        self._shown = None if selected is None else project_view(self.workspace, selected)
        return self._shown

    def _on_sample_copied(self, ours: Sample) -> None:
        from core.importing.service import plan_import

        name = "Sample project"
        self.queue.start(plan_import, self.workspace, ours.model, ours.validation, name=name)

    def _on_copying_ended(self) -> None:
        if self._copying is not None:
            self._copying.deleteLater()
            self._copying = None

    def _on_event_received(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self.notices.post(Notice(event.text))

    def _on_job_added(self, job: PlannedJob) -> None:
        """An optimized project appears at once, in progress."""
        self._asked_at[id(job)] = self._selected, self._tab
        if job.project_id is not None and not self._is_listed(job.project_id):
            with self._refusals_shown():
                self._read_rows(job.project_id)
                self._show()

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        self._last_log = end.outcome.log
        asked_at, tab = self._asked_at.pop(id(job), (self._selected, self._tab))
        if end.outcome.error is not None:
            sentence = f"{job.title}: {end.outcome.error}"
            self.notices.post(Notice(sentence, failed=True, log=end.outcome.log))
        stayed = self._selected in (asked_at, job.project_id)
        if stayed and end.project_id is not None and job.makes in _SHOWN_AFTERWARDS:
            self._selected = end.project_id
        parents = {row.id: row.parent_id for row in self._rows}
        with self._refusals_shown():
            self._read_rows(job.project_id, end.project_id)
            if self._selected == job.project_id and not self._is_listed(self._selected):
                self._selected = parents.get(job.project_id or 0)  # it was not made in the end
            self._show()
        shown = end.project_id is not None and end.project_id == self._selected
        if shown and job.shown and job.makes == "report":
            if job.part is not None and self._tab in _BEFORE_A_CHAIN_ENDS:
                self.go.show_tab.emit("project")  # a chain ends on the scorecard
            elif job.part is None and self._tab == tab:
                self.go.show_tab.emit("report")
        elif shown and job.shown and job.makes == "model":  # a new project has nothing else yet
            self.go.show_tab.emit("project")
