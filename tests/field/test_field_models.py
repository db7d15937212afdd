"""Two real detectors on real photos; the figures are those of the field data's README."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.datasets.source import DatasetSource
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.importing.service import plan_import
from core.inference.arithmetic import int8_arithmetic
from core.inference.settings import TRUE_F32
from core.jobs.runner import run_job
from core.metrics.accuracy.verdict import Verdict
from core.models.detector import Detector
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.predict.coco_results import coco_results
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, OPTIMIZED_F32_FILE
from core.predict.job import DETECTIONS_FILE, PredictJob
from core.profiling.bottlenecks import compare_int8
from core.profiling.result import ProfileResult
from core.profiling.service import plan_profile, profile_result
from core.reports.predictions.kind import load_predictions
from core.reports.predictions.report import PredictionsReport
from core.reports.service import plan_report
from core.runtime import LIMIT
from core.workspace.projects import card_of, model_of
from core.workspace.store import Workspace
from tests.support.arithmetic import ByArithmetic
from tests.support.checkout import ROOT
from tests.support.coco import evaluate, mean_ap
from tests.support.jobs import Watched, run

FIELD = ROOT.parent / "shared" / "field"
PHOTOS = FIELD / "images" / "coco128_yolo"
TRUTH = FIELD / "oracle" / "coco_real_detections" / "coco128_val2017_gt.json"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FIELD.is_dir(), reason=f"the field data is not at {FIELD}"),
    pytest.mark.timeout(600),  # the first test of a model quantizes it
]

SSD = "person-vehicle-bike-detection-2001"
YOLOX = "yolox_nano_onnx"
THREE_CLASSES = {
    "person": "person",
    **dict.fromkeys(("car", "bus", "truck"), "vehicle"),
    **dict.fromkeys(("bicycle", "motorcycle"), "bike"),
}


@dataclass(frozen=True)
class Walked:
    """A field model that was imported, quantized, and compared with its parent."""

    detector: Detector
    size_ratio: float
    report: PredictionsReport
    optimized_f32: DetectionTable
    workspace: Workspace
    project_id: int
    optimized_xml: Path

    def profiled(self) -> ProfileResult:
        """The layers of both, timed now."""
        job = plan_profile(self.workspace, self.project_id, seconds=2)
        succeeded(run(self.workspace, job))
        (newest, *_) = self.workspace.artifacts(self.project_id, "profile")
        return profile_result(newest)


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Walked]:
    """Gives the model of that name after its walk, which is made once."""
    workspace = Workspace(tmp_path_factory.mktemp("field"))
    known: dict[str, Walked] = {}

    def walk(name: str) -> Walked:
        imported = succeeded(
            run(workspace, plan_import(workspace, FIELD / "models" / name, PHOTOS))
        )
        quantized = succeeded(
            run(workspace, plan_optimize(workspace, imported, PHOTOS, QuantizationPlan()))
        )
        succeeded(run(workspace, plan_report(workspace, quantized)))
        (artifact,) = workspace.artifacts(quantized, "predictions")
        project = workspace.project(quantized)
        parent, optimized = card_of(workspace.project(imported)), card_of(project)
        assert parent is not None
        assert optimized is not None
        return Walked(
            parent.detector,
            parent.info.size_bytes / optimized.info.size_bytes,
            load_predictions(artifact.folder),
            _in_f32(artifact.folder),
            workspace,
            quantized,
            model_of(project),
        )

    def cached(name: str) -> Walked:
        if name not in known:
            known[name] = walk(name)
        return known[name]

    return cached


def succeeded(watched: Watched) -> int:
    assert watched.end.project_id is not None, watched.end.outcome.error
    return watched.end.project_id


def best(table: DetectionTable, image: str) -> list[tuple[str, float]]:
    found = table[table.image_names.index(image)].best(10)
    return [
        (table.class_names[class_id], float(score))
        for class_id, score in zip(found.class_ids, found.scores, strict=True)
    ]


def ground_truth() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(TRUTH.read_text("utf-8"))
    return data


def three_class_truth(class_names: tuple[str, ...]) -> dict[str, Any]:
    """The ground truth in the three classes of the SSD."""
    data = ground_truth()
    names = {category["id"]: category["name"] for category in data["categories"]}
    numbers = {name: number for number, name in enumerate(class_names, start=1)}
    return {
        "images": data["images"],
        "categories": [{"id": number, "name": name} for name, number in numbers.items()],
        "annotations": [
            {**row, "category_id": numbers[THREE_CLASSES[names[row["category_id"]]]]}
            for row in data["annotations"]
            if names[row["category_id"]] in THREE_CLASSES
        ],
    }


def coco_map(truth: dict[str, Any], table: DetectionTable) -> float:
    return mean_ap(evaluate(truth, list(coco_results(table))))


def test_the_ssd_is_known_for_what_it_is(walked: Callable[[str], Walked]) -> None:
    detector = walked(SSD).detector
    assert detector.decoder == "ssd-detection-output"
    assert detector.class_names == ("vehicle", "person", "bike")
    assert detector.options == {"first_label": 0}
    assert detector.preprocessing.describe() == "BGR 0..255, 384x384, stretch"


def test_yolox_is_known_for_what_it_is(walked: Callable[[str], Walked]) -> None:
    detector = walked(YOLOX).detector
    assert detector.decoder == "yolox-raw"
    assert detector.options == {"grid": True, "sigmoid": False, "largest": 32}
    assert (len(detector.class_names), detector.class_names[62]) == (80, "tv")
    assert detector.preprocessing.describe() == "BGR 0..255, 416x416, letterbox top left with 114"


@pytest.mark.parametrize(
    ("model", "image", "expected"),
    [
        (SSD, "000000000139.jpg", [("vehicle", 0.11)]),
        (SSD, "000000001000.jpg", [("person", 1.0)] * 4),
        (YOLOX, "000000000139.jpg", [("tv", 0.90), ("person", 0.69), ("chair", 0.64)]),
        (YOLOX, "000000001000.jpg", [("person", 0.89), ("person", 0.87), ("person", 0.86)]),
    ],
)
def test_top_detections(
    walked: Callable[[str], Walked], model: str, image: str, expected: list[tuple[str, float]]
) -> None:
    classes = {name for name, _ in expected}
    found = [one for one in best(walked(model).report.parent, image) if one[0] in classes]
    assert [name for name, _ in found[: len(expected)]] == [name for name, _ in expected]
    scores = [score for _, score in found[: len(expected)]]
    assert scores == pytest.approx([score for _, score in expected], abs=0.01)


MAPS = {SSD: 0.149, YOLOX: 0.340}
INT8_MAPS = {  # optimized for this machine: without VNNI all layers have the overflow fix
    SSD: ByArithmetic(exact=0.147, saturating=0.142),
    YOLOX: ByArithmetic(exact=0.188, saturating=0.176),
}
WITHOUT_VNNI = {SSD: 0.142, YOLOX: 0.049}  # of one and the same file, made where VNNI is
X86 = platform.machine() in ("x86_64", "AMD64")


def _in_f32(report: Path) -> DetectionTable:
    """What the optimized model finds in true f32: another thing where it runs in bfloat16."""
    apart = report / OPTIMIZED_F32_FILE
    return DetectionTable.load(apart if apart.is_file() else report / OPTIMIZED_DETECTIONS_FILE)


def map_of(table: DetectionTable) -> float:
    """COCO mAP in the classes of the table's model."""
    few = len(table.class_names) == 3
    return coco_map(three_class_truth(table.class_names) if few else ground_truth(), table)


@pytest.mark.parametrize("model", [SSD, YOLOX])
def test_map(walked: Callable[[str], Walked], model: str) -> None:
    report = walked(model).report
    assert map_of(report.parent) == pytest.approx(MAPS[model], abs=0.003)
    found = walked(model).optimized_f32
    assert map_of(found) == pytest.approx(INT8_MAPS[model].here, abs=0.003)


@pytest.mark.skipif(not X86 or int8_arithmetic() == "saturating", reason="takes VNNI away")
@pytest.mark.parametrize("model", [SSD, YOLOX])
def test_map_on_a_processor_without_vnni(
    walked: Callable[[str], Walked], model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit makes the job's process compute as such a processor does."""
    monkeypatch.setenv(LIMIT, "AVX2")
    optimized = walked(model).optimized_xml
    job = PredictJob(model=optimized, dataset=DatasetSource(path=PHOTOS), settings=TRUE_F32)
    predicted = run_job(job, tmp_path / "found")
    table = DetectionTable.load(predicted.require() / DETECTIONS_FILE)
    assert map_of(table) == pytest.approx(WITHOUT_VNNI[model], abs=0.003)


def test_default_int8_ruins_yolox_and_the_verdict_says_so(
    walked: Callable[[str], Walked],
) -> None:
    result = walked(YOLOX).report.result
    summary = result.summary
    assert result.verdict == Verdict(name="not_safe", reason="lost")
    assert summary.images == 128
    assert summary.parent == pytest.approx(588, abs=6)
    assert summary.missed == pytest.approx(308, abs=20)
    agreement = ByArithmetic(exact=0.234, saturating=0.205).here
    assert summary.agreement == pytest.approx(agreement, abs=0.01)


def test_the_ssd_survives_int8(walked: Callable[[str], Walked]) -> None:
    result = walked(SSD).report.result
    summary = result.summary
    assert result.verdict.name == "check"
    agreement = ByArithmetic(exact=0.866, saturating=0.882).here
    assert summary.agreement == pytest.approx(agreement, abs=0.01)


def test_the_ssd_gains_by_int8_over_each_baseline_apart(walked: Callable[[str], Walked]) -> None:
    true_f32, default, optimized = walked(SSD).profiled().profiles
    assert set(true_f32.precision_layers) == {"f32"}
    assert set(optimized.precision_layers) == {"int8"}  # also the depthwise ones
    against_f32 = compare_int8(true_f32, optimized)
    against_default = compare_int8(default, optimized)
    assert against_f32.parent == true_f32.key
    assert against_default.parent == default.key
    assert against_f32.verdict != "slower", "how much faster, benchmarks say"
    assert against_f32.saved[0].name.startswith("Conv_")
    assert not any(one.kind in ("apart", "float") for one in against_default.bottlenecks)


def test_the_layers_that_keep_yolox_from_gaining_are_named(
    walked: Callable[[str], Walked],
) -> None:
    _, default, optimized = walked(YOLOX).profiled().profiles
    found = compare_int8(default, optimized)
    apart = next(one for one in found.bottlenecks if one.kind == "apart")
    layers = [optimized.layers[place] for place in apart.layers]
    assert len(layers) > 90
    assert {layer.what for layer in layers} <= {"Swish", "Sigmoid + Multiply + Add"}
    assert {"Sigmoid_42", "Mul_43"} <= set(apart.operations)  # as the ONNX file names them
    assert apart.time_ms > 0.2 * optimized.layers_ms
    left = [one for one in optimized.layers if one.computing and one.precision != "int8"]
    assert len(left) == 30
    assert {one.role for one in left} == {"depthwise"}
    assert apart.layer_type == "Swish"


@pytest.mark.parametrize("model", [SSD, YOLOX])
def test_int8_is_smaller(walked: Callable[[str], Walked], model: str) -> None:
    """Less than one hopes for: graphs grow, and the text of YOLOX's outweighs its weights."""
    assert walked(model).size_ratio > 1.2


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("neg_old_ir_face-detection-retail-0004", "IR version 3; only version 10"),
        ("neg_lfs_pointer", "is a Git LFS pointer"),
        ("neg_not_a_detector_reid", "No known detector has the outputs [1,256]"),
        ("neg_tflite_postprocess", "uses TFLite_Detection_PostProcess"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_cause(
    tmp_path: Path, name: str, cause: str
) -> None:
    workspace = Workspace(tmp_path)
    refused = run(workspace, plan_import(workspace, FIELD / "models" / name, PHOTOS))
    assert isinstance(refused.end.outcome.error, InputError)
    assert cause in refused.end.outcome.error.what
    assert workspace.projects() == ()
