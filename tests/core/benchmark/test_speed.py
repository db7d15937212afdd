"""Measurements of speed in a workspace: several projects, a cancel that keeps, going on."""

import threading
from pathlib import Path
from time import sleep

import psutil
import pytest

from core.benchmark.conversation import Prepare, TakeTurn
from core.benchmark.lanes import LaneProcess
from core.benchmark.measuring import MEASURING
from core.benchmark.plan import BenchmarkPlan, BenchmarkResult, Setting
from core.benchmark.service import (
    benchmark_result,
    latencies_ms,
    plan_go_on,
    plan_speed,
    stored_runs,
)
from core.errors import InputError
from core.jobs.events import Event, Progress
from core.jobs.planned import run_planned
from core.values import from_json
from tests.core.conftest import Made
from tests.support import models
from tests.support.jobs import job_processes, leftovers, run

LATENCY = BenchmarkPlan(
    contestants=(), precision_hints=("f32",), settings=(Setting(hint="latency"),), seconds=0.1
)

OLD_RESULT = """{
 "machine": {"device": "CPU", "device_name": "x", "logical_cores": 2, "openvino": "1",
  "system": "y"},
 "rounds": 1, "round_seconds": 0.25, "started": "2030-01-01",
 "runs": [{"model": "parent", "precision_hint": "f32", "precision_executed": "f32",
  "precision_layers": {"f32": 3}, "streams": 2, "threads": 2, "requests": 2,
  "throughput_fps": 10.0, "throughput_spread_fps": {"median": 10.0, "low": 9.0, "high": 11.0},
  "throughput_rounds_fps": [10.0],
  "latency_ms": {"p50": 1.0, "p90": 2.0, "p99": 3.0,
   "p50_spread": {"median": 1.0, "low": 1.0, "high": 1.0}},
  "latency_threads": 2, "latency_rounds_ms": [1.0]}],
 "ratios": [{"model": "b", "precision_hint": "f32", "against": "a", "against_precision_hint": "f32",
  "throughput": {"value": 1.0, "low": 1.0, "high": 1.0},
  "latency": {"value": 1.0, "low": 1.0, "high": 1.0}}],
 "sentence": "Fast."}"""


def test_results_of_older_versions_are_read() -> None:
    found = from_json(OLD_RESULT, BenchmarkResult)
    run_ = found.run("parent", "f32", "latency")
    assert run_ is not None
    assert run_ == found.run("parent", "f32", "throughput")
    assert (run_.setting, run_.latency_ms.p95, found.noise) == (None, None, None)
    assert found.ratio("b", "f32", "a", "f32") == found.ratios[0]


def test_any_projects_take_turns(made: Made) -> None:
    workspace = made.workspace
    job = plan_speed(workspace, made.optimized.id, [made.parent.id], LATENCY)
    assert run(workspace, job).end.outcome.state == "succeeded"
    runs, problems = stored_runs(workspace, [made.optimized.id])
    assert problems == ()
    parent, child = made.parent.name, f"{made.parent.name} – {made.optimized.name}"
    assert [one.title for one in runs] == [parent, child]
    for one in runs:
        assert len(latencies_ms(one)) == one.run.inferences
    with pytest.raises(InputError, match="is complete"):
        plan_go_on(workspace, runs[0].artifact)
    again = plan_speed(workspace, made.optimized.id, [], LATENCY)
    run(workspace, again)
    newest = stored_runs(workspace, [made.optimized.id])[0][0]
    assert newest.title == child, "alone, it is measured in the role of the first"


def test_a_cancelled_benchmark_keeps_whole_rounds_and_goes_on(made: Made) -> None:
    workspace, cancel = made.workspace, threading.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == MEASURING and event.done:
            cancel.set()

    plan = BenchmarkPlan(
        contestants=(),
        precision_hints=("f32",),
        settings=(Setting(hint="latency"),),
        iterations=3000,
    )
    end = run_planned(workspace, plan_speed(workspace, made.parent.id, [], plan), on_event, cancel)
    assert end.outcome.state == "succeeded"
    assert job_processes() == []
    assert leftovers(made.root) == []
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    stopped = benchmark_result(artifact)
    assert stopped.stopped
    assert not stopped.runs[0].complete
    assert 0 < (stopped.runs[0].inferences or 0) < 3000
    run(workspace, plan_go_on(workspace, artifact))
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    whole = benchmark_result(artifact)
    assert whole.runs[0].complete
    assert (whole.runs[0].inferences or 0) >= 3000
    before = stopped.runs[0].throughput_rounds_fps
    assert whole.runs[0].throughput_rounds_fps[: len(before)] == before


def test_a_waiting_process_computes_nothing(tmp_path: Path) -> None:
    lane = LaneProcess()
    try:
        xml = models.save(models.ssd(), tmp_path, "model")
        request = Prepare(xml=xml, precision_hint="f32", setting=Setting(), device="CPU")
        lane.prepare(request, lambda: None)
        lane.turn(TakeTurn(seconds=0.1), lambda: None)
        process = psutil.Process(lane.pid)
        sleep(0.05)
        before = process.cpu_times()
        sleep(0.4)
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        assert used < 0.05, "0.4 s of one core would be 0.4"
    finally:
        lane.close()
