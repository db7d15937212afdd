"""A package whose network has its preprocessing inside: chosen, measured, tested, made again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.benchmark.service import plan_benchmark
from core.benchmark.settings import BenchmarkSettings, RunMode
from core.datasets.source import DatasetSource
from core.deployment import inside
from core.deployment.inside import Placed, Where
from core.deployment.job import PackageJob, PackageResult
from core.deployment.wording import placed_sentence
from core.metrics.speed.figures import Interval
from core.models.plan import QuantizationPlan
from core.models.stored import load_stored
from core.optimize.recipe import RECIPE_FILE
from core.optimize.service import plan_optimize
from core.reports.service import plan_report
from core.workspace.projects import model_of
from tests.core.conftest import Made
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
    assert "inside its network: that is 1.080 times as fast" in placed_sentence(
        Placed(inside=True, gain=gain)
    )
    loss = Interval(value=1.01, low=0.99, high=1.03)
    assert "no gain" in placed_sentence(Placed(gain=loss))
    assert placed_sentence(Placed()) == ""


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
