"""Benchmarks: planned for a workspace or for stored models, resumed, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.benchmark.sent import SentBenchmarkJob
from core.benchmark.settings import DEFAULT_SECONDS, BenchmarkedModel, BenchmarkSettings
from core.datasets.source import DatasetSource
from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE, read_result
from core.jobs.planned import PlannedJob, plan_artifact
from core.machines.run_on import host_for, on_host
from core.workspace.projects import (
    OPTIMIZED,
    PARENT,
    distinct_names,
    model_of,
    ready_project,
    title_of,
)
from core.workspace.store import Artifact, Project, Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


Place = tuple[str, ...]

_ELSEWHERE = 20  # benchmarks that are read for a project without one: it is shown meanwhile


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


def benchmark_job(
    models: Sequence[BenchmarkedModel], settings: BenchmarkSettings, dataset: Path | None = None
) -> BenchmarkJob:
    """Benchmark stored models; `dataset` has the images, where the settings say to run on them."""
    source = None
    if any(mode.to_boxes for mode in settings.modes) and settings.input != "dataset":
        raise InputError(
            "From an image to boxes needs images, and this benchmark runs on random pixels.",
            "Choose the images of a dataset.",
        )
    if settings.input == "dataset":
        if dataset is None:
            raise InputError(
                "This benchmark runs on images, but no dataset is named.",
                "Specify the dataset, or run on random pixels.",
            )
        if not dataset.exists():
            raise InputError(f"There is no {dataset}.", "Check the path of the dataset.")
        source = DatasetSource(path=dataset)
    return BenchmarkJob(models=tuple(models), settings=settings, dataset=source)


def benchmark_on(job: BenchmarkJob, machine: str | None) -> BenchmarkJob | SentBenchmarkJob:
    """The same job, sent to the host of this name, if one is named; raises as `host_for` does."""
    host = host_for(machine)
    return job if host is None else SentBenchmarkJob(machine=host, job=job)


def resume_job(
    folder: Path, models: Sequence[BenchmarkedModel], dataset: Path | None = None
) -> BenchmarkJob | SentBenchmarkJob:
    """Measure what the stopped benchmark in `folder` had not measured yet; of a complete one, none.

    It is done on the machine that it was begun on. `models` are those that it was started with,
    where they are now. Raises InputError where there is none, or it is of others.
    """
    if not (folder / RESULT_FILE).exists():
        raise InputError(
            f"There is no benchmark in {folder}.", "Start one there, or name its folder."
        )
    result = read_result(folder, BenchmarkResult)
    if [one.name for one in models] != [one.name for one in result.models]:
        raise InputError(
            f"The benchmark in {folder} is of other models.",
            "Specify the same models in the same order, or do not resume it.",
        )
    job = replace(benchmark_job(models, result.settings, dataset), earlier=folder)
    return benchmark_on(job, result.machine.name or None)


def plan_benchmark(
    workspace: Workspace,
    project_id: int,
    settings: BenchmarkSettings | None = None,
    others: Iterable[int] | None = None,
    *,
    seconds: float = DEFAULT_SECONDS,
    run_on: str | None = None,
) -> PlannedJob:
    """Benchmark a project in turns with others; with its parent, where none are named.

    `run_on` is the host that it is measured on; None for this machine.

    Without `settings` they are the usual ones, for so many seconds. A parent comes before what was
    optimized from it: ratios are against the first.
    """
    project = ready_project(workspace, project_id)
    if settings is None:
        settings = BenchmarkSettings(seconds=seconds, device=project.device)
    if others is None:
        others = () if project.parent_id is None else (project.parent_id,)
    rest = [
        ready_project(workspace, other) for other in dict.fromkeys(others) if other != project_id
    ]
    ordered = sorted([*rest, project], key=lambda one: (one.parent_id is not None, one.id))
    models = [
        BenchmarkedModel(name=name, xml=model_of(one))
        for name, one in zip(_names(workspace, ordered), ordered, strict=True)
    ]
    job = benchmark_on(benchmark_job(models, settings, project.dataset), run_on)
    title = f"Benchmark {title_of(workspace, project)}{on_host(run_on)}"
    return plan_artifact(workspace, title, job, project.id, "benchmark", makes="benchmark")


def plan_resume(workspace: Workspace, artifact: Artifact) -> PlannedJob:
    """Resume a stopped benchmark; the new one takes the old one's place."""
    project = ready_project(workspace, artifact.project_id)
    result = benchmark_result(artifact)
    owners = owners_of(models_of(workspace.projects()), result)
    gone = [one for one in result.models if one.name not in owners]
    if gone:
        raise InputError(
            f"The model {gone[0].xml} was deleted.", "Run the benchmark again instead."
        )
    models = [replace(one, xml=model_of(owners[one.name])) for one in result.models]
    job = resume_job(artifact.folder, models, project.dataset)

    def finish(folder: Path) -> int:
        workspace.add_artifact(project.id, "benchmark", folder)
        workspace.remove_artifact(artifact.project_id, artifact.folder)
        return project.id

    there = on_host(result.machine.name or None)
    title = f"Resume the benchmark of {title_of(workspace, project)}{there}"
    return PlannedJob(title, job, workspace.new_folder("benchmark"), project.id, finish)


def benchmark_result(artifact: Artifact) -> BenchmarkResult:
    """What a stored benchmark measured; raises WorkbenchError where it cannot be read."""
    return read_result(artifact.folder, BenchmarkResult)


def models_of(projects: Iterable[Project]) -> dict[Place, Project]:
    """The projects by the places of their models; made once for many benchmarks."""
    return {_place(one.model): one for one in projects if one.model is not None}


def owners_of(models: Mapping[Place, Project], result: BenchmarkResult) -> dict[str, Project]:
    """Whose model each of the benchmark's is, by its file; a workspace may have been moved since.

    Models that no project has any more are left out.
    """
    places = {one.name: _place(one.xml) for one in result.models}
    return {name: models[place] for name, place in places.items() if place in models}


def stored_runs(
    workspace: Workspace, project_ids: Iterable[int]
) -> tuple[tuple[StoredRun, ...], tuple[str, ...]]:
    """All runs of these projects, newest benchmark first, and sentences on damaged ones."""
    runs: list[StoredRun] = []
    problems = []
    for project_id in project_ids:
        for artifact in workspace.artifacts(project_id, "benchmark"):
            try:
                runs += _runs_in(workspace, artifact)
            except WorkbenchError as error:
                problems.append(str(error))
    return tuple(sorted(runs, key=lambda one: (-one.artifact.id, one.number))), tuple(problems)


def runs_elsewhere(workspace: Workspace, project_id: int) -> tuple[StoredRun, ...]:
    """The newest benchmark that measured this project and is stored at another one.

    That is where a benchmark of both is found, of a parent that was measured with its child alone.
    Its parent and those below it are looked through first, and `_ELSEWHERE` in all.
    """
    family = workspace.projects_of(project_id)
    if not family:
        return ()
    own, *below = family
    near = {own.parent_id, *(one.id for one in below)}
    models = models_of([own])
    stored = chain.from_iterable(workspace.artifacts_by_project("benchmark").values())
    others = [one for one in stored if one.project_id != project_id]
    others.sort(key=lambda one: (one.project_id not in near, -one.id))
    for artifact in others[:_ELSEWHERE]:
        with suppress(WorkbenchError):  # a damaged one is named where it belongs
            runs = _runs_in(workspace, artifact)
            if runs and owners_of(models, runs[0].result):
                return runs
    return ()


def _runs_in(workspace: Workspace, artifact: Artifact) -> tuple[StoredRun, ...]:
    """All runs of a benchmark; raises WorkbenchError."""
    result = benchmark_result(artifact)
    titles = _titles(workspace, artifact, result)
    return tuple(
        StoredRun(artifact, number, titles.get(run.model, run.model), result)
        for number, run in enumerate(result.runs)
    )


def latencies_ms(stored: StoredRun) -> NDArray[np.float32]:
    """Every inference of a run; raises WorkbenchError where they cannot be read."""
    from core.benchmark.samples import SAMPLES_FILE, load_samples

    path = stored.artifact.folder / SAMPLES_FILE
    return load_samples(path, len(stored.result.runs))[stored.number].latencies_ms


def _place(xml: Path) -> Place:
    """A model's file within its workspace."""
    return xml.parts[-3:]


def _names(workspace: Workspace, projects: Sequence[Project]) -> list[str]:
    """``parent`` and ``optimized`` for such a pair, and for one alone; or else the titles."""
    if len(projects) == 1:
        return [PARENT]
    if len(projects) == 2 and projects[1].parent_id == projects[0].id:
        return [PARENT, OPTIMIZED]
    titles = [title_of(workspace, project) for project in projects]
    return distinct_names(titles, [str(project.id) for project in projects])


def _titles(workspace: Workspace, artifact: Artifact, result: BenchmarkResult) -> dict[str, str]:
    """What the roles of a stored benchmark are called."""
    owner = workspace.project(artifact.project_id)
    own = title_of(workspace, owner)
    if owner.parent_id is None:
        return {PARENT: own}
    if not any(run.model == OPTIMIZED for run in result.runs):
        return {PARENT: own}  # it was measured alone
    return {PARENT: workspace.project(owner.parent_id).name, OPTIMIZED: own}
