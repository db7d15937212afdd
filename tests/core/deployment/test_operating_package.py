"""A package that is used at the operating point of a report, read back and run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from core.cli.main import main
from core.datasets.source import DatasetSource
from core.deployment.cpp import cpp_source
from core.deployment.points import ChosenPoint, offered_points
from core.deployment.service import package_job, plan_package
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.jobs.job import RESULT_FILE
from core.jobs.runner import run_job
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.models.stored import load_stored
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE
from core.reports.kind import ReportOptions
from core.reports.operating.kind import OperatingPointJob, load_operating_point
from core.reports.service import plan_report
from tests.core.conftest import Made
from tests.support.images import write_images
from tests.support.jobs import run

SCORE = 0.94  # of the parent: the random weights of the suite's SSD are sure of everything


@dataclass(frozen=True)
class Judged:
    """A report on the operating point of the suite's SSD and its INT8 version."""

    folder: Path
    images: Path


@pytest.fixture
def judged(made: Made, tmp_path: Path) -> Judged:
    images = write_images(tmp_path / "many", 40)
    job = OperatingPointJob(
        parent=_model(made, 0),
        optimized=_model(made, 1),
        dataset=DatasetSource(path=images),
        options=ReportOptions(thresholds=Thresholds(score=SCORE)),
    )
    folder = run_job(job, tmp_path / "report").require()
    return Judged(folder, images)


def _model(made: Made, place: int) -> Path:
    model = made.workspace.projects()[place].model
    assert model is not None
    return model


def found_by(package: Path, image: str, *arguments: str) -> list[tuple[str, float]]:
    """Class and score of what the packaged detector finds, with this program out of its reach."""
    script = (
        "import sys, json, cv2; from detector import Detector\n"
        f"detector = Detector({', '.join(arguments)}); found = detector(cv2.imread(sys.argv[1]))\n"
        "print(json.dumps(list(zip(detector.names(found), found.scores.tolist()))))"
    )
    variables = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", script, image],
        cwd=package, capture_output=True, text=True, env=variables, check=True,
    )  # fmt: skip
    return [(name, score) for name, score in json.loads(done.stdout)]


def test_the_packaged_detector_uses_the_operating_point(
    made: Made, judged: Judged, tmp_path: Path
) -> None:
    point = load_operating_point(judged.folder).point
    assert point.score != SCORE  # INT8 moved the scores
    output = tmp_path / "package"
    chosen = ChosenPoint(judged.folder, "per_class")
    job = package_job(_model(made, 1), judged.images, output, "", chosen)
    folder = run_job(job, tmp_path / "made").require()
    package = folder / "package"

    scores = point.thresholds("per_class")
    assert json.loads((package / "detector.json").read_text())["score_thresholds"] == {
        "score": point.score,
        "classes": scores.classes,
    }
    assert scores.classes
    assert f"Detections count from score {point.score:g} on" in (package / "README.md").read_text()

    # As openvino-model-api reads it.
    (xml,) = (package / "model").glob("*.xml")
    info = ov.Core().read_model(xml).get_rt_info(["model_info"]).value
    assert info["confidence_threshold"] == f"{point.score:g}"
    labels = info["labels"].split()
    each = dict(zip(labels, info["class_confidence_thresholds"].split(), strict=True))
    assert each == {name: f"{scores.classes.get(name, point.score):g}" for name in labels}

    # It finds what the report counts, from these thresholds on.
    table = DetectionTable.load(judged.folder / OPTIMIZED_DETECTIONS_FILE)
    lowest = scores.by_class(table.class_names)
    for number in range(3):
        said = table[number]
        image = str(judged.images / table.image_names[number])
        everything = found_by(package, image, "score=0.0")
        assert np.allclose([score for _, score in everything], said.scores, atol=0.02)
        by_class = dict(zip(table.class_names, lowest, strict=True))
        left = [one for one in everything if np.float32(one[1]) >= by_class[one[0]]]
        assert found_by(package, image) == left
        assert 0 < len(left) < len(everything)

    for name in labels:
        line = f"{scores.classes.get(name, point.score):g}"
        assert line in (package / "cpp" / "main.cpp").read_text()
    tested = subprocess.run(
        [sys.executable, "self_test.py"], cwd=package, capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_terminal_writes_it_into_the_package(
    made: Made, judged: Judged, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "package"
    models = made.model, _model(made, 1)
    report = tmp_path / "by the terminal"
    kind = ("--kind", "operating-point", "--output", report, "--score", SCORE)
    assert main([str(part) for part in ("report", *models, judged.images, *kind)]) == 0
    assert "At score" in capfd.readouterr().out
    called = ["package", models[1], judged.images, "--output", output]
    called += ["--operating-point", report, "--basis", "global"]
    assert main([str(part) for part in called]) == 0
    point = load_operating_point(report).point
    settings = json.loads((output / "detector.json").read_text())
    assert settings["score_thresholds"] == {"score": point.score, "classes": {}}
    assert (
        main(
            [
                str(part)
                for part in (
                    "package",
                    models[1],
                    judged.images,
                    "--output",
                    "new",
                    "--basis",
                    "global",
                )
            ]
        )
        == 2
    )
    assert "There is no operating point" in capfd.readouterr().err


def test_a_project_offers_its_operating_points(made: Made, judged: Judged, tmp_path: Path) -> None:
    project = made.optimized.id
    assert offered_points(made.workspace, project) == ()
    options = ReportOptions(thresholds=Thresholds(score=SCORE))
    job = plan_report(made.workspace, project, "operating-point", judged.images, options)
    assert run(made.workspace, job).end.outcome.state == "succeeded"
    offered = offered_points(made.workspace, project)
    assert {one.chosen.basis for one in offered} == {"global", "per_class"}
    gone = ChosenPoint(tmp_path / "gone", "global")
    with pytest.raises(InputError, match=r"That report was deleted\. Choose another"):
        plan_package(made.workspace, project, tmp_path / "other", gone)
    planned = plan_package(made.workspace, project, tmp_path / "package", offered[0].chosen)
    assert run(made.workspace, planned).end.outcome.state == "succeeded"
    settings = json.loads((tmp_path / "package" / "detector.json").read_text())
    assert settings["score_thresholds"]["score"] == offered[0].chosen.read().scores.score


def test_an_operating_point_is_no_other_models(made: Made, judged: Judged, tmp_path: Path) -> None:
    job = package_job(
        _model(made, 0), judged.images, tmp_path / "package", chosen=ChosenPoint(judged.folder)
    )
    with pytest.raises(InputError, match="chosen for another model"):
        run_job(job, tmp_path / "made").require()


def test_a_report_of_another_kind_has_none(made: Made, judged: Judged, tmp_path: Path) -> None:
    path = judged.folder / RESULT_FILE
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, "kind": "poetry"}))
    with pytest.raises(Exception, match="poetry"):
        ChosenPoint(judged.folder).read()
    path.unlink()
    with pytest.raises(InputError, match="no report"):
        ChosenPoint(judged.folder).read()


def test_the_example_in_cpp_has_a_threshold_for_each_class(made: Made) -> None:
    detector = load_stored(_model(made, 1)).card.detector
    names = detector.class_names
    scores = ScoreThresholds(score=0.25, classes={names[1]: 0.5})
    source = cpp_source(detector, "model.xml", scores=scores)
    each = ", ".join("0.5f" if name == names[1] else "0.25f" for name in names)
    assert f"SCORES = {{{each}}};" in source
