"""The kinds of reports by their jobs, from the terminal."""

from __future__ import annotations

import json
import platform
import shutil
from pathlib import Path
from typing import Any

import openvino
import pytest

from core.cli.main import main
from core.datasets.class_mapping import map_classes
from core.datasets.source import DatasetSource
from core.jobs.job import RESULT_FILE
from core.jobs.runner import run_job
from core.metrics.accuracy.truth import GroundTruth
from core.models.plan import QuantizationPlan, Target
from core.models.plan_note import note_plan
from core.reports.annotations.kind import AnnotationsJob, AnnotationsResult, load_annotations
from core.reports.detections import TRUTH_FILE
from core.reports.predictions.kind import load_predictions
from core.reports.service import keep_class_mapping, plan_report
from core.reports.tensors import TensorsJob
from core.runtime import openvino_core
from core.targets.titles import TARGETS
from core.values import read_json
from tests.core.conftest import Made
from tests.support import models
from tests.support.jobs import run
from tests.support.processor import judges_bf16
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]

X86 = platform.machine() in ("x86_64", "AMD64")


def report(
    capfd: pytest.CaptureFixture[str], made: Made, dataset: Path, output: Path, *more: object
) -> dict[str, Any]:
    parts = ("report", made.model, made.int8, dataset, "--output", output, "--json")
    status = main([str(part) for part in (*parts, *more)])
    said = capfd.readouterr()
    assert status == 0, said.err
    found: dict[str, Any] = json.loads(said.out)
    assert found == json.loads((output / "report.json").read_text("utf-8"))
    return found


def test_predictions(capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path) -> None:
    output = tmp_path / "report"
    more = (
        "--html",
        "--worst-images",
        2,
        "--score",
        0.01,
        "--safe-kept",
        1,
        "--score-drift",
        0,
    )
    found = report(capfd, made, made.images, output, *more)
    assert found["kind"] == "predictions"
    assert found["thresholds"]["limits"]["safe_kept"] == 1
    assert found["accuracy_kept"]["kept"]["share"]["value"] <= 1
    assert found["verdict"].keys() == {"name", "reason", "text", "sentence"}
    assert found["thresholds"]["score_drift"] == 0
    interval = found["agreement_interval"]
    assert interval["low"] <= interval["value"] <= interval["high"]
    assert interval["value"] == found["summary"]["agreement"]
    assert (output / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert (output / "images.csv").read_text("utf-8").count("\n") == 7
    assert (output / "classes.csv").is_file()
    assert len(list((output / "images").iterdir())) == 2


def test_images_of_an_archive_are_drawn_with_the_report_and_gone_after_it(
    capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path
) -> None:
    archive, output = tmp_path / "some.zip", tmp_path / "report"
    shutil.make_archive(str(archive.with_suffix("")), "zip", made.images)
    more = ("--html", "--worst-images", 2, "--score", 0.01, "--score-drift", 0)
    report(capfd, made, archive, output, *more)
    page = (output / "report.html").read_text("utf-8")
    assert "data:image/jpeg" in page
    assert "The image cannot be read." not in page
    assert len(list((output / "images").iterdir())) == 2
    parts = ("export-report", output, "--format", "images", "--output", tmp_path / "drawn")
    assert main([*map(str, parts), "--score", "0.01", "--score-drift", "0"]) != 0
    assert "make the report of the unpacked folder" in capfd.readouterr().err


@pytest.mark.skipif(not X86, reason="instructions of x86")
@pytest.mark.parametrize("target", ["cpu", "any"])
def test_a_target_without_vnni_is_judged_as_it_computes(
    capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path, target: Target
) -> None:
    found = report(capfd, made, made.images, tmp_path / "report", "--target", target, "--html")
    ran = found["optimized_executed"]
    own = ran["arithmetic"], ran["float_precision"]
    ways = {("saturating", "f32")}
    if target == "any":
        ways |= {("exact", "f32")} | ({("exact", "bf16")} if judges_bf16() else set())
    assert found["target"] == target
    page = (tmp_path / "report" / "report.html").read_text("utf-8")
    assert f"judged for the target {TARGETS[target]}." in page, "safe is safe somewhere"
    answer = found["accuracy_kept"]
    assert {(one["arithmetic"], one["precision"]) for one in answer["elsewhere"]} == ways - {own}
    assert answer["counts"] == (own in ways)
    assert all(0 <= one["kept"]["share"]["value"] <= 1 for one in answer["elsewhere"])
    no_bf16 = target == "any" and not judges_bf16()
    assert answer["not_judged"] == (["bf16"] if no_bf16 else [])


@pytest.mark.skipif(not X86, reason="instructions of x86")
def test_a_verdict_is_for_the_target_of_the_plan_unless_another_one_is_named(
    capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path
) -> None:
    network = openvino_core().read_model(str(made.int8))
    note_plan(network, QuantizationPlan(target="any"))
    optimized = tmp_path / "any.xml"
    openvino.save_model(network, optimized, compress_to_fp16=False)
    for flags, target in (((), "any"), (("--target", "this_machine"), "this_machine")):
        parts = ("report", made.model, optimized, made.images, *flags)
        assert main([*map(str, parts), "--output", str(tmp_path / target), "--json"]) == 0
        assert json.loads(capfd.readouterr().out)["target"] == target


def test_what_a_target_is_and_this_machine_is_not_cannot_be_judged(
    capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path
) -> None:
    found = report(capfd, made, made.images, tmp_path / "report", "--target", "npu")
    assert found["accuracy_kept"]["not_judged"] == ["npu"]
    assert found["verdict"]["name"] != "safe"


def test_annotations(
    capfd: pytest.CaptureFixture[str], made: Made, annotated: Path, tmp_path: Path
) -> None:
    page = tmp_path / "pages" / "accuracy.html"
    found = report(capfd, made, annotated, tmp_path / "r", "--kind", "annotations", "--html", page)
    assert found["kind"] == "annotations"
    assert found["images"] == 20
    assert found["objects"] == 15  # the walrus is left out
    walrus = found["mapping"]["classes"][-1]
    assert (walrus["dataset_class"], walrus["model_class"]) == ("walrus", None)
    assert len(found["parent"]["statistics"]) == 12
    assert found["differences"].keys() == found["parent"]["statistics"].keys()
    assert set(found["parent"]["errors"]) == {
        "class", "localisation", "both", "duplicate", "background", "missed",
    }  # fmt: skip
    assert {one["class_name"] for one in found["classes"]} == set(models.CLASSES)
    document = page.read_text("utf-8")
    assert "Confusion of the optimized model" in document
    assert "Worst images" in document


DOUBT = "Lines left out because they are not labels: 20"


def test_doubts_about_the_annotations_reach_the_report(
    capfd: pytest.CaptureFixture[str], made: Made, annotated: Path, tmp_path: Path
) -> None:
    for label in (annotated / "labels" / "val").iterdir():
        label.write_text(label.read_text() + "what is this\n")
    found = report(capfd, made, annotated, tmp_path / "r", "--kind", "annotations")
    noticed = found["problems"][-1]
    assert (noticed["code"], noticed["facts"]["count"]) == ("lines_without_labels", 20)
    parts = ("report", made.model, made.int8, annotated, "--output", tmp_path / "s")
    assert main([*map(str, parts), "--kind", "annotations"]) == 0
    assert DOUBT in capfd.readouterr().err


@pytest.mark.parametrize("kind", ["predictions", "operating-point"])
def test_doubts_about_the_annotations_are_told_where_they_only_help(
    capfd: pytest.CaptureFixture[str], made: Made, annotated: Path, tmp_path: Path, kind: str
) -> None:
    for label in (annotated / "labels" / "val").iterdir():
        label.write_text(label.read_text() + "what is this\n")
    parts = ("report", made.model, made.int8, annotated, "--output", tmp_path / "r")
    assert main([*map(str, parts), "--kind", kind]) == 0
    assert DOUBT in capfd.readouterr().err


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ("", "There is not a single box in the annotations: no accuracy can be measured."),
        ("3 0.5 0.5 0.6 0.6\n", "None of the 20 boxes of annotated (val) has a class that"),
    ],
)
def test_annotations_without_truth_are_refused_before_any_work(
    capfd: pytest.CaptureFixture[str],
    made: Made,
    annotated: Path,
    tmp_path: Path,
    rows: str,
    cause: str,
) -> None:
    for label in (annotated / "labels" / "val").iterdir():
        label.write_text(rows)
    parts = ("report", made.model, made.int8, annotated, "--output", tmp_path / "r")
    assert main([*map(str, parts), "--kind", "annotations"]) == 2
    assert cause in capfd.readouterr().err
    assert not (tmp_path / "r").exists()
    assert main([*map(str, parts)]) == 0, "predictions can be compared all the same"


def test_crowds_alone_are_no_truth(
    capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path
) -> None:
    names = [path.name for path in sorted(made.images.iterdir())]
    content = {
        "images": [{"id": n, "file_name": name} for n, name in enumerate(names)],
        "categories": [{"id": 1, "name": models.CLASSES[0]}],
        "annotations": [
            {"image_id": n, "category_id": 1, "bbox": [1, 1, 30, 30], "iscrowd": 1}
            for n in range(len(names))
        ],
    }
    folder = tmp_path / "crowds"
    shutil.copytree(made.images, folder / "images")
    (folder / "crowds.json").write_text(json.dumps(content))
    parts = ("report", made.model, made.int8, folder, "--output", tmp_path / "r")
    assert main([*map(str, parts), "--kind", "annotations"]) == 2
    assert "are crowds or marked as difficult" in capfd.readouterr().err


def test_annotations_that_are_not_there(
    capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path
) -> None:
    parts = ("report", made.model, made.int8, made.images, "--output", tmp_path / "r")
    assert main([*map(str, parts), "--kind", "annotations"]) == 2
    assert "has no annotations" in capfd.readouterr().err
    assert not (tmp_path / "r").exists()


def test_a_class_that_is_mapped_by_hand(
    capfd: pytest.CaptureFixture[str], made: Made, annotated: Path, tmp_path: Path
) -> None:
    more = ("--kind", "annotations", "--map", "walrus=cat", "--map", "dog=")
    found = report(capfd, made, annotated, tmp_path / "r", *more)
    mapped = {c["dataset_class"]: c["model_class"] for c in found["mapping"]["classes"]}
    assert mapped == {"cat": "cat", "dog": None, "bird": "bird", "walrus": "cat"}
    parts = ("report", made.model, made.int8, annotated, "--output", tmp_path / "no")
    assert main([*map(str, parts), "--kind", "annotations", "--map", "walrus=bear"]) == 2
    assert "the model has no class bear" in capfd.readouterr().err


@pytest.mark.parametrize("kind", ["predictions", "operating-point"])
def test_classes_mapped_by_hand_count_wherever_annotations_do(
    capfd: pytest.CaptureFixture[str], made: Made, annotated: Path, tmp_path: Path, kind: str
) -> None:
    report(capfd, made, annotated, tmp_path / "r", "--kind", kind, "--map", "walrus=cat")
    truth = GroundTruth.load(tmp_path / "r" / TRUTH_FILE)
    report(capfd, made, annotated, tmp_path / "by name", "--kind", kind)
    assert len(truth.table.boxes) > len(
        GroundTruth.load(tmp_path / "by name" / TRUTH_FILE).table.boxes
    )
    parts = ("report", made.model, made.int8)
    more = ("--output", tmp_path / "no", "--kind", kind, "--map", "walrus=bear")
    for images, said in ((annotated, "no class bear"), (made.images, "no classes to map")):
        assert main([*map(str, (*parts, images, *more))]) == 2
        assert said in capfd.readouterr().err
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        ("predictions", ("--images", "2")),
        ("predictions", ("--seed", "2")),
        ("annotations", ("--seed", "2")),
        ("tensor-distance", ("--map", "walrus=cat")),
        ("tensor-distance", ("--safe-kept", ".9")),
        ("two-ways", ("--map", "walrus=cat")),
    ],
)
def test_what_a_kind_does_not_use_is_refused_before_any_work(
    terminal: Terminal, made: Made, tmp_path: Path, kind: str, flags: tuple[str, ...]
) -> None:
    output = tmp_path / "r"
    models = made.model, made.int8, made.images
    found = terminal("report", *models, "--output", output, "--kind", kind, *flags)
    assert (found.status, found.out) == (2, "")
    said = f"A report of the kind {kind} does not use {flags[0]}. Leave it out, or choose --kind "
    assert said in found.err
    assert not output.exists()


def test_tensor_distance(capfd: pytest.CaptureFixture[str], made: Made, tmp_path: Path) -> None:
    more = ("--kind", "tensor-distance", "--images", 3, "--seed", 1, "--html")
    found = report(capfd, made, made.images, tmp_path / "r", *more)
    assert (found["kind"], found["images"], found["seed"]) == ("tensor-distance", 3, 1)
    assert all(one["output"].endswith("before DetectionOutput") for one in found["outputs"])
    assert len(found["outputs"]) >= 2
    added = [one["added_error"] for one in found["layers"]]
    assert added == sorted(added, reverse=True)
    assert found["layers"][0]["mse"] > 0
    assert found["layers"][0]["operations"]
    assert (tmp_path / "r" / "report.html").is_file()


def test_nothing_is_inferred_twice(made: Made, annotated: Path, tmp_path: Path) -> None:
    parent, optimized = made.parent.model, made.optimized.model
    assert parent is not None
    assert optimized is not None
    request = AnnotationsJob(
        parent=parent,
        optimized=optimized,
        dataset=DatasetSource(path=annotated),
        cache=tmp_path / "cache",
    )
    stages: list[set[str]] = []
    results = []
    for number in range(2):
        seen: set[str] = set()
        stages.append(seen)

        def note(event: object, seen: set[str] = seen) -> None:
            seen.add(getattr(event, "stage", ""))

        outcome = run_job(request, tmp_path / f"r{number}", on_event=note)
        results.append(read_json(outcome.require() / RESULT_FILE, AnnotationsResult).accuracy)
    assert "Detecting with both models" in stages[0]
    assert not any("Detecting" in stage for stage in stages[1])
    assert results[0] == results[1]


def test_a_cancel_leaves_nothing(made: Made, tmp_path: Path) -> None:
    import threading

    parent, optimized = made.parent.model, made.optimized.model
    assert parent is not None
    assert optimized is not None
    cancel = threading.Event()
    request = TensorsJob(
        parent=parent, optimized=optimized, dataset=DatasetSource(path=made.images)
    )

    def on_event(event: object) -> None:
        if getattr(event, "stage", "") == "Comparing tensors":
            cancel.set()

    outcome = run_job(request, tmp_path / "r", on_event=on_event, cancel=cancel)
    assert outcome.state in ("cancelled", "succeeded")  # the last image may have been quicker
    assert outcome.state == "succeeded" or not (tmp_path / "r").exists()


def test_a_class_mapping_is_used_by_later_reports(made: Made, annotated: Path) -> None:
    workspace, project = made.workspace, made.optimized.id
    guessed = map_classes((*models.CLASSES, "walrus"), models.CLASSES)
    keep_class_mapping(workspace, guessed.changed("walrus", "cat"))  # of any dataset with these
    run(workspace, plan_report(workspace, project, "annotations", annotated))
    (artifact,) = workspace.artifacts(project, "annotations")
    kept = load_annotations(artifact.folder)
    figures = kept.result.accuracy
    assert (figures.images, figures.objects) == (20, 20)
    assert kept.result.mapping.classes[-1].reason == "chosen by you"
    assert kept.material.at(figures, figures.thresholds)[0] == figures
    run(workspace, plan_report(workspace, project, "predictions", annotated))
    (artifact,) = workspace.artifacts(project, "predictions")
    truth = load_predictions(artifact.folder).truth
    assert truth is not None
    assert len(truth.table.scores) == 20
