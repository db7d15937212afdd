"""A package whose network has preprocessing or NMS inside: chosen, measured, made again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.benchmark.service import plan_benchmark
from core.benchmark.settings import BenchmarkSettings, RunMode
from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.deployment import inside
from core.deployment.inside import Placed, Where
from core.deployment.job import PackageJob, PackageResult
from core.deployment.service import has_nms_outside, package_job
from core.deployment.wording import nms_sentence, package_sentences, preprocessing_sentence
from core.errors import InputError
from core.importing.service import plan_import
from core.inference.predicting import predict
from core.metrics.speed.figures import Interval
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.recipe import RECIPE_FILE
from core.optimize.service import plan_optimize
from core.reports.service import plan_report
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.core.conftest import Made
from tests.support import models
from tests.support.images import write_images
from tests.support.jobs import run as run_planned
from tests.support.packages import packaged_here, run, stored_yolox


def packaged(xml: Path, images: Path, folder: Path, where: Where) -> tuple[Path, PackageResult]:
    request = PackageJob(
        model=xml, dataset=DatasetSource(path=images), name="fox finder", preprocessing=where
    )
    return packaged_here(request, folder)


@pytest.mark.parametrize("where", ["inside", "if_faster"])
def test_a_package_has_it_where_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Where
) -> None:
    monkeypatch.setattr(inside, "SECONDS", 1.5)
    images = write_images(tmp_path / "images", 4)
    package, result = packaged(stored_yolox(tmp_path), images, tmp_path / "made", where)
    settings = json.loads((package / "detector.json").read_text())["preprocessing"]
    placed = result.preprocessing
    if where == "inside":
        assert placed == Placed(inside=True)
    else:
        assert placed.gain is not None
        assert placed.inside == (placed.gain.low > 1), "only where the whole interval is a gain"
    assert (settings["element_type"], settings["layout"]) == (
        ("u8", "NHWC") if placed.inside else ("f32", "NCHW")
    )
    tested = run(package, "self_test.py")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    found = run(package, "detect.py", images, "--score", "0.05")
    assert found.returncode == 0, found.stderr
    assert "tensor.data<uint8_t>()" in (package / "cpp" / "main.cpp").read_text() or (
        not placed.inside
    )


def test_sentences_say_where_it_is_and_what_it_gains() -> None:
    gain = Interval(value=1.08, low=1.05, high=1.11)
    assert "inside its network: that is 1.080 times as fast" in preprocessing_sentence(
        Placed(inside=True, gain=gain)
    )
    loss = Interval(value=1.01, low=0.99, high=1.03)
    assert "no gain" in preprocessing_sentence(Placed(gain=loss))
    assert preprocessing_sentence(Placed()) == nms_sentence(Placed()) == ""


def test_a_plan_has_it_inside_and_its_recipe_makes_it_again(made: Made, tmp_path: Path) -> None:
    workspace, plan = made.workspace, QuantizationPlan(preprocessing="inside")
    job = plan_optimize(workspace, made.parent.id, made.images, plan)
    number = run_planned(workspace, job).end.project_id
    assert number is not None
    child = workspace.project(number)
    card = load_stored(model_of(child)).card
    assert (card.detector.preprocessing.element_type, card.info.inputs[0].element_type) == (
        "u8", "u8",
    )  # fmt: skip
    report = run_planned(workspace, plan_report(workspace, child.id)).end.outcome
    assert report.error is None
    done = run(
        model_of(child).parent, RECIPE_FILE, model_of(made.parent), made.images,
        tmp_path / "again.xml",
    )  # fmt: skip
    assert done.stdout.splitlines()[-1:] == ["The weights are the same."], done.stderr
    settings = BenchmarkSettings(
        modes=(RunMode(hint="latency", start="file"),), seconds=0.5, input="dataset",
        precision_hints=("f32",),
    )  # fmt: skip
    measured = run_planned(workspace, plan_benchmark(workspace, child.id, settings))
    assert measured.end.outcome.error is None


@pytest.mark.parametrize("where", ["inside", "if_faster"])
def test_a_package_lists_detections_itself_where_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Where
) -> None:
    monkeypatch.setattr(inside, "SECONDS", 1.5)
    images = write_images(tmp_path / "images", 4)
    request = PackageJob(
        model=stored_yolox(tmp_path), dataset=DatasetSource(path=images), name="fox finder",
        preprocessing="inside", nms=where,
    )  # fmt: skip
    package, result = packaged_here(request, tmp_path / "made")
    assert result.preprocessing == Placed(inside=True)
    if where == "inside":
        assert result.nms == Placed(inside=True)
        assert package_sentences(result)[1:] == [
            "Its network lists detections itself: NMS is inside."
        ]
    else:
        assert result.nms.gain is not None
        assert result.nms.inside == (result.nms.gain.low > 1)
    described = (package / "README.md").read_text()
    assert "\n\n" + "\n".join(package_sentences(result)) + "\n\n    python" in described
    settings = json.loads((package / "detector.json").read_text())
    assert settings["preprocessing"]["element_type"] == "u8", "both are inside"
    assert (settings["decoder"] == "BoxesLabelsDecoder") == result.nms.inside
    tested = run(package, "self_test.py")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    found = run(package, "detect.py", images, "--score", "0.05")
    assert found.returncode == 0, found.stderr
    overlapping = "struct Candidates" in (package / "cpp" / "main.cpp").read_text()
    assert overlapping == (not result.nms.inside)


def test_nms_that_is_inside_already_is_refused_before_any_work(made: Made, tmp_path: Path) -> None:
    """A network that ends in DetectionOutput; where it is to be faster, nothing is measured."""
    output, xml = tmp_path / "package", model_of(made.parent)
    with pytest.raises(InputError, match="no NMS to put into its network"):
        package_job(xml, made.images, output, nms="inside")
    assert not has_nms_outside(made.workspace, made.parent.id)
    package_job(xml, made.images, output, nms="if_faster")
    plan = QuantizationPlan(nms="inside")
    with pytest.raises(InputError, match="no NMS to put into its network"):
        plan_optimize(made.workspace, made.parent.id, made.images, plan)
    assert len(made.workspace.projects()) == 2, "nothing was begun"


def test_a_plan_lists_detections_and_its_recipe_makes_it_again(tmp_path: Path) -> None:
    """INT8 is the same with NMS outside: it is built in afterwards."""
    images, workspace = write_images(tmp_path / "images", 4), Workspace(tmp_path / "workspace")
    model = models.save(models.yolox(), tmp_path / "model", "fox", models.CLASSES)
    parent = run_planned(workspace, plan_import(workspace, model, images)).end.project_id
    assert parent is not None
    made = []
    for plan in (
        QuantizationPlan(name="outside"),
        QuantizationPlan(name="listing", nms="inside"),
        QuantizationPlan(name="both", preprocessing="inside", nms="inside"),
    ):
        done = run_planned(workspace, plan_optimize(workspace, parent, images, plan)).end
        assert done.outcome.error is None
        assert done.project_id is not None
        made.append(done.project_id)
    outside, listing, both = (load_stored(model_of(workspace.project(one))) for one in made)
    assert listing.card.detector.decoder == "boxes-labels"
    assert listing.card.outputs_before is not None
    dataset = open_dataset(images)
    mine, others = (predict(one.xml, one.card.detector, dataset) for one in (outside, listing))
    np.testing.assert_array_equal(mine.table.offsets, others.table.offsets)
    np.testing.assert_allclose(mine.table.scores, others.table.scores, atol=1e-3)
    assert len(mine.table.scores) > 0
    for kind in ("predictions", "tensor-distance"):
        report = run_planned(workspace, plan_report(workspace, made[1], kind)).end.outcome
        assert report.error is None, kind
    for one in (listing, both):
        made_again = run(
            one.xml.parent, RECIPE_FILE, model_of(workspace.project(parent)), images,
            tmp_path / f"{one.card.name}.xml",
        )  # fmt: skip
        assert made_again.stdout.splitlines()[-1:] == ["The weights are the same."], (
            made_again.stderr
        )
    package, _ = packaged(both.xml, images, tmp_path / "made", "outside")
    remade = (package / "recipe" / RECIPE_FILE).read_text()
    assert remade == (both.xml.parent / RECIPE_FILE).read_text(), "made anew from data"
    assert run(package, "self_test.py").returncode == 0
