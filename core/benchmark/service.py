"""Measurements of speed in a workspace: planned, gone on with, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core.benchmark.job import BenchmarkJob
from core.benchmark.plan import (
    DEFAULT_SECONDS,
    BenchmarkPlan,
    BenchmarkResult,
    BenchmarkRun,
    Contestant,
)
from core.benchmark.profile import DEFAULT_SECONDS as PROFILE_SECONDS
from core.benchmark.profile import ProfiledModel, ProfilePlan, ProfileResult
from core.benchmark.profile_job import ProfileJob
from core.datasets.source import DatasetSource
from core.errors import InputError, WorkbenchError
from core.jobs.job import read_result
from core.jobs.planned import PlannedJob, plan_artifact
from core.workspace.projects import OPTIMIZED, PARENT, model_of, ready_project, title_of
from core.workspace.store import Artifact, Project, Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run of a stored benchmark.

    Attributes:
        artifact: the benchmark, and the project that it belongs to.
        number: of the run in it.
        title: the model, named after its project.
        result: the whole benchmark.
    """

    artifact: Artifact
    number: int
    title: str
    result: BenchmarkResult

    @property
    def key(self) -> tuple[int, int]:
        """Unique in the workspace."""
        return self.artifact.id, self.number

    @property
    def run(self) -> BenchmarkRun:
        """What was measured."""
        return self.result.runs[self.number]


def plan_benchmark(
    workspace: Workspace, project_id: int, seconds: float = DEFAULT_SECONDS
) -> PlannedJob:
    """Speed of the project; of an optimized one, in turns with its parent."""
    project = ready_project(workspace, project_id)
    others = [] if project.parent_id is None else [project.parent_id]
    plan = BenchmarkPlan(contestants=(), seconds=seconds, device=project.device)
    return plan_speed(workspace, project_id, others, plan)


def plan_profile(
    workspace: Workspace, project_id: int, seconds: float = PROFILE_SECONDS
) -> PlannedJob:
    """The layers of the project; of an optimized one, in turns with its parent's."""
    project = ready_project(workspace, project_id)
    parent = project
    if project.parent_id is not None:
        parent = ready_project(workspace, project.parent_id)
    xml = model_of(parent)
    models = [
        ProfiledModel(name=PARENT, xml=xml, precision_hint="f32"),
        ProfiledModel(name=PARENT, xml=xml),
    ]
    if parent is not project:
        models.append(ProfiledModel(name=OPTIMIZED, xml=model_of(project)))
    plan = ProfilePlan(models=tuple(models), seconds=seconds, device=project.device)
    title = f"Profile the layers of {title_of(workspace, project)}"
    return plan_artifact(workspace, title, ProfileJob(plan=plan), project_id, "profile")


def benchmark_result(artifact: Artifact) -> BenchmarkResult:
    """What a stored benchmark measured."""
    return read_result(artifact.folder, BenchmarkResult)


def profile_result(artifact: Artifact) -> ProfileResult:
    """What a stored profile measured."""
    return read_result(artifact.folder, ProfileResult)


def plan_speed(
    workspace: Workspace, project_id: int, others: Iterable[int], plan: BenchmarkPlan
) -> PlannedJob:
    """Measure a project in turns with others; `plan` has everything but the models.

    The project's parent, if it is among the others, comes first: ratios are against the first.
    """
    project = ready_project(workspace, project_id)
    rest = [
        ready_project(workspace, other) for other in dict.fromkeys(others) if other != project_id
    ]
    ordered = sorted([*rest, project], key=lambda one: (one.parent_id is not None, one.id))
    names = _names(workspace, ordered)
    contestants = tuple(
        Contestant(name=name, xml=model_of(one)) for name, one in zip(names, ordered, strict=True)
    )
    whole = msgspec.structs.replace(plan, contestants=contestants)
    return _job(workspace, f"Measure {title_of(workspace, project)}", project, whole)


def plan_go_on(workspace: Workspace, artifact: Artifact) -> PlannedJob:
    """Measure what a stopped benchmark had not measured yet; it takes the old one's place."""
    result = benchmark_result(artifact)
    project = ready_project(workspace, artifact.project_id)
    if result.plan is None or not result.stopped:
        raise InputError("That benchmark is complete.", "Measure again instead.")
    gone = [one.xml for one in result.plan.contestants if not one.xml.is_file()]
    if gone:
        raise InputError(f"The model {gone[0]} was deleted.", "Measure again instead.")
    title = f"Go on measuring {title_of(workspace, project)}"
    return _job(workspace, title, project, result.plan, artifact)


def stored_runs(
    workspace: Workspace, project_ids: Iterable[int]
) -> tuple[tuple[StoredRun, ...], tuple[str, ...]]:
    """All runs of these projects, newest benchmark first, and sentences on damaged ones."""
    runs: list[StoredRun] = []
    problems = []
    for project_id in project_ids:
        for artifact in workspace.artifacts(project_id, "benchmark"):
            try:
                result = benchmark_result(artifact)
                titles = _titles(workspace, artifact)
            except WorkbenchError as error:
                problems.append(str(error))
                continue
            runs += [
                StoredRun(artifact, number, titles.get(run.model, run.model), result)
                for number, run in enumerate(result.runs)
            ]
    return tuple(sorted(runs, key=lambda one: (-one.artifact.id, one.number))), tuple(problems)


def latencies_ms(stored: StoredRun) -> NDArray[np.float32]:
    """Every inference of a run; raises WorkbenchError where an older version kept none."""
    from core.benchmark.samples import SAMPLES_FILE, load_samples

    path = stored.artifact.folder / SAMPLES_FILE
    if not path.is_file():
        raise WorkbenchError("This benchmark kept no single inferences.", "Measure again.")
    samples = load_samples(path)
    if stored.number >= len(samples):
        raise WorkbenchError(f"{path} does not belong to its result.", "Measure again.")
    return samples[stored.number].latencies_ms


def _job(
    workspace: Workspace,
    title: str,
    project: Project,
    plan: BenchmarkPlan,
    earlier: Artifact | None = None,
) -> PlannedJob:
    request = BenchmarkJob(
        plan=plan,
        dataset=DatasetSource(path=project.dataset) if plan.input == "dataset" else None,
        earlier=earlier.folder if earlier is not None else None,
    )

    def finish(folder: Path) -> int:
        workspace.add_artifact(project.id, "benchmark", folder)
        if earlier is not None:
            workspace.remove_artifact(earlier.project_id, earlier.folder)
        return project.id

    return PlannedJob(title, request, workspace.new_folder("benchmark"), project.id, finish)


def _names(workspace: Workspace, projects: Sequence[Project]) -> list[str]:
    """``parent`` and ``optimized`` for such a pair, and for one alone; or else the titles."""
    if len(projects) == 1:
        return [PARENT]
    if len(projects) == 2 and projects[1].parent_id == projects[0].id:
        return [PARENT, OPTIMIZED]
    titles = [title_of(workspace, project) for project in projects]
    return [
        title if titles.count(title) == 1 else f"{title} ({project.id})"
        for title, project in zip(titles, projects, strict=True)
    ]


def _titles(workspace: Workspace, artifact: Artifact) -> dict[str, str]:
    """What the roles of a stored benchmark are called."""
    owner = workspace.project(artifact.project_id)
    own = title_of(workspace, owner)
    if owner.parent_id is None:
        return {PARENT: own}
    result = benchmark_result(artifact)
    if not any(run.model == OPTIMIZED for run in result.runs):
        return {PARENT: own}  # it was measured alone
    return {PARENT: workspace.project(owner.parent_id).name, OPTIMIZED: own}
