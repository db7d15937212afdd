"""The reports of a project: which there are, making, opening, comparing and exporting them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace as replaced
from PySide6.QtCore import QObject, Signal

from app.kit.notice import Notice
from app.kit.signals import Sends
from app.project_views import ProjectView
from app.reports.accuracy_presenter import AccuracyPresenter
from app.reports.predictions_presenter import ReportPresenter
from app.reports.report_library import (
    KeptReport,
    LibraryView,
    TensorView,
    VersusView,
    kinds_of,
    read_tensors,
    side_by_side,
)
from app.workers.computer import Computer
from app.workers.job_queue import JobQueue
from core.errors import WorkbenchError
from core.metrics.matching.thresholds import Thresholds
from core.reports.export_job import ExportFormat, ExportJob
from core.reports.exporting import FORMAT_WORDS, plan_export
from core.reports.kept import ReportHead, ReportKind, ReportState, head_of
from core.reports.service import plan_accuracy, plan_report, plan_tensor_distance
from core.workspace.store import Workspace

if TYPE_CHECKING:
    from core.jobs.planned import JobEnd, PlannedJob
    from core.workspace.store import Artifact, Project

Export = ExportFormat | Literal["pdf"]
TENSOR_IMAGES = 32
ARTIFACTS: dict[str, ReportKind] = {
    "report": "predictions",
    "accuracy": "annotations",
    "tensor-distance": "tensor-distance",
}


class ReportsPresenter(QObject):
    """What the tab of reports shows: the library, or one report, or two beside each other."""

    library_changed = Sends[LibraryView]()
    shown_changed = Sends[KeptReport | None]()  # the report that opens
    opening_failed = Signal()
    tensors_changed = Sends["TensorView"]()
    versus_changed = Sends[VersusView]()
    noticed = Sends[Notice]()

    def __init__(
        self, workspace: Workspace, queue: JobQueue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._queue = queue
        self.predictions = ReportPresenter(workspace, self)
        self.walk = self.predictions.walk
        self.accuracy = AccuracyPresenter(self.walk, self)
        self._computer = Computer(self)
        for part in (self.predictions, self.accuracy, self._computer):
            part.failed.connect(self._on_failed)
        self._heads: dict[int, ReportHead] = {}  # by the artifact's id: a report never changes
        self._library: LibraryView | None = None
        self._open: KeptReport | None = None
        self._versus: VersusView | None = None
        self._exports: dict[int, tuple[Export, Path]] = {}
        queue.job_ended.connect(self._on_job_ended)

    @property
    def library(self) -> LibraryView | None:
        """What there is for the selected project."""
        return self._library

    @property
    def open_report(self) -> KeptReport | None:
        """The report that is shown."""
        return self._open

    def show_project(self, view: ProjectView) -> None:
        """Show this project's newest report, or how to get one; a report that is new opens."""
        before = self._library
        self._library = library = self._library_of(view)
        self.library_changed.emit(library)
        same = before is not None and before.project_id == library.project_id
        known = (
            {one.artifact.id for one in before.reports} if before is not None and same else set()
        )
        fresh = [one for one in library.reports if one.artifact.id not in known]
        if same and self._open is not None and not library.has(self._open):
            self.show_library()
        elif not same or (fresh and before is not None):
            self.open(fresh[0] if fresh else None)

    def show_library(self) -> None:
        """Close what is open: show what there is, and what can be made."""
        self.open(None)

    def open(self, report: KeptReport | None) -> None:
        """Open a report that exists."""
        self._open, self._versus = report, None
        kind = report.head.kind if report else None
        artifact = report.artifact if report else None
        self._computer.drop("tensors")
        self._computer.drop("versus")
        self.walk.show_image(None)
        self.shown_changed.emit(report)
        self.predictions.show_report(artifact if kind == "predictions" else None)
        self.accuracy.show_report(artifact if kind == "annotations" else None)
        if report is not None and kind == "tensor-distance":
            folder = report.artifact.folder
            self._computer.ask("tensors", lambda: read_tensors(folder), self.tensors_changed.emit)

    def start(self, kind: ReportKind, dataset: Path | None, images: int = TENSOR_IMAGES) -> None:
        """Make a report of the selected project, on its own dataset or another."""
        if self._library is None:
            return
        project, plan = self._library.project_id, self._workspace
        try:
            if kind == "predictions":
                job = plan_report(plan, project, dataset)
            elif kind == "annotations":
                job = plan_accuracy(plan, project, dataset)
            else:
                job = plan_tensor_distance(plan, project, dataset, images)
        except WorkbenchError as error:
            self._on_failed(error)
            return
        self._queue.submit(job)

    def compare(self, first: KeptReport, second: KeptReport) -> None:
        """Show two reports of one kind beside each other."""
        self._computer.ask("versus", lambda: side_by_side(first, second), self._on_compared)

    @property
    def score_threshold(self) -> float:
        """Of the report whose images are looked at."""
        if self._versus is not None and self._versus.thresholds is not None:
            return self._versus.thresholds.score
        state = self._state()
        return state.thresholds.score if state.thresholds else Thresholds().score

    def set_score_threshold(self, score: float) -> None:
        """Leave detections below out, in the report that is open, or in both."""
        if self._versus is not None and self._versus.thresholds is not None:
            first, second = self._versus.first, self._versus.second
            moved = replaced(self._versus.thresholds, score=score)
            self._computer.ask(
                "versus", lambda: side_by_side(first, second, moved), self._on_compared
            )
        elif self.predictions.view is not None:
            self.predictions.set_score_threshold(score)
        elif self.accuracy.view is not None:
            self.accuracy.set_score_threshold(score)

    def show_versus_image(self, view: VersusView, row: int) -> None:
        """Look at an image of the second of two reports, from the list of those that changed."""
        if view.images is not None and view.material is not None:
            self.walk.set_material(view.material)
            self.walk.show_image(int(view.images.images[row]), view.images.images)

    def suggested_name(self, wanted: Export) -> str:
        """What an export of the open report might be called."""
        assert self._open is not None
        head = self._open.head
        name = "".join(c if c.isalnum() or c in "-_." else "-" for c in head.optimized)
        suffix = {"html": ".html", "pdf": ".pdf", "json": ".json"}.get(wanted, f"-{wanted}")
        return f"{name}-{head.kind}{suffix}"

    def export(self, wanted: Export, target: Path) -> None:
        """Write the open report, as it is looked at, to a file or folder."""
        if self._open is None:
            return
        state = self._state()
        request = ExportJob(
            report=self._open.artifact.folder,
            format="html" if wanted == "pdf" else wanted,
            thresholds=state.thresholds,
            chosen=state.chosen,
        )
        try:
            if wanted == "pdf":
                from app.reports.pdf.converting import converted

                job = plan_export(self._workspace, request, target, converted)
            else:
                job = plan_export(self._workspace, request, target)
        except WorkbenchError as error:
            self._on_failed(error)
            return
        self._exports[id(job)] = wanted, target
        self._queue.submit(job)

    def close(self) -> None:
        """Write down how reports are looked at, and end the threads."""
        self.predictions.close()
        self.accuracy.close()
        self._computer.close()

    def _state(self) -> ReportState:
        if (view := self.predictions.view) is not None:
            return ReportState(thresholds=view.comparison.thresholds, chosen=view.chosen)
        if (accuracy := self.accuracy.view) is not None:
            return ReportState(thresholds=accuracy.figures.thresholds, chosen=accuracy.chosen)
        return ReportState()

    def _library_of(self, view: ProjectView) -> LibraryView:
        dataset = view.dataset
        return LibraryView(
            view.project.id,
            view.title,
            dataset.name,
            dataset.images,
            dataset.annotated,
            kinds_of(view),
            tuple(self._kept(view.project)),
            tuple(self._kept_of_others(view)),
        )

    def _kept_of_others(self, view: ProjectView) -> list[KeptReport]:
        if view.parent is None:
            return []
        projects = self._workspace.projects()
        others = [
            project
            for project in projects
            if project.parent_id == view.parent.id and project.id != view.project.id
        ]
        return [report for project in reversed(others) for report in self._kept(project)]

    def _kept(self, project: Project) -> list[KeptReport]:
        kept = []
        for artifact in self._workspace.artifacts(project.id):
            if artifact.kind not in ARTIFACTS:
                continue
            if artifact.id not in self._heads:
                try:
                    self._heads[artifact.id] = head_of(artifact.folder)
                except WorkbenchError as error:
                    self._heads[artifact.id] = _damaged(artifact, error)
            kept.append(KeptReport(artifact, self._heads[artifact.id], project.name))
        return kept

    def _on_compared(self, view: VersusView) -> None:
        before, self._versus = self._versus, view
        self.versus_changed.emit(view)
        if before is not None and view.material is not None:  # the score moved
            self.walk.set_material(view.material)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        wanted = self._exports.pop(id(job), None)
        if wanted is not None and end.outcome.state == "succeeded":
            words = "PDF" if wanted[0] == "pdf" else FORMAT_WORDS[wanted[0]]
            self.noticed.emit(Notice(f"Exported as {words}: {wanted[1]}", made=wanted[1]))

    def _on_failed(self, error: WorkbenchError) -> None:
        self.opening_failed.emit()
        self.noticed.emit(Notice(str(error), failed=True))


def _damaged(artifact: Artifact, error: WorkbenchError) -> ReportHead:
    return ReportHead(
        kind=ARTIFACTS[artifact.kind],
        parent="",
        optimized="",
        dataset="",
        created=artifact.created,
        headline=f"Damaged: {error}",
    )
