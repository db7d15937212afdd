"""Optimize and compare: quantization, benchmark and report in one chain, up to the verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.benchmark.service import benchmark_result, plan_benchmark
from core.benchmark.settings import BenchmarkSettings
from core.inference.settings import InferenceSettings
from core.jobs.planned import Part, PlannedJob
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.reports.kind import ReportOptions
from core.reports.service import plan_report
from core.scorecard.counting import counting_benchmark, counting_report
from core.scorecard.time_after import benchmark_seconds, report_seconds
from core.workspace.projects import with_parent
from core.workspace.store import Workspace

STEPS = ("Optimize", "Benchmark", "Accuracy report")


@dataclass(frozen=True)
class HowCompared:
    """How a benchmark and a report are made; what is None as the project says, or as usual.

    `images` are those of the dataset: without, it is not known how long the report takes.
    """

    benchmark: BenchmarkSettings | None = None
    options: ReportOptions | None = None
    settings: InferenceSettings | None = None
    images: int | None = None


def plan_optimize_and_compare(
    workspace: Workspace,
    project_id: int,
    calibration: Path,
    plan: QuantizationPlan,
    evaluated_on: Path | None = None,
    machine: str | None = None,
    how: HowCompared | None = None,
) -> PlannedJob:
    """The first job of the chain: an optimized project of this one.

    A benchmark of it in turns with its parent follows, and a report on its predictions. Statistics
    are collected on the `machine` of that name, if one is given. Raises InputError where the
    project cannot be optimized so.
    """
    job = plan_optimize(workspace, project_id, calibration, plan, evaluated_on, machine)
    how = how or HowCompared()

    def after() -> float | None:
        report = report_seconds(workspace, project_id, how.images)
        return None if report is None else report + benchmark_seconds(how.benchmark)

    return replace(job, part=Part(STEPS, 0, lambda made: plan_rest(workspace, made, how), after))


def plan_rest(
    workspace: Workspace, project_id: int, how: HowCompared | None = None
) -> PlannedJob | None:
    """What is still to be done for an optimized project to have its scorecard; None for nothing.

    A benchmark that was stopped early counts as one: it can be resumed. One of a host does not
    where the project is to run on this machine.
    """
    how = how or HowCompared()
    project = workspace.project(project_id)
    if counting_benchmark(workspace, project) is None:
        job = plan_benchmark(workspace, project_id, how.benchmark)
        parent = with_parent(workspace, project_id)[1]

        def after() -> float | None:
            return report_seconds(workspace, parent.id, how.images)

        return replace(job, part=Part(STEPS, 1, lambda made: _report(workspace, made, how), after))
    if counting_report(workspace, project) is None:
        job = plan_report(workspace, project_id, options=how.options, settings=how.settings)
        return replace(job, part=Part(STEPS, 2, seconds_after=lambda: 0.0))
    return None


def _report(workspace: Workspace, project_id: int, how: HowCompared) -> PlannedJob | None:
    """The report; none after a benchmark that the user stopped."""
    newest = workspace.artifacts(project_id, "benchmark")[0]
    return None if benchmark_result(newest).stopped else plan_rest(workspace, project_id, how)
