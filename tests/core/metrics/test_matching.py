import numpy as np
import pytest

from core.detection.detections import DetectionTable
from core.metrics.matching.matching import match, rank
from tests.support.tables import random_pair, table

HALF = np.array([0.5])


def partners(a: DetectionTable, b: DetectionTable, iou: float = 0.5) -> dict[int, int]:
    """Rows of `a` and the rows of `b` that they are matched with."""
    ranked_a, ranked_b = rank(a, 0.0, 100), rank(b, 0.0, 100)
    found = match(a, ranked_a, b, ranked_b, np.array([iou]))
    return {
        int(ranked_a.rows[place]): int(ranked_b.rows[partner])
        for place, partner in enumerate(found.partner_of_a[0])
        if partner >= 0
    }


def test_duplicates_do_not_match_twice() -> None:
    two = table([(0, 0, 10, 10, 0.9, 0), (0, 0, 10, 9, 0.8, 0)])
    one = table([(0, 0, 10, 10, 0.9, 0)])
    assert partners(two, one) == {0: 0}
    assert partners(one, two) == {0: 0}


def test_the_best_score_chooses_first_though_another_overlaps_more() -> None:
    a = table([(0, 0, 10, 10, 0.5, 0), (0, 0, 10, 8, 0.9, 0)])
    b = table([(0, 0, 10, 10, 0.9, 0)])
    assert partners(a, b) == {1: 0}


def test_the_next_best_takes_what_is_free() -> None:
    a = table([(0, 0, 10, 10, 0.9, 0), (0, 0, 10, 10, 0.8, 0)])
    b = table([(0, 0, 10, 10, 0.9, 0), (0, 0, 10, 7, 0.8, 0)])
    assert partners(a, b) == {0: 0, 1: 1}


def test_classes_and_images_are_apart() -> None:
    cat, dog = [(0, 0, 10, 10, 0.9, 0)], [(0, 0, 10, 10, 0.9, 1)]
    assert partners(table(cat), table(dog)) == {}
    assert partners(table(cat, []), table([], cat)) == {}


def test_exactly_the_threshold_is_a_match() -> None:
    a, b = table([(0, 0, 10, 10, 0.9, 0)]), table([(0, 0, 10, 5, 0.9, 0)])
    assert partners(a, b) == {0: 0}
    assert partners(a, b, 0.500001) == {}


def test_of_equal_overlaps_the_later_is_taken_as_pycocotools_does() -> None:
    a = table([(0, 0, 10, 10, 0.9, 0)])
    b = table([(0, 0, 10, 8, 0.9, 0), (0, 2, 10, 10, 0.8, 0)])
    assert partners(a, b) == {0: 1}


def test_a_threshold_of_one_still_matches_identical_boxes() -> None:
    same = table([(0, 0, 10, 10, 0.9, 0)])
    assert partners(same, same, 1.0) == {0: 0}


@pytest.mark.parametrize("seed", range(20))
def test_partners_are_mutual_and_overlap_enough(seed: int) -> None:
    parent, optimized = random_pair(seed)
    a, b = rank(optimized, 0.1, 20), rank(parent, 0.1, 20)
    levels = np.array([0.3, 0.5, 0.75])
    found = match(optimized, a, parent, b, levels)
    for level, bar in enumerate(levels):
        matched = np.flatnonzero(found.partner_of_a[level] >= 0)
        assert found.partner_of_b[level][found.partner_of_a[level][matched]].tolist() == list(
            matched
        )
        assert (found.iou[level][matched] >= bar).all()
        assert (found.partner_of_b[level] >= 0).sum() == len(matched)
        assert (a.keys[matched] == b.keys[found.partner_of_a[level][matched]]).all()


def test_ranks_count_within_image_and_class_and_stop_at_the_limit() -> None:
    rows = [(0, 0, 1, 1, score, class_id) for score in (0.2, 0.9, 0.5) for class_id in (0, 1)]
    ranked = rank(table(rows, rows), 0.3, 1)
    assert ranked.rows.tolist() == [2, 3, 8, 9]
    assert ranked.ranks.tolist() == [0, 0, 0, 0]
    assert rank(table(rows), 0.3, 20).ranks.tolist() == [0, 1, 0, 1]


def test_a_score_that_equals_the_threshold_counts() -> None:
    assert len(rank(table([(0, 0, 1, 1, 0.3, 0)]), 0.3, 20).rows) == 1


def test_nothing_matches_nothing() -> None:
    assert partners(table([]), table([])) == {}
    ranked = rank(table(), 0.0, 5)
    assert match(table(), ranked, table(), ranked, HALF).partner_of_a.shape == (1, 0)
