"""The committed sample: its sizes, its annotations, and a model that detects."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from faster_coco_eval import COCO, COCOeval_faster

import core  # noqa: F401  (silences OpenVINO's usage reports before OpenVINO is imported)

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
MODEL = SAMPLE / "model" / "sample-ssd.xml"
CALIBRATION = sorted((SAMPLE / "calibration").iterdir())
VALIDATION = sorted((SAMPLE / "validation" / "images").iterdir())
MEGABYTE = 1024 * 1024
AP50_FLOOR = 0.85
"""Below the 0.889 measured on these 64 images, with room for another processor's rounding."""


def content() -> Any:
    return json.loads((SAMPLE / "validation" / "annotations.json").read_text())


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_there_are_64_images_of_each_and_they_are_small() -> None:
    assert len(CALIBRATION) == len(VALIDATION) == 64
    assert {path.suffix for path in [*CALIBRATION, *VALIDATION]} == {".jpg"}
    assert size(SAMPLE / "calibration") + size(SAMPLE / "validation") <= 8 * MEGABYTE


def test_the_model_is_small_and_tells_its_classes() -> None:
    assert size(SAMPLE / "model") <= 12 * MEGABYTE
    names = (SAMPLE / "model" / "labels.txt").read_text().split()
    assert names == [category["name"] for category in content()["categories"]]
    assert len(names) == 10


def test_no_image_is_used_twice() -> None:
    digests = [hashlib.sha256(path.read_bytes()).digest() for path in [*CALIBRATION, *VALIDATION]]
    assert len(set(digests)) == 128


def test_annotations_lie_inside_their_images() -> None:
    annotations = content()
    images = {image["id"]: image for image in annotations["images"]}
    assert {image["file_name"] for image in images.values()} == {path.name for path in VALIDATION}
    for path in VALIDATION:
        pixels = cv2.imread(str(path))
        assert pixels is not None
        entry = next(image for image in images.values() if image["file_name"] == path.name)
        assert pixels.shape == (entry["height"], entry["width"], 3)
    for row in annotations["annotations"]:
        x, y, width, height = row["bbox"]
        image = images[row["image_id"]]
        assert x >= 0 and y >= 0 and width > 0 and height > 0
        assert x + width <= image["width"] and y + height <= image["height"]
        assert 0 < row["area"] <= width * height
    annotated = {row["image_id"] for row in annotations["annotations"]}
    assert 0 < len(images) - len(annotated) < 16, "a few images are empty on purpose"


@pytest.fixture(scope="module")
def detector() -> Iterator[Any]:
    import openvino as ov

    yield ov.Core().compile_model(MODEL, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def detect(detector: Any, path: Path) -> npt.NDArray[np.float32]:
    """Rows ``[K, 7]`` of one image: image, label, score, x1, y1, x2, y2."""
    pixels = cv2.imread(str(path))
    assert pixels is not None
    blob = cv2.resize(pixels, (300, 300)).transpose(2, 0, 1)[None].astype(np.float32)
    rows = np.asarray(detector({"image": blob})["detection_out"], np.float32).reshape(-1, 7)
    # A row of image -1 ends the list; what follows it means nothing.
    return rows[: np.append(rows[:, 0], -1).argmin()]


def test_the_model_has_the_shape_the_workbench_expects(detector: Any) -> None:
    assert list(detector.input(0).shape) == [1, 3, 300, 300]
    assert detector.input(0).get_names() == {"image"}
    shape = list(detector.output(0).shape)
    assert shape[:2] == [1, 1] and shape[3] == 7
    assert detector.output(0).get_names() == {"detection_out"}


def test_the_model_detects_on_the_validation_images(
    detector: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    annotations = content()
    found = []
    for image in annotations["images"]:
        rows = detect(detector, SAMPLE / "validation" / "images" / image["file_name"])
        assert np.all((rows[:, 1] >= 1) & (rows[:, 1] <= 10))
        for _, label, score, x1, y1, x2, y2 in rows.tolist():
            box = [x1 * image["width"], y1 * image["height"]]
            box += [(x2 - x1) * image["width"], (y2 - y1) * image["height"]]
            found.append(
                {
                    "image_id": image["id"],
                    "category_id": int(label),
                    "bbox": box,
                    "score": score,
                }
            )
    truth = COCO(annotations)
    evaluation = COCOeval_faster(truth, truth.loadRes(found), "bbox")
    evaluation.run()
    capsys.readouterr()
    assert evaluation.stats[1] >= AP50_FLOOR
