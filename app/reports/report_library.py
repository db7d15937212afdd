"""Frozen views of a project's reports: those that exist, that can be made, and two compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.project_views import ProjectView
from core.errors import WorkbenchError
from core.inference.settings import InferenceSettings
from core.models.plan import Target
from core.reports.kind import ReportHead, ReportKind, ReportResult
from core.reports.kinds import head_of, kind_named, load_state, result_of
from core.reports.service import (
    NO_PARENT,
    Choice,
    choices,
    compare_reports,
    reports_among,
    reports_of,
)
from core.reports.wording import Headline, headline_text
from core.workspace.store import Workspace

if TYPE_CHECKING:
    from core.metrics.matching.thresholds import Thresholds
    from core.reports.versus import Versus
    from core.workspace.store import Artifact


@dataclass(frozen=True)
class KeptReport:
    """A report that exists; `project` is the name of the optimized project that it is of.

    `head` is None where the report cannot be read, and `problem` then says why; `seen` is the
    headline as the user last looked at the report, where thresholds were moved.
    """

    artifact: Artifact
    head: ReportHead | None
    project: str = ""
    problem: str = ""
    seen: Headline | None = None

    @property
    def kind(self) -> ReportKind[Any]:
        """Its kind."""
        return kind_named(self.head.kind if self.head else self.artifact.kind)

    @property
    def headline(self) -> str:
        """Its main figures in words."""
        return headline_text(self.seen or self.head.headline) if self.head else self.problem

    @property
    def title(self) -> str:
        """What a list calls it: the name that the user gave it, if any, and its main figures."""
        name = self.artifact.name
        return f"{name}: {self.headline}" if name else self.headline

    @property
    def file_name(self) -> str:
        """What a file that is made of it might be called, without a suffix."""
        named = self.artifact.name or (self.head.optimized if self.head else "report")
        plain = "".join(c if c.isalnum() or c in "-_." else "-" for c in named)
        return f"{plain}-{self.kind.id}"

    @property
    def dataset(self) -> str:
        """The name of the dataset that it was made on."""
        return self.head.dataset if self.head else ""

    @property
    def ran(self) -> str:
        """How the two that are compared were asked to run, and in what they ran."""
        return self.kind.runs_in_short(self.head) if self.head else ""

    @property
    def created(self) -> str:
        """When it was made, in ISO form."""
        return self.head.created if self.head else self.artifact.created


@dataclass(frozen=True)
class LibraryView:
    """What can be made of the project, and what there is, newest first.

    `device` and `target` are the project's own; `others` are reports of the other projects that
    were made from the same parent.
    """

    project_id: int
    title: str
    dataset: str
    images: int
    annotated: bool
    choices: tuple[Choice, ...]
    device: str
    target: Target
    reports: tuple[KeptReport, ...]
    others: tuple[KeptReport, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether the project has a parent, and both are ready."""
        return any(not one.reason for one in self.choices if one.kind.needs_parent)

    def beside(self, result: ReportResult, kind: str) -> KeptReport | None:
        """The project's newest report of this kind on the same images, run alike."""
        of_kind = (one for one in self.reports if one.head and one.kind.id == kind)
        alike = (one for one in of_kind if _material(_result(one)) == _material(result))
        return next(alike, None)

    def has(self, report: KeptReport) -> bool:
        """Whether the report is there."""
        wanted = report.artifact.id
        return any(one.artifact.id == wanted for one in (*self.reports, *self.others))


@dataclass(frozen=True, eq=False)
class VersusView:
    """Two reports of one kind beside each other."""

    first: KeptReport
    second: KeptReport
    versus: Versus


def require_stored(folder: Path, instead: str) -> None:
    """Raise WorkbenchError where a report was deleted meanwhile; `instead` is what to do then."""
    if not folder.is_dir():
        raise WorkbenchError("That report was deleted.", instead)


class ReportLibrary:
    """Reads which reports there are; a report never changes, so each is read once.

    Safe to use from several threads.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known: dict[tuple[Artifact, str], KeptReport] = {}  # with the project's name

    def view_of(self, project: ProjectView, device: str) -> LibraryView:
        """What there is of a project that runs on `device`, without the others of its parent."""
        dataset = project.dataset
        reports = reports_of(self._workspace, project.project.id)
        return LibraryView(
            project.project.id,
            project.title,
            dataset.name,
            dataset.images,
            dataset.annotated,
            choices(
                dataset.name,
                annotated=dataset.annotated,
                reason=_reason(project),
                no_parent="" if project.optimized else NO_PARENT,
            ),
            device,
            project.project.target,
            self._read(project.project.name, reports),
        )

    def others_of(self, project: ProjectView) -> tuple[KeptReport, ...]:
        """Reports of the other projects of its parent, the newest project first: may be many."""
        if project.parent is None:
            return ()
        stored = self._workspace.artifacts_by_project()
        found: list[KeptReport] = []
        for one in reversed(self._workspace.names()):
            if one.parent_id == project.parent.id and one.id != project.project.id:
                found += self._read(one.name, reports_among(stored.get(one.id, ())))
        return tuple(found)

    def seen(self, view: LibraryView, report: KeptReport, seen: Headline | None) -> LibraryView:
        """The same with this report's headline as the user has looked at it."""
        read = replace(report, seen=seen)
        self._known[report.artifact, report.project] = read

        def again(reports: tuple[KeptReport, ...]) -> tuple[KeptReport, ...]:
            return tuple(read if one.artifact.id == read.artifact.id else one for one in reports)

        return replace(view, reports=again(view.reports), others=again(view.others))

    def _read(self, project: str, reports: Sequence[Artifact]) -> tuple[KeptReport, ...]:
        for one in reports:
            if (one, project) not in self._known:
                self._known.setdefault((one, project), _read(one, project))
        return tuple(self._known[one, project] for one in reports)


def _result(report: KeptReport) -> ReportResult:
    return result_of(report.artifact.folder)[1]


def _material(result: ReportResult) -> tuple[Path, InferenceSettings]:
    return result.dataset_root, result.optimized_executed.settings


def _read(artifact: Artifact, project: str) -> KeptReport:
    try:
        seen = load_state(artifact.folder).headline
        return KeptReport(artifact, head_of(artifact.folder), project, seen=seen)
    except WorkbenchError as error:
        return KeptReport(artifact, None, project, str(error))


def _reason(project: ProjectView) -> str:
    """What stands in the way of every kind."""
    return "" if project.ready else project.next_step.text


def side_by_side(
    first: KeptReport, second: KeptReport, thresholds: Thresholds | None = None
) -> VersusView:
    """Two reports, read and compared; raises as `core.reports.service.compare_reports` does."""
    folders = first.artifact.folder, second.artifact.folder
    for folder in folders:
        require_stored(folder, "Compare another one.")
    return VersusView(first, second, compare_reports(*folders, thresholds)[1])
