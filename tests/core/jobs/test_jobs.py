"""Jobs from end to end, each in its real child process."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openvino as ov
import pytest

from core.benchmark.service import benchmark_result, plan_benchmark
from core.datasets.source import DatasetSource
from core.errors import InputError, WorkbenchError
from core.importing.service import plan_import
from core.jobs.events import ArtifactWritten, LogLine, Progress
from core.jobs.job import RESULT_FILE
from core.jobs.runner import run_job
from core.metrics.comparison.comparison import compare
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.service import plan_optimize
from core.predict.job import COCO_RESULTS_FILE, DETECTIONS_FILE, PredictJob, PredictResult
from core.remarks.sentences import sentences
from core.reports.predictions.kind import load_predictions
from core.reports.service import plan_report
from core.targets.target import for_target
from core.values import read_json
from core.workspace.projects import card_of, model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_images
from tests.support.jobs import leftovers, run

LOOKING = ("Hashing the images", "Reading stored detections")


@pytest.mark.parametrize("make", [models.ssd, models.yolox], ids=["ssd", "yolox"])
def test_the_whole_walk(
    request: pytest.FixtureRequest, tmp_path: Path, make: Callable[[], ov.Model]
) -> None:
    if make is models.ssd:  # one of them as users have it
        request.getfixturevalue("started")
    model = models.save(make(), tmp_path / "users model", "my detector", models.CLASSES)
    images = write_images(tmp_path / "users images", 5)
    workspace = Workspace(tmp_path / "workspace")

    imported = run(workspace, plan_import(workspace, model, images))
    assert imported.end.outcome.state == "succeeded"
    assert imported.stages == [
        "Looking at the images",
        "Reading the model",
        "Running it once",
        "Trying it on your images",
        "Copying it into the workspace",
    ]
    parent = workspace.project(imported.end.project_id or 0)
    assert (parent.name, parent.state, parent.parent_id) == ("my detector", "ready", None)
    card = card_of(parent)
    assert card is not None
    assert card.detector.class_names == models.CLASSES

    planned = plan_optimize(workspace, parent.id, images, QuantizationPlan(subset_size=4))
    waiting = workspace.project(planned.project_id or 0)
    assert (waiting.state, waiting.model, waiting.parent_id) == ("in_progress", None, parent.id)
    quantized = run(workspace, planned)
    assert quantized.end.outcome.state == "succeeded"
    assert quantized.stages == [
        "Checking the calibration images",
        "Trying the parent on calibration images",
        "Loading NNCF",
        "Collecting statistics",
        "Correcting biases",
        "Saving the optimized model",
    ]
    assert [e.kind for e in quantized.events if isinstance(e, ArtifactWritten)] == [
        "model",
        "recipe",
    ]
    optimized = workspace.project(quantized.end.project_id or 0)
    assert (optimized.id, optimized.state) == (waiting.id, "ready")
    child = card_of(optimized)
    assert child is not None
    assert child.info.precision == "INT8"
    assert child.plan == for_target(QuantizationPlan(subset_size=4))
    assert child.detector == card.detector

    measured = run(workspace, plan_benchmark(workspace, optimized.id, seconds=0.1))
    assert measured.stages[:2] == ["Compiling and warming up", "Measuring in turns"]
    (artifact,) = workspace.artifacts(optimized.id, "benchmark")
    result = benchmark_result(artifact)
    assert [(r.model, r.precision_hint) for r in result.runs] == [
        ("parent", "f32"), ("parent", "default"), ("optimized", "f32"), ("optimized", "default")
    ] * 2, "for throughput, then for latency"  # fmt: skip
    assert "int8" in result.runs[-1].precision_layers

    compared = run(workspace, plan_report(workspace, optimized.id))
    assert compared.stages == [
        *LOOKING,
        "Detecting with both models",
        "Estimating the accuracy kept",
        "Comparing",
    ]
    (artifact,) = workspace.artifacts(optimized.id, "predictions")
    report = load_predictions(artifact.folder)
    assert report.parent.image_names == tuple(f"image {n:03d}.jpg" for n in range(5))
    assert report.result.summary.images == 5
    assert report.result.summary.parent > 0
    assert report.result.thresholds.score == 0.3
    again = compare(report.parent, report.optimized, report.result.thresholds)
    assert again.summary == report.result.summary
    assert leftovers(workspace.root) == []


def test_a_parent_alone_is_measured_too(made: Made) -> None:
    measured = run(made.workspace, plan_benchmark(made.workspace, made.parent.id, seconds=0.1))
    assert measured.end.outcome.state == "succeeded"
    (artifact,) = made.workspace.artifacts(made.parent.id)
    runs = benchmark_result(artifact).runs
    assert [r.model for r in runs] == ["parent"] * 4


def test_detections_are_inferred_once(made: Made) -> None:
    workspace, optimized = made.workspace, made.optimized
    first = run(workspace, plan_report(workspace, optimized.id))
    assert "Detecting with both models" in first.stages

    second = run(workspace, plan_report(workspace, optimized.id))
    assert second.end.outcome.state == "succeeded"
    assert second.stages == [*LOOKING, "Comparing"], "its figures are taken, too"
    reports = [
        load_predictions(artifact.folder)
        for artifact in workspace.artifacts(optimized.id, "predictions")
    ]
    assert reports[0].result.summary == reports[1].result.summary
    assert reports[0].parent.boxes.tolist() == reports[1].parent.boxes.tolist()


def test_only_what_is_not_known_yet_is_inferred(made: Made) -> None:
    workspace = made.workspace
    run(workspace, plan_report(workspace, made.optimized.id))
    plan = QuantizationPlan(preset="mixed")
    other = run(workspace, plan_optimize(workspace, made.parent.id, made.images, plan))
    assert other.end.project_id is not None
    compared = run(workspace, plan_report(workspace, other.end.project_id))
    assert compared.stages == [
        *LOOKING,
        "Detecting with the optimized model",
        "Estimating the accuracy kept",
        "Comparing",
    ]


def test_a_changed_image_is_detected_on_again(made: Made, tmp_path: Path) -> None:
    images = tmp_path / "images"
    shutil.copytree(made.images, images)
    job = plan_report(made.workspace, made.optimized.id, dataset=images)
    assert "Detecting with both models" in run(made.workspace, job).stages
    os.utime(images / "image 000.jpg", ns=(1, 1))
    job = plan_report(made.workspace, made.optimized.id, dataset=images)
    assert "Detecting with both models" not in run(made.workspace, job).stages, "it is the same"
    shutil.copyfile(images / "image 001.jpg", images / "image 000.jpg")
    job = plan_report(made.workspace, made.optimized.id, dataset=images)
    assert "Detecting with both models" in run(made.workspace, job).stages


def test_a_prediction_on_its_own(made: Made, tmp_path: Path) -> None:
    images = write_images(tmp_path / "images", 3)
    (images / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    events: list[Any] = []
    model = made.parent.model
    assert model is not None
    outcome = run_job(
        PredictJob(model=model, dataset=DatasetSource(path=images)),
        tmp_path / "out",
        on_event=events.append,
        log=tmp_path / "log.txt",
    )
    folder = outcome.require()
    assert folder == tmp_path / "out"
    assert (folder / RESULT_FILE).is_file()
    assert sorted(p.name for p in folder.iterdir()) == [
        COCO_RESULTS_FILE,
        DETECTIONS_FILE,
        RESULT_FILE,
    ]
    result = read_json(folder / RESULT_FILE, PredictResult)
    assert result.images == 3
    assert len(result.problems) == 1
    assert "broken.jpg" in sentences(result.problems)[0]
    assert [e.text for e in events if isinstance(e, LogLine)] == list(sentences(result.problems))
    counted = [e for e in events if isinstance(e, Progress)]
    assert (counted[0].done, counted[-1].done, counted[-1].total) == (0, 4, 4)
    assert all(e.seconds_left is None or e.seconds_left >= 0 for e in counted)


@pytest.mark.parametrize("name", ["result", "dataset-0", "x" * 90, "ünï 猫"])
def test_models_of_any_name(tmp_path: Path, name: str) -> None:
    model = models.save(models.ssd(), tmp_path / "users", name)
    workspace = Workspace(tmp_path / "workspace")
    images = write_images(tmp_path / "images", 2)
    imported = run(workspace, plan_import(workspace, model, images))
    assert imported.end.project_id is not None, imported.end.outcome.error
    parent = workspace.project(imported.end.project_id)
    assert parent.name == model.stem
    job = plan_optimize(workspace, parent.id, images, QuantizationPlan(subset_size=2))
    quantized = run(workspace, job)
    assert quantized.end.project_id is not None, quantized.end.outcome.error
    optimized = workspace.project(quantized.end.project_id)
    card = card_of(optimized)
    assert card is not None
    assert model_of(optimized).is_file()
    assert card.info.quantized
    compared = run(workspace, plan_report(workspace, optimized.id))
    assert compared.end.outcome.state == "succeeded", compared.end.outcome.error


@pytest.mark.skipif(os.name == "nt", reason="other systems refuse such names")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/fianc\xe9e"))
    images = write_images(odd / "images", 2)
    (images / "image 000.jpg").rename(images / os.fsdecode(b"caf\xe9.jpg"))
    (images / os.fsdecode(b"broken \xe9.jpg")).write_bytes(b"?")
    source = models.save(models.ssd(), tmp_path, "model")
    model = odd / os.fsdecode(b"model \xe9.xml")
    for suffix in (".xml", ".bin"):
        source.with_suffix(suffix).rename(model.with_suffix(suffix))
    workspace = Workspace(tmp_path / "workspace")
    imported = run(workspace, plan_import(workspace, model, images))
    assert imported.end.project_id is not None, imported.end.outcome.error
    job = plan_optimize(workspace, imported.end.project_id, images, QuantizationPlan())
    quantized = run(workspace, job)
    assert quantized.end.project_id is not None, quantized.end.outcome.error
    compared = run(workspace, plan_report(workspace, quantized.end.project_id))
    assert compared.end.outcome.state == "succeeded", compared.end.outcome.error
    (artifact,) = workspace.artifacts(quantized.end.project_id, "predictions")
    report = load_predictions(artifact.folder)
    assert report.parent.image_names == ("caf\udce9.jpg", "image 001.jpg")


def test_input_that_cannot_be_used_fails_as_such(made: Made, tmp_path: Path) -> None:
    reid = models.save(models.embedding(), tmp_path, "reid")
    failed = run(made.workspace, plan_import(made.workspace, reid, made.images))
    assert isinstance(failed.end.outcome.error, InputError)
    assert "No known detector has the outputs [1,256]" in failed.sentence
    assert failed.end.project_id is None

    (tmp_path / "empty").mkdir()
    job = plan_optimize(made.workspace, made.parent.id, tmp_path / "empty", QuantizationPlan())
    failed = run(made.workspace, job)
    assert "There are no images in" in failed.sentence
    kept = made.workspace.project(job.project_id or 0)
    assert (kept.state, kept.message) == ("failed", failed.sentence)
    assert failed.end.outcome.log is not None
    log = failed.end.outcome.log.read_text("utf-8")
    assert '"type": "quantize"' in log  # what was asked for
    assert "Traceback" in log
    assert "] Failed: There are no images in" in log
    with pytest.raises(InputError, match="is not ready"):
        plan_benchmark(made.workspace, kept.id)


def test_what_makes_no_sense_is_refused_when_planned(made: Made, tmp_path: Path) -> None:
    workspace, plan = made.workspace, QuantizationPlan()
    with pytest.raises(InputError, match="There is no file"):
        plan_import(workspace, tmp_path / "gone.xml", made.images)
    with pytest.raises(InputError, match="There is no folder"):
        plan_import(workspace, made.model, tmp_path / "gone")
    with pytest.raises(InputError, match="is quantized already"):
        plan_optimize(workspace, made.optimized.id, made.images, plan)
    with pytest.raises(InputError, match="There is no folder"):
        plan_optimize(workspace, made.parent.id, tmp_path / "gone", plan)
    with pytest.raises(InputError, match="has no parent"):
        plan_report(workspace, made.parent.id)
    with pytest.raises(WorkbenchError, match="was deleted"):
        plan_benchmark(workspace, 99)
    assert len(workspace.projects()) == 2


def test_models_that_do_not_belong_together_are_not_compared(made: Made, tmp_path: Path) -> None:
    other = models.save(models.ssd(size=128), tmp_path, "other", models.CLASSES)
    imported = run(made.workspace, plan_import(made.workspace, other, made.images))
    workspace = made.workspace
    big = workspace.project(imported.end.project_id or 0)
    assert big.model is not None
    workspace.finish_optimized(made.optimized.id, big.model)
    failed = run(made.workspace, plan_report(made.workspace, made.optimized.id))
    assert "is not a version of ssd" in failed.sentence


@pytest.mark.usefixtures("started")
def test_the_same_plan_gives_the_same_weights(made: Made) -> None:
    job = plan_optimize(made.workspace, made.parent.id, made.images, QuantizationPlan())
    again = run(made.workspace, job)
    project = made.workspace.project(again.end.project_id or 0)
    assert made.optimized.model is not None and project.model is not None
    first, second = load_stored(made.optimized.model), load_stored(project.model)
    assert first.card.weights_sha256 == second.card.weights_sha256


def test_a_job_does_nothing_for_a_project_that_was_deleted_while_it_waited(made: Made) -> None:
    planned = plan_report(made.workspace, made.optimized.id)
    number = made.workspace.trash.add_project(made.parent.id)  # as from the terminal
    ended = run(made.workspace, planned)
    assert ended.stages == []
    assert str(ended.end.outcome.error) == (
        "That project was deleted. Choose another one, or restore it from the trash."
    )
    made.workspace.trash.restore(number)
    assert made.workspace.artifacts(made.optimized.id) == ()
    assert leftovers(made.root) == []
