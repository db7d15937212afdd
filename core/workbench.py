"""The engine: from what the user wants to a job, and from its outcome to the workspace.

Planning is quick and may be done in the window's thread; running blocks until the job's end and
belongs in a worker thread.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.plan import DEFAULT_SECONDS, BenchmarkPlan, BenchmarkResult, Contestant
from core.benchmark.profile import DEFAULT_SECONDS as PROFILE_SECONDS
from core.benchmark.profile import ProfiledModel, ProfilePlan, ProfileResult
from core.datasets.archives.unpacking import is_archive
from core.datasets.class_mapping import ClassMapping
from core.datasets.mapping_store import keep_mapping, mapping_for
from core.datasets.stored import load_dataset
from core.errors import InputError, WorkbenchError
from core.inference.compiling import DEFAULT_DEVICE
from core.jobs.events import Event, JobOutcome
from core.jobs.requests import (
    AccuracyRequest,
    BenchmarkRequest,
    CompareRequest,
    DatasetSource,
    ImportRequest,
    ProfileRequest,
    QuantizeRequest,
    Request,
    TensorDistanceRequest,
)
from core.jobs.results import (
    RESULT_FILE,
    ImportResult,
    QuantizeResult,
    TensorDistanceResult,
)
from core.jobs.runner import run_job
from core.metrics.comparison.comparison import Thresholds
from core.models.adjusting import Changes
from core.models.stored import StoredModel, load_stored
from core.optimize.plan import QuantizationPlan
from core.reports.kept import AccuracyReport, PredictionReport, load_accuracy, load_report
from core.values import read_json, to_json
from core.workspace.store import Artifact, ArtifactKind, Project, Workspace

PARENT = "parent"
OPTIMIZED = "optimized"


@dataclass(frozen=True)
class PlannedJob:
    """A job that can be run.

    Attributes:
        title: for the user, such as ``Optimize yolox_nano to INT8``.
        request: what the child process is asked.
        destination: where its files appear.
        project_id: the project that it belongs to, None for an import.
        finish: records the published files; gives the id of the project to be shown, if any.
        abandon: records that it failed or was cancelled.
    """

    title: str
    request: Request
    destination: Path
    project_id: int | None
    finish: Callable[[Path], int | None]
    abandon: Callable[[JobOutcome], None] = lambda outcome: None


@dataclass(frozen=True)
class JobEnd:
    """How a planned job ended, and the project to show if it succeeded."""

    outcome: JobOutcome
    project_id: int | None


class Workbench:
    """Plans and runs jobs on a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def plan_import(
        self,
        model: Path,
        dataset: Path,
        device: str = DEFAULT_DEVICE,
        name: str = "",
        changes: Changes | None = None,
    ) -> PlannedJob:
        """A new project of a model file (or folder) and a folder of images.

        `changes` are what the user knows better than the import guesses.
        """
        if not model.exists():
            raise InputError(f"There is no file {model}.", "Check the path of the model.")
        if not may_be_dataset(dataset):
            raise InputError(f"There is no folder {dataset}.", "Check the path of the dataset.")

        def finish(folder: Path) -> int:
            result = read_json(folder / RESULT_FILE, ImportResult)
            xml = folder / str(result.model)
            title = name or load_stored(xml).card.name
            stored_dataset = folder / result.datasets[0].file
            return self.workspace.add_project(title, xml, stored_dataset, device)

        return PlannedJob(
            title=f"Import {model.name}",
            request=ImportRequest(
                model=model,
                datasets=(DatasetSource(path=dataset),),
                changes=changes or Changes(),
            ),
            destination=self.workspace.new_folder("import"),
            project_id=None,
            finish=finish,
        )

    def plan_optimize(
        self,
        project_id: int,
        calibration: Path,
        plan: QuantizationPlan,
        judged_on: Path | None = None,
    ) -> PlannedJob:
        """An optimized project of this one; it appears at once, in progress.

        An accuracy that the plan keeps to is measured on `judged_on`, or on images held back.
        """
        parent = self._ready(project_id)
        card = load_stored(self.model_of(parent)).card
        if card.info.quantized:
            raise InputError(
                f"{parent.name} is quantized already; quantizing it again would only add error.",
                "Choose the project that it was made from.",
            )
        if not may_be_dataset(calibration):
            raise InputError(
                f"There is no folder {calibration}.", "Choose a folder of calibration images."
            )
        if judged_on is not None and not may_be_dataset(judged_on):
            raise InputError(
                f"There is no folder {judged_on}.", "Choose a folder of images to measure on."
            )
        method = f"INT8 {plan.preset}" if plan.accuracy is None else "INT8 accuracy-aware"
        name = free_name(plan.name or method, self.workspace.projects(), parent.id)
        child_id = self.workspace.begin_optimized(parent, name)

        def finish(folder: Path) -> int:
            result = read_json(folder / RESULT_FILE, QuantizeResult)
            self.workspace.finish_optimized(child_id, folder / result.model)
            return child_id

        def abandon(outcome: JobOutcome) -> None:
            if outcome.error is None:
                self.workspace.delete_project(child_id)
            else:
                self.workspace.fail_optimized(child_id, str(outcome.error))

        return PlannedJob(
            title=f"Optimize {parent.name} to {name}",
            request=QuantizeRequest(
                model=self.model_of(parent),
                dataset=DatasetSource(path=calibration, role="calibration"),
                plan=plan,
                name=f"{card.name}-int8",
                judged_on=DatasetSource(path=judged_on) if judged_on else None,
                compared_on=DatasetSource(path=parent.dataset),
            ),
            destination=self.workspace.new_folder("model"),
            project_id=child_id,
            finish=finish,
            abandon=abandon,
        )

    def plan_benchmark(self, project_id: int, seconds: float = DEFAULT_SECONDS) -> PlannedJob:
        """Speed of the project; of an optimized one, in turns with its parent."""
        project = self._ready(project_id)
        contestants = [Contestant(name=PARENT, xml=self.model_of(project))]
        if project.parent_id is not None:
            parent = self._ready(project.parent_id)
            contestants = [
                Contestant(name=PARENT, xml=self.model_of(parent)),
                Contestant(name=OPTIMIZED, xml=self.model_of(project)),
            ]
        plan = BenchmarkPlan(contestants=tuple(contestants), seconds=seconds, device=project.device)
        return self._artifact_job(
            f"Measure {self._title(project)}", BenchmarkRequest(plan=plan), project_id, "benchmark"
        )

    def plan_profile(self, project_id: int, seconds: float = PROFILE_SECONDS) -> PlannedJob:
        """The layers of the project; of an optimized one, in turns with its parent's."""
        project = self._ready(project_id)
        parent = self._ready(project.parent_id) if project.parent_id is not None else project
        xml = self.model_of(parent)
        models = [
            ProfiledModel(name=PARENT, xml=xml, precision_hint="f32"),
            ProfiledModel(name=PARENT, xml=xml),
        ]
        if parent is not project:
            models.append(ProfiledModel(name=OPTIMIZED, xml=self.model_of(project)))
        plan = ProfilePlan(models=tuple(models), seconds=seconds, device=project.device)
        return self._artifact_job(
            f"Time the layers of {self._title(project)}",
            ProfileRequest(plan=plan),
            project_id,
            "profile",
        )

    def plan_report(
        self, project_id: int, dataset: Path | None = None, thresholds: Thresholds | None = None
    ) -> PlannedJob:
        """An optimized project's predictions against its parent's, on its dataset or another."""
        project, parent = self._with_parent(project_id)
        request = CompareRequest(
            parent=self.model_of(parent),
            optimized=self.model_of(project),
            dataset=DatasetSource(path=dataset or project.dataset),
            thresholds=thresholds or Thresholds(),
            cache=self.workspace.detections_cache,
        )
        return self._artifact_job(
            f"Compare {self._title(project)} with its parent", request, project_id, "report"
        )

    def plan_accuracy(
        self,
        project_id: int,
        dataset: Path | None = None,
        thresholds: Thresholds | None = None,
        mapping: ClassMapping | None = None,
    ) -> PlannedJob:
        """An optimized project and its parent by the ground truth of an annotated dataset.

        Without `mapping`, the one kept for these classes counts, or their names do.
        """
        project, parent = self._with_parent(project_id)
        request = AccuracyRequest(
            parent=self.model_of(parent),
            optimized=self.model_of(project),
            dataset=DatasetSource(path=dataset or project.dataset),
            thresholds=thresholds or Thresholds(),
            mapping=mapping,
            mappings=self.workspace.class_mappings,
            cache=self.workspace.detections_cache,
        )
        title = f"Measure the accuracy of {self._title(project)}"
        return self._artifact_job(title, request, project_id, "accuracy")

    def plan_tensor_distance(
        self, project_id: int, dataset: Path | None = None, images: int = 32
    ) -> PlannedJob:
        """How far an optimized project's tensors are from its parent's, layer by layer."""
        project, parent = self._with_parent(project_id)
        request = TensorDistanceRequest(
            parent=self.model_of(parent),
            optimized=self.model_of(project),
            dataset=DatasetSource(path=dataset or project.dataset),
            images=images,
        )
        title = f"Compare the tensors of {self._title(project)} with its parent's"
        return self._artifact_job(title, request, project_id, "tensor-distance")

    def run(
        self,
        job: PlannedJob,
        on_event: Callable[[Event], None] = lambda event: None,
        cancel: threading.Event | None = None,
    ) -> JobEnd:
        """Run a planned job to its end and record it; blocks. Never raises for a job's failure."""
        try:
            log = self.log_of(job)
            job_id = self.workspace.begin_job(job.title, to_json(job.request), job.project_id)
        except WorkbenchError as error:  # the disk is full, say
            return self._record(job, None, JobOutcome("failed", error=error))
        outcome = run_job(job.request, job.destination, on_event=on_event, cancel=cancel, log=log)
        return self._record(job, job_id, outcome)

    def _record(self, job: PlannedJob, job_id: int | None, outcome: JobOutcome) -> JobEnd:
        """Write down how a job ended. Where that fails, too, the next start tidies up."""
        shown = None
        if outcome.folder is not None:
            try:
                shown = job.finish(outcome.folder)
            except WorkbenchError as error:
                shutil.rmtree(outcome.folder, ignore_errors=True)
                outcome = JobOutcome("failed", error=error, log=outcome.log)
        with suppress(WorkbenchError):
            if outcome.state != "succeeded":
                job.abandon(outcome)
            if job_id is not None:
                message = str(outcome.error) if outcome.error else ""
                self.workspace.end_job(job_id, outcome.state, message)
        return JobEnd(outcome, shown)

    def log_of(self, job: PlannedJob) -> Path:
        """The file with what the job's process writes."""
        return self.workspace.logs / f"{job.destination.name}.log"

    def class_mapping(self, project_id: int) -> ClassMapping:
        """Which class of the model each class of the project's dataset is: as kept, or by name.

        An optimized project has its parent's classes.
        """
        project = self.workspace.project(project_id)
        parent = project if project.parent_id is None else self._ready(project.parent_id)
        names = load_stored(self.model_of(parent)).card.detector.class_names
        classes = load_dataset(project.dataset).class_names
        return mapping_for(self.workspace.class_mappings, classes, names)

    def keep_class_mapping(self, mapping: ClassMapping) -> None:
        """Keep a mapping for every later report on the same classes."""
        try:
            keep_mapping(self.workspace.class_mappings, mapping)
        except OSError as error:
            raise WorkbenchError(
                f"The class mapping cannot be kept: {error.strerror or error}.",
                "Check the free space of the workspace.",
            ) from error

    # What tabs show

    def stored_model(self, project: Project) -> StoredModel | None:
        """The project's model and its card; None while there is none."""
        return load_stored(project.model) if project.model else None

    def model_of(self, project: Project) -> Path:
        """The project's IR; raises WorkbenchError while there is none."""
        if project.model is None:
            raise WorkbenchError(f"{project.name} has no model yet.", "Wait until it is made.")
        return project.model

    def benchmark_result(self, artifact: Artifact) -> BenchmarkResult:
        """What a stored benchmark measured."""
        return read_json(artifact.folder / RESULT_FILE, BenchmarkResult)

    def profile_result(self, artifact: Artifact) -> ProfileResult:
        """What a stored profile measured."""
        return read_json(artifact.folder / RESULT_FILE, ProfileResult)

    def prediction_report(self, artifact: Artifact) -> PredictionReport:
        """A stored comparison."""
        return load_report(artifact.folder)

    def accuracy_report(self, artifact: Artifact) -> AccuracyReport:
        """A stored measurement by ground truth."""
        return load_accuracy(artifact.folder)

    def tensor_distance_result(self, artifact: Artifact) -> TensorDistanceResult:
        """A stored comparison of tensors."""
        return read_json(artifact.folder / RESULT_FILE, TensorDistanceResult)

    def _with_parent(self, project_id: int) -> tuple[Project, Project]:
        project = self._ready(project_id)
        if project.parent_id is None:
            raise InputError(
                f"{project.name} has no parent to be compared with.",
                "Optimize it first, then compare the optimized project.",
            )
        return project, self._ready(project.parent_id)

    def _ready(self, project_id: int) -> Project:
        project = self.workspace.project(project_id)
        if project.state != "ready":
            raise InputError(f"{project.name} is not ready.", project.message or "Wait for it.")
        return project

    def _title(self, project: Project) -> str:
        """The name, of an optimized project after its parent's."""
        if project.parent_id is None:
            return project.name
        return f"{self.workspace.project(project.parent_id).name} {project.name}"

    def _artifact_job(
        self, title: str, request: Request, project_id: int, kind: ArtifactKind
    ) -> PlannedJob:
        def finish(folder: Path) -> int:
            self.workspace.add_artifact(project_id, kind, folder)
            return project_id

        return PlannedJob(title, request, self.workspace.new_folder(kind), project_id, finish)


def may_be_dataset(path: Path) -> bool:
    """A folder, an archive, or a JSON file; the job finds out what is in it."""
    return path.is_dir() or is_archive(path) or (path.is_file() and path.suffix == ".json")


def free_name(wanted: str, projects: Sequence[Project], parent_id: int) -> str:
    """`wanted`, with a number behind it if the parent has such a child already."""
    taken = {project.name for project in projects if project.parent_id == parent_id}
    numbered = (f"{wanted} {number}" for number in range(2, len(taken) + 2))
    return next(name for name in (wanted, *numbered) if name not in taken)
