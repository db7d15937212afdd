import numpy as np
import pytest

from core.detection.boxes import paired_iou
from core.detection.detections import Detections
from core.detection.nms import suppress
from tests.support.tables import detections


def reference(found: Detections, threshold: float, limit: int) -> list[int]:
    """Greedy NMS as it is defined, one box after the other."""
    kept: list[int] = []
    for row in np.argsort(-found.scores, kind="stable").tolist():
        rivals = [other for other in kept if found.class_ids[other] == found.class_ids[row]]
        same = np.repeat(found.boxes[[row]], len(rivals), axis=0)
        if not (paired_iou(same, found.boxes[rivals]) > threshold).any():
            kept.append(row)
    return kept[:limit]


def problem(seed: int, low: float) -> Detections:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 120))
    corners = random.uniform(low, 100, (count, 2))
    sides = random.uniform(1, 80, (count, 2))
    return Detections(
        np.concatenate([corners, corners + sides], axis=1).astype(np.float32),
        random.permutation(np.linspace(0.01, 0.99, count)).astype(np.float32),
        random.integers(0, 4, count).astype(np.int32),
    )


@pytest.mark.parametrize("low", [0, -150], ids=["inside", "beyond the image's edge"])
@pytest.mark.parametrize("seed", range(25))
def test_it_is_greedy_nms(seed: int, low: float) -> None:
    found = problem(seed, low)
    for threshold in (0.3, 0.6):
        expected = found.where(np.array(reference(found, threshold, 50), np.intp))
        kept = suppress(found, threshold, 50)
        assert kept.boxes.tolist() == expected.boxes.tolist()
        assert kept.class_ids.tolist() == expected.class_ids.tolist()


def test_boxes_of_different_classes_never_suppress_each_other() -> None:
    same_place = detections([(-41, -41, -1, -1, 0.9, 1), (60, 60, 100, 100, 0.8, 0)])
    assert len(suppress(same_place, 0.5, 10)) == 2
    assert len(suppress(detections([(0, 0, 9, 9, 0.9, 0), (0, 0, 9, 9, 0.8, 1)]), 0.5, 10)) == 2


def test_the_best_come_first_and_the_limit_holds() -> None:
    apart = detections([(20 * n, 0, 20 * n + 10, 10, 0.1 + 0.1 * n, 0) for n in range(8)])
    kept = suppress(apart, 0.5, 3)
    assert kept.scores.tolist() == pytest.approx([0.8, 0.7, 0.6])


def test_nothing_stays_nothing() -> None:
    assert len(suppress(Detections.none(), 0.5, 10)) == 0
