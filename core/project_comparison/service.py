"""The runs of a workspace's projects, to be compared with any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.benchmark.service import benchmark_result, models_of, owners_of
from core.benchmark.settings import RunMode
from core.errors import InputError, WorkbenchError
from core.inference.settings import PrecisionHint
from core.jobs.job import RESULT_FILE
from core.profiling.profile import Profile
from core.profiling.service import profile_result
from core.project_comparison.comparing import (
    Accuracy,
    ComparedProject,
    Predicted,
    ProjectComparison,
    Speed,
    compare_projects,
)
from core.reports.annotations.kind import Annotations, AnnotationsResult
from core.reports.predictions.kind import Predictions, PredictionsResult
from core.results import require_readable
from core.text import counted
from core.values import read_json
from core.workspace.projects import OPTIMIZED, PARENT, card_of, titles_of
from core.workspace.records import Named, ProjectName
from core.workspace.store import Artifact, Project, Workspace


@dataclass(frozen=True, eq=False)
class ProjectRun:
    """A project and one run of it; `speed` is None where it has not been benchmarked at all.

    `title` is the project's, after its parent's.
    """

    project: Project
    title: str
    speed: Speed | None
    precision_hint: PrecisionHint

    @property
    def key(self) -> tuple[int, int, str, str]:
        """The same run has the same key after the workspace was read anew."""
        if self.speed is None:
            return (self.project.id, 0, "", "")
        mode = self.speed.mode.label if self.speed.mode is not None else ""
        return (self.project.id, self.speed.benchmark, self.speed.precision_hint, mode)


def project_runs(workspace: Workspace) -> tuple[ProjectRun, ...]:
    """Of all ready projects: their runs, newest first; children right behind their parents."""
    everything = workspace.projects()
    titles = titles_of(everything)
    projects = [one for one in everything if one.state == "ready"]
    projects.sort(key=lambda one: (one.parent_id or one.id, one.id))
    measured: dict[int, list[Speed]] = {one.id: [] for one in projects}
    for owner, speed in _measured(workspace, projects):
        measured[owner].append(speed)
    found = []
    for project in projects:
        title, speeds = titles[project.id], measured[project.id]
        found += [ProjectRun(project, title, speed, speed.precision_hint) for speed in speeds]
        if not speeds:
            found.append(ProjectRun(project, title, None, "default"))
    return tuple(found)


def damaged(workspace: Workspace) -> tuple[str, ...]:
    """Sentences on the results of all projects that cannot be read: what is left out for that."""
    sentences = []
    for project in workspace.projects():
        if outside := workspace.results_outside(project.id):
            lie = counted(outside, "result lies", "results lie")
            sentences.append(
                f"Of {project.name}, {lie} outside the workspace: not used, not removed."
            )
        for artifact in workspace.artifacts(project.id):
            try:
                require_readable(artifact.kind, artifact.folder)
            except WorkbenchError as error:
                sentences.append(str(error))
    return tuple(sentences)


def _measured(workspace: Workspace, projects: Sequence[Project]) -> Iterator[tuple[int, Speed]]:
    """Every run, the newest benchmark's first, with the id of the project that it is of."""
    stored, models = workspace.artifacts_by_project("benchmark"), models_of(projects)
    artifacts = [artifact for project in projects for artifact in stored.get(project.id, ())]
    for artifact in sorted(artifacts, key=lambda one: -one.id):
        try:
            result = benchmark_result(artifact)
        except WorkbenchError:
            continue  # `damaged` tells, and the page on speed
        for model, owner in owners_of(models, result).items():
            for speed in _speeds(artifact, result, model):
                yield owner.id, speed


def _below(workspace: Workspace, project: Project) -> tuple[ProjectName, ...]:
    return tuple(one for one in workspace.names() if one.parent_id == project.id)


def _owner(project: Named, model: str) -> int | None:
    """Whose model a run or profile of an artifact of `project` is about."""
    if model == PARENT and project.parent_id is not None:
        return project.parent_id
    return project.id if model in (PARENT, OPTIMIZED) else None


def _speeds(artifact: Artifact, result: BenchmarkResult, model: str) -> Iterator[Speed]:
    """One for each precision hint and mode; those of OpenVINO's two hints are one."""
    runs = [run for run in result.runs if run.model == model]
    for hint in dict.fromkeys(run.precision_hint for run in runs):
        many, alone = result.run(model, hint), result.run(model, hint, "latency")
        pair: tuple[BenchmarkRun, ...] = ()
        if many is not None and alone is not None:
            pair = (many, alone)
            yield _speed(artifact, result, many, alone, None)
        for run in runs:
            if run.precision_hint == hint and run not in pair:
                yield _speed(artifact, result, run, run, run.mode)


def _speed(
    artifact: Artifact,
    result: BenchmarkResult,
    many: BenchmarkRun,
    alone: BenchmarkRun,
    mode: RunMode | None,
) -> Speed:
    return Speed(
        benchmark=artifact.id,
        started=result.started,
        device_name=result.machine.title,
        machine=result.machine.name,
        precision_hint=many.precision_hint,
        precision_executed=many.precision_executed,
        mode=mode,
        throughput_fps=many.throughput_spread_fps,
        latency_ms=alone.latency_ms,
        throughput_rounds_fps=many.throughput_rounds_fps,
        latency_rounds_ms=alone.latency_rounds_ms,
    )


def usual_pair(found: Sequence[ProjectRun], project_id: int) -> list[ProjectRun]:
    """What a user wants first: a project by default beside its parent's fastest baseline."""
    mine = _usual(found, project_id)
    if mine is None:
        return []
    parent = mine.project.parent_id
    benchmark = mine.speed.benchmark if mine.speed else None
    if parent is not None:
        base = _usual(found, parent, benchmark)
        return [one for one in (base, mine) if one is not None]
    other = next(
        (one for one in found if one.project.id == project_id and one.precision_hint == "f32"), None
    )
    return [one for one in (other, mine) if one is not None]


def usual_runs(found: Sequence[ProjectRun], project_ids: Sequence[int]) -> list[ProjectRun]:
    """A run of each of these projects by default: of the newest benchmark that has them all."""
    measured: dict[int, set[int]] = {}
    for one in found:
        if one.speed is not None and one.project.id in project_ids:
            measured.setdefault(one.speed.benchmark, set()).add(one.project.id)
    shared = max((n for n, ids in measured.items() if ids == set(project_ids)), default=None)
    runs = [_usual(found, project_id, shared) for project_id in project_ids]
    return [one for one in runs if one is not None]


def _usual(
    found: Sequence[ProjectRun], project_id: int, benchmark: int | None = None
) -> ProjectRun | None:
    """The newest run by default, of that benchmark if there is one."""
    mine = [one for one in found if one.project.id == project_id]
    by_default = [one for one in mine if one.precision_hint == "default"] or mine
    together = [one for one in by_default if one.speed and one.speed.benchmark == benchmark]
    return next(iter(together or by_default), None)


def compare_runs(workspace: Workspace, chosen: Sequence[ProjectRun]) -> ProjectComparison:
    """Read what there is about each, and compare; the first is what the others stand against."""
    if len(chosen) < 2:
        raise InputError("Only one run was chosen.", "Choose two or more.")
    profiles = [_profiles(workspace, one) for one in chosen]
    return compare_projects(
        [
            _compared(workspace, one, *_together(found, profiles))
            for one, found in zip(chosen, profiles, strict=True)
        ]
    )


Profiled = dict[int, Profile]  # by the job's number, newest first


def _profiles(workspace: Workspace, one: ProjectRun) -> Profiled:
    """Profiles of this project's model at this hint."""
    owners: tuple[Named, ...] = (one.project, *_below(workspace, one.project))
    stored = workspace.artifacts_by_project("profile")
    artifacts = [artifact for owner in owners for artifact in stored.get(owner.id, ())]
    by_id = {owner.id: owner for owner in owners}
    found: Profiled = {}
    for artifact in sorted(artifacts, key=lambda artifact: -artifact.id):
        try:
            result = profile_result(artifact)
        except WorkbenchError:
            continue  # `damaged` tells, and the page on layers
        for profile in result.profiles:
            owner = _owner(by_id[artifact.project_id], profile.model)
            if owner == one.project.id and profile.precision_hint == one.precision_hint:
                found[artifact.id] = profile
    return found


def _together(mine: Profiled, everyone: Sequence[Profiled]) -> tuple[Profile | None, int | None]:
    """The newest profile of a job that all were in; otherwise the newest."""
    shared = [job for job in mine if all(job in other for other in everyone if other)]
    newest = next(iter(shared or mine), None)
    return (None, None) if newest is None else (mine[newest], newest)


def _compared(
    workspace: Workspace, one: ProjectRun, profile: Profile | None, job: int | None
) -> ComparedProject:
    card = card_of(one.project)
    assert card is not None  # it is ready
    info = card.info
    return ComparedProject(
        title=one.title,
        notes=one.project.notes,
        size_bytes=info.size_bytes,
        parameters=info.parameters,
        precision=info.precision,
        speed=one.speed,
        predictions=_predictions(workspace, one.project),
        accuracy=_accuracy(workspace, one.project),
        profile=profile,
        profile_job=job,
    )


def _predictions(workspace: Workspace, project: Project) -> Predicted | None:
    artifacts = workspace.artifacts(project.id, Predictions.id)
    if not artifacts:
        return None
    try:
        result = read_json(_result(artifacts[0]), PredictionsResult)
    except WorkbenchError:
        return None  # `damaged` tells, and the report's tab
    return Predicted(
        dataset=result.where,
        kept=result.grounds.worst[0],
        changed=result.summary.changed,
        agreement=result.summary.agreement,
        verdict=result.verdict.name,
        limits=result.thresholds.limits,
    )


def _accuracy(workspace: Workspace, project: Project) -> Accuracy | None:
    """By the newest report on annotations that measured this project's model."""
    stored = workspace.artifacts_by_project(Annotations.id)
    artifacts = [(artifact, "optimized") for artifact in stored.get(project.id, ())]
    artifacts += [
        (artifact, "parent")
        for child in _below(workspace, project)
        for artifact in stored.get(child.id, ())
    ]
    for artifact, role in sorted(artifacts, key=lambda one: -one[0].id):
        try:
            result = read_json(_result(artifact), AnnotationsResult)
        except WorkbenchError:
            continue  # `damaged` tells, and the report's tab
        figures = result.accuracy.optimized if role == "optimized" else result.accuracy.parent
        if figures.ap is not None:
            return Accuracy(
                dataset=result.where,
                ap=figures.ap.value,
                interval=(figures.ap.low, figures.ap.high),
                ap50=figures.statistics["AP50"],
            )
    return None


def _result(artifact: Artifact) -> Path:
    return artifact.folder / RESULT_FILE
