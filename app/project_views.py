"""What the tabs show: frozen views made from the workspace, without a widget in sight.

The list of projects is read when the window starts, so what a project's own view needs is imported
with the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.next_step import Action, NextStep, next_step
from core.errors import WorkbenchError
from core.remarks.remark import Remark
from core.sizes import megabytes
from core.workspace.projects import card_of, in_family, titles_of

if TYPE_CHECKING:
    from core.datasets.facts import DatasetFacts
    from core.models.plan import Target
    from core.models.stored import ModelCard
    from core.workspace.store import Artifact, Project, Workspace

_STATES = {"in_progress": "in progress", "failed": "failed"}


@dataclass(frozen=True)
class ProjectRow:
    """A line of the project tree; `title` names an optimized project after its parent.

    `badge` is what it warns of, in a few words, and `why` the whole sentence. `target` is not
    written there, but what the verdict is worth hangs on it.
    """

    id: int
    parent_id: int | None
    name: str
    title: str
    detail: str
    badge: str = ""
    why: str = ""
    target: Target = "this_machine"

    def below_name(self, short: str) -> str:
        """The second line, of whose parts the first ones stay where there is little room.

        `short` is a verdict, which comes first; of a model without a parent it is a speed, and
        what it warns of is worth more.
        """
        warning = self.badge and f"⚠ {self.badge}"
        first = (warning, short) if self.parent_id is None else (short, warning)
        return " · ".join(filter(None, (*first, self.detail)))


@dataclass(frozen=True)
class ProjectView:
    """Everything that the tabs show of the selected project.

    `card` is None while the model is being made or could not be; `parent` and `parent_card` are
    None where the project is not an optimized one. `benchmark` and `report` are the newest of those
    that are about where it is to run: of a host alone it is not this machine. `calibration` are the
    images that it would be calibrated on, `problems` those that the report left out; `not_safe` is
    what the report says of it.
    """

    project: Project
    card: ModelCard | None
    parent: Project | None
    parent_card: ModelCard | None
    dataset: DatasetFacts
    benchmark: Artifact | None
    report: Artifact | None
    child_id: int | None
    next_step: NextStep
    problems: tuple[Remark, ...] = ()
    calibration: Path = Path()
    not_safe: bool = False

    @property
    def optimized(self) -> bool:
        """Whether this is an optimized project."""
        return self.parent is not None

    @property
    def title(self) -> str:
        """The project's name; of an optimized one, after its parent's."""
        return f"{self.parent.name} – {self.project.name}" if self.parent else self.project.name

    @property
    def ready(self) -> bool:
        """Whether its model is there."""
        return self.card is not None

    @property
    def possible(self) -> frozenset[Action]:
        """What can be done with it, whether or not that comes next."""
        if self.card is None:
            return frozenset()
        if self.optimized:
            return frozenset({"benchmark", "compare"})
        if self.card.info.quantized:
            return frozenset({"benchmark"})
        return frozenset({"benchmark", "optimize", "optimize_and_compare"})


def project_rows(workspace: Workspace) -> tuple[ProjectRow, ...]:
    """All projects, parents first."""
    projects = workspace.projects()
    return _rows(workspace, projects, titles_of(projects))


def rows_with(
    workspace: Workspace, rows: tuple[ProjectRow, ...], project_id: int
) -> tuple[ProjectRow, ...]:
    """The same rows after a project, with those below it, was made, changed, deleted or restored.

    The others are not read again.
    """
    projects = workspace.projects_of(project_id)
    old = _with_those_below(rows, project_id)
    names = {row.id: row.name for row in rows} | {one.id: one.name for one in projects}
    new = _rows(
        workspace,
        projects,
        {one.id: in_family(one.name, names.get(one.parent_id or 0)) for one in projects},
    )
    kept = (row for row in rows if row.id not in old)
    return tuple(sorted((*kept, *new), key=lambda row: row.id))


def _with_those_below(rows: tuple[ProjectRow, ...], project_id: int) -> set[int]:
    found = {project_id}
    for row in rows:  # parents come first
        if row.parent_id in found:
            found.add(row.id)
    return found


def _rows(
    workspace: Workspace, projects: tuple[Project, ...], titles: Mapping[int, str]
) -> tuple[ProjectRow, ...]:
    searches = workspace.artifacts_by_project("search")
    return tuple(
        _row(project, titles[project.id], next(iter(searches.get(project.id, ())), None))
        for project in projects
    )


def _row(project: Project, title: str, search: Artifact | None) -> ProjectRow:
    detail, badge, why = _STATES.get(project.state, ""), "", ""
    try:
        card = card_of(project) if project.state == "ready" else None
    except WorkbenchError:
        card, detail = None, "damaged"
    if card is not None:
        detail = f"{card.info.precision} · {megabytes(card.info.size_bytes, 1)}"
        badge, why = _warning(card, search)
    number, above, target = project.id, project.parent_id, project.target
    return ProjectRow(number, above, project.name, title, detail, badge, why, target)


def project_view(workspace: Workspace, project_id: int) -> ProjectView:
    """The view of one project; raises WorkbenchError where it was deleted or is damaged."""
    from core.importing.job import dataset_facts
    from core.optimize.calibration_images import calibration_beside
    from core.scorecard.counting import counting_benchmark, counting_report

    project = workspace.project(project_id)
    card = card_of(project)
    parent = workspace.project(project.parent_id) if project.parent_id is not None else None
    child = workspace.newest_child(project.id)
    benchmark = counting_benchmark(workspace, project)
    report = counting_report(workspace, project)
    dataset = dataset_facts(project.dataset)
    calibration = calibration_beside(dataset.root) or dataset.root
    problems, judged, not_safe = _of_report(report)
    return ProjectView(
        project=project,
        card=card,
        parent=parent,
        parent_card=card_of(parent) if parent else None,
        dataset=dataset,
        benchmark=benchmark,
        report=report,
        calibration=calibration,
        child_id=child.id if child else None,
        next_step=next_step(
            project, card, benchmark, report, child, calibration, judged, not_safe=not_safe
        ),
        problems=problems,
        not_safe=not_safe,
    )


def _of_report(report: Artifact | None) -> tuple[tuple[Remark, ...], Target | None, bool]:
    """Images that it left out, the target that it judges for, and whether it says "not safe"."""
    from core.reports.kinds import result_of
    from core.reports.predictions.kind import PredictionsResult

    try:
        if report is None:
            return (), None, False
        kind, result = result_of(report.folder)
        not_safe = isinstance(result, PredictionsResult) and result.verdict.name == "not_safe"
        return result.problems, kind.target(result), not_safe
    except WorkbenchError:
        return (), None, False  # damaged: the list of reports says so


def _warning(card: ModelCard, search: Artifact | None) -> tuple[str, str]:
    """What ended early: the method Accuracy-aware, or the newest search."""
    if card.outcome is not None:
        from core.wording.ended_early import warned_of_outcome

        return warned_of_outcome(card.outcome)
    record = search.folder / "search.json" if search else None
    try:
        return _of_search(record, record.stat().st_mtime_ns) if record else ("", "")
    except (WorkbenchError, OSError):
        return "", ""  # not begun, or damaged: its page says so


def warning_of(card: ModelCard | None) -> str:
    """What *Accuracy-aware* did not do when it made the model, as a sentence; else empty."""
    if card is None or card.outcome is None:
        return ""
    from core.wording.ended_early import warned_of_outcome

    return warned_of_outcome(card.outcome)[1]


@lru_cache(maxsize=1000)
def _of_search(record: Path, changed: int) -> tuple[str, str]:
    """A search is read again when it has `changed`."""
    from core.wording.ended_early import warned_of_search

    return warned_of_search(record)
