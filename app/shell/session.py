"""The state of the window: which projects there are, which one is selected, what is going on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.kit.notice import Notice
from app.kit.signals import Sends
from app.kit.text import counted
from app.project_views import ProjectRow, ProjectView, project_rows, project_view
from app.workers.job_queue import JobQueue
from core.benchmark.service import plan_benchmark
from core.catalogue.entries import CatalogueEntry
from core.catalogue.service import PlannedDownload, plan_download
from core.dataset_making.service import (
    OwnDataset,
    PlannedDataset,
    own_dataset,
    own_datasets,
    plan_create_dataset,
)
from core.datasets.class_mapping import ClassMapping
from core.deployment.service import plan_package
from core.errors import InputError, WorkbenchError
from core.images.augment import Augmentation
from core.importing.job import ImportJob
from core.importing.service import plan_import
from core.jobs.events import Event, LogLine
from core.jobs.handover import PlannedHandover
from core.jobs.planned import JobEnd, PlannedJob, log_of
from core.models.plan import QuantizationPlan
from core.optimize.job import QuantizeJob
from core.optimize.service import plan_optimize
from core.reports.kind import ReportJob
from core.reports.service import class_mapping, keep_class_mapping, plan_report
from core.sample import sample
from core.search.job import CopyModelJob
from core.transfer.job import UnpackProjectJob
from core.transfer.service import plan_pack, plan_unpack
from core.workspace.projects import stored_model
from core.workspace.store import Workspace

BASELINE_SECONDS = 5.0
COMPARISON_SECONDS = 15.0


class Session(QObject):
    """Takes the user's intents, plans jobs for them, and tells what changed."""

    projects_changed = Sends[tuple[ProjectRow, ...]]()
    project_shown = Sends[ProjectView | None]()
    noticed = Sends[Notice]()
    report_ready = Signal()
    model_downloaded = Sends[Path]()
    dataset_created = Signal()

    def __init__(
        self, workspace: Workspace, queue: JobQueue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.queue = queue
        self._last_log: Path | None = None
        self._selected: int | None = None
        queue.job_ended.connect(self._on_job_ended)
        queue.event_received.connect(self._on_event_received)

    @property
    def log(self) -> Path:
        """What the running job writes, or the last one wrote; the folder of logs before any."""
        current = self.queue.current
        if current is not None:
            return log_of(self.workspace, current)
        return self._last_log or self.workspace.logs

    @property
    def selected(self) -> int | None:
        """Id of the selected project."""
        return self._selected

    def start(self) -> None:
        """Show what the workspace holds, and what was cut off the last time."""
        for sentence in self.workspace.interrupted:
            self.noticed.emit(Notice(f"{sentence} Start it again if you need it.", failed=True))
        self.refresh()

    def refresh(self) -> None:
        """Read the workspace anew; another window may have changed it."""
        with self._telling():
            if self._selected is not None and not self._exists(self._selected):
                self._selected = None
            self.projects_changed.emit(project_rows(self.workspace))
            self.project_shown.emit(self._view())

    def select_project(self, project_id: int | None) -> None:
        """Show this project, or the start page."""
        if project_id != self._selected:
            self._selected = project_id
            with self._telling():
                self.project_shown.emit(self._view())

    def import_project(self, model: Path, dataset: Path) -> bool:
        """Make a project of a model and a dataset; False where it was refused at once."""
        return self._submit(lambda: plan_import(self.workspace, model, dataset))

    def show_imported(self, project_id: int) -> None:
        """Show a project that was just made or corrected; a new one is measured at once."""
        self._selected = project_id
        with self._telling():
            if not self.workspace.artifacts(project_id, "benchmark"):
                self.start_benchmark(project_id, BASELINE_SECONDS)
        self.refresh()

    def open_sample(self) -> None:
        """Show the sample project, making it if it is not there yet."""
        with self._telling():
            ours = sample()
            for project in self.workspace.projects():
                stored = stored_model(project)
                if stored and stored.card.source == ours.model and project.parent_id is None:
                    self.select_project(project.id)
                    return
            self._submit(
                lambda: plan_import(
                    self.workspace, ours.model, ours.validation, name="Sample project"
                )
            )

    def make_package(self, output: Path) -> None:
        """The selected project's model as a package that runs without this program."""
        if self._selected is not None:
            number = self._selected
            self._submit(lambda: plan_package(self.workspace, number, output))

    def export_project(self, output: Path) -> None:
        """The selected project with its family as one file."""
        if self._selected is not None:
            number = self._selected
            self._submit(lambda: plan_pack(self.workspace, number, output))

    def import_file(self, file: Path) -> None:
        """The projects in a file that another machine exported."""
        self._submit(lambda: plan_unpack(self.workspace, file))

    def download(self, entry: CatalogueEntry) -> None:
        """Download a model of the catalogue; `model_downloaded` tells when it is there."""
        self._submit(lambda: plan_download(self.workspace, entry))

    def optimize(
        self,
        project_id: int,
        calibration: Path,
        plan: QuantizationPlan,
        evaluated_on: Path | None = None,
    ) -> bool:
        """Make an optimized project; it appears at once, in progress."""
        started = self._submit(
            lambda: plan_optimize(self.workspace, project_id, calibration, plan, evaluated_on)
        )
        if started:
            self.refresh()
        return started

    def start_benchmark(self, project_id: int, seconds: float = COMPARISON_SECONDS) -> None:
        """Benchmark a project; an optimized one in turns with its parent."""
        self._submit(lambda: plan_benchmark(self.workspace, project_id, seconds=seconds))

    def start_comparison(self, project_id: int) -> None:
        """Compare an optimized project's predictions with its parent's."""
        self._submit(lambda: plan_report(self.workspace, project_id))

    def create_dataset(
        self, images: tuple[Path, ...], augmentation: Augmentation, name: str
    ) -> None:
        """Make a dataset of images; `dataset_created` tells when it is there."""
        self._submit(lambda: plan_create_dataset(self.workspace, images, augmentation, name))

    def own_datasets(self) -> tuple[tuple[str, Path], ...]:
        """Datasets that were made here: a title and a file each."""
        return tuple((one.title, one.path) for one in own_datasets(self.workspace))

    def class_mapping(self) -> ClassMapping | None:
        """Which class of the model each class of the selected project's dataset is."""
        with self._telling():
            if self._selected is not None:
                return class_mapping(self.workspace, self._selected)
        return None

    def keep_class_mapping(self, mapping: ClassMapping) -> None:
        """Keep what the user corrected, for every accuracy report on these classes."""
        with self._telling():
            keep_class_mapping(self.workspace, mapping)

    def delete_project(self, project_id: int) -> None:
        """Delete a project with everything that was made from it."""
        with self._telling():
            self._require_idle(project_id)
            self.workspace.delete_project(project_id)
        self.refresh()

    def rename_project(self, project_id: int, name: str) -> None:
        """Give a project another name."""
        with self._telling():
            self.workspace.rename_project(project_id, name)
        self.refresh()

    def _view(self) -> ProjectView | None:
        return None if self._selected is None else project_view(self.workspace, self._selected)

    def _submit(self, plan: Callable[[], PlannedJob]) -> bool:
        submitted = False
        with self._telling():
            self.queue.submit(plan())
            submitted = True
        return submitted

    def _on_event_received(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self.noticed.emit(Notice(event.text))

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        self._last_log = end.outcome.log
        if end.outcome.error is not None:
            self.noticed.emit(
                Notice(f"{job.title}: {end.outcome.error}", failed=True, log=end.outcome.log)
            )
        if end.project_id is not None:
            if isinstance(job.job, _SHOWN_AFTERWARDS):
                self._selected = end.project_id
            self._go_on(job, end.project_id)
        self.refresh()
        if isinstance(job, PlannedDownload) and end.outcome.state == "succeeded":
            self.model_downloaded.emit(job.model)
        if isinstance(job, PlannedDataset) and end.outcome.state == "succeeded":
            self.noticed.emit(Notice(_told(own_dataset(job.dataset))))
            self.dataset_created.emit()
        if isinstance(job, PlannedHandover) and end.outcome.state == "succeeded":
            self.noticed.emit(Notice(f"{job.title}: {job.output} is there.", made=job.output))
        shown = end.project_id is not None and end.project_id == self._selected
        if shown and isinstance(job.job, ReportJob):
            self.report_ready.emit()

    def _go_on(self, job: PlannedJob, project_id: int) -> None:
        """A new project is measured at once: the first thing that its owner wants to know."""
        if isinstance(job.job, ImportJob):
            self.start_benchmark(project_id, BASELINE_SECONDS)
        elif isinstance(job.job, QuantizeJob | CopyModelJob):
            self.start_benchmark(project_id, COMPARISON_SECONDS)

    def _require_idle(self, project_id: int) -> None:
        """Raises InputError while a job works on the project, or on one below it."""
        doomed = self.workspace.family(project_id)
        for job in self.queue.jobs:
            if job.project_id in doomed:
                raise InputError(
                    f"'{job.title}' is still to be done for it.", "Cancel that job first."
                )

    def _exists(self, project_id: int) -> bool:
        return any(p.id == project_id for p in self.workspace.projects())

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turns a refusal of the engine into a notice."""
        try:
            yield
        except WorkbenchError as error:
            self.noticed.emit(Notice(str(error), failed=True))


_SHOWN_AFTERWARDS = (ImportJob, QuantizeJob, CopyModelJob, UnpackProjectJob)


def _told(dataset: OwnDataset) -> str:
    made = dataset.made
    left_out = len(made.problems)
    sentence = (
        f"{made.name} was made: {counted(made.images, 'image', 'images')} and "
        f"{counted(made.augmented, 'augmented image', 'augmented images')}. It is offered "
        "wherever images are chosen."
    )
    if left_out:
        first = made.problems[0]
        sentence += f" {counted(left_out, 'image was', 'images were')} left out. {first}"
    return sentence
