"""Experiments of a workspace: every run of every project, to be compared with any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.plan import BenchmarkResult, BenchmarkRun
from core.benchmark.profile import Profile
from core.benchmark.service import benchmark_result, profile_result
from core.errors import InputError, WorkbenchError
from core.inference.compiling import PrecisionHint
from core.jobs.job import RESULT_FILE
from core.project_comparison.comparing import (
    Accuracy,
    Agreement,
    ComparedProject,
    ProjectComparison,
    Speed,
    compare_projects,
)
from core.reports.job import AccuracyResult, CompareResult
from core.values import read_json
from core.workspace.projects import OPTIMIZED, PARENT, stored_model
from core.workspace.store import Artifact, Project, Workspace


@dataclass(frozen=True, eq=False)
class Experiment:
    """A project and one run of it; `speed` is None where it has not been measured at all.

    `title` is the project's, after its parent's; `label` the run's, with its main figures.
    """

    project: Project
    title: str
    label: str
    speed: Speed | None
    precision_hint: PrecisionHint

    @property
    def key(self) -> tuple[int, str, str, str]:
        """The same experiment has the same key after the workspace was read anew."""
        speed = self.speed
        told = (speed.session, speed.precision_hint, speed.setting) if speed else ("", "", "")
        return (self.project.id, *told)


def experiments(workspace: Workspace) -> tuple[Experiment, ...]:
    """Of all ready projects: their runs, newest first; children right behind their parents."""
    projects = [one for one in workspace.projects() if one.state == "ready"]
    projects.sort(key=lambda one: (one.parent_id or one.id, one.id))
    names = {project.id: project.name for project in projects}
    measured = list(_measured(workspace, projects))
    found = []
    for project in projects:
        parent = names.get(project.parent_id or 0)
        title = f"{parent} – {project.name}" if parent else project.name
        speeds = [speed for owner, speed in measured if owner == project.id]
        found += [
            Experiment(project, title, _label(speed), speed, speed.precision_hint)
            for speed in speeds
        ]
        if not speeds:
            found.append(Experiment(project, title, "not measured", None, "default"))
    return tuple(found)


def _measured(workspace: Workspace, projects: Sequence[Project]) -> Iterator[tuple[int, Speed]]:
    """Every run, the newest benchmark's first, with the id of the project that it is of."""
    artifacts = [
        artifact
        for project in projects
        for artifact in workspace.artifacts(project.id, "benchmark")
    ]
    by_id = {project.id: project for project in projects}
    for artifact in sorted(artifacts, key=lambda one: -one.id):
        try:
            result = benchmark_result(artifact)
        except WorkbenchError:
            continue  # damaged: the page on speed says so
        owners = _owners(by_id[artifact.project_id], projects, result)
        for model, owner in owners.items():
            for speed in _speeds(artifact, result, model):
                yield owner, speed


def _owners(
    project: Project, projects: Sequence[Project], result: BenchmarkResult
) -> dict[str, int]:
    """Whose model each contestant is: by its file, or else by what it is called."""
    if result.plan is None:
        names = dict.fromkeys(run.model for run in result.runs)
        return {name: owner for name in names if (owner := _owner(project, name)) is not None}
    files = {_place(one.model): one.id for one in projects if one.model is not None}
    return {
        one.name: files[_place(one.xml)]
        for one in result.plan.contestants
        if _place(one.xml) in files
    }


def _place(xml: Path) -> tuple[str, ...]:
    """A model's file within its workspace, which may have moved since."""
    return xml.parts[-3:]


def _owner(project: Project, model: str) -> int | None:
    """Whose model a run or profile of an artifact of `project` is about."""
    if model == PARENT and project.parent_id is not None:
        return project.parent_id
    return project.id if model in (PARENT, OPTIMIZED) else None


def _speeds(artifact: Artifact, result: BenchmarkResult, model: str) -> Iterator[Speed]:
    """One for each precision hint and setting; those of OpenVINO's two hints are one."""
    runs = [run for run in result.runs if run.model == model]
    for hint in dict.fromkeys(run.precision_hint for run in runs):
        many, alone = result.run(model, hint), result.run(model, hint, "latency")
        if many is not None and alone is not None:
            yield _speed(artifact, result, many, alone, "OpenVINO's hints")
        for run in runs:
            if run.precision_hint == hint and run not in (many, alone) and run.setting:
                yield _speed(artifact, result, run, run, run.setting.label)


def _speed(
    artifact: Artifact,
    result: BenchmarkResult,
    many: BenchmarkRun,
    alone: BenchmarkRun,
    setting: str,
) -> Speed:
    return Speed(
        session=f"benchmark {artifact.id}",
        started=result.started,
        device_name=result.machine.device_name,
        precision_hint=many.precision_hint,
        precision_executed=many.precision_executed,
        setting=setting,
        throughput_fps=many.throughput_spread_fps,
        latency_ms=alone.latency_ms,
        throughput_rounds_fps=many.throughput_rounds_fps,
        latency_rounds_ms=alone.latency_rounds_ms,
    )


def _label(speed: Speed) -> str:
    hint = "true f32" if speed.precision_hint == "f32" else speed.precision_hint
    executed = "" if hint.endswith(speed.precision_executed) else f" ({speed.precision_executed})"
    when = speed.started[:16].replace("T", " ")
    return f"{hint}{executed}, {speed.setting}, {when}: {speed.throughput_fps.median:.1f} FPS"


def usual_pair(found: Sequence[Experiment], project_id: int) -> list[Experiment]:
    """What a user wants first: a project by default beside its parent's fastest baseline."""
    mine = _usual(found, project_id)
    if mine is None:
        return []
    parent = mine.project.parent_id
    session = mine.speed.session if mine.speed else None
    if parent is not None:
        base = _usual(found, parent, session)
        return [one for one in (base, mine) if one is not None]
    other = next(
        (one for one in found if one.project.id == project_id and one.precision_hint == "f32"), None
    )
    return [one for one in (other, mine) if one is not None]


def _usual(
    found: Sequence[Experiment], project_id: int, session: str | None = None
) -> Experiment | None:
    """The newest run by default, of that session if there is one."""
    mine = [one for one in found if one.project.id == project_id]
    by_default = [one for one in mine if one.precision_hint == "default"] or mine
    together = [one for one in by_default if one.speed and one.speed.session == session]
    return next(iter(together or by_default), None)


def compare_experiments(workspace: Workspace, chosen: Sequence[Experiment]) -> ProjectComparison:
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


Profiled = dict[str, Profile]  # by session, newest first


def _profiles(workspace: Workspace, one: Experiment) -> Profiled:
    """Profiles of this project's model at this hint."""
    owners = [
        project
        for project in workspace.projects()
        if one.project.id in (project.id, project.parent_id)
    ]
    artifacts = [a for owner in owners for a in workspace.artifacts(owner.id, "profile")]
    by_id = {owner.id: owner for owner in owners}
    found: Profiled = {}
    for artifact in sorted(artifacts, key=lambda artifact: -artifact.id):
        try:
            result = profile_result(artifact)
        except WorkbenchError:
            continue  # damaged: the page on layers says so
        for profile in result.profiles:
            owner = _owner(by_id[artifact.project_id], profile.model)
            if owner == one.project.id and profile.precision_hint == one.precision_hint:
                found[f"profile {artifact.id}"] = profile
    return found


def _together(mine: Profiled, everyone: Sequence[Profiled]) -> tuple[Profile | None, str]:
    """The newest profile of a session that all were in; otherwise the newest."""
    shared = [s for s in mine if all(s in other for other in everyone if other)]
    session = next(iter(shared or mine), "")
    return mine.get(session), session


def _compared(
    workspace: Workspace, one: Experiment, profile: Profile | None, session: str
) -> ComparedProject:
    stored = stored_model(one.project)
    assert stored is not None  # it is ready
    info = stored.card.info
    return ComparedProject(
        title=one.title,
        run=one.label,
        size_bytes=info.size_bytes,
        parameters=info.parameters,
        precision=info.precision,
        speed=one.speed,
        agreement=_agreement(workspace, one.project),
        accuracy=_accuracy(workspace, one.project),
        profile=profile,
        profile_session=session,
    )


def _agreement(workspace: Workspace, project: Project) -> Agreement | None:
    artifacts = workspace.artifacts(project.id, "report")
    if not artifacts:
        return None
    try:
        result = read_json(_result(artifacts[0]), CompareResult)
    except WorkbenchError:
        return None  # damaged: the report's tab says so
    interval = result.agreement_interval
    return Agreement(
        dataset=result.dataset,
        agreement=result.summary.agreement,
        agreement_50=result.summary.agreement_50,
        interval=(interval.low, interval.high) if interval else None,
        verdict=result.summary.verdict,
    )


def _accuracy(workspace: Workspace, project: Project) -> Accuracy | None:
    """By the newest report on annotations that measured this project's model."""
    children = [one for one in workspace.projects() if one.parent_id == project.id]
    artifacts = [
        (artifact, "optimized") for artifact in workspace.artifacts(project.id, "accuracy")
    ]
    artifacts += [
        (artifact, "parent")
        for child in children
        for artifact in workspace.artifacts(child.id, "accuracy")
    ]
    for artifact, role in sorted(artifacts, key=lambda one: -one[0].id):
        try:
            result = read_json(_result(artifact), AccuracyResult)
        except WorkbenchError:
            continue  # damaged: the report's tab says so
        figures = result.accuracy.optimized if role == "optimized" else result.accuracy.parent
        if figures.ap is not None:
            return Accuracy(
                dataset=result.dataset,
                ap=figures.ap.value,
                interval=(figures.ap.low, figures.ap.high),
                ap50=figures.statistics["AP50"],
            )
    return None


def _result(artifact: Artifact) -> Path:
    return artifact.folder / RESULT_FILE
