"""Scorecards and leaderboards of a workspace, for both faces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from msgspec.structs import replace

from core.benchmark.service import models_of, owners_of
from core.errors import InputError
from core.scorecard.reading import JUDGING, MEASURING, Results
from core.scorecard.score import (
    ApPair,
    Judged,
    MeasuredAp,
    ModelSpeed,
    Score,
    Scorecard,
    counts_for,
)
from core.scorecard.speeds import OwnedBenchmark, speeds_of
from core.workspace.projects import titles_of
from core.workspace.store import Artifact, Project, Workspace

Family = tuple[Score, ...]
"""The models of a family: the parent first, then what was optimized from it, oldest first."""

_RANKS = {"safe": 0, "check": 1, None: 2, "not_safe": 3}


def families(workspace: Workspace, results: Results | None = None) -> tuple[Family, ...]:
    """All families of a workspace, oldest first."""
    projects, artifacts = workspace.projects(), workspace.artifacts_by_project()
    results = results or Results()
    roots = _roots(projects)
    ordered = sorted(projects, key=lambda one: (roots[one.id], one.id))
    return tuple(
        _family(list(members), artifacts, results)
        for _, members in groupby(ordered, key=lambda one: roots[one.id])
    )


def family_of(workspace: Workspace, project_id: int, results: Results | None = None) -> Family:
    """The family that a project belongs to; raises WorkbenchError where it was deleted."""
    workspace.project(project_id)
    projects = workspace.projects()
    roots = _roots(projects)
    members = [one for one in projects if roots[one.id] == roots[project_id]]
    artifacts = {one.id: workspace.artifacts(one.id) for one in members}
    return _family(members, artifacts, results or Results())


def scorecard_of(family: Family, project_id: int, against: int | None = None) -> Scorecard:
    """An optimized project beside its parent; a parent beside `against`, or the best of its own.

    Raises InputError where the family has no such project.
    """
    by_id = {one.project_id: one for one in family}
    if project_id not in by_id:
        raise InputError(f"There is no project {project_id}.", "Choose another one.")
    mine = by_id[project_id]
    if mine.parent_id is not None and mine.parent_id in by_id:
        return Scorecard(parent=by_id[mine.parent_id], optimized=mine)
    own = [one for one in family if one.parent_id == project_id]
    chosen = next((one for one in own if one.project_id == against), None)
    return Scorecard(parent=mine, optimized=chosen or best_of(own))


def best_of(scores: Iterable[Score]) -> Score | None:
    """The fastest of those with the best verdict; those without a model come last."""
    return min(scores, key=_rank, default=None)


def _rank(score: Score) -> tuple[bool, int, float, int]:
    verdict = score.judged.verdict if score.judged and score.is_judged else None
    gain = score.speed_up.throughput.value if score.speed_up else 0.0
    return score.state != "ready", _RANKS[verdict], -gain, -score.project_id


def _roots(projects: Sequence[Project]) -> dict[int, int]:
    """The topmost parent of each; parents come first."""
    roots: dict[int, int] = {}
    for one in projects:
        roots[one.id] = roots.get(one.parent_id or 0, one.id)
    return roots


def _family(
    members: Sequence[Project], found: Mapping[int, tuple[Artifact, ...]], results: Results
) -> Family:
    artifacts = {one.id: found.get(one.id, ()) for one in members}
    problems: dict[int, list[str]] = {one.id: [] for one in members}
    benchmarks = _benchmarks(members, artifacts, results, problems)
    reported = {one.id: _reports(one, artifacts[one.id], results, problems) for one in members}
    titles = titles_of(members)
    holding = _by_model(benchmarks)
    scores = []
    for one in members:
        judged, ap = reported[one.id]
        speeds = speeds_of(holding, one.id, one.parent_id)
        card = results.card(one, problems[one.id])
        scores.append(
            Score(
                project_id=one.id,
                parent_id=one.parent_id,
                name=one.name,
                title=titles[one.id],
                state=one.state,
                message=one.message,
                size_bytes=card.info.size_bytes if card else None,
                precision=card.info.precision if card else "",
                framework=card.info.framework if card else "",
                plan=card.plan if card else None,
                target=one.target,
                speed=speeds.mine,
                parent_speed=speeds.parent,
                speed_up=speeds.ratio,
                apart=speeds.apart,
                judged=judged,
                ap=ap.optimized or _ap_as_parent(members, reported, one.id),
                parent_ap=ap.parent,
                problems=tuple(problems[one.id]),
            )
        )
    return tuple(
        _beside(one, [own for own in scores if own.parent_id == one.project_id]) for one in scores
    )


def _beside(parent: Score, own: Sequence[Score]) -> Score:
    """A parent with the speed that stands beside its newest optimized model, if that is its own.

    Of one run there are medians, and the rounds that a ratio belongs to: one of them is shown.
    """
    for one in reversed(own):
        other = one.parent_speed
        if one.speed_up and other and parent.speed and _is_same_run(other, parent.speed):
            return replace(parent, speed=other)
    return parent


def _is_same_run(one: ModelSpeed, other: ModelSpeed) -> bool:
    return (one.source, one.latency_run) == (other.source, other.latency_run)


def _ap_as_parent(
    members: Sequence[Project],
    reported: dict[int, tuple[Judged | None, ApPair]],
    project_id: int,
) -> MeasuredAp | None:
    """The AP of a parent, by the newest report on what was optimized from it."""
    found = [reported[one.id][1].parent for one in members if one.parent_id == project_id]
    known = [one for one in found if one is not None]
    return max(known, key=lambda one: one.source.artifact_id, default=None)


def _benchmarks(
    members: Sequence[Project],
    artifacts: dict[int, tuple[Artifact, ...]],
    results: Results,
    problems: dict[int, list[str]],
) -> list[OwnedBenchmark]:
    """All benchmarks of a family that can be read, newest first; then those of other machines."""
    found, models = [], models_of(members)
    for project in members:
        for artifact in artifacts[project.id]:
            if artifact.kind != "benchmark":
                continue
            result = results.benchmark(artifact, problems[project.id])
            if result is not None:
                owners = {name: one.id for name, one in owners_of(models, result).items()}
                found.append(OwnedBenchmark(artifact, result, owners))
    return sorted(found, key=lambda one: (bool(one.result.machine.name), -one.artifact.id))


def _by_model(benchmarks: Sequence[OwnedBenchmark]) -> dict[int, list[OwnedBenchmark]]:
    """For each project, the benchmarks that its model is in, in their order."""
    found: dict[int, list[OwnedBenchmark]] = {}
    for one in benchmarks:
        for owner in dict.fromkeys(one.owners.values()):
            found.setdefault(owner, []).append(one)
    return found


def _reports(
    project: Project,
    artifacts: Sequence[Artifact],
    results: Results,
    problems: Mapping[int, list[str]],
) -> tuple[Judged | None, ApPair]:
    """The newest report on predictions that can be read, and the newest AP.

    One from a host does not stand for this machine, where there is another.
    """
    said = problems[project.id]

    def counts(found: Judged | MeasuredAp | None) -> bool:
        return found is not None and counts_for(project.target, found.machine)

    def better(found: Judged | MeasuredAp | None, before: Judged | MeasuredAp | None) -> bool:
        return found is not None and (before is None or counts(found) > counts(before))

    judged, ap = None, ApPair()
    for artifact in artifacts:  # newest first
        measured, lacking = ApPair(), not counts(ap.optimized)
        if artifact.kind == JUDGING and (lacking or not counts(judged)):
            found = results.judged(artifact, said)
            if found is not None:
                judged = found[0] if better(found[0], judged) else judged
                measured = found[1]
        elif artifact.kind == MEASURING and lacking:
            measured = results.measured(artifact, said) or ApPair()
        ap = measured if better(measured.optimized, ap.optimized) else ap
    return judged, ap
