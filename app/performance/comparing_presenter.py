"""The state of the page that compares projects: which runs are chosen, and what that shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from core.errors import WorkbenchError
from core.workspace.store import Workspace

if TYPE_CHECKING:
    from core.project_comparison.comparing import ProjectComparison
    from core.project_comparison.service import ProjectRun

MOST = 6


@dataclass(frozen=True, eq=False)
class CompareView:
    """What can be compared and what is: `chosen` are places among the experiments.

    `comparison` is None while fewer than two are chosen; `figures` are the rows of its summary.
    """

    experiments: tuple[ProjectRun, ...]
    chosen: tuple[int, ...]
    comparison: ProjectComparison | None
    figures: tuple[tuple[str, tuple[str | int | float | None, ...]], ...]


class ComparePresenter(QObject):
    """Reads the runs of all projects when the page is looked at, and compares the chosen ones."""

    comparison_changed = Sends[CompareView]()
    failed = Sends[WorkbenchError]()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._project_id: int | None = None
        self._experiments: tuple[ProjectRun, ...] = ()
        self._chosen: list[int] = []
        self._view: CompareView | None = None
        self._stale = True
        self._seen = False

    @property
    def view(self) -> CompareView | None:
        """What is shown."""
        return self._view

    def show_project(self, project_id: int) -> None:
        """Another project is selected, or something of it is new."""
        if project_id != self._project_id:
            self._project_id, self._chosen = project_id, []
        self._stale = True
        if self._seen:
            self.refresh()

    def set_seen(self, seen: bool) -> None:
        """Whether the page can be seen: what nobody looks at is not read."""
        self._seen = seen
        if seen and self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Read what there is; what was chosen stays so."""
        from core.project_comparison.service import project_runs, usual_pair

        kept = [self._experiments[place].key for place in self._chosen]
        try:
            self._experiments = project_runs(self._workspace)
            self._stale = False
        except WorkbenchError as error:
            self.failed.emit(error)
            return
        places = {one.key: place for place, one in enumerate(self._experiments)}
        self._chosen = [places[key] for key in kept if key in places]
        if len(self._chosen) < 2 and self._project_id is not None:
            usual = usual_pair(self._experiments, self._project_id)
            self._chosen = [places[one.key] for one in usual]
        self._chosen = self._filled(self._chosen)
        self._tell()

    def choose(self, side: int, experiment: int) -> None:
        """Compare with another run in this place."""
        if 0 <= side < len(self._chosen) and 0 <= experiment < len(self._experiments):
            self._chosen[side] = experiment
            self._tell()

    def add(self) -> None:
        """One more project, one that is not compared yet if there is any."""
        if len(self._chosen) < MOST:
            self._chosen = self._filled(self._chosen, len(self._chosen) + 1)
            self._tell()

    def remove(self, side: int) -> None:
        """One project less; two stay."""
        if len(self._chosen) > 2 and 0 <= side < len(self._chosen):
            del self._chosen[side]
            self._tell()

    def save(self, path: Path) -> None:
        """Write the comparison as what the file's ending says: .html, .csv or .json."""
        if self._view is None or self._view.comparison is None:
            return
        from core.wording.comparison_files import write_comparison

        try:
            write_comparison(self._view.comparison, path)
        except OSError as error:
            self.failed.emit(
                WorkbenchError(f"{path} cannot be written: {error}.", "Choose another folder.")
            )

    def _filled(self, chosen: list[int], wanted: int = 2) -> list[int]:
        """As many as wanted, other projects first."""
        filled = list(chosen)
        compared = {self._experiments[place].project.id for place in filled}
        others = sorted(
            (place for place in range(len(self._experiments)) if place not in filled),
            key=lambda place: self._experiments[place].project.id in compared,
        )
        return filled + others[: max(0, wanted - len(filled))]

    def _tell(self) -> None:
        from core.project_comparison.service import compare_runs
        from core.wording.project_comparison import figures

        comparison = None
        if len(self._chosen) >= 2:
            try:
                comparison = compare_runs(
                    self._workspace, [self._experiments[place] for place in self._chosen]
                )
            except WorkbenchError as error:
                self.failed.emit(error)
        self._view = CompareView(
            experiments=self._experiments,
            chosen=tuple(self._chosen),
            comparison=comparison,
            figures=tuple(figures(comparison)) if comparison else (),
        )
        self.comparison_changed.emit(self._view)
