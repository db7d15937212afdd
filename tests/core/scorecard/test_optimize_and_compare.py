"""Quantization, benchmark and report one after the other, each planned when the former is done."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core.benchmark.service import benchmark_result, plan_benchmark
from core.benchmark.settings import BenchmarkSettings
from core.errors import InputError
from core.jobs.events import JobOutcome
from core.jobs.job import RESULT_FILE
from core.jobs.planned import PlannedJob
from core.models.plan import QuantizationPlan
from core.scorecard.optimize_and_compare import (
    STEPS,
    HowCompared,
    plan_optimize_and_compare,
    plan_rest,
)
from core.scorecard.service import family_of, scorecard_of
from core.values import write_json
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import run


def lasting(seconds: float) -> HowCompared:
    """With a benchmark of so many seconds."""
    return HowCompared(BenchmarkSettings(seconds=seconds), images=100)


def walk(workspace: Workspace, job: PlannedJob | None) -> list[str]:
    """Run a chain to its end; gives what each part made."""
    made: list[str] = []
    while job is not None:
        watched = run(workspace, job)
        assert watched.end.project_id is not None, watched.end.outcome.error
        assert job.part is not None
        assert job.part.titles == STEPS
        made.append(job.makes)
        job = job.part.then(watched.end.project_id)
    return made


def test_the_chain_ends_with_a_verdict(made: Made) -> None:
    workspace, parent = made.workspace, made.parent
    job = plan_optimize_and_compare(
        workspace, parent.id, made.images, QuantizationPlan(subset_size=4), how=lasting(0.1)
    )
    assert workspace.projects()[-1].state == "in_progress", "it appears at once"
    assert walk(workspace, job) == ["optimized model", "benchmark", "report"]
    child = workspace.projects()[-1]
    card = scorecard_of(family_of(workspace, child.id), child.id)
    assert card.optimized is not None
    assert card.optimized.judged is not None
    assert card.optimized.speed_up is not None
    assert plan_rest(workspace, child.id) is None


def test_what_is_missing_is_done_and_a_stopped_benchmark_ends_it(made: Made) -> None:
    workspace, child = made.workspace, made.optimized
    job = plan_rest(workspace, child.id, lasting(0.1))
    assert job is not None
    assert job.part is not None
    assert run(workspace, job).end.project_id == child.id
    (artifact,) = workspace.artifacts(child.id, "benchmark")
    stopped = replace(benchmark_result(artifact), stopped=True)
    write_json(artifact.folder / RESULT_FILE, stopped)
    assert job.part.then(child.id) is None, "no report follows"
    assert walk(workspace, plan_rest(workspace, child.id)) == ["report"]


def test_an_optimized_project_is_refused_as_by_optimize(made: Made) -> None:
    with pytest.raises(InputError, match="quantized"):
        plan_optimize_and_compare(
            made.workspace, made.optimized.id, made.images, QuantizationPlan()
        )


def test_how_long_the_rest_takes_is_known_once_the_parent_was_measured(made: Made) -> None:
    workspace, parent = made.workspace, made.parent
    plan = QuantizationPlan(subset_size=4)
    first = plan_optimize_and_compare(workspace, parent.id, made.images, plan, how=lasting(7))
    assert first.part is not None
    assert first.part.seconds_after() is None, "better none than a wrong one"
    run(workspace, plan_benchmark(workspace, parent.id, seconds=0.1))  # which it waited for
    second = plan_rest(workspace, made.optimized.id, lasting(7))
    assert second is not None and second.part is not None
    report = second.part.seconds_after()
    assert report is not None and report > 0
    whole = report + BenchmarkSettings(seconds=7).estimated_seconds(2)
    assert first.part.seconds_after() == pytest.approx(whole)
    first.abandon(JobOutcome("cancelled"))
