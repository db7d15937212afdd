"""Runs of stored projects, and comparing them."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.benchmark.no_gain import no_gain, with_bottlenecks
from core.benchmark.result import BenchmarkResult
from core.benchmark.service import benchmark_result, plan_benchmark
from core.benchmark.settings import THROUGHPUT, BenchmarkSettings
from core.cli.main import main
from core.errors import InputError
from core.profiling.service import plan_profile
from core.project_comparison.service import compare_runs, project_runs, usual_pair
from core.reports.service import plan_report
from core.text import when, when_utc
from core.wording.comparison_files import comparison_csv, comparison_page
from core.wording.project_comparison import RUN, comparison_sentences, figures, run_label
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import run


@pytest.fixture(scope="module")
def measured(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Parent and optimized: measured, profiled and compared by real jobs, then moved."""
    root = tmp_path_factory.mktemp("measured") / "workspace"
    shutil.copytree(first_made.root, root)
    workspace = Workspace(root)
    child = workspace.projects()[1].id
    for job in (
        plan_benchmark(workspace, child, seconds=0.4),
        plan_profile(workspace, child, seconds=0.2),
        plan_report(workspace, child),
    ):
        watched = run(workspace, job)
        assert watched.end.project_id == child, watched.end.outcome.error
    moved = root.with_name("moved")
    root.rename(moved)
    return Workspace(moved)


def test_every_run_belongs_to_its_project(measured: Workspace) -> None:
    found = project_runs(measured)
    said = [(one.title, one.precision_hint) for one in found]
    assert said == [
        ("ssd", "f32"), ("ssd", "default"),
        ("ssd – INT8 performance", "f32"), ("ssd – INT8 performance", "default"),
    ]  # fmt: skip
    assert all(one.speed and one.speed.throughput_fps.median > 0 for one in found)
    assert len({one.key for one in found}) == 4
    speed = found[0].speed
    assert speed is not None
    assert f"{when(speed.started)}: " in run_label(speed)
    assert f"{when_utc(speed.started)}: " in str(
        dict(figures(compare_runs(measured, found)))[RUN][0]
    )


def test_what_cannot_be_read_is_told(
    measured: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(measured.root, tmp_path / "copy")
    copy = Workspace(tmp_path / "copy")
    child = copy.projects()[1].id
    results = [one.folder / "result.json" for one in copy.artifacts(child)]
    assert len(results) == 3
    for path in results:
        path.write_text("{")
    assert main(["compare-projects", "--workspace", str(copy.root)]) == 0
    listed = " ".join(capsys.readouterr().out.split())
    assert listed.count("is damaged") == 3
    assert all(str(path) in listed.replace(" ", "") for path in results)
    assert main(["compare-projects", "1", "2", "--workspace", str(copy.root), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["problems"]) == 3


def test_a_project_that_was_not_measured_is_there_too(made: Made) -> None:
    found = project_runs(made.workspace)
    assert [run_label(one.speed) for one in found] == ["not benchmarked"] * 2
    comparison = compare_runs(made.workspace, found)
    assert comparison.ratios == (None,)
    assert not comparison.types
    assert not comparison.pairs
    assert "times its size" in comparison_sentences(comparison)[0]
    assert "None of them has been benchmarked" in comparison_page(comparison, "today")


def test_speed_size_agreement_and_layers_stand_side_by_side(measured: Workspace) -> None:
    found = project_runs(measured)
    base, mine = usual_pair(found, measured.projects()[1].id)
    assert (base.title, mine.title) == ("ssd", "ssd – INT8 performance")
    comparison = compare_runs(measured, [base, mine])
    (ratio,), (pair,) = comparison.ratios, comparison.pairs
    assert ratio is not None
    assert ratio.in_turns
    assert ratio.throughput_interval is not None
    assert pair.in_turns
    assert any(group.first and group.second for group in pair.groups)
    parent, optimized = comparison.projects
    assert parent.predictions is None
    assert optimized.predictions is not None
    assert optimized.predictions.kept is not None
    assert optimized.size_bytes != parent.size_bytes
    assert all(len(row.sums) == 2 for row in comparison.types)
    assert "of its parent's accuracy" in comparison_sentences(comparison)[0]


def test_figures_beside_a_ratio_divide_to_it(measured: Workspace) -> None:
    chosen = usual_pair(project_runs(measured), measured.projects()[1].id)
    rows = dict(figures(compare_runs(measured, chosen)))
    for what, order in (("Throughput", 1), ("Latency", -1)):
        nothing, said = rows[f"{what} against A"]
        assert nothing is None
        found = re.match(r"([\d.]+) times .*; ([\d.]+) against ([\d.]+) (?:FPS|ms) in", str(said))
        assert found is not None, str(said)
        ratio, mine, first = map(float, found.groups())
        assert (mine / first) ** order == pytest.approx(ratio, rel=0.02)


def test_runs_of_different_benchmarks_get_no_interval(measured: Workspace, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(measured.root, root)
    workspace = Workspace(root)
    parent = workspace.projects()[0].id
    assert run(workspace, plan_benchmark(workspace, parent, seconds=0.2)).end.project_id == parent
    found = project_runs(workspace)
    newest = next(one for one in found if one.project.id == parent)
    mine = next(one for one in found if one.project.id != parent)
    comparison = compare_runs(workspace, [newest, mine])
    (ratio,) = comparison.ratios
    assert ratio is not None
    assert not ratio.in_turns
    assert ratio.throughput_interval is ratio.latency_interval is None
    assert "measured at different times" in comparison_sentences(comparison)[0]


def test_one_run_alone_is_refused(measured: Workspace) -> None:
    with pytest.raises(InputError, match="Choose two or more"):
        compare_runs(measured, project_runs(measured)[:1])


def test_the_page_holds_everything_and_loads_nothing(measured: Workspace) -> None:
    comparison = compare_runs(measured, project_runs(measured))
    page = comparison_page(comparison, "2026-01-01")
    assert [pair.place for pair in comparison.pairs] == [1, 3]  # INT8 is profiled by default only
    assert page.count("Layer by layer: A and") == 2
    for part in ("A: ssd", "D: ssd – INT8 performance", "Inference time", "Where the time goes"):
        assert part in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page
    table = comparison_csv(comparison).decode()
    assert table.startswith("figure,ssd,ssd,")
    assert table.count("\n\n") == 3


def test_the_terminal_lists_and_compares(
    measured: Workspace, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    where = ["--workspace", str(measured.root)]
    assert main(["compare-projects", *where, "--json"]) == 0
    listed = json.loads(capsysbinary.readouterr().out)
    numbers = [project["project"] for project in listed["projects"]]
    assert [len(project["runs"]) for project in listed["projects"]] == [2, 2]
    given = [f"{numbers[0]}:1", str(numbers[1])]
    for suffix in ("html", "csv", "json"):
        output = tmp_path / f"comparison.{suffix}"
        assert main(["compare-projects", *given, *where, "--output", str(output), "--json"]) == 0
        said = json.loads(capsysbinary.readouterr().out)
        assert said["output"] == str(output)
        assert output.stat().st_size > 500
    assert [one["speed"]["precision_hint"] for one in said["projects"]] == ["f32", "default"]
    assert main(["compare-projects", *given, *where]) == 0
    assert b"times its throughput" in capsysbinary.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["99", "1"], "There is no project 99."),
        (["1:9", "2"], "has no run 9"),
        (["1", "2", "--output", "page.doc"], "must end in one of .html"),
        (["1", "--workspace", "nowhere"], "There is no workspace in nowhere"),
    ],
)
def test_what_is_not_there_is_refused(
    measured: Workspace, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = [] if "--workspace" in given else ["--workspace", str(measured.root)]
    assert main(["compare-projects", *given, *where]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_workspace_whose_database_is_a_pipe_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "workspace.sqlite3")
    assert main(["compare-projects", "--workspace", str(tmp_path)]) == 2
    assert "workspace.sqlite3 is not a regular file" in capsys.readouterr().err


def test_a_benchmark_of_one_mode_alone_can_be_compared(made: Made) -> None:
    workspace = made.workspace
    settings = BenchmarkSettings(precision_hints=("f32",), modes=(THROUGHPUT,), seconds=0.1)
    run(workspace, plan_benchmark(workspace, made.parent.id, settings))
    (found, _) = project_runs(workspace)
    assert found.speed is not None
    assert found.speed.mode == THROUGHPUT
    assert run_label(found.speed).startswith("true f32, throughput, ")


def test_a_benchmark_without_gain_names_the_bottlenecks(measured: Workspace) -> None:
    optimized = measured.projects()[1]
    result = benchmark_result(measured.artifacts(optimized.id, "benchmark")[0])

    def with_verdict(word: str) -> BenchmarkResult:
        ratios = tuple(replace(one, throughput_verdict=word) for one in result.ratios)
        found = no_gain(result.machine, result.runs, ratios)
        return replace(result, ratios=ratios, no_gain=found, models=moved)

    parent = measured.projects()[0]
    assert parent.model is not None
    assert optimized.model is not None
    places = (parent.model, optimized.model)
    moved = tuple(replace(one, xml=xml) for one, xml in zip(result.models, places, strict=True))
    steps: list[str] = []
    (found,) = with_bottlenecks(with_verdict("slower"), lambda *step: steps.append(step[0])).no_gain
    assert (found.model, found.against) == ("optimized", "parent")
    assert all(one.layers and one.time_ms > 0 for one in found.bottlenecks)
    assert "Profiling layers in turns" in steps
    assert with_verdict("faster").no_gain == ()
