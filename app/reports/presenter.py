"""The reports of a project: which there are, making, opening, comparing and exporting them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace as changed
from PySide6.QtCore import QObject, Signal

from app.kit.notice import Notice, deleted_elsewhere
from app.kit.signals import Sends
from app.project.presenting import Presenter, Surroundings
from app.project_views import ProjectView
from app.reports.keeping import ReportKeeping
from app.reports.kind_presenter import KindPresenter
from app.reports.pages import PAGES
from app.reports.report_library import (
    KeptReport,
    LibraryView,
    ReportLibrary,
    VersusView,
    require_stored,
    side_by_side,
)
from app.reports.walking import ImageWalk
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.inference.settings import InferenceSettings
from core.metrics.matching.thresholds import Thresholds
from core.reports.export import FORMATS, FormatName, export_of, formats_of, plan_export
from core.reports.kind import ReportOptions, ViewState
from core.reports.kinds import kind_named, load_state, result_of, save_state
from core.reports.service import plan_report

if TYPE_CHECKING:
    from core.jobs.planned import JobEnd, PlannedJob

Export = FormatName | Literal["pdf"]
PREDICTIONS = "predictions"


class ReportsPresenter(Presenter):
    """What the tab of reports shows: the library, or one report, or two beside each other."""

    library_changed = Sends[LibraryView]()
    shown_changed = Sends[KeptReport | None]()  # the report that opens, None for none
    opening_failed = Signal()
    versus_changed = Sends[VersusView]()

    def __init__(self, around: Surroundings, parent: QObject | None = None) -> None:
        super().__init__(around, parent)
        self._reports = ReportLibrary(self.workspace)
        self.keeping = ReportKeeping(around, self)
        self.walk = ImageWalk(self)
        self._computer = Computer(self, reads=True)
        self._computer.failed.connect(self._on_failed)
        self._kinds: dict[str, KindPresenter] = {}  # by the kind's id, made when needed
        self._library: LibraryView | None = None
        self._newest = 0  # of the project's reports ever seen: what is restored is not new
        self._open: KeptReport | None = None
        self._versus: VersusView | None = None
        self._looking: KeptReport | None = None  # opens for its images
        self._exports: dict[int, tuple[Export, Path]] = {}
        self.queue.job_ended.connect(self._on_job_ended)

    @property
    def library(self) -> LibraryView | None:
        """What there is for the selected project."""
        return self._library

    def of_kind(self, kind: str) -> KindPresenter:
        """The presenter of a kind of report."""
        if kind not in self._kinds:
            presenter = PAGES[kind]()[0](self.walk, self)
            presenter.failed.connect(self._on_failed)
            presenter.report_changed.connect(self._on_report_changed)
            self._kinds[kind] = presenter
        return self._kinds[kind]

    def show_project(self, view: ProjectView) -> None:
        """Show this project's newest report, or how to get one; a report that is new opens."""
        before = self._library
        device = self.preferred.now.device_for(view.project.device)
        library = self._reports.view_of(view, device)
        same = before is not None and before.project_id == library.project_id
        if same and before is not None:
            library = replace(library, others=before.others)
        self._library = library
        self.library_changed.emit(library)
        self._computer.ask("others", lambda: self._reports.others_of(view), self._on_others_read)
        newest = self._newest if same else 0
        fresh = [one for one in library.reports if one.artifact.id > newest]
        self._newest = max([newest, *(one.artifact.id for one in library.reports)])
        lost = same and self._leave_lost(library)
        if not same or (fresh and before is not None and not lost):
            self.open(fresh[0] if fresh else None)

    def _on_others_read(self, others: tuple[KeptReport, ...]) -> None:
        if self._library is None or others == self._library.others:
            return
        self._library = replace(self._library, others=others)
        self.library_changed.emit(self._library)
        self._leave_lost(self._library)

    def _leave_lost(self, library: LibraryView) -> bool:
        """Whether the open report is there no more; the list is shown then."""
        if self._open is None or library.has(self._open):
            return False
        self.notices.post(deleted_elsewhere(self._open.title))
        self.show_library()
        return True

    def show_library(self) -> None:
        """Close what is open: show what there is, and what can be made."""
        self.open(None)

    def open(self, report: KeptReport | None) -> None:
        """Open a report that exists."""
        self._note_what_was_seen()
        self._open, self._versus = report, None
        self._computer.drop("versus")
        self.walk.show_image(None)
        self.walk.set_material(None)
        self.shown_changed.emit(report)
        opening = self.of_kind(report.kind.id) if report is not None else None
        for presenter in self._kinds.values():
            if presenter is not opening:
                presenter.show_report(None)
        if report is not None and opening is not None:
            opening.show_report(report.artifact)

    def _note_what_was_seen(self) -> None:
        """The list says of a report that is left what was last seen of it."""
        left, library = self._open, self._library
        if left is None or library is None or not library.has(left):
            return
        presenter = self.of_kind(left.kind.id)
        if presenter.view is not None and presenter.state.headline != left.seen:
            self._library = self._reports.seen(library, left, presenter.state.headline)
            self.library_changed.emit(self._library)

    def start(
        self,
        kind: str,
        dataset: Path | None,
        options: ReportOptions,
        settings: InferenceSettings | None,
        machine: str | None = None,
        run_on: str | None = None,
    ) -> None:
        """Make a report of the selected project; see `plan_report`."""
        if self._library is not None:
            own = options.thresholds != ReportOptions().thresholds  # an operating point's, say
            if "thresholds" in kind_named(kind).options and not own:
                wanted = self.preferred.now.report_options().thresholds
                options = changed(options, thresholds=wanted)
            how = dataset, options, settings, machine, run_on
            self.queue.start(plan_report, self.workspace, self._library.project_id, kind, *how)

    def compare(self, first: KeptReport, second: KeptReport) -> None:
        """Show two reports of one kind beside each other."""
        self._computer.ask("versus", lambda: side_by_side(first, second), self._on_compared)

    # Images

    @property
    def thresholds(self) -> Thresholds:
        """Of the report whose images are looked at."""
        thresholds = self._state().thresholds
        if self._versus is not None:
            thresholds = self._versus.versus.thresholds
        return thresholds or Thresholds()

    def look_at(self, thresholds: Thresholds) -> None:
        """Compare the predictions of the open report's models at these thresholds.

        In the newest report on predictions of the same images, with the optimized model run alike,
        whose worst image opens; without one, it is made.
        """
        if self._open is None or self._library is None:
            return
        with self._refusals_shown():
            require_stored(self._open.artifact.folder, "Choose another operating point.")
            result = result_of(self._open.artifact.folder)[1]
            found = self._library.beside(result, PREDICTIONS)
            if found is None:
                options, settings = ReportOptions(thresholds=thresholds), result.optimized_executed
                self.start(PREDICTIONS, result.dataset_root, options, settings.settings)
                return
            folder = found.artifact.folder
            save_state(folder, changed(load_state(folder), thresholds=thresholds))
            self._looking = found
            self.open(found)

    def _on_report_changed(self, view: Any) -> None:
        """Show the worst image of a report that was opened for its images."""
        if view is None or self._looking is None or self._open is not self._looking:
            return
        self._looking = None
        images = view.comparison.images.image
        if len(images):
            self.walk.show_image(int(images[0]), images)

    def set_score_threshold(self, score: float) -> None:
        """Leave detections below out, in the report that is open, or in both."""
        if self._versus is not None:
            first, second = self._versus.first, self._versus.second
            if (thresholds := self._versus.versus.thresholds) is not None:
                moved = changed(thresholds, score=score)
                self._computer.ask(
                    "versus", lambda: side_by_side(first, second, moved), self._on_compared
                )
        elif self._open is not None:
            self.of_kind(self._open.kind.id).set_score_threshold(score)

    def show_versus_image(self, view: VersusView, row: int) -> None:
        """Look at an image of the second of two reports, from the list of those that changed."""
        images = view.versus.images
        if images is not None and view.versus.drawn is not None:
            self.walk.set_material(view.versus.drawn)
            self.walk.show_image(int(images.images[row]), images.images)

    # Exports

    @property
    def formats(self) -> tuple[Export, ...]:
        """What the open report can be exported as."""
        formats = formats_of(self._open.kind) if self._open is not None else ()
        return (*formats, "pdf") if "html" in formats else formats

    def suggested_name(self, wanted: Export) -> str:
        """What an export of the open report might be called."""
        assert self._open is not None
        suffix = ".pdf" if wanted == "pdf" else FORMATS[wanted].suffix
        return f"{self._open.file_name}{suffix or f'-{wanted}'}"

    def export(self, wanted: Export, target: Path) -> None:
        """Write the open report, as it is looked at, to a file or folder."""
        if self._open is None:
            return
        with self._refusals_shown():
            artifact = self._open.artifact
            require_stored(artifact.folder, "Export another one.")
            made_of: FormatName = "html" if wanted == "pdf" else wanted
            request = export_of(self.workspace, artifact, made_of, self._state())
            if wanted == "pdf":
                from app.reports.pdf.converting import converted

                job = plan_export(self.workspace, request, target, converted)
            else:
                job = plan_export(self.workspace, request, target)
            self._exports[id(job)] = wanted, target
            self.queue.submit(job)

    # Limits

    def write_limits(self, target: Path) -> None:
        """Write what the selected project has now as limits for those after it."""
        if self._library is None:
            return
        workspace, library = self.workspace, self._library

        def write() -> None:
            from app.reports.limits import write_limits

            write_limits(workspace, library.project_id, library.title, target)

        def finish(nothing: None) -> None:
            self.notices.post(Notice(f"Limits saved: {target}", made=target))

        self._computer.ask("limits", write, finish)

    def close(self) -> None:
        """Write down how reports are looked at, and end the threads."""
        for presenter in self._kinds.values():
            presenter.close()
        self._computer.close()

    def _state(self) -> ViewState:
        if self._open is None:
            return ViewState()
        return self.of_kind(self._open.kind.id).state

    def _on_compared(self, view: VersusView) -> None:
        before, self._versus = self._versus, view
        self.versus_changed.emit(view)
        if before is not None and view.versus.drawn is not None:  # the score moved
            self.walk.set_material(view.versus.drawn)

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        wanted = self._exports.pop(id(job), None)
        if wanted is not None and end.outcome.state == "succeeded":
            words = "PDF" if wanted[0] == "pdf" else FORMATS[wanted[0]].words
            self.notices.post(Notice(f"Saved as {words}: {wanted[1]}", made=wanted[1]))

    def _on_failed(self, error: WorkbenchError) -> None:
        self.opening_failed.emit()
        self.notices.refuse(error)
