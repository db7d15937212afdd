"""Where models stand: figures that belong together, each with where it comes from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.benchmark.result import BenchmarkResult
from core.benchmark.service import benchmark_result, plan_benchmark
from core.cli.main import main
from core.errors import InputError
from core.inference.arithmetic import int8_arithmetic
from core.inference.settings import TRUE_F32
from core.jobs.job import RESULT_FILE
from core.reports.kind import ViewState
from core.reports.kinds import save_state
from core.reports.predictions.kind import PredictionsResult
from core.reports.service import plan_report
from core.reports.wording import AsMade, Headline
from core.scorecard.counting import counting_benchmark, counting_report
from core.scorecard.optimize_and_compare import plan_rest
from core.scorecard.reading import Results
from core.scorecard.score import MeasuredAp, Score
from core.scorecard.service import best_of, families, family_of, scorecard_of
from core.values import read_json, write_json
from core.wording.judged import changed_text, kept_text, verdict_in_list
from core.wording.leaderboard import leaderboard_csv
from core.wording.scorecard import in_short, ran_as, rows, verdict_text
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support.jobs import run


@pytest.fixture(scope="module")
def measured_once(first_made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("measured") / "workspace"
    shutil.copytree(first_made.root, root)
    workspace = Workspace(root)
    child = workspace.projects()[1].id
    for job in (plan_benchmark(workspace, child, seconds=0.4), plan_report(workspace, child)):
        assert run(workspace, job).end.project_id == child
    return root


@pytest.fixture
def measured(measured_once: Path, tmp_path: Path) -> Workspace:
    """Parent and optimized, measured in turns and compared by real jobs; a copy of one's own."""
    shutil.copytree(measured_once, tmp_path / "measured")
    return Workspace(tmp_path / "measured")


def pair(workspace: Workspace) -> tuple[Score, Score]:
    """What there is of both."""
    (family,) = families(workspace)
    parent, optimized = family
    return parent, optimized


def change_benchmark(workspace: Workspace, **changes: object) -> BenchmarkResult:
    """Have the stored benchmark say other things."""
    (artifact,) = workspace.artifacts(workspace.projects()[1].id, "benchmark")
    result = replace(benchmark_result(artifact), **changes)
    write_json(artifact.folder / RESULT_FILE, result)
    return result


def test_both_sides_are_of_one_benchmark_and_divide_to_the_ratio(measured: Workspace) -> None:
    parent, optimized = pair(measured)
    assert optimized.speed and optimized.parent_speed and optimized.speed_up
    assert optimized.speed.source.artifact_id == optimized.parent_speed.source.artifact_id
    ratio = optimized.speed_up
    assert optimized.speed.fps / optimized.parent_speed.fps == pytest.approx(ratio.throughput.value)
    faster = optimized.parent_speed.latency_ms / optimized.speed.latency_ms
    assert faster == pytest.approx(ratio.latency.value)
    assert (optimized.speed.precision_hint, optimized.speed.precision_executed) == (
        "default", "int8",
    )  # fmt: skip
    assert optimized.speed.device == "CPU"
    assert optimized.apart is None
    assert parent.speed == optimized.parent_speed, "figures of one run agree in all lists"


def test_the_words_name_precision_device_and_where_figures_come_from(measured: Workspace) -> None:
    (family,) = families(measured)
    card = scorecard_of(family, family[1].project_id)
    throughput, latency, size, ap = rows(card)
    assert throughput.optimized.note == "default (int8), CPU"
    assert throughput.optimized.text.endswith(" FPS")
    assert throughput.optimized.source != latency.optimized.source, "the run is named"
    assert "All rounds: median" in throughput.optimized.hint
    assert "×" in throughput.change.text
    assert (size.parent.note, size.optimized.note) == ("FP32", "INT8")
    assert ap.optimized.fill == "annotations"
    assert ap.parent.fill == ""
    verdict = verdict_text(card.optimized)
    assert verdict.kept.source is not None
    assert verdict.kept.note.endswith("%, estimated")
    assert in_short(family[1]).endswith(f"×, {verdict.word.lower()}")
    assert in_short(family[0]).endswith(" FPS")


def test_a_measured_ap_names_what_was_executed(measured: Workspace) -> None:
    """It said "CPU, default", which is bfloat16 on one machine and f32 on another."""
    (family,) = families(measured)
    card = scorecard_of(family, family[1].project_id)
    judged = card.optimized.judged if card.optimized else None
    assert card.optimized is not None
    assert judged is not None
    source, ran = judged.source, judged.executed
    in_f32 = replace(ran, settings=TRUE_F32, layers={"f32": 83}, arithmetic=None)
    measured_ap = MeasuredAp(source=source, ap=0.3, executed=ran, dataset="val")
    parent_ap = replace(measured_ap, executed=in_f32)
    both = replace(card.optimized, ap=measured_ap, parent_ap=parent_ap)
    *_, ap = rows(replace(card, optimized=both))
    assert ap.optimized.note.startswith(f"CPU, default (int8 {int8_arithmetic()}")
    assert ap.parent.note == "CPU, true f32", "what it says ran"


def test_a_verdict_says_what_it_is_for_and_is_not_taken_for_another_target(
    measured: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    project = measured.projects()[1].id

    def read() -> tuple[str, str]:
        optimized = family_of(measured, project, Results())[1]
        return verdict_text(optimized).note, in_short(optimized)

    note, short = read()
    assert note == "judged for this machine"
    assert "target" not in short
    measured.set_target(project, "npu")
    note, short = read()
    assert note == "judged for this machine, not for the target NPU"
    assert short.endswith(" (other target)")
    family = family_of(measured, project, Results())
    assert verdict_text(family[1]).name is None, "no colour"
    assert verdict_in_list(family[1]) == "Other target"
    assert ",This machine," in leaderboard_csv(family).decode()
    assert main(["scorecard", "--workspace", str(measured.root)]) == 0
    assert "(other target)" in capfd.readouterr().out


def test_a_share_just_below_its_limit_is_not_shown_as_the_limit(measured: Workspace) -> None:
    judged = pair(measured)[1].judged
    assert judged is not None and judged.kept is not None
    share = replace(judged.kept.share, value=0.9797)
    short = replace(judged, kept=replace(judged.kept, share=share), changed=0.25003)
    assert (kept_text(short), changed_text(short)) == ("97.97%", "25.003%")
    limits = replace(judged.limits, safe_kept=0.99)
    assert kept_text(replace(short, limits=limits)) == "98.0%"


def test_what_is_missing_says_what_would_fill_it(made: Made) -> None:
    (family,) = families(made.workspace)
    card = scorecard_of(family, family[0].project_id)
    assert card.optimized == family[1]
    throughput, *_, ap = rows(card)
    assert (ap.parent.note, ap.parent.fill) == ("no report on annotations", "")
    assert (throughput.parent.text, throughput.parent.fill) == ("–", "benchmark")
    assert (throughput.optimized.note, throughput.optimized.fill) == (
        "not benchmarked yet", "benchmark",
    )  # fmt: skip
    assert verdict_text(card.optimized).kept.fill == "report"
    alone = scorecard_of(family[:1], family[0].project_id)
    assert alone.optimized is None
    assert verdict_text(None).kept.fill == "optimize"
    assert in_short(family[1]) == ""


def test_other_devices_precisions_and_benchmarks_are_not_divided(measured: Workspace) -> None:
    result = change_benchmark(measured, ratios=())
    _, optimized = pair(measured)
    assert (optimized.speed_up, optimized.apart) == (None, "benchmark")
    assert optimized.speed and optimized.parent_speed

    runs = [one for one in result.runs if (one.model, one.precision_hint) != ("parent", "default")]
    change_benchmark(measured, runs=tuple(runs))
    _, optimized = pair(measured)
    assert optimized.apart == "precision"

    alone = [one for one in result.runs if one.model == "optimized"]
    change_benchmark(measured, runs=tuple(alone), models=result.models[1:])
    parent_id = measured.projects()[0].id
    assert run(measured, plan_benchmark(measured, parent_id, seconds=0.2)).end.project_id
    _, optimized = pair(measured)
    assert optimized.apart == "benchmark"
    machine = replace(result.machine, device="GPU", device_name="a card")
    change_benchmark(measured, machine=machine)
    family = families(measured)[0]
    assert family[1].apart == "device"
    throughput, *_ = rows(scorecard_of(family, parent_id))
    assert throughput.change.text == "–"
    assert throughput.change.note == "not divided: other device"
    assert throughput.change.fill == "benchmark"


def test_a_host_is_named_and_this_machine_goes_first(measured: Workspace) -> None:
    result = change_benchmark(measured)
    change_benchmark(measured, machine=replace(result.machine, name="board", host="b"))
    _, optimized = pair(measured)
    assert optimized.speed and optimized.speed.machine == "board"
    assert " on board" in in_short(optimized)
    assert "CPU on board" in ran_as(optimized.speed)

    change_benchmark(measured, machine=result.machine)
    _, project = measured.projects()
    newer = measured.new_folder("benchmark")
    newer.mkdir(parents=True)
    there = replace(result.machine, name="board", host="b")
    write_json(newer / RESULT_FILE, replace(result, machine=there))
    measured.add_artifact(project.id, "benchmark", newer)
    _, optimized = pair(measured)
    assert optimized.speed and optimized.speed.machine == "", "though that of the host is newer"


def test_what_a_host_measured_does_not_stand_for_this_machine(measured: Workspace) -> None:
    """It is shown with its name and the button for this machine, and is never taken instead."""
    project = measured.projects()[1]
    (report,) = measured.artifacts(project.id, "predictions")
    here = read_json(report.folder / RESULT_FILE, PredictionsResult)
    write_json(report.folder / RESULT_FILE, replace(here, machine="board (b)"))
    change_benchmark(
        measured, machine=replace(change_benchmark(measured).machine, name="board", host="b")
    )
    (family,) = families(measured)
    throughput, *_ = rows(scorecard_of(family, project.id))
    assert throughput.optimized.note.endswith(" on board")
    assert throughput.optimized.fill == "benchmark"
    verdict = verdict_text(family[1])
    assert verdict.note == "judged for board (b), not for this machine"
    assert (verdict.name, verdict.kept.fill) == (None, "report")
    assert counting_benchmark(measured, project) is counting_report(measured, project) is None
    job = plan_rest(measured, project.id)
    assert job is not None and job.makes == "benchmark"

    measured.set_target(project.id, "cpu_vnni")
    (project,) = (one for one in measured.projects() if one.id == project.id)
    found = counting_benchmark(measured, project), counting_report(measured, project)
    assert None not in found, "a target that any machine can be"

    measured.set_target(project.id, "this_machine")
    older, newer = report.folder, measured.new_folder("report")
    shutil.copytree(older, newer)
    write_json(older / RESULT_FILE, here)
    measured.add_artifact(project.id, "predictions", newer)
    _, optimized = pair(measured)
    assert optimized.judged and optimized.judged.machine == "", "though that of the host is newer"
    counted = counting_report(measured, measured.projects()[1])
    assert counted is not None and counted.folder == older


def test_damaged_results_are_named_and_the_rest_is_there(measured: Workspace) -> None:
    child = measured.projects()[1].id
    for artifact in measured.artifacts(child):
        (artifact.folder / RESULT_FILE).write_text("{")
    parent, optimized = pair(measured)
    assert len(optimized.problems) == 2
    assert all("is damaged" in one for one in optimized.problems)
    assert (optimized.speed, optimized.judged) == (None, None)
    assert optimized.size_bytes
    assert not parent.problems
    (measured.projects()[0].model or Path()).with_suffix(".card.json").write_text("[]")
    parent, _ = pair(measured)
    assert parent.size_bytes is None
    assert len(parent.problems) == 1


def test_a_file_is_read_again_when_it_changed_and_only_then(measured: Workspace) -> None:
    results = Results()
    child = measured.projects()[1].id
    (artifact,) = measured.artifacts(child, "benchmark")
    first = family_of(measured, child, results)
    said: list[str] = []
    assert results.benchmark(artifact, said) is results.benchmark(artifact, said)
    (artifact.folder / RESULT_FILE).write_text("{")
    assert family_of(measured, child, results) != first
    assert "is damaged" in family_of(measured, child, results)[1].problems[0], "again, as before"


def test_a_moved_threshold_does_not_leave_two_verdicts(measured: Workspace) -> None:
    _, before = pair(measured)
    assert before.judged is not None
    results = Results()
    assert families(measured, results)[0][1] == before
    moved = AsMade(verdict=before.judged.verdict, made_at=0.3, at=0.54)
    headline = Headline(code="not_safe", figures={"kept": 0.5, "changed": 0.75}, as_made=moved)
    (artifact,) = measured.artifacts(before.project_id, "predictions")
    save_state(artifact.folder, ViewState(headline=headline))
    (_, optimized), *_ = families(measured, results)
    assert in_short(optimized).endswith("×, not safe at 0.54")
    verdict = verdict_text(optimized)
    assert (verdict.name, verdict.word) == ("not_safe", "Not safe")
    assert verdict.note.startswith("at score >= 0.54 (made at 0.30: ")
    assert verdict.changed.text == "75.0%"
    assert b"Not safe at score >= 0.54 (made at 0.30" in leaderboard_csv([optimized])


def test_the_best_is_the_fastest_of_those_with_the_best_verdict(measured: Workspace) -> None:
    _, one = pair(measured)
    assert one.judged and one.speed_up
    safe = replace(one, judged=replace(one.judged, verdict="safe"), project_id=10)
    fast = replace(safe, project_id=11, speed_up=replace(one.speed_up, throughput=_twice(one)))
    unsafe = replace(fast, judged=replace(one.judged, verdict="not_safe"), project_id=12)
    failed = replace(fast, state="failed", project_id=13)
    assert best_of([one, unsafe, safe, failed]) == (one if one.judged.verdict == "safe" else safe)
    assert best_of([failed, unsafe, safe, fast]) == fast
    assert best_of([]) is None


def _twice(one: Score) -> object:
    assert one.speed_up
    return replace(one.speed_up.throughput, value=one.speed_up.throughput.value * 2)


def test_a_project_of_another_family_is_refused(measured: Workspace) -> None:
    (family,) = families(measured)
    with pytest.raises(InputError, match="no project 99"):
        scorecard_of(family, 99)


def test_the_table_is_safe_to_open(measured: Workspace) -> None:
    measured.rename_project(1, "=HYPERLINK(1)")
    (family,) = families(measured)
    lines = leaderboard_csv(family).decode().splitlines()
    assert lines[0].startswith("model,project,state,throughput_fps,parent_throughput_fps")
    assert lines[1].startswith("'=HYPERLINK(1)")
    assert len(lines) == 3


def test_the_terminal_shows_it(
    measured: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--workspace", str(measured.root)]
    assert main(["scorecard", "1", *where]) == 0
    shown = capsys.readouterr().out
    assert "Throughput" in shown
    assert "default (int8), CPU" in shown
    assert "% accuracy kept, " in shown
    table = tmp_path / "models.csv"
    assert main(["scorecard", *where, "--json", "--output", str(table)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in said["families"][0]] == ["ssd", "INT8 performance"]
    assert said["scorecard"] is None
    assert table.read_text().startswith("model,project")
    assert main(["scorecard", "1", *where, "--output", str(tmp_path / "x.txt")]) == 2
    assert main(["scorecard", "7", *where]) == 2


def test_a_file_of_another_format_is_named_beside_its_size(measured: Workspace) -> None:
    (family,) = families(measured)
    parent, optimized = (replace(one, framework="tensorflow") for one in family[:2])
    of = replace(optimized, framework="openvino")
    _, _, size, _ = rows(scorecard_of((parent, of), of.project_id))
    assert (size.parent.note, size.optimized.note) == ("FP32, TensorFlow file", "INT8")
