"""COCO statistics on real ground truth and real detections, held against pycocotools' figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets.annotations import Annotations
from core.detection.detections import DetectionTable
from core.metrics.accuracy.coco_statistics import CocoStatistics, coco_statistics
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.truth import ground_truth_for
from tests.support.checkout import ROOT

FIELD = ROOT.parent / "shared" / "field"
EXPECTED = FIELD / "oracle" / "coco_real_detections" / "expected_pycocotools.json"
PAIRS = (
    "cocoapi_100",
    "coco128_val2017_yolox_nano",
    "tiny_coco_val2017_yolox_nano",
    "tiny_coco_val2017_yolov8n",
)

pytestmark = [
    pytest.mark.field,
    pytest.mark.skipif(not FIELD.is_dir(), reason=f"the field data is not at {FIELD}"),
]


def read(name: str) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    def load(path: Path) -> Any:
        return json.loads(path.read_text("utf-8"))

    expected = load(EXPECTED)[name]
    return expected, load(FIELD / expected["gt"]), load(FIELD / expected["dets"])


def check(
    expected: dict[str, Any], found: CocoStatistics, names: dict[int, str], near: float = 1e-6
) -> None:
    for statistic, value in expected["stats"].items():
        assert found.values[statistic] == pytest.approx(value, abs=near), statistic
    by_name = {names[class_id]: ap for class_id, ap in found.class_ap().items()}
    assert by_name.keys() == expected["per_class_AP_AP50"].keys()
    for name, values in expected["per_class_AP_AP50"].items():
        assert list(by_name[name]) == pytest.approx(values, abs=near), name


@pytest.mark.parametrize("name", PAIRS)
def test_through_our_columns(name: str) -> None:
    """Columns are float32, as detectors give them: scores of the files that differ in the eighth
    digit become equal, and then their order is another.
    """
    expected, truth, found = read(name)
    classes = {row["id"]: place for place, row in enumerate(truth["categories"])}
    images = {row["id"]: place for place, row in enumerate(truth["images"])}
    names = tuple(row["name"] for row in truth["categories"])
    files = tuple(str(row["id"]) for row in truth["images"])
    sizes = np.array([(row["width"], row["height"]) for row in truth["images"]], np.int32)

    def columns(rows: list[dict[str, Any]]) -> tuple[Any, ...]:
        rows = sorted(rows, key=lambda row: images[row["image_id"]])
        of = np.array([images[row["image_id"]] for row in rows])
        boxes = np.array([row["bbox"] for row in rows], np.float64).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        offsets = np.searchsorted(of, np.arange(len(images) + 1)).astype(np.int64)
        ids = np.array([classes[row["category_id"]] for row in rows], np.int32)
        return rows, offsets, boxes.astype(np.float32), ids

    rows, offsets, boxes, ids = columns(found)
    scores = np.array([row["score"] for row in rows], np.float32)
    table = DetectionTable(files, sizes, offsets, boxes, scores, ids, names)
    rows, offsets, boxes, ids = columns(truth["annotations"])
    crowd = np.array([bool(row["iscrowd"]) for row in rows], bool)
    annotations = Annotations(
        image_names=files,
        image_sizes=sizes,
        image_ids=np.array(list(images), np.int64),
        offsets=offsets,
        boxes=boxes,
        class_ids=ids,
        crowd=crowd,
        difficult=np.zeros(len(rows), bool),
        areas=np.array([row["area"] for row in rows], np.float64),
        class_names=names,
        category_ids=np.array(list(classes), np.int64),
    )
    ours = ground_truth_for(table, annotations, np.arange(len(names), dtype=np.int32))
    check(expected, coco_statistics(ours, table), dict(enumerate(names)), near=1e-3)
    own = judge(ours, table).class_ap()
    assert np.nanmean(own) == pytest.approx(expected["stats"]["AP"], abs=1e-4)
