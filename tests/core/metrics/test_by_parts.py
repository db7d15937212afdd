"""Figures of detections that come part by part are those of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.detection.detections import DetectionTable
from core.detection.nms import suppress
from core.metrics.accuracy.annotated import accuracy, accuracy_by_parts
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.kept import (
    ap_by_parts,
    estimated_kept_by_parts,
    measured_kept,
    measured_kept_by_parts,
)
from core.metrics.accuracy.kept_columns import of_part
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import agreement_interval
from core.metrics.comparison.by_parts import compare_by_parts
from core.metrics.comparison.comparison import compare
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.metrics.operating_point.point import operating_point, operating_point_by_parts
from core.values import to_plain
from tests.benchmarks.accuracy_speed import made
from tests.support.coco import class_ap
from tests.support.tables import random_pair
from tests.support.truth import truth_of

Both = tuple[DetectionTable, DetectionTable]


def in_parts(tables: Both, cuts: Sequence[int]) -> Iterator[Both]:
    images = len(tables[0])
    ends = [*cuts, images]
    for first, last in zip([0, *cuts], ends, strict=True):
        parent, optimized = (one.part(range(first, last)) for one in tables)
        yield parent, optimized


def with_crowds(truth: GroundTruth) -> GroundTruth:
    """Every seventh object is a crowd, the last class is not known."""
    table = truth.table
    crowds = np.arange(len(table.scores)) % 7 == 0

    def some(kept: np.ndarray) -> DetectionTable:
        offsets = np.append(0, np.cumsum(kept))[table.offsets].astype(np.int64)
        return replace(
            table,
            offsets=offsets,
            boxes=table.boxes[kept],
            scores=table.scores[kept],
            class_ids=table.class_ids[kept],
        )

    mapped = truth.mapped.copy()
    mapped[-1] = False
    return GroundTruth(
        some(~crowds), truth.areas[~crowds], some(crowds), truth.areas[crowds], mapped
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_comparison(seed: int) -> None:
    tables = random_pair(seed)
    thresholds = Thresholds(
        score=0.1 * (seed % 4), optimized_scores=ScoreThresholds(score=0.2), per_class_limit=3
    )
    whole = compare(*tables, thresholds)
    cuts = sorted(np.random.default_rng(seed).integers(0, len(tables[0]) + 1, 3).tolist())
    names, classes = tables[0].image_names, len(tables[0].class_names)
    parts = compare_by_parts(in_parts(tables, cuts), names, classes, thresholds)
    assert parts.summary == whole.summary, "to the last bit"
    assert parts.interval() == agreement_interval(whole)
    assert parts.images.image.tolist() == whole.images.image.tolist(), "worst first"
    assert parts.images.damage.tolist() == whole.images.damage.tolist()


def test_a_comparison_of_thousands() -> None:
    tables = made(6000, seed=2)
    whole = compare(*tables)
    parts = compare_by_parts(in_parts(tables, (1, 500, 5990)), tables[0].image_names, 80)
    assert parts.summary == whole.summary, "to the last bit"
    assert parts.interval() == agreement_interval(whole)


@pytest.mark.parametrize("crowds", [False, True])
def test_accuracy_kept(crowds: bool) -> None:
    tables = made(300, seed=4)
    truth = truth_of(made(300, seed=4)[0].part(range(300)))
    truth = with_crowds(truth) if crowds else truth
    whole = measured_kept(truth, *tables)
    assert whole is not None
    assert measured_kept_by_parts(truth, in_parts(tables, (7, 7, 200))) == whole


@pytest.mark.parametrize("crowds", [False, True])
def test_the_accuracy_of_both_models(crowds: bool) -> None:
    tables = made(150, seed=3)
    truth = truth_of(made(150, seed=3)[0].part(range(150)))
    truth = with_crowds(truth) if crowds else truth
    thresholds = Thresholds(score=0.3, optimized_scores=ScoreThresholds(score=0.2))
    whole = accuracy(truth, *tables, thresholds)
    assert whole.ignored if crowds else not whole.ignored
    parts = accuracy_by_parts(truth, lambda: in_parts(tables, (7, 7, 100)), thresholds)
    assert to_plain(parts) == to_plain(whole), "to the last bit"
    one_by_one = (one for _, one in in_parts(tables, (7, 7, 100)))
    assert ap_by_parts(truth, one_by_one) == judge(truth, tables[1]).ap()


def test_the_operating_point() -> None:
    tables = made(120, seed=3)
    truth = truth_of(made(120, seed=3)[0].part(range(120)))
    names = tables[0].image_names
    for known in (truth, None):
        whole = operating_point(*tables, truth=known)
        parts = operating_point_by_parts(lambda: in_parts(tables, (7, 7, 100)), names, truth=known)
        assert parts == whole, "to the last bit"


@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_of_accuracy_kept(seed: int) -> None:
    tables = random_pair(seed) if seed < 3 else made(250, seed=8)
    images = len(tables[0])
    cuts = (0, images // 3, images // 2)
    whole = estimated_kept_by_parts([tables])
    assert whole is not None
    assert estimated_kept_by_parts(in_parts(tables, cuts)) == whole
    assert estimated_kept_by_parts(iter(())) is None


def test_ap_is_that_of_pycocotools() -> None:
    parent, optimized = made(200, seed=6)
    truth = truth_of(made(200, seed=6)[1])
    kept = measured_kept_by_parts(truth, in_parts((parent, optimized), (50, 51, 160)))
    assert kept is not None
    for table, ap in ((parent, kept.parent_ap), (optimized, kept.optimized_ap)):
        by_class = class_ap(truth.table, table, 0.0, 100)
        assert ap == pytest.approx(by_class[by_class > -1].mean(), abs=1e-6)


def test_parts_that_are_compared_in_pieces_wait_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of the images is divided among all cores, while others are under way."""
    monkeypatch.setattr("core.metrics.matching.chunks.ROWS", 200)
    tables = made(300, seed=5)
    truth, cuts = truth_of(tables[0]), tuple(range(20, 300, 20))
    assert measured_kept_by_parts(truth, in_parts(tables, cuts)) == measured_kept(truth, *tables)
    parts = compare_by_parts(in_parts(tables, cuts), tables[0].image_names, 80)
    assert parts.summary == compare(*tables).summary


def test_what_says_nothing_of_the_parent_is_no_measure() -> None:
    tables = made(30)
    truth = truth_of(made(30, seed=9)[0])
    assert measured_kept_by_parts(truth, in_parts(tables, (10,))) == measured_kept(truth, *tables)
    nothing = truth_of(DetectionTable.build([], [], [], ("cat",)))
    assert measured_kept_by_parts(nothing, iter(())) is None


@pytest.mark.parametrize("seed", range(12))
def test_objects_are_what_nms_leaves_of_each_image(seed: int) -> None:
    """Images in which nothing overlaps are not asked of NMS one by one."""
    random = np.random.default_rng(seed)
    parent, other = random_pair(seed)
    boxes, scores = parent.boxes.copy(), parent.scores.copy()
    odd = random.random(len(scores)) < 0.02
    boxes[odd, 2:] = boxes[odd, :2]
    scores[random.random(len(scores)) < 0.02] = 0
    parent = replace(parent, boxes=boxes, scores=scores)
    _, objects, _ = of_part((parent, other))
    kept = [suppress(one, 0.6, len(one)) for one in parent]
    sizes = [(int(width), int(height)) for width, height in parent.image_sizes]
    wanted = DetectionTable.build(parent.image_names, sizes, kept, parent.class_names)
    for name, column in wanted.columns().items():
        assert column.tobytes() == objects.columns()[name].tobytes(), name
