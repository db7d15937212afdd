"""All jobs of this user: those of this window, and what other processes tell of theirs."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer

from app.jobs.rows import JobRow, Result, other_row, own_row
from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from app.workers.computer import Computer
from core.jobs.planned import JobEnd, PlannedJob
from core.jobs.registry import Ended, OtherJob, ask_to_cancel, others

_SETTLE_MS = 100  # several things happen at once
_LOOK_MS = 1000  # for other processes, while somebody looks at the panel


class JobsPresenter(Presenter):
    """Tells what there is, while it is looked at."""

    rows_changed = Sends[tuple[JobRow, ...]]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._others: tuple[OtherJob, ...] = ()
        self._lost: list[OtherJob] = []  # of processes that were killed
        self._projects: dict[int | None, str] = {}
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._publish)
        # A file for each job: with hundreds the window stood still.
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(self.notices.refuse)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self.queue.job_changed.connect(self._on_changed)
        self.queue.order_changed.connect(self._on_changed)
        self.queue.job_added.connect(self._forget_name)
        self.queue.job_ended.connect(self._forget_name)

    def begin(self) -> None:
        """Somebody looks."""
        self._projects = {}
        self._look.start()
        self._publish()
        self._on_look()

    def end(self) -> None:
        """Nobody looks any more."""
        self._look.stop()
        self._settle.stop()
        self._computer.drop("others")

    def close(self) -> None:
        """End the thread, and wait for it."""
        self.end()
        self._computer.close()

    def cancel(self, row: JobRow) -> None:
        """Ask a job to stop, whoever runs it."""
        if row.number is not None:
            self.queue.cancel(row.number)
        else:
            ask_to_cancel(row.key)

    def move(self, row: JobRow, by: int) -> None:
        """Let a job that waits come earlier (-1) or later (1)."""
        if row.number is not None:
            self.queue.move(row.number, by)

    def open_result(self, result: Result) -> None:
        """Show what a job made."""
        if result.file is not None:
            self.go.open_file.emit(result.file)
        else:
            self.go.show_project.emit(result.project_id)
            self.go.show_tab.emit(result.tab)

    def _on_changed(self) -> None:
        if self._look.isActive() and not self._settle.isActive():
            self._settle.start()

    def _forget_name(self, job: PlannedJob, end: JobEnd | None = None) -> None:
        """It may be a new one, or have another name by now."""
        self._projects.pop(job.project_id, None)

    def _name_all(self, unknown: set[int | None]) -> None:
        """All that there is a job of are read at once; one that was deleted has no name."""
        self._projects |= dict.fromkeys(unknown, "")
        with self._refusals_shown():
            names = self.workspace.names() if unknown - {None} else ()
            self._projects |= {one.id: one.name for one in names if one.id in unknown}

    def _on_look(self) -> None:
        self._computer.ask("others", others, self._on_others)

    def _on_others(self, now: tuple[OtherJob, ...]) -> None:
        there = {job.identity for job in now}
        gone = [one for one in self._others if one.identity not in there]
        self._lost += [_lost(one) for one in gone if one.announced.ended is None]
        self._others = now
        self._publish()

    def _publish(self) -> None:
        jobs = self.queue.all_jobs
        beside = [
            job
            for job in (*self._others, *self._lost)
            if job.announced.workspace == self.workspace.root
        ]
        unknown = {job.planned.project_id for job in jobs}
        unknown |= {job.announced.project_id for job in beside}
        unknown -= self._projects.keys()
        if unknown:
            self._name_all(unknown)
        mine = [own_row(job, self._projects) for job in jobs]
        theirs = [
            other_row(job, self.workspace.root, self._projects)
            for job in (*self._others, *self._lost)
        ]
        rows = (*mine, *theirs)
        going = [row for row in rows if not row.finished]
        going.sort(key=lambda row: row.state == "waiting")  # what runs first, whoever runs it
        self.rows_changed.emit((*going, *(row for row in rows if row.finished)))


def _lost(job: OtherJob) -> OtherJob:
    ended = Ended(state="failed", message="Its process ended without a word.")
    return OtherJob(job.identity, replace(job.announced, progress=None, ended=ended), there=False)
