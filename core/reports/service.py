"""Reports for both faces: made of two projects, listed, and set beside each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.datasets.class_mapping import ClassMapping
from core.datasets.mapping_store import keep_mapping, mapping_for
from core.datasets.source import DatasetSource
from core.datasets.stored import load_dataset
from core.errors import InputError, WorkbenchError
from core.inference.settings import InferenceSettings
from core.jobs.planned import PlannedJob, plan_artifact
from core.machines.run_on import on_host, require_one_machine
from core.machines.service import machine_for
from core.metrics.matching.thresholds import Thresholds
from core.models.stored import load_stored
from core.reports.kind import ReportJob, ReportKind, ReportOptions, ViewState
from core.reports.kinds import IDS, KINDS, kind_named, result_of, thresholds_seen
from core.reports.sent import report_on
from core.reports.versus import Versus
from core.workspace.projects import model_of, ready_project, title_of, with_parent
from core.workspace.store import Artifact, Workspace

NO_PARENT = (
    "A report compares an optimized model with its parent. Open an optimized project of this one; "
    "Optimize makes one."
)


@dataclass(frozen=True)
class Choice:
    """A kind of report that can be asked for of a project; `reason` says why not, else empty.

    `elsewhere` says whether another dataset might do.
    """

    kind: ReportKind[Any]
    reason: str = ""
    elsewhere: bool = False


def choices(
    dataset: str, *, annotated: bool, reason: str = "", no_parent: str = ""
) -> tuple[Choice, ...]:
    """All kinds, for a project on this dataset.

    `reason` stands in the way of every kind, `no_parent` of those that compare with a parent.
    """
    unmarked = f"{dataset} has no annotations. Choose an annotated dataset for this report."
    return tuple(
        Choice(kind, why)
        if (why := reason or (no_parent if kind.needs_parent else ""))
        or annotated
        or not kind.needs_annotations
        else Choice(kind, unmarked, elsewhere=True)
        for kind in KINDS
    )


def plan_report(
    workspace: Workspace,
    project_id: int,
    kind: str = "predictions",
    dataset: Path | None = None,
    options: ReportOptions | None = None,
    settings: InferenceSettings | None = None,
    machine: str | None = None,
    run_on: str | None = None,
) -> PlannedJob:
    """A report of this kind on a project, on its dataset or another.

    `settings` are how its model is to run; without them it runs as the project's target computes,
    as far as this machine can, else by default on the project's device. What no earlier report
    found is detected on the workers of the `machine` of that name, if one is given. `run_on` is the
    host that all of it runs on, and that it is about; None for this machine.

    Raises InputError where the kind compares with a parent, and the project has none, and where
    nothing may be sent to the machine.
    """
    require_one_machine(machine, run_on)
    if kind_named(kind).needs_parent:
        project, parent = with_parent(workspace, project_id)
    else:
        project = parent = ready_project(workspace, project_id)
    job: ReportJob = kind_named(kind).job(
        parent=model_of(parent),
        optimized=model_of(project),
        dataset=DatasetSource(path=dataset or project.dataset),
        settings=settings,
        device=project.device,
        target=project.target,
        options=options or ReportOptions(),
        cache=workspace.detections_cache,
        mappings=workspace.class_mappings,
        machine=machine_for(machine),
    )
    title = f"Report on {title_of(workspace, project)}: {kind_named(kind).title}{on_host(run_on)}"
    there = report_on(job, run_on)
    return plan_artifact(workspace, title, there, project_id, kind, "report", "report")


def reports_of(
    workspace: Workspace, project_id: int, kind: str | None = None
) -> tuple[Artifact, ...]:
    """The reports of a project, newest first; of one kind, if it is given."""
    return reports_among(workspace.artifacts(project_id), kind)


def reports_among(artifacts: Iterable[Artifact], kind: str | None = None) -> tuple[Artifact, ...]:
    """Those of the artifacts that are reports; of one kind, if it is given."""
    wanted = IDS if kind is None else (kind,)
    return tuple(one for one in artifacts if one.kind in wanted)


def compare_reports(
    first: Path, second: Path, thresholds: Thresholds | None = None
) -> tuple[ReportKind[Any], Versus]:
    """Two reports of one kind beside each other.

    Both are read at the same thresholds, those that the first was last looked at where none are
    given.
    Raises InputError where they are of two kinds, WorkbenchError where one is damaged.
    """
    (kind, _), (other, _) = result_of(first), result_of(second)
    if kind.id != other.id:
        raise InputError(
            f"{first} is a report of the kind {kind.id}, {second} one of the kind {other.id}.",
            "Compare two reports of the same kind.",
        )
    view = ViewState(thresholds=thresholds or thresholds_seen(first))
    both = kind.read(first, view), kind.read(second, view)
    headlines = kind.headline_at(both[0]), kind.headline_at(both[1])
    return kind, replace(kind.versus(*both), headlines=headlines)


def class_mapping(workspace: Workspace, project_id: int) -> ClassMapping:
    """Which class of the model each class of the project's dataset is: as stored, or by name.

    An optimized project has its parent's classes.
    """
    project = workspace.project(project_id)
    parent = project if project.parent_id is None else ready_project(workspace, project.parent_id)
    names = load_stored(model_of(parent)).card.detector.class_names
    classes = load_dataset(project.dataset).class_names
    return mapping_for(workspace.class_mappings, classes, names)


def keep_class_mapping(workspace: Workspace, mapping: ClassMapping) -> None:
    """Store a mapping for every later report on the same classes."""
    try:
        keep_mapping(workspace.class_mappings, mapping)
    except OSError as error:
        raise WorkbenchError(
            f"The class mapping cannot be saved: {error.strerror or error}.",
            "Check the free space of the workspace.",
        ) from error
