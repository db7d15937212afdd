"""Reports for both faces: an optimized project beside its parent, in one of three ways."""

from __future__ import annotations

from pathlib import Path

from core.datasets.class_mapping import ClassMapping
from core.datasets.mapping_store import keep_mapping, mapping_for
from core.datasets.source import DatasetSource
from core.datasets.stored import load_dataset
from core.errors import WorkbenchError
from core.jobs.planned import PlannedJob, plan_artifact
from core.metrics.comparison.comparison import Thresholds
from core.models.stored import load_stored
from core.reports.job import AccuracyJob, CompareJob, TensorDistanceJob
from core.workspace.projects import model_of, ready_project, title_of, with_parent
from core.workspace.store import Workspace


def plan_report(
    workspace: Workspace,
    project_id: int,
    dataset: Path | None = None,
    thresholds: Thresholds | None = None,
) -> PlannedJob:
    """An optimized project's predictions against its parent's, on its dataset or another."""
    project, parent = with_parent(workspace, project_id)
    job = CompareJob(
        parent=model_of(parent),
        optimized=model_of(project),
        dataset=DatasetSource(path=dataset or project.dataset),
        thresholds=thresholds or Thresholds(),
        cache=workspace.detections_cache,
    )
    title = f"Compare {title_of(workspace, project)} with its parent"
    return plan_artifact(workspace, title, job, project_id, "report")


def plan_accuracy(
    workspace: Workspace,
    project_id: int,
    dataset: Path | None = None,
    thresholds: Thresholds | None = None,
    mapping: ClassMapping | None = None,
) -> PlannedJob:
    """An optimized project and its parent by the ground truth of an annotated dataset.

    Without `mapping`, the one kept for these classes counts, or their names do.
    """
    project, parent = with_parent(workspace, project_id)
    job = AccuracyJob(
        parent=model_of(parent),
        optimized=model_of(project),
        dataset=DatasetSource(path=dataset or project.dataset),
        thresholds=thresholds or Thresholds(),
        mapping=mapping,
        mappings=workspace.class_mappings,
        cache=workspace.detections_cache,
    )
    title = f"Measure the accuracy of {title_of(workspace, project)}"
    return plan_artifact(workspace, title, job, project_id, "accuracy")


def plan_tensor_distance(
    workspace: Workspace, project_id: int, dataset: Path | None = None, images: int = 32
) -> PlannedJob:
    """How far an optimized project's tensors are from its parent's, layer by layer."""
    project, parent = with_parent(workspace, project_id)
    job = TensorDistanceJob(
        parent=model_of(parent),
        optimized=model_of(project),
        dataset=DatasetSource(path=dataset or project.dataset),
        images=images,
    )
    title = f"Compare the tensors of {title_of(workspace, project)} with its parent's"
    return plan_artifact(workspace, title, job, project_id, "tensor-distance")


def class_mapping(workspace: Workspace, project_id: int) -> ClassMapping:
    """Which class of the model each class of the project's dataset is: as kept, or by name.

    An optimized project has its parent's classes.
    """
    project = workspace.project(project_id)
    parent = project if project.parent_id is None else ready_project(workspace, project.parent_id)
    names = load_stored(model_of(parent)).card.detector.class_names
    classes = load_dataset(project.dataset).class_names
    return mapping_for(workspace.class_mappings, classes, names)


def keep_class_mapping(workspace: Workspace, mapping: ClassMapping) -> None:
    """Keep a mapping for every later report on the same classes."""
    try:
        keep_mapping(workspace.class_mappings, mapping)
    except OSError as error:
        raise WorkbenchError(
            f"The class mapping cannot be kept: {error.strerror or error}.",
            "Check the free space of the workspace.",
        ) from error
