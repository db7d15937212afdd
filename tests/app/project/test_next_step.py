"""What to do next with a project."""

from __future__ import annotations

import zipfile
from pathlib import Path

from msgspec.structs import replace

from app.project_views import project_view
from core.benchmark.service import benchmark_result
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.comparison.bootstrap import Interval
from core.reports.predictions.kind import PredictionsResult
from core.values import read_json, write_json
from core.workspace.store import Workspace
from tests.support.checkout import ROOT


def test_a_report_for_another_target_is_not_the_last_step(tmp_path: Path) -> None:
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    workspace = Workspace(tmp_path)
    (project,) = [
        one
        for one in workspace.projects()
        if workspace.artifacts(one.id, "predictions") and workspace.artifacts(one.id, "benchmark")
    ]
    assert project_view(workspace, project.id).next_step.action == "images"
    workspace.set_target(project.id, "npu")
    step = project_view(workspace, project.id).next_step
    assert step.text == (
        "Its report is judged for this machine, not for the target NPU. Create another."
    )
    assert (step.action, step.second) == ("compare", "images")


def test_a_host_does_not_do_it_for_this_machine(tmp_path: Path) -> None:
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    workspace = Workspace(tmp_path)
    found = ((one, workspace.artifacts(one.id, "benchmark")) for one in workspace.projects())
    project, (benchmark, *_) = next(
        (one, made)
        for one, made in found
        if made and one.parent_id and workspace.artifacts(one.id, "predictions")
    )
    result = benchmark_result(benchmark)
    there = replace(result.machine, name="board", host="b")
    write_json(benchmark.folder / RESULT_FILE, replace(result, machine=there))
    assert project_view(workspace, project.id).next_step.action == "benchmark"
    workspace.set_target(project.id, "cpu")
    assert project_view(workspace, project.id).next_step.action == "compare", "of that it is one"


def test_after_a_model_that_is_not_safe_comes_a_search(tmp_path: Path) -> None:
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    workspace = Workspace(tmp_path)
    project, report = next(
        (one, workspace.artifacts(one.id, "predictions")[0])
        for one in workspace.projects()
        if workspace.artifacts(one.id, "predictions") and workspace.artifacts(one.id, "benchmark")
    )
    result = read_json(report.folder / RESULT_FILE, PredictionsResult)
    little = AccuracyKept(share=Interval(value=0.4, low=0.3, high=0.5), images=50)
    grounds = replace(result.grounds, kept=little, elsewhere=(), counts=True)
    write_json(report.folder / RESULT_FILE, replace(result, grounds=grounds))
    view = project_view(workspace, project.id)
    assert (view.next_step.action, view.next_step.second) == ("search", "images")
    assert view.not_safe
