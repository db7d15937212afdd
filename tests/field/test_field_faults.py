"""Models of other people that were misread, or refused for the wrong cause."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.inference.predicting import predict
from core.models.calibration_warnings import NothingDetected, OtherValuesBetter
from core.models.importing import Evidence, import_model
from core.optimize.checks import Calibration, check_calibration
from core.remarks.sentences import sentences
from tests.support.checkout import ROOT

YOLOV8 = ROOT.parent.joinpath(
    "shared", "field", "models", "yolov8n_int8_tflite", "yolov8n_int8.tflite"
)
FAULTS = ROOT.parent / "shared" / "faults"
PHOTOS = ROOT.parent / "shared" / "field" / "images" / "coco128_yolo" / "images" / "val2017"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FAULTS.is_dir(), reason=f"the inputs are not at {FAULTS}"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def plain_yolov8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """YOLOv8n without the metadata that its exporter appended."""
    data = YOLOV8.read_bytes()
    path = tmp_path_factory.mktemp("plain") / YOLOV8.name
    path.write_bytes(data[: data.rfind(b"PK\x03\x04", len(data) // 2)])
    return path


def test_photos_do_not_overrule_what_yolov8_takes(plain_yolov8: Path, tmp_path: Path) -> None:
    photos = sorted((FAULTS / "M1_yolov8_taken_for_0_255" / "four_photos").glob("*.jpg"))
    card = import_model(plain_yolov8, tmp_path, evidence=Evidence(images=photos)).card
    assert card.detector.preprocessing.describe() == "RGB 0..1, 640x640, letterbox with 114"
    told = " ".join(sentences(card.detector.reasons))
    assert "0..255 finds as much in noise, and is left out" in told


def test_photos_of_nothing_known_refuse_no_model(plain_yolov8: Path, tmp_path: Path) -> None:
    stored = import_model(plain_yolov8, tmp_path)
    dataset = open_dataset(FAULTS / "M1b_optimize_refuses_right_model" / "blind_photos")
    about = Calibration(stored.xml, stored.card.detector, dataset, dataset.subset(6, 0))
    said = [type(one) for one in check_calibration(about, lambda *_: None)]
    assert NothingDetected in said
    assert OtherValuesBetter not in said


def test_outputs_of_bytes_are_dequantized(tmp_path: Path) -> None:
    path = tmp_path / "yolov5n-int8.tflite"
    packed = FAULTS / "M2_uint8_outputs" / "yolov5n-int8.tflite.gz"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    (tmp_path / "out").mkdir()
    stored = import_model(path, tmp_path / "out")
    detector = stored.card.detector
    assert (detector.options["coordinates"], detector.options["sigmoid"]) == ("unit", False)
    one = msgspec.structs.replace(open_dataset(PHOTOS), images=("000000001000.jpg",))
    table = predict(stored.xml, detector, one).table
    for box in ((39, 185, 110, 401), (432, 109, 504, 224)):
        apart = np.abs(table.boxes - np.array(box)).max(axis=1)
        nearest = int(apart.argmin())
        assert apart[nearest] < 12
        assert table.class_names[table.class_ids[nearest]] == "person"
        assert table.scores[nearest] > 0.4


@pytest.mark.parametrize(
    ("file", "task"),
    [
        ("M3_yolov5_face/yolov5n-0.5.onnx", "beside boxes it finds points"),
        ("M3b_pose_no_metadata/pose.onnx", "beside boxes it finds points"),
        ("M3c_obb_no_metadata/obb.onnx", "it finds rotated boxes"),
    ],
)
def test_models_of_other_tasks_are_refused_by_name(tmp_path: Path, file: str, task: str) -> None:
    with pytest.raises(InputError, match=f"was made for another task: {task}"):
        import_model(FAULTS / file, tmp_path)


def test_dynamically_quantized_onnx_is_quantized_already(tmp_path: Path) -> None:
    info = import_model(FAULTS / "M4_dynamic_quantized_onnx" / "yolox_nano_dyn.onnx", tmp_path)
    assert info.card.info.quantization.startswith("It is quantized already")
    assert info.card.info.parameters > 900_000


@pytest.mark.parametrize(
    ("file", "cause", "way_out"),
    [
        ("M5_onnx_custom_op/trt_nms.onnx", "uses EfficientNMS_TRT", "--end2end"),
        ("M7_tfjs_json/yolov5n_web_model/model.json", "is a TensorFlow.js model", "SavedModel"),
        ("M7_tfjs_json/yolov5n_web_model", "is a TensorFlow.js model", "SavedModel"),
    ],
)
def test_the_cause_is_named(tmp_path: Path, file: str, cause: str, way_out: str) -> None:
    with pytest.raises(InputError) as refused:
        import_model(FAULTS / file, tmp_path)
    assert cause in refused.value.what
    assert way_out in refused.value.next_step
    assert "damaged" not in str(refused.value)
