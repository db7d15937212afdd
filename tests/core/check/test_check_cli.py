"""``check`` as typed: its exit statuses, files and keys."""

import json
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.check.job import CheckJob
from core.check.limits import CheckLimits
from core.datasets.source import DatasetSource
from core.jobs.events import Event, Progress
from core.jobs.runner import run_job
from core.sample import sample
from core.targets.target import machine_target
from core.workspace.projects import model_of
from tests.core.conftest import Made
from tests.core.reports.conftest import annotate
from tests.support.jobs import job_processes, leftovers
from tests.support.processor import judges_bf16
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


def test_a_limit_that_is_met_and_one_that_is_missed(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    parent, optimized = made.model, made.int8
    limits = tmp_path / "limits.toml"
    limits.write_text("version = 1\nsize_mb = 100\n")
    said = terminal("check", parent, optimized, made.images, "--limits", limits)
    assert said.status == 0
    assert "Passed: the limit is met." in said.out
    files = tmp_path / "deep" / "check.xml", tmp_path / "deep" / "check.md"
    said = terminal(
        "check", parent, optimized, made.images, "--limits", limits, "--size-mb", 0.001,
        "--size-share", 10, "--junit", files[0], "--markdown", files[1], "--json",
    )  # fmt: skip
    assert said.status == 3
    found = json.loads(said.out)
    assert {
        "parent", "optimized", "dataset", "images", "settings", "state", "decisions", "parent_ap",
        "optimized_ap", "machine", "executions", "benchmark", "problems", "used_differently",
        "created", "sentence", "how", "files", "other_ways", "not_judged", "speed_on_target",
    } <= found.keys()  # fmt: skip
    assert found["sentence"] == "Failed: of 2 limits 1 is missed."
    assert [(one["limit"], one["state"]) for one in found["decisions"]] == [
        ("size_mb", "failed"), ("size_share", "passed"),
    ]  # fmt: skip
    assert {
        "limit", "side", "allowed", "figure", "sample", "count", "state", "doubt", "needed",
        "needed_seconds", "computed", "by_annotations", "sentence",
    } == found["decisions"][0].keys()  # fmt: skip
    assert found["files"] == [str(file) for file in files]
    assert ElementTree.parse(files[0]).getroot().get("failures") == "1"
    assert "| Size | at most 0.001 MB |" in files[1].read_text("utf-8")
    assert leftovers(tmp_path) == []


def test_too_few_images_decide_nothing(terminal: Terminal, made: Made) -> None:
    said = terminal("check", made.model, made.int8, made.images, "--accuracy-kept", 0.5)
    assert said.status == 4
    assert "At least 20 images (6 were measured) are needed." in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            (),
            "There is no limit to check. Specify a file with --limits, or some of --accuracy-kept",
        ),
        (("--accuracy-kept", "nan"), "nan is not a number that can be used"),
        (("--ap-drop", "-1"), "ap_drop = -1"),
        (("--ap-drop", "much"), "invalid number value: 'much'"),
        (("--target", "cpu_mmx"), "invalid choice: 'cpu_mmx'"),
        (("--size-mb", "9", "--exact-int8", "--saturating-int8"), "exact or saturates, not both"),
        (
            ("--size-mb", "9", "--target", "cpu", "--exact-int8"),
            "The target cpu and --exact-int8 both say how INT8 is computed, and differ.",
        ),
        (("--size-mb", "9", "--target", "cpu_vnni", "--saturating-int8"), "and differ."),
        (("--limits", "gone.toml"), "There is no file gone.toml."),
        (("--size-mb", "9", "--junit", "."), ". is a folder. Specify a file."),
        (("--size-mb", "9", "--junit", "a", "--markdown", "a"), "a is named twice."),
        (
            ("--size-mb", "9", "--predictions-changed", ".1", "--map", "car=vehicle"),
            "--map is of no use without a limit for accuracy_kept or ap_drop. Leave it out",
        ),
        (
            ("--accuracy-kept", ".9", "--score", ".5"),
            "--score is of no use without a limit for predictions_changed.",
        ),
        (
            ("--size-mb", "9", "--seconds", "5"),
            "--seconds is of no use without a limit for throughput_ratio or latency_ms.",
        ),
    ],
)
def test_bad_usage_is_said_before_any_work(
    terminal: Terminal, made: Made, arguments: tuple[str, ...], said: str
) -> None:
    found = terminal("check", made.model, made.model, made.images, *arguments)
    assert (found.status, found.out) == (2, "")
    assert said in found.err


def test_no_file_of_the_check_replaces_a_model(terminal: Terminal, made: Made) -> None:
    before = made.model.read_bytes()
    of = ("check", made.model, made.int8, made.images, "--size-mb", 9)
    found = terminal(*of, "--markdown", made.model)
    assert (found.status, found.err.strip()) == (
        2,
        f"{made.model} is named twice. Specify another file.",
    )
    assert terminal("predict", made.model, made.images, "--output", made.model).status == 2
    assert made.model.read_bytes() == before


def test_a_drop_of_ap_needs_annotations(terminal: Terminal, made: Made) -> None:
    found = terminal("check", made.model, made.int8, made.images, "--ap-drop", 0.1)
    assert found.status == 2
    assert "has no annotations, by which ap_drop is measured." in found.err


def test_a_class_that_is_not_there_is_no_reason_to_estimate(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    """Who maps classes wants the annotations to be used."""
    annotated = annotate(made.images, tmp_path / "annotated")
    for images, said in (
        (annotated, "'lorry' cannot be mapped to 'vehicle': the model has no class vehicle."),
        (made.images, "has no annotations, and so no classes to map. Use an annotated dataset"),
    ):
        found = terminal(
            "check", made.model, made.int8, images, "--accuracy-kept", 0.5,
            "--map", "lorry=vehicle",
        )  # fmt: skip
        assert (found.status, found.out) == (2, "")
        assert said in found.err


def test_images_that_cannot_be_read_are_no_verdict(
    terminal: Terminal, made: Made, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "broken.jpg").write_bytes(b"?")
    found = terminal(
        "check", made.model, made.int8, tmp_path / "images",
        "--accuracy-kept", 0.9, "--junit", tmp_path / "check.xml",
    )  # fmt: skip
    assert found.status == 1
    assert not (tmp_path / "check.xml").exists()


@pytest.mark.parametrize("stage", ["Detecting with both models", "Measuring in turns"])
def test_a_cancelled_check_leaves_nothing(made: Made, tmp_path: Path, stage: str) -> None:
    job = CheckJob(
        parent=model_of(made.parent),
        optimized=made.int8,
        dataset=DatasetSource(path=made.images),
        limits=CheckLimits(predictions_changed=0.1, throughput_ratio=1.0),
    )
    cancel = threading.Event()
    seen: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Progress):
            seen.append(event.stage)
            if seen.count(stage) == 3:  # in the middle of it
                cancel.set()

    outcome = run_job(job, tmp_path / "check", on_event=on_event, cancel=cancel, log=None)
    assert (outcome.state, outcome.folder) == ("cancelled", None)
    assert list(tmp_path.iterdir()) == [made.root]
    assert job_processes() == []


@pytest.mark.timeout(600)  # it quantizes a real model and measures it
def test_the_sample_meets_limits_of_every_kind(terminal: Terminal, tmp_path: Path) -> None:
    ours = sample()
    folder = str(tmp_path / "int8")
    optimize = ("optimize", ours.model, ours.calibration, "--output", folder, "--subset-size", 20)
    assert terminal(*optimize).status == 0
    said = terminal(
        "check", ours.model, folder, ours.validation, "--accuracy-kept", 0.9, "--ap-drop", 0.1,
        "--predictions-changed", 0.2, "--throughput-ratio", 0.05, "--latency-ms", 5000,
        "--size-share", 0.75, "--seconds", 0.5, "--json",
    )  # fmt: skip
    found = json.loads(said.out)
    assert said.status == 0, found["sentence"]
    assert found["state"] == "passed"
    assert found["images"] == 64
    figures = {one["limit"]: one["figure"] for one in found["decisions"]}
    for one in figures.values():
        assert one["low"] <= one["value"] <= one["high"]
    difference = found["parent_ap"]["value"] - found["optimized_ap"]["value"]
    assert figures["ap_drop"]["value"] == pytest.approx(difference)
    parent, optimized = found["executions"]
    asked = [one["settings"]["precision_hint"] for one in (parent, optimized)]
    assert asked == ["f32", "default"]
    assert (parent["precision"], optimized["precision"]) == ("f32", "int8")
    assert [run["model"] for run in found["benchmark"]["runs"]] == ["parent", "optimized"] * 2
    assert found["settings"]["target"] == machine_target(), "that of the model's plan"
    assert found["other_ways"] == []

    files = tmp_path / "check.xml", tmp_path / "check.md"
    limits = tmp_path / "limits.toml"
    limits.write_text('target = "any"\naccuracy_kept = 0.5\n')
    check = ("check", ours.model, folder, ours.validation, "--limits", limits)
    said = terminal(*check, "--json", "--junit", files[0], "--markdown", files[1])
    found = json.loads(said.out)
    assert found["settings"]["target"] == "any"
    kept = found["decisions"][0]
    ways = [kept["computed"], *(one["computed"] for one in found["other_ways"])]
    missing = not judges_bf16()
    wanted = {("exact", "f32"), ("saturating", "f32")} | (set() if missing else {("exact", "bf16")})
    assert {(one["arithmetic"], one["precision"]) for one in ways} == wanted
    assert all(kept["figure"]["value"] <= one["figure"]["value"] for one in found["other_ways"])
    assert found["not_judged"] == (["bf16"] if missing else [])
    assert (said.status, kept["state"]) == ((4, "undecided") if missing else (0, "passed"))
    assert "Target: Any." in " ".join(found["how"])
    for file in files:
        text = file.read_text("utf-8")
        assert "CPU, INT8 sums" in text, "how the figure that decides was computed"
        assert "Target: Any." in text

    measured = ("--throughput-ratio", 0.01, "--seconds", 0.5)
    said = terminal(*check, "--target", "npu", *measured, "--json")
    found = json.loads(said.out)
    assert (said.status, found["not_judged"]) == (4, ["npu"])
    states = [(one["limit"], one["state"], one["doubt"]) for one in found["decisions"]]
    assert states == [
        ("accuracy_kept", "undecided", "not_judged"), ("throughput_ratio", "passed", None),
    ]  # fmt: skip
    how = " ".join(found["how"])
    assert "could not be tried here: an NPU." in how
    assert "Speed and latency are this machine's" in how
