"""The state of the page on speed: which runs are shown, and which of them are selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.notice import Notice
from app.kit.signals import Sends
from app.kit.text import shortened
from app.project.presenting import Presenter, Surroundings
from app.project_views import ProjectView
from core.benchmark.service import (
    StoredRun,
    latencies_ms,
    plan_benchmark,
    plan_resume,
    runs_elsewhere,
    stored_runs,
)
from core.errors import WorkbenchError
from core.workspace.projects import title_of, titles_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.benchmark.result import BenchmarkResult
    from core.benchmark.settings import BenchmarkSettings
    from core.workspace.store import Artifact

Key = tuple[int, int]


@dataclass(frozen=True)
class BenchmarkRequest:
    """What is to be measured: projects that take turns, the shown one among them, and how."""

    projects: tuple[int, ...]
    settings: BenchmarkSettings


@dataclass(frozen=True, eq=False)
class SpeedView:
    """What the page shows.

    `shown` is the benchmark in focus and `result` what it measured: that of the selected runs, or
    the project's newest; None while there is none. `runs` are those of the chosen projects,
    which `chosen` gives the titles of. `stored_at` is the title of the project that the benchmark
    in focus belongs to, where that is not the shown one.
    """

    project: ProjectView
    chosen: Mapping[int, str]
    runs: tuple[StoredRun, ...]
    shown: Artifact | None
    result: BenchmarkResult | None
    selected: tuple[Key, ...]
    stored_at: str = ""

    @property
    def shown_runs(self) -> tuple[StoredRun, ...]:
        """The runs of the benchmark in focus."""
        return tuple(one for one in self.runs if one.artifact == self.shown)

    @property
    def selected_runs(self) -> tuple[StoredRun, ...]:
        """The runs that are selected."""
        return tuple(one for one in self.runs if one.key in self.selected)


class SpeedPresenter(Presenter):
    """Reads the stored benchmarks of the chosen projects, and starts new ones."""

    view_changed = Sends[SpeedView]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self.run_on: str | None = None  # the host that benchmarks are made on
        self._project: ProjectView | None = None
        self._chosen: frozenset[int] = frozenset()
        self._selected: tuple[Key, ...] = ()
        self._runs: tuple[StoredRun, ...] = ()
        self._elsewhere: int | None = None  # a benchmark of the shown project, stored at another
        self._samples: dict[Key, NDArray[np.float32]] = {}
        self._noticed: set[str] = set()  # a damaged benchmark is named once

    def show_project(self, project: ProjectView) -> None:
        """Show this project's runs; of another than before, with its parent's alone."""
        before = self._project
        if before is None or before.project.id != project.project.id:
            family = (project.project.id, project.project.parent_id)
            self._chosen = frozenset(one for one in family if one is not None)
            self._selected = ()
        self._project = project
        self._read()

    def choose_projects(self, chosen: Sequence[int]) -> None:
        """Show the runs of these projects."""
        self._chosen = frozenset(chosen)
        self._read()

    def choices(self) -> dict[object, str]:
        """The titles of all projects whose runs can be shown."""
        with self._refusals_shown():
            projects = self.workspace.projects()
            titles = titles_of(projects)
            return {one.id: titles[one.id] for one in projects if one.state == "ready"}
        return {}

    def select(self, keys: Sequence[Key]) -> None:
        """Select runs, wherever they were clicked."""
        if tuple(keys) != self._selected:
            self._selected = tuple(keys)
            self._show()

    def run_benchmark(self, asked: BenchmarkRequest) -> None:
        """Benchmark the shown project."""
        if self._project is not None:
            asked_for = self._project.project.id, asked.settings, asked.projects
            self.queue.start(plan_benchmark, self.workspace, *asked_for, run_on=self.run_on)

    def resume(self) -> None:
        """Measure what the benchmark in focus had not measured yet."""
        shown = self._in_focus()
        if shown is not None:
            self.queue.start(plan_resume, self.workspace, shown.artifact)

    def delete(self) -> None:
        """Move the benchmark in focus, with all its runs, to the trash."""
        shown = self._in_focus()
        if shown is None:
            return
        with self._refusals_shown():
            number = self.workspace.trash.add_artifact(shown.artifact)
            project = self.workspace.project(shown.artifact.project_id)
            title = shortened(title_of(self.workspace, project))
            self.notices.post(Notice(f"Deleted a benchmark of {title}.", undo=number))
        self._selected = ()
        self._read()
        self.go.refresh.emit()

    def latencies_ms(self, stored: StoredRun) -> NDArray[np.float32] | None:
        """Every inference of a run; None where they cannot be read."""
        if stored.key not in self._samples:
            try:
                self._samples[stored.key] = latencies_ms(stored)
            except WorkbenchError:
                return None
        return self._samples[stored.key]

    def _read(self) -> None:
        try:
            self._runs, problems = self._stored()
        except WorkbenchError as error:
            self._runs, problems = (), (str(error),)
        for problem in problems:
            if problem not in self._noticed:
                self.notices.refuse(WorkbenchError(problem))
        self._noticed.update(problems)
        known = {one.key for one in self._runs}
        self._selected = tuple(key for key in self._selected if key in known)
        self._show()

    def _stored(self) -> tuple[tuple[StoredRun, ...], tuple[str, ...]]:
        """The runs of the chosen projects; of a parent without any, where its child has them."""
        runs, problems = stored_runs(self.workspace, sorted(self._chosen))
        shown = None if self._project is None else self._project.project.id
        self._elsewhere = None
        if shown is None or any(one.artifact.project_id == shown for one in runs):
            return runs, problems
        more = runs_elsewhere(self.workspace, shown) if shown in self._chosen else ()
        if more:
            self._elsewhere = more[0].artifact.id
        listed = {one.artifact.id for one in runs}
        return (*runs, *(one for one in more if one.artifact.id not in listed)), problems

    def _show(self) -> None:
        if self._project is None:
            return
        shown = self._in_focus()
        self.view_changed.emit(
            SpeedView(
                project=self._project,
                chosen=self._titles(),
                runs=self._runs,
                shown=shown.artifact if shown is not None else None,
                result=shown.result if shown is not None else None,
                selected=self._selected,
                stored_at=self._stored_at(shown),
            )
        )

    def _in_focus(self) -> StoredRun | None:
        """A run of the benchmark in focus."""
        if self._project is None:
            return None
        selected = [one for one in self._runs if one.key in self._selected]
        own = [
            one
            for one in self._runs
            if one.artifact.project_id == self._project.project.id
            or one.artifact.id == self._elsewhere
        ]
        return next(iter([*selected, *own, *self._runs]), None)

    def _stored_at(self, shown: StoredRun | None) -> str:
        owner = None if shown is None else shown.artifact.project_id
        if owner is None or self._project is None or owner == self._project.project.id:
            return ""
        with suppress(WorkbenchError):  # deleted meanwhile
            return title_of(self.workspace, self.workspace.project(owner))
        return ""

    def _titles(self) -> dict[int, str]:
        """Of the chosen projects that are there and ready."""
        found = {}
        for number in sorted(self._chosen):
            with suppress(WorkbenchError):  # deleted meanwhile
                project = self.workspace.project(number)
                if project.state == "ready":
                    found[number] = title_of(self.workspace, project)
        return found
