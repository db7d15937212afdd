"""What the search page shows: a search while it runs, those of before, and their candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from app.workers.queued import QueueState
from core.jobs.events import ArtifactWritten, Event
from core.jobs.planned import JobEnd, PlannedJob
from core.search.candidates import Candidate, SearchState
from core.search.job import SearchJob
from core.search.pareto import at_other_sizes, own_size, pareto_front
from core.search.resuming import search_state
from core.search.service import (
    PlannedSearch,
    plan_open_candidate,
    plan_resumed_search,
    plan_search,
)
from core.search.settings import SearchSettings
from core.text import when
from core.workspace.store import Artifact

P = ParamSpec("P")


@dataclass(frozen=True)
class SearchView:
    """A search as it stands.

    Attributes:
        state: what it found out so far; None before its first record, or without a search.
        front: ids of the candidates at the own input size on their Pareto front.
        front_of_sizes: ids of those at other input sizes on theirs.
        running: whether it is at work, `waiting` whether it is to begin.
        stage: what it does now; `percent` of its time is used up, and `seconds_left`.
        cancelling: it was asked to stop.
        others: the searches of this project, newest first: what they are called, and whether each
            is the one that is shown.
    """

    state: SearchState | None = None
    front: frozenset[str] = frozenset()
    front_of_sizes: frozenset[str] = frozenset()
    running: bool = False
    waiting: bool = False
    stage: str = ""
    percent: int = 0
    seconds_left: float | None = None
    cancelling: bool = False
    others: tuple[tuple[str, bool], ...] = ()

    @property
    def fronts(self) -> frozenset[str]:
        """Ids of the candidates on either front."""
        return self.front | self.front_of_sizes

    @property
    def busy(self) -> bool:
        """Whether it runs or is about to."""
        return self.running or self.waiting


class SearchPresenter(Presenter):
    """Starts, follows and resumes searches on the shown project."""

    search_changed = Sends[SearchView]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._project_id: int | None = None
        self._shown = 0  # of the searches, newest first
        self._state: SearchState | None = None
        self._artifacts: tuple[Artifact, ...] = ()
        self.queue.event_received.connect(self._on_event_received)
        self.queue.state_changed.connect(self._on_queue_changed)
        self.queue.job_ended.connect(self._on_job_ended)

    def show_project(self, project_id: int | None) -> None:
        """Show the newest search of this project, which is to be optimized."""
        if project_id != self._project_id:
            self._shown = 0
        self._project_id = project_id
        self._read()

    def show_search(self, number: int) -> None:
        """Show another search of the project."""
        self._shown = number
        self._read()

    def start(self, images: Path, settings: SearchSettings, machine: str | None = None) -> None:
        """Search anew; plans are made on the workers of that machine, or here."""
        project_id = self._project_id
        if project_id is not None:
            self._shown = 0
            self._start(plan_search, self.workspace, project_id, images, settings, machine)

    def resume(self, minutes: float, machine: str | None = None) -> None:
        """Resume the shown search for so many minutes."""
        artifact = self._artifact
        if artifact is not None:
            self._start(plan_resumed_search, self.workspace, artifact, minutes, machine)

    def cancel(self) -> None:
        """Stop the search that runs; what it found stays."""
        if self._running is not None:
            self.queue.cancel_current()

    def open_candidate(self, identity: str) -> None:
        """Make a candidate a project of its own."""
        artifact = self._artifact
        if artifact is not None:
            self._start(plan_open_candidate, self.workspace, artifact, identity)

    # Inside

    def _start(self, plan: Callable[P, PlannedJob], *given: P.args, **named: P.kwargs) -> None:
        self.queue.start(plan, *given, **named)
        self._read()

    @property
    def _artifact(self) -> Artifact | None:
        return self._artifacts[self._shown] if self._shown < len(self._artifacts) else None

    @property
    def _running(self) -> PlannedSearch | None:
        """The search that runs, if it is the shown one."""
        job = self.queue.current
        return job if isinstance(job, PlannedSearch) and self._is_shown(job) else None

    def _is_shown(self, job: PlannedSearch) -> bool:
        artifact = self._artifact
        return artifact is not None and artifact.folder == job.folder

    def _read(self) -> None:
        """Read the shown search's record anew: it is small."""
        with self._refusals_shown():
            self._artifacts = ()
            if self._project_id is not None:
                self._artifacts = self.workspace.artifacts(self._project_id, "search")
            artifact = self._artifact
            self._state = search_state(artifact.folder) if artifact is not None else None
            self._show(self.queue.state)

    def _show(self, queue: QueueState) -> None:
        running = self._running is not None
        progress = queue.progress if running else None
        waiting = any(
            isinstance(job, PlannedSearch) and self._is_shown(job)
            for job in self.queue.jobs
            if job is not self.queue.current
        )
        state = self._state
        known = state.candidates if state else ()
        self.search_changed.emit(
            SearchView(
                state=state,
                front=_ids(pareto_front(own_size(known))),
                front_of_sizes=_ids(pareto_front(at_other_sizes(known))),
                running=running,
                waiting=waiting,
                stage=progress.stage if progress else "",
                percent=progress.done if progress and not progress.counted else 0,
                seconds_left=progress.seconds_left if progress else None,
                cancelling=queue.cancelling and running,
                others=tuple(
                    (when(one.created), place == self._shown)
                    for place, one in enumerate(self._artifacts)
                ),
            )
        )

    def _on_event_received(self, event: Event) -> None:
        if isinstance(event, ArtifactWritten) and event.kind == "search" and self._running:
            self._read()

    def _on_queue_changed(self, state: QueueState) -> None:
        if self._project_id is not None and (self._running is not None or not state.title):
            self._show(state)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        if isinstance(job.job, SearchJob) and job.project_id == self._project_id:
            self._read()


def _ids(candidates: Iterable[Candidate]) -> frozenset[str]:
    return frozenset(one.id for one in candidates)


def placed(state: SearchState | None) -> list[Candidate]:
    """The candidates that have a place in the chart."""
    candidates = state.candidates if state is not None else ()
    return [one for one in candidates if one.speed is not None and one.accuracy_kept is not None]


def marks(state: SearchState) -> dict[str, str]:
    """What is written at which candidate."""
    found = {"parent-f32": "parent f32", "parent-default": "parent default"}
    plans = (one for one in state.candidates if one.plan is not None)
    default = min(plans, key=lambda one: one.number, default=None)
    if default is not None:
        found[default.id] = "default INT8"
    chosen, best = state.choice.recommended, state.choice.best_int8
    if chosen:
        known = found.get(chosen)
        found[chosen] = f"recommended: {known}" if known else "recommended"
    if best:
        found.setdefault(best, "best INT8")
    return found
