"""What an optimized project has now, as limits for those that come after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from math import ceil, floor

from core.benchmark.result import BenchmarkResult
from core.benchmark.service import benchmark_result
from core.check.deciding import Figure
from core.check.limits import KINDS, LimitName, Unit
from core.check.measuring import Figures, drop, predictions, sizes, speed
from core.inference.settings import InferenceSettings
from core.models.plan import Target
from core.models.stored import load_stored
from core.progress import Step
from core.reports.annotations.kind import Annotations, AnnotationsResult
from core.reports.detections import open_pair, truth_if_kept
from core.reports.kind import ReportResult
from core.reports.kinds import result_of
from core.reports.predictions.kind import Predictions, PredictionsResult
from core.reports.service import reports_of
from core.targets.elsewhere import computes_as
from core.workspace.projects import model_of, with_parent
from core.workspace.store import Artifact, Project, Workspace

_SCALES: dict[Unit, int] = {"share": 1000, "ap": 10_000, "times": 100, "ms": 100, "MB": 100}
_WANTED: Collection[LimitName] = ("accuracy_kept", "predictions_changed")


@dataclass(frozen=True)
class Present:
    """The figures of a project for its target, and those limits whose report ran otherwise."""

    figures: Figures
    target: Target
    otherwise: frozenset[LimitName] = frozenset()


def present_figures(workspace: Workspace, project_id: int, step: Step) -> Present:
    """The figures of an optimized project, by its newest reports and benchmark.

    What was not measured yet, and what was not measured as the target computes, is left out. Raises
    InputError for a project without a parent, and WorkbenchError where one of them is damaged.
    """
    project, parent = with_parent(workspace, project_id)
    cards = [load_stored(model_of(one)).card for one in (parent, project)]
    target = present_target(workspace, project_id)
    otherwise: set[LimitName] = set()
    found = {**sizes(cards[0].info.size_bytes, cards[1].info.size_bytes)}
    for benchmark in _measured_here(workspace.artifacts(project_id, "benchmark")):
        found.update(speed(benchmark, "default"))
    for artifact in _made_here(reports_of(workspace, project_id, Predictions.id)):
        _, made = result_of(artifact.folder)
        assert isinstance(made, PredictionsResult)
        pair = open_pair(artifact.folder)
        truth, images = truth_if_kept(artifact.folder, pair.parent), len(pair.parent)
        found.update(predictions(_WANTED, pair.parts, images, made.thresholds, step, truth))
        same = _as_target(project, target, made)
        if not same:
            otherwise.add("predictions_changed")
        kept, elsewhere = made.grounds.worst
        judged = made.target == target
        if judged and elsewhere is not None and kept is not None:
            found["accuracy_kept"] = Figure(
                kept.share, "images", kept.images, by_annotations=kept.measured
            )
        elif not judged and not same:
            otherwise.add("accuracy_kept")
    for artifact in _made_here(reports_of(workspace, project_id, Annotations.id)):
        _, result = result_of(artifact.folder)
        assert isinstance(result, AnnotationsResult)
        found.update(drop(result.accuracy))
        if not _as_target(project, target, result):
            otherwise.add("ap_drop")
    met = {
        name: one for name, one in found.items() if not one.nothing_found and name not in otherwise
    }
    return Present(met, target, frozenset(otherwise))


def _measured_here(benchmarks: Iterable[Artifact]) -> Iterator[BenchmarkResult]:
    """The newest of this machine, if there is one."""
    found = map(benchmark_result, benchmarks)
    return islice((one for one in found if not one.machine.name), 1)


def _made_here(reports: Iterable[Artifact]) -> Iterator[Artifact]:
    """The newest whose models ran on this machine, if there is one."""
    made = (one for one in reports if not result_of(one.folder)[1].machine)
    return islice(made, 1)


def _as_target(project: Project, target: Target, result: ReportResult) -> bool:
    """Whether the optimized model of a report ran as the target computes, in each of its ways."""
    ran = result.optimized_executed
    if project.target == "this_machine" and ran.float_precision not in ("f32", "bf16"):
        return ran.settings == InferenceSettings(device=project.device)  # no target is called so
    return computes_as(target, ran)


def present_target(workspace: Workspace, project_id: int) -> Target:
    """Where its model is to run; a build is another machine, so *this machine* by what that was.

    That is what the plan says that the model was made by.
    """
    project = workspace.project(project_id)
    plan = load_stored(model_of(project)).card.plan
    return plan.target if project.target == "this_machine" and plan else project.target


def starting_limit(name: LimitName, figure: Figure) -> float | None:
    """A limit that this figure meets with its whole interval, rounded away from it.

    None where only one would do that every model meets.
    """
    kind = KINDS[name]
    scale = _SCALES[kind.unit]
    if kind.side == "at_least":
        limit = floor(figure.interval.low * scale) / scale
    else:
        limit = ceil(figure.interval.high * scale) / scale
    limit = min(max(limit, kind.allowed.low), kind.allowed.high)
    return None if limit == kind.met_by_all else limit
