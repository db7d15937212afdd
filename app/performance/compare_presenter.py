"""The state of the page that compares projects: which runs are chosen, and what that shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from app.workers.computer import Computer
from core.errors import WorkbenchError

if TYPE_CHECKING:
    from core.project_comparison.comparing import ProjectComparison
    from core.project_comparison.service import ProjectRun

MOST = 6


@dataclass(frozen=True, eq=False)
class CompareView:
    """What can be compared and what is: `chosen` are places among the runs.

    `comparison` is None while fewer than two are chosen.
    """

    runs: tuple[ProjectRun, ...]
    chosen: tuple[int, ...]
    comparison: ProjectComparison | None


class ComparePresenter(Presenter):
    """Reads the runs of all projects when the page is looked at, and compares the chosen ones."""

    comparison_changed = Sends[CompareView]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._project_id: int | None = None
        self._runs: tuple[ProjectRun, ...] = ()
        self._chosen: list[int] = []
        self._view: CompareView | None = None
        self._wanted: tuple[int, ...] = ()  # projects that are to be compared
        self._stale = True
        self._seen = False
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(self._on_failed)

    @property
    def view(self) -> CompareView | None:
        """What is shown."""
        return self._view

    def show_project(self, project_id: int) -> None:
        """Another project is selected, or something of it is new."""
        if project_id != self._project_id:
            self._project_id, self._chosen, self._wanted = project_id, [], ()
            self._computer.drop("compare")
        self._stale = True
        if self._seen:
            self.refresh()

    def set_seen(self, seen: bool) -> None:
        """Whether the page can be seen: what nobody looks at is not read."""
        self._seen = seen
        if seen and self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Read what there is, in a thread: a file for each benchmark. What was chosen stays so."""
        from core.project_comparison.service import project_runs

        self._stale = False
        self._computer.ask("runs", lambda: project_runs(self.workspace), self._on_read)

    def compare_projects(self, project_ids: tuple[int, ...]) -> None:
        """Compare these projects, by runs of one benchmark where there are any."""
        self._wanted = project_ids
        self.refresh()

    def _on_failed(self, error: WorkbenchError) -> None:
        self._stale = True
        self.notices.refuse(error)
        self._publish(None)

    def _on_read(self, runs: tuple[ProjectRun, ...]) -> None:
        from core.project_comparison.service import usual_pair, usual_runs

        chosen = [self._runs[place].key for place in self._chosen]
        self._runs = runs
        places = {one.key: place for place, one in enumerate(self._runs)}
        self._chosen = [places[key] for key in chosen if key in places]
        if len(self._chosen) < 2 and self._project_id is not None:
            usual = usual_pair(self._runs, self._project_id)
            self._chosen = [places[one.key] for one in usual]
        self._chosen = self._filled(self._chosen)
        wanted, self._wanted = self._wanted, ()
        asked = [places[one.key] for one in usual_runs(self._runs, wanted)]
        if len(asked) >= 2:
            self._chosen = asked
        self._show()

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._computer.close()

    def choose(self, side: int, run: int) -> None:
        """Compare with another run in this place."""
        if 0 <= side < len(self._chosen) and 0 <= run < len(self._runs):
            self._chosen[side] = run
            self._show()

    def add(self) -> None:
        """One more run, of a project that is not compared yet if there is any."""
        if len(self._chosen) < MOST:
            self._chosen = self._filled(self._chosen, len(self._chosen) + 1)
            self._show()

    def remove(self, side: int) -> None:
        """One run less; two stay."""
        if len(self._chosen) > 2 and 0 <= side < len(self._chosen):
            del self._chosen[side]
            self._show()

    def save(self, path: Path) -> None:
        """Write the comparison as what the file's ending says: .html, .csv or .json."""
        if self._view is None or self._view.comparison is None:
            return
        from core.wording.comparison_files import write_comparison

        with self._writing(path):
            write_comparison(self._view.comparison, path)

    def _filled(self, chosen: list[int], wanted: int = 2) -> list[int]:
        """As many as wanted, other projects first."""
        filled = list(chosen)
        compared = {self._runs[place].project.id for place in filled}
        others = sorted(
            (place for place in range(len(self._runs)) if place not in filled),
            key=lambda place: self._runs[place].project.id in compared,
        )
        return filled + others[: max(0, wanted - len(filled))]

    def _show(self) -> None:
        """Compare what is chosen, in the thread: reports and profiles are read for it."""
        from core.project_comparison.service import compare_runs

        runs = [self._runs[place] for place in self._chosen]
        if len(runs) >= 2:
            self._computer.ask("compare", lambda: compare_runs(self.workspace, runs), self._publish)
        else:
            self._computer.drop("compare")
            self._publish(None)

    def _publish(self, comparison: ProjectComparison | None) -> None:
        self._view = CompareView(self._runs, tuple(self._chosen), comparison)
        self.comparison_changed.emit(self._view)
