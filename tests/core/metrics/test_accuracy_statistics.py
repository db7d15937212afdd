"""COCO statistics, Pascal VOC and error kinds, against the references."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import faster_coco_eval
import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.datasets.annotations import Annotations
from core.detection.detections import DetectionTable
from core.metrics.accuracy.coco_matching import CocoPart
from core.metrics.accuracy.coco_statistics import STATISTICS, CocoByParts, coco_statistics
from core.metrics.accuracy.error_kinds import error_kinds
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.truth import GroundTruth, ground_truth_for
from core.metrics.accuracy.voc import voc_precision
from core.metrics.matching.candidates import prepare
from core.metrics.matching.thresholds import ScoreThresholds
from tests.support.coco import as_coco
from tests.support.tables import Row, random_pair, table

FROM_03 = ScoreThresholds(score=0.3)


def made_into_truth(
    made: DetectionTable, crowd: list[bool] | None = None, difficult: list[bool] | None = None
) -> Annotations:
    """The boxes of a table as ground truth."""
    rows = len(made.scores)
    sizes = (made.boxes[:, 2:] - made.boxes[:, :2]).astype(np.float64)
    return Annotations(
        image_names=made.image_names,
        image_sizes=made.image_sizes,
        image_ids=np.arange(1, len(made) + 1),
        offsets=made.offsets,
        boxes=made.boxes,
        class_ids=made.class_ids,
        crowd=np.array(crowd or [False] * rows, bool),
        difficult=np.array(difficult or [False] * rows, bool),
        areas=sizes.prod(axis=1) * 0.8,  # as of an outline: smaller than the box
        class_names=made.class_names,
        category_ids=np.arange(1, len(made.class_names) + 1),
    )


def truth_of(made: DetectionTable, **flags: list[bool]) -> GroundTruth:
    ids = np.arange(len(made.class_names), dtype=np.int32)
    return ground_truth_for(made, made_into_truth(made, **flags), ids)


def mapped_truth(seed: int) -> tuple[GroundTruth, DetectionTable]:
    """A random problem, with a class that nobody looked for in every second."""
    annotations, found = random_problem(seed)
    ids = np.arange(len(found.class_names), dtype=np.int32)
    if seed % 2:
        ids[1:2] = -1
    return ground_truth_for(found, annotations, ids), found


@pytest.mark.parametrize("seed", range(8))
def test_some_images_at_a_time(monkeypatch: pytest.MonkeyPatch, seed: int, tmp_path: Path) -> None:
    """And rows that wait in a file, which is gone afterwards."""
    truth, found = mapped_truth(seed)
    whole = coco_statistics(truth, found)
    opened: list[Path] = []

    def noted(**given: Path) -> IO[bytes]:
        opened.append(given["dir"])
        return TemporaryFile(dir=given["dir"])

    monkeypatch.setattr("core.metrics.accuracy.rows_by_class.IN_MEMORY", 0)
    monkeypatch.setattr("tempfile.TemporaryFile", noted)
    parts = CocoByParts(len(found.class_names), tmp_path)
    for first in range(0, len(found), 3):
        images = range(first, min(first + 3, len(found)))
        own = truth.part(images)
        parts.add(CocoPart.of(own, prepare(own.table, own.judged(found.part(images)))))
    assert set(opened) == {tmp_path}, "more than is kept in memory"
    some = parts.statistics(truth.mapped)
    assert some.values == whole.values, "to the last bit"
    assert some.class_ids.tolist() == whole.class_ids.tolist()
    assert some.precision.tobytes() == whole.precision.tobytes()
    assert any(value is not None for value in whole.values.values())
    assert not list(tmp_path.iterdir())


def test_statistics_of_nothing() -> None:
    nothing = table([], [])
    statistics = coco_statistics(truth_of(nothing), nothing)
    assert set(statistics.values.values()) == {None}


@pytest.mark.parametrize("seed", range(60))
def test_the_statistics_equal_faster_coco_eval_to_the_last_bit(seed: int) -> None:
    """Which divides without what pycocotools adds to each number of detections."""
    truth, found = mapped_truth(seed)
    if seed % 3 == 0:  # some boxes turned inside out
        moved = np.random.default_rng(seed).normal(0, 20, found.boxes.shape).astype(np.float32)
        found = replace(found, boxes=found.boxes + moved)
    statistics = coco_statistics(truth, found)
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = faster_coco_eval.COCOeval_faster(
            *(_opened(one) for one in _described(truth, found)), "bbox"
        )
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    values = [-1.0 if value is None else value for value in statistics.values.values()]
    assert values == evaluation.stats[: len(values)].tolist()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    assert np.where(precision > -1, precision, np.nan).tobytes() == statistics.precision.tobytes()


def _opened(content: dict[str, Any]) -> faster_coco_eval.COCO:
    made = faster_coco_eval.COCO()
    made.dataset = content
    made.createIndex()
    return made


def _described(truth: GroundTruth, found: DetectionTable) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ground truth and detections as COCO's files have them."""
    own = found.boxes[:, 2:].astype(np.float64) - found.boxes[:, :2]
    objects = _entries(truth.table, truth.areas, 1, 0)
    objects += _entries(truth.ignored, truth.ignored_areas, len(objects) + 1, 1)
    head = {
        "images": [{"id": image} for image in range(len(found))],
        "categories": [{"id": int(number)} for number in np.flatnonzero(truth.mapped)],
    }
    detected = [
        one for one in _entries(found, own.prod(axis=1), 1, 0) if truth.mapped[one["category_id"]]
    ]
    for number, one in enumerate(detected, 1):
        one["id"] = number  # a number that is left out corrupts the evaluation
    return {**head, "annotations": objects}, {**head, "annotations": detected}


def _entries(
    made: DetectionTable, areas: NDArray[np.float64], first: int, crowd: int
) -> list[dict[str, Any]]:
    boxes = made.boxes.astype(np.float64)
    boxes[:, 2:] -= boxes[:, :2]
    columns = made.image_indices, made.class_ids, boxes, areas, made.scores
    return [
        {
            "id": number,
            "image_id": image,
            "category_id": class_id,
            "bbox": box,
            "area": size,
            "score": score,
            "iscrowd": crowd,
        }
        for number, (image, class_id, box, size, score) in enumerate(
            zip(*(one.tolist() for one in columns), strict=True), first
        )
    ]


def random_problem(seed: int) -> tuple[Annotations, DetectionTable]:
    """Boxes of every size, some of them crowds, and what a detector makes of them."""
    truth, found = random_pair(seed)
    random = np.random.default_rng(seed)
    scale = np.float32(random.choice([1, 3, 8]))
    crowd = (random.random(len(truth.scores)) < 0.15).tolist()
    bigger = [
        DetectionTable(
            one.image_names,
            one.image_sizes,
            one.offsets,
            one.boxes * scale,
            one.scores,
            one.class_ids,
            one.class_names,
        )
        for one in (truth, found)
    ]
    return made_into_truth(bigger[0], crowd), bigger[1]


def pycocotools(truth: Annotations, found: DetectionTable) -> tuple[list[float], NDArray[Any]]:
    """The twelve statistics, and the precision [10, 101, classes]."""
    boxes = found.boxes.astype(np.float64)
    boxes[:, 2:] -= boxes[:, :2]
    results = [
        {"image_id": image + 1, "category_id": class_id + 1, "bbox": box, "score": score}
        for image, class_id, box, score in zip(
            found.image_indices.tolist(),
            found.class_ids.tolist(),
            boxes.tolist(),
            found.scores.tolist(),
            strict=True,
        )
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = as_coco(truth)
        coco.createIndex()
        detections = coco.loadRes(results) if results else COCO()
        if not results:
            detections.dataset = {**coco.dataset, "annotations": []}
            detections.createIndex()
        evaluation = COCOeval(coco, detections, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats.tolist(), evaluation.eval["precision"][:, :, :, 0, -1]


@pytest.mark.parametrize("seed", range(200))
def test_the_statistics_equal_pycocotools(seed: int) -> None:
    made, found = random_problem(seed)
    truth = ground_truth_for(found, made, np.arange(3, dtype=np.int32))
    statistics = coco_statistics(truth, found)
    expected, precision = pycocotools(made, found)
    assert list(statistics.values) == list(STATISTICS)
    values = [-1.0 if value is None else value for value in statistics.values.values()]
    assert values == pytest.approx(expected, abs=1e-9)
    assert np.where(np.isnan(statistics.precision), -1, statistics.precision) == pytest.approx(
        precision, abs=1e-9
    )
    own = judge(truth, found).class_ap()  # what intervals and error kinds are made of
    known = ~np.isnan(own[0])
    assert own[:, known] == pytest.approx(precision.mean(axis=1)[:, known], abs=1e-9)
    assert (precision[0, 0, ~known] == -1).all()


def test_classes_are_mapped_and_those_that_cannot_be_are_left_out() -> None:
    made = made_into_truth(
        table(
            [(0, 0, 50, 50, 1, 0), (100, 0, 150, 50, 1, 1), (200, 0, 250, 50, 1, 2)],
            classes=("car", "bus", "cow"),
        )
    )
    found = table(
        [(0, 0, 50, 50, 0.9, 1), (100, 0, 150, 50, 0.8, 1), (300, 0, 350, 50, 0.99, 0)],
        classes=("person", "vehicle"),
    )
    truth = ground_truth_for(found, made, np.array([1, 1, -1], np.int32))
    assert truth.table.class_ids.tolist() == [1, 1]
    assert truth.mapped.tolist() == [False, True]
    statistics = coco_statistics(truth, found)  # the person is not judged: nobody looked for any
    assert statistics.values["AP"] == pytest.approx(1)
    assert list(statistics.class_ap()) == [1]


def test_images_are_found_by_name_whatever_their_order() -> None:
    made = made_into_truth(table([(0, 0, 50, 50, 1, 0)], [(9, 9, 60, 60, 1, 1)], []))
    found = table([], [(9, 9, 60, 60, 0.9, 1)])
    turned = DetectionTable(
        ("1.jpg", "unknown.jpg"),
        found.image_sizes,
        np.array([0, 1, 1]),
        found.boxes,
        found.scores,
        found.class_ids,
        found.class_names,
    )
    truth = ground_truth_for(turned, made, np.arange(3, dtype=np.int32))
    assert truth.table.offsets.tolist() == [0, 1, 1]
    assert coco_statistics(truth, turned).values["AP"] == pytest.approx(1)


def slow_voc(truth: DetectionTable, ignore: list[bool], found: DetectionTable, class_id: int,
             points: bool) -> float:  # fmt: skip
    """VOCevaldet and VOCap, line by line."""
    rows = [r for r in np.argsort(-found.scores, kind="stable") if found.class_ids[r] == class_id]
    taken: set[int] = set()
    right, wrong = [], []
    for row in rows:
        best, chosen = 0.0, -1
        for other in range(len(truth.scores)):
            same = truth.image_indices[other] == found.image_indices[row]
            if same and truth.class_ids[other] == class_id:
                iou = _iou(found.boxes[row], truth.boxes[other])
                if iou > best:
                    best, chosen = iou, other
        if best >= 0.5:
            if not ignore[chosen]:
                right.append(chosen not in taken)
                wrong.append(chosen in taken)
                taken.add(chosen)
                continue
            continue
        right.append(False)
        wrong.append(True)
    total = sum(c == class_id and not i for c, i in zip(truth.class_ids, ignore, strict=True))
    tp, fp = np.cumsum(right), np.cumsum(wrong)
    recall, precision = tp / total, tp / np.maximum(tp + fp, 1)
    if points:
        best_at = [precision[recall >= t - 1e-12].max(initial=0) for t in np.linspace(0, 1, 11)]
        return float(np.mean(best_at))
    mrec = np.concatenate([[0], recall, [1]])
    mpre = np.concatenate([[0], precision, [0]])
    for place in range(len(mpre) - 2, -1, -1):
        mpre[place] = max(mpre[place], mpre[place + 1])
    steps = np.flatnonzero(mrec[1:] != mrec[:-1]) + 1
    return float(((mrec[steps] - mrec[steps - 1]) * mpre[steps]).sum())


def _iou(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = float(width * height)
    return shared / float((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


@pytest.mark.parametrize("seed", range(40))
def test_voc_equals_the_devkit(seed: int) -> None:
    boxes, found = random_pair(seed)
    random = np.random.default_rng(seed)
    difficult = (random.random(len(boxes.scores)) < 0.2).tolist()
    truth = ground_truth_for(
        found, made_into_truth(boxes, None, difficult), np.arange(3, dtype="i4")
    )
    result = voc_precision(truth, judge(truth, found))
    for class_id in range(3):
        if (truth.table.class_ids == class_id).any():
            for values, points in ((result.eleven_point, True), (result.all_point, False)):
                expected = slow_voc(boxes, difficult, found, class_id, points)
                assert values[class_id] == pytest.approx(expected, abs=1e-9)
        else:
            assert np.isnan(result.eleven_point[class_id])


@pytest.mark.parametrize("difficult", [[True, False], [False, True]])
def test_of_boxes_that_are_overlapped_alike_the_one_that_counts_is_found(
    difficult: list[bool],
) -> None:
    """Where the devkit takes the one that stands first in the file."""
    twice: Row = (0, 0, 100, 100, 1, 0)
    found = table([(0, 0, 100, 90, 0.9, 0)])
    truth = ground_truth_for(
        found, made_into_truth(table([twice, twice]), None, difficult), np.arange(3, dtype="i4")
    )
    result = voc_precision(truth, judge(truth, found))
    assert (result.all_point[0], result.eleven_point[0]) == (1, 1)


CAT: Row = (0, 0, 100, 100, 1, 0)
DOG: Row = (200, 0, 300, 100, 1, 1)


@pytest.mark.parametrize(
    ("kind", "extra", "cost"),
    [
        ("class", (200, 0, 300, 100, 0.8, 0), 0.5),  # the dog, called a cat
        ("localisation", (200, 0, 300, 40, 0.8, 1), 0.5),  # the dog, half of it
        ("both", (200, 0, 300, 40, 0.8, 0), 0.0),  # half of the dog, called a cat
        ("duplicate", (0, 0, 100, 95, 0.8, 0), 0.0),
        ("background", (400, 300, 440, 340, 0.8, 0), 0.0),
    ],
)
def test_each_kind_of_error(kind: str, extra: Row, cost: float) -> None:
    found = table([(0, 0, 100, 100, 0.9, 0), extra])
    kinds = error_kinds(judge(truth_of(table([CAT, DOG])), found), FROM_03)
    counts = {name: error.count for name, error in kinds.items()}
    mended = kind in ("class", "localisation")
    expected: dict[str, int] = dict.fromkeys(counts, 0)
    expected |= {kind: 1, "missed": 0 if mended else 1}
    assert {**counts} == expected
    assert kinds[kind].cost == pytest.approx(cost, abs=1e-9)  # type: ignore[index]
    if not mended:
        assert kinds["missed"].cost == pytest.approx(0.5, abs=1e-9)


def test_a_false_alarm_that_is_surer_than_a_right_box_costs() -> None:
    found = table([(400, 300, 440, 340, 0.95, 0), (0, 0, 100, 100, 0.9, 0)])
    kinds = error_kinds(judge(truth_of(table([CAT])), found), FROM_03)
    assert kinds["background"].count == 1
    assert kinds["background"].cost == pytest.approx(0.5, abs=1e-9)


def test_errors_below_the_score_threshold_are_not_counted_but_cost() -> None:
    found = table([(0, 0, 100, 100, 0.9, 0), (200, 0, 300, 100, 0.1, 0)])
    kinds = error_kinds(judge(truth_of(table([CAT, DOG])), found), FROM_03)
    assert (kinds["class"].count, kinds["missed"].count) == (0, 1)
    assert kinds["class"].cost == pytest.approx(0.5, abs=1e-9)


def test_errors_are_counted_from_the_threshold_of_their_class_on() -> None:
    """Class 1 counts from .05 on and class 0 from .95: as the thresholds that are applied."""
    found = table([(0, 0, 100, 100, 0.9, 0), (200, 0, 300, 100, 0.1, 0), (400, 0, 440, 40, 0.1, 1)])
    judged = judge(truth_of(table([CAT, DOG])), found)
    names = found.class_names
    own = ScoreThresholds(score=0.3, classes={names[0]: 0.95, names[1]: 0.05})
    counts = {kind: one.count for kind, one in error_kinds(judged, own).items() if one.count}
    assert counts == {"background": 1, "missed": 2}, "the cat's detection does not count"
    low = ScoreThresholds(score=0.95, classes={names[0]: 0.05})
    counts = {kind: one.count for kind, one in error_kinds(judged, low).items() if one.count}
    assert counts == {"class": 1}


def test_detections_on_a_crowd_are_no_errors() -> None:
    crowd = table([(0, 0, 100, 100, 1, 0), (200, 0, 300, 100, 1, 0)])
    truth = truth_of(crowd, crowd=[True, False])
    found = table([(0, 0, 30, 30, 0.9, 0), (40, 0, 90, 60, 0.9, 0), (200, 0, 300, 100, 0.8, 0)])
    kinds = error_kinds(judge(truth, found), FROM_03)
    assert all(error.count == 0 for error in kinds.values())
    assert coco_statistics(truth, found).values["AP"] == pytest.approx(1)
