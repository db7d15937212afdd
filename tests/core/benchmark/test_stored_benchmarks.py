"""Benchmarks in a workspace: several projects, a cancel that keeps what is measured, resuming."""

import threading
from collections.abc import Callable
from pathlib import Path
from time import sleep

import psutil
import pytest

from core.benchmark.conversation import Prepare, TakeTurn
from core.benchmark.job import BenchmarkJob
from core.benchmark.measuring import MEASURING
from core.benchmark.service import (
    benchmark_result,
    latencies_ms,
    plan_benchmark,
    plan_resume,
    resume_job,
    runs_elsewhere,
    stored_runs,
)
from core.benchmark.settings import LATENCY, THROUGHPUT, BenchmarkedModel, BenchmarkSettings
from core.benchmark.worker_process import WorkerProcess
from core.errors import InputError, WorkbenchError
from core.jobs.events import Event, Progress
from core.jobs.job import RESULT_FILE
from core.jobs.planned import run_planned
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support import models
from tests.support.jobs import job_processes, leftovers, run

QUICK = BenchmarkSettings(precision_hints=("f32",), modes=(LATENCY,), seconds=0.1)


def test_any_projects_take_turns(made: Made) -> None:
    workspace = made.workspace
    job = plan_benchmark(workspace, made.optimized.id, QUICK, [made.parent.id])
    assert run(workspace, job).end.outcome.state == "succeeded"
    runs, problems = stored_runs(workspace, [made.optimized.id])
    assert problems == ()
    parent, child = made.parent.name, f"{made.parent.name} – {made.optimized.name}"
    assert [one.title for one in runs] == [parent, child]
    for one in runs:
        assert len(latencies_ms(one)) == one.run.inferences
    assert [one.name for one in runs[0].result.models] == ["parent", "optimized"]
    assert stored_runs(workspace, [made.parent.id]) == ((), ()), "it is stored at the child"
    assert [one.key for one in runs_elsewhere(workspace, made.parent.id)] == [
        one.key for one in runs
    ]
    assert runs_elsewhere(workspace, made.optimized.id) == ()
    again = plan_benchmark(workspace, made.optimized.id, QUICK, [])
    run(workspace, again)
    newest = stored_runs(workspace, [made.optimized.id])[0][0]
    assert newest.title == child, "alone, it is measured in the role of the first"
    assert {one.title for one in runs_elsewhere(workspace, made.parent.id)} == {parent, child}


def test_a_cancelled_benchmark_stores_whole_rounds_and_is_resumed(made: Made) -> None:
    workspace, cancel = made.workspace, threading.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, Progress) and event.stage == MEASURING and event.done:
            cancel.set()

    settings = BenchmarkSettings(precision_hints=("f32",), modes=(LATENCY,), iterations=3000)
    planned = plan_benchmark(workspace, made.parent.id, settings, [])
    end = run_planned(workspace, planned, on_event, cancel)
    assert end.outcome.state == "succeeded"
    assert job_processes() == []
    assert leftovers(made.root) == []
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    stopped = benchmark_result(artifact)
    assert stopped.stopped
    assert not stopped.runs[0].complete
    assert 0 < stopped.runs[0].inferences < 3000
    run(workspace, plan_resume(workspace, artifact))
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    whole = benchmark_result(artifact)
    assert whole.runs[0].complete
    assert whole.runs[0].inferences >= 3000
    before = stopped.runs[0].throughput_rounds_fps
    assert whole.runs[0].throughput_rounds_fps[: len(before)] == before


def test_a_benchmark_is_resumed_with_its_own_models_alone(made: Made) -> None:
    workspace = made.workspace
    run(workspace, plan_benchmark(workspace, made.parent.id, QUICK))
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    (model,) = benchmark_result(artifact).models
    resumed = resume_job(artifact.folder, [model])
    assert isinstance(resumed, BenchmarkJob) and resumed.models == (model,)
    with pytest.raises(InputError, match="is of other models"):
        resume_job(artifact.folder, [BenchmarkedModel(name="other", xml=model.xml)])
    with pytest.raises(InputError, match="There is no benchmark in"):
        resume_job(workspace.root / "nowhere", [model])


def test_a_benchmark_is_resumed_where_the_workspace_is_now(made: Made) -> None:
    workspace = made.workspace
    project = made.optimized.id
    run(workspace, plan_benchmark(workspace, project, QUICK, []))
    root = made.root.with_name("moved")
    made.root.rename(root)
    moved = Workspace(root)
    (artifact,) = moved.artifacts(project, "benchmark")
    planned = plan_resume(moved, artifact)
    assert isinstance(planned.job, BenchmarkJob)
    assert planned.job.models[0].xml == moved.project(project).model
    assert planned.job.models[0].xml.is_relative_to(root)


def test_a_benchmark_of_a_deleted_model_is_not_resumed(made: Made) -> None:
    workspace = made.workspace
    planned = plan_benchmark(workspace, made.parent.id, QUICK, [made.optimized.id])
    run(workspace, planned)
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    workspace.delete_project(made.optimized.id)
    with pytest.raises(InputError, match="was deleted"):
        plan_resume(workspace, artifact)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[: len(text) // 2], "is damaged"),
        (lambda text: text.replace('"version": 1', '"version": 99'), "newer version"),
        (lambda text: text.replace('"version": 1', '"was": 1'), "older version"),
        (lambda text: text.replace('"rounds": ', '"rounds": "many", "was": '), "is damaged"),
        (lambda text: text.replace('"name": "parent"', '"name": "other"'), "not those of its mod"),
        (lambda text: text.replace('"batch": 1', '"batch": 0'), "is damaged"),
    ],
)
def test_a_result_that_cannot_be_read_is_named(
    made: Made, damage: Callable[[str], str], said: str
) -> None:
    workspace = made.workspace
    run(workspace, plan_benchmark(workspace, made.parent.id, QUICK))
    (artifact,) = workspace.artifacts(made.parent.id, "benchmark")
    file = artifact.folder / RESULT_FILE
    file.write_text(damage(file.read_text("utf-8")), "utf-8")
    with pytest.raises(WorkbenchError, match=said) as refused:
        benchmark_result(artifact)
    assert str(file) in str(refused.value)
    runs, problems = stored_runs(workspace, [made.parent.id])
    assert runs == ()
    assert problems == (str(refused.value),)


def test_a_waiting_process_computes_nothing(tmp_path: Path) -> None:
    worker = WorkerProcess()
    try:
        xml = models.save(models.ssd(), tmp_path, "model")
        request = Prepare(
            xml=xml,
            precision_hint="f32",
            mode=THROUGHPUT,
            settings=BenchmarkSettings(),
            images=(),
            warm_up_seconds=0.1,
        )
        worker.send(request)
        worker.ready(lambda: None)
        worker.turn(TakeTurn(seconds=0.1), lambda: None)
        process = psutil.Process(worker.pid)
        sleep(0.05)
        before = process.cpu_times()
        sleep(0.4)
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        assert used < 0.05, "0.4 s of one core would be 0.4"
    finally:
        worker.close()
