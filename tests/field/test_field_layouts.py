"""All working field models import without a manual choice, and detect what they should."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.cli.importing import render_model
from core.cli.rendering import show
from core.datasets.open import open_dataset
from core.detection.detections import DetectionTable
from core.inference.predicting import predict
from core.models.importing import Evidence, import_model
from core.models.stored import ModelCard, StoredModel
from core.predict.coco_results import coco_results
from core.remarks.sentences import sentences
from tests.support.checkout import ROOT
from tests.support.coco import evaluate, mean_ap

FIELD = ROOT.parent / "shared" / "field"
PHOTOS = FIELD / "images" / "coco128_yolo" / "images" / "val2017"
TRUTH = FIELD / "oracle" / "coco_real_detections" / "coco128_val2017_gt.json"
INDOORS, PEOPLE, CAT = "000000000139.jpg", "000000001000.jpg", "000000001675.jpg"

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FIELD.is_dir(), reason=f"the field data is not at {FIELD}"),
    pytest.mark.timeout(300),
]

AIY, AIY_ANY_SIZE = "aiy_ssd_person_cat_dog_tf", "aiy_custom_ssd_tf"
DEIM, FACES = "deimv2_femto", "face-detection-0205"
YOLOV5, YOLOV8 = "yolov5n_fp16_tflite", "yolov8n_int8_tflite"
MAPS = {AIY: 0.271, DEIM: 0.399, YOLOV5: 0.335, YOLOV8: 0.416}
QUANTIZED = "neg_already_quantised_yolo11n_tflite"


@dataclass(frozen=True)
class Used:
    """A field model as it was imported, and what it finds in all photos."""

    card: ModelCard
    table: DetectionTable

    def best(self, image: str, name: str) -> list[float]:
        found = self.table[self.table.image_names.index(image)].best(20)
        number = self.table.class_names.index(name)
        return [float(s) for s, c in zip(found.scores, found.class_ids, strict=True) if c == number]


@pytest.fixture(scope="session")
def used(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Used]:
    """Gives a field model, imported and run once."""
    known: dict[str, Used] = {}
    photos = open_dataset(PHOTOS)
    few = msgspec.structs.replace(photos, images=(INDOORS, PEOPLE, CAT))
    evidence = Evidence(images=sorted(PHOTOS.glob("*.jpg")))

    def cached(name: str) -> Used:
        if name not in known:
            folder = tmp_path_factory.mktemp("model")
            stored = import_model(FIELD / "models" / name, folder, evidence=evidence)
            dataset = photos if name in MAPS else few
            table = predict(stored.xml, stored.card.detector, dataset).table
            known[name] = Used(stored.card, table)
        return known[name]

    return cached


def truth_of(class_names: tuple[str, ...]) -> dict[str, Any]:
    """The ground truth of these classes alone, numbered as the detections are."""
    data = json.loads(TRUTH.read_text("utf-8"))
    if len(class_names) == len(data["categories"]):
        return dict(data)
    names = {category["id"]: category["name"] for category in data["categories"]}
    numbers = {name: number for number, name in enumerate(class_names, start=1)}
    return {
        "images": data["images"],
        "categories": [{"id": number, "name": name} for name, number in numbers.items()],
        "annotations": [
            {**row, "category_id": numbers[names[row["category_id"]]]}
            for row in data["annotations"]
            if names[row["category_id"]] in numbers
        ],
    }


@pytest.mark.parametrize(
    ("model", "decoder", "preprocessing", "layout"),
    [
        (AIY, "tf-detection-api", "RGB 0..255, 256x256, stretch", "NHWC"),
        (AIY_ANY_SIZE, "tf-detection-api", "RGB 0..255, 256x256, stretch", "NHWC"),
        (DEIM, "detr-boxes", "RGB 0..1, 416x416, stretch", "NCHW"),
        (FACES, "boxes-labels", "BGR 0..255, 416x416, stretch", "NCHW"),
        (YOLOV5, "yolov5", "RGB 0..1, 640x640, letterbox with 114", "NHWC"),
        (YOLOV8, "yolov8", "RGB 0..1, 640x640, letterbox with 114", "NHWC"),
    ],
)
def test_it_is_known_for_what_it_is(
    used: Callable[[str], Used], model: str, decoder: str, preprocessing: str, layout: str
) -> None:
    detector = used(model).card.detector
    assert detector.decoder == decoder
    assert detector.preprocessing.describe() == preprocessing
    assert detector.preprocessing.layout == layout
    assert detector.confidence > 0.8
    assert len(sentences(detector.reasons)) > 2


@pytest.mark.parametrize(
    ("model", "image", "name", "scores"),
    [
        (AIY, INDOORS, "person", [0.22]),
        (AIY, PEOPLE, "person", [0.60]),
        (AIY, CAT, "cat", [0.66]),
        (DEIM, INDOORS, "tv", [0.89]),
        (DEIM, INDOORS, "chair", [0.79]),
        (DEIM, INDOORS, "vase", [0.70]),
        (DEIM, PEOPLE, "person", [0.86]),
        (FACES, PEOPLE, "face", [0.72, 0.72, 0.70]),
        (YOLOV5, INDOORS, "tv", [0.88]),
        (YOLOV5, INDOORS, "chair", [0.85]),
        (YOLOV5, INDOORS, "person", [0.68]),
        (YOLOV5, PEOPLE, "person", [0.88]),
        (YOLOV8, INDOORS, "tv", [0.92]),
        (YOLOV8, INDOORS, "chair", [0.88]),
        (YOLOV8, INDOORS, "person", [0.74]),
        (YOLOV8, PEOPLE, "person", [0.93]),
    ],
)
def test_top_detections(
    used: Callable[[str], Used], model: str, image: str, name: str, scores: list[float]
) -> None:
    found = used(model).best(image, name)
    assert found[: len(scores)] == pytest.approx(scores, abs=0.01)


@pytest.mark.parametrize(("model", "expected"), MAPS.items())
def test_map(used: Callable[[str], Used], model: str, expected: float) -> None:
    table = used(model).table
    results = list(coco_results(table))
    if len(table.class_names) < 80:
        results = [row for row in results if row["category_id"] <= len(table.class_names)]
    assert mean_ap(evaluate(truth_of(table.class_names), results)) == pytest.approx(
        expected, abs=0.003
    )


def test_the_model_of_any_size_gets_the_size_of_its_own_resizer(
    used: Callable[[str], Used],
) -> None:
    card = used(AIY_ANY_SIZE).card
    assert card.info.inputs[0].describe().endswith("[1,256,256,3] u8")
    assert (len(card.detector.class_names), card.detector.class_names[0]) == (20, "class 0")
    assert any("Pascal VOC has as many" in reason for reason in sentences(card.detector.reasons))
    assert used(AIY_ANY_SIZE).table.scores.max() < 0.15


def test_a_quantized_model_is_imported_for_measuring(tmp_path: Path) -> None:
    card = import_model(FIELD / "models" / QUANTIZED, tmp_path).card
    assert (card.info.quantized, card.detector.decoder) == (True, "yolov8")
    assert card.detector.class_names[62] == "tv"


@pytest.mark.parametrize("model", [AIY, AIY_ANY_SIZE, DEIM, FACES, YOLOV5, YOLOV8])
def test_inspect_tells_everything(used: Callable[[str], Used], model: str) -> None:
    card = used(model).card
    out = io.StringIO()
    show(render_model(StoredModel(xml=Path("model.xml"), card=card)), out)
    said = out.getvalue()
    assert f"(confidence {card.detector.confidence:.0%})" in said
    assert card.detector.preprocessing.describe() in said
    assert card.detector.class_names[0] in said
    assert all(reason in said for reason in sentences(card.detector.reasons))
