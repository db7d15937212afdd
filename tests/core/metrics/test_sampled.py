"""A summary by some parts of the images: near the whole's, and as sure as it says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.detection.detections import DetectionTable
from core.metrics.accuracy.estimated import estimated_ap
from core.metrics.accuracy.judging import judge
from core.metrics.comparison.comparison import compare
from core.metrics.comparison.sampled import (
    FEWEST_PARTS,
    ROWS,
    Estimate,
    Sample,
    sample,
)
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds
from tests.benchmarks.accuracy_speed import made
from tests.support.truth import truth_of

IMAGES, SIZE = 12_000, 40
CERTAIN = ("changed", "precision", "recall", "mean_iou", "matches", "missed", "extra", "optimized")
Both = tuple[DetectionTable, DetectionTable]


def estimate(tables: Both, chosen: list[int], thresholds: Thresholds) -> Estimate:
    parts = [range(first, first + SIZE) for first in range(0, IMAGES, SIZE)]
    some = [parts[number] for number in chosen]
    both = ((tables[0].part(one), tables[1].part(one)) for one in some)
    names = tables[0].image_names
    return Sample.of(both, some, len(parts), names).compare(80, thresholds).estimate()


@pytest.fixture(scope="module")
def tables() -> Both:
    return made(IMAGES, seed=5)


@pytest.fixture(scope="module")
def whole(tables: Both) -> Summary:
    return compare(*tables).summary


def test_intervals_are_of_95_percent(tables: Both, whole: Summary) -> None:
    parts, inside, tried = IMAGES // SIZE, 0, 0
    for seed in range(12):
        chosen = sorted(np.random.default_rng(seed).permutation(parts)[:100].tolist())
        found = estimate(tables, chosen, Thresholds())
        for name in (*CERTAIN, "agreement", "agreement_50", "images_changed"):
            low, high = found.intervals[name]
            tried += 1
            inside += low <= getattr(whole, name) <= high
            assert low <= getattr(found.summary, name) <= high
            assert abs(high - low) < 0.2 * getattr(whole, name), name
    assert 0.85 <= inside / tried <= 0.995


def test_an_estimate_of_everything_is_the_whole(tables: Both, whole: Summary) -> None:
    found = estimate(tables, list(range(IMAGES // SIZE)), Thresholds())
    assert found.summary == whole
    assert found.images == found.of == IMAGES
    for name, (low, high) in found.intervals.items():
        value = getattr(whole, name)
        assert low == pytest.approx(value, rel=1e-9), name
        assert high == pytest.approx(value, rel=1e-9), name


def test_the_worst_are_those_of_the_sample(tables: Both) -> None:
    found = estimate(tables, [3, 7], Thresholds())
    numbers = [int(name[4:-4]) for name in found.summary.worst_images]
    assert numbers
    assert all(number // SIZE in (3, 7) for number in numbers)


def test_nothing_to_be_found(tables: Both) -> None:
    found = estimate(tables, list(range(50)), Thresholds(score=1.1))
    assert found.summary.agreement is None
    assert found.summary.changed is None
    assert found.intervals["matches"] == (0, 0)


def test_which_parts_are_looked_at() -> None:
    rows = [1000] * 5000
    chosen = sample(rows)
    assert chosen == sample(rows) == sorted(set(chosen)), "always the same"
    assert len(chosen) == ROWS // 1000
    assert max(np.diff(chosen)) < 100, "from everywhere"
    assert len(sample([10**6] * 500)) == FEWEST_PARTS
    assert sample([10**6] * 60) == list(range(60)), "all, where they are few"
    assert sample([10] * 5000) == list(range(5000)), "all, where they are small"


def test_ap_by_ground_truth_of_some_images(tables: Both) -> None:
    """As sure as it says: the whole's lies inside nearly always."""
    truth = truth_of(tables[0])
    random = np.random.default_rng(7)
    boxes = tables[1].boxes + random.normal(0, 2, tables[1].boxes.shape).astype(np.float32)
    moved = replace(tables[1], boxes=boxes)
    of_whole = [judge(truth, one).ap() for one in (tables[1], moved)]
    whole = dict(zip(("parent", "optimized"), of_whole, strict=True))
    whole["difference"] = whole["optimized"] - whole["parent"]
    parts = [range(first, first + SIZE) for first in range(0, IMAGES, SIZE)]
    inside = 0
    for seed in range(6):
        chosen = sorted(np.random.default_rng(seed).permutation(len(parts))[:100].tolist())
        some = [parts[number] for number in chosen]
        both = ((tables[1].part(one), moved.part(one)) for one in some)
        found = estimated_ap(truth, both, some, len(parts))
        assert found is not None
        assert (found.images, found.of) == (100 * SIZE, IMAGES)
        for name, value in whole.items():
            own = getattr(found, name)
            assert own.value == pytest.approx(value, abs=0.03)
            inside += own.low <= value <= own.high
    assert inside >= 15, "of 18"


def test_no_ap_where_nothing_is_to_be_found(tables: Both) -> None:
    nothing = truth_of(
        replace(
            tables[0],
            offsets=np.zeros(IMAGES + 1, np.int64),
            boxes=tables[0].boxes[:0],
            scores=tables[0].scores[:0],
            class_ids=tables[0].class_ids[:0],
        )
    )
    both = [(tables[0].part(range(SIZE)), tables[1].part(range(SIZE)))]
    assert estimated_ap(nothing, both, [range(SIZE)], 10) is None
