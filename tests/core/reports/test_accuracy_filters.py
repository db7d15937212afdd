"""Choosing rows, confusion matrices, and the agreement's interval."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from core.metrics.comparison.bootstrap import agreement_interval
from core.metrics.comparison.comparison import Comparison, Thresholds, compare
from core.metrics.comparison.confusion import confusion_matrix
from core.reports.filters import RowFilter, class_mask, image_mask, in_words
from core.values import from_json, to_json
from tests.support.tables import Row, random_pair, table

CAT: Row = (0, 0, 100, 100, 0.9, 0)
DOG: Row = (200, 0, 300, 100, 0.8, 1)
CAT_AS_BIRD: Row = (0, 0, 100, 95, 0.9, 2)


@pytest.fixture
def comparison() -> Comparison:
    """0 agrees, 1 misses a dog, 2 calls the cat a bird, 3 has an extra dog."""
    parent = table([CAT], [CAT, DOG], [CAT, DOG], [])
    optimized = table([CAT], [CAT], [CAT_AS_BIRD, DOG], [DOG])
    return compare(parent, optimized)


def images(comparison: Comparison, chosen: RowFilter) -> set[int]:
    return set(comparison.images.image[image_mask(comparison, chosen)].tolist())


def rows(comparison: Comparison, chosen: RowFilter) -> set[tuple[int, int]]:
    mask, of = class_mask(comparison, chosen), comparison.classes
    return set(zip(of.image[mask].tolist(), of.class_id[mask].tolist(), strict=True))


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (RowFilter(), {0, 1, 2, 3}),
        (RowFilter(name="2.J"), {2}),
        (RowFilter(statuses=("missed",)), {1}),
        (RowFilter(statuses=("missed", "extra")), {1, 3}),
        (RowFilter(statuses=("class_changed",)), {2}),
        (RowFilter(statuses=("unchanged",)), {0}),
        (RowFilter(classes=("dog",)), {1, 2, 3}),
        (RowFilter(classes=("bird", "cat")), {0, 1, 2}),
        (RowFilter(classes=("cat",), statuses=("missed",)), set()),
        (RowFilter(classes=("dog",), statuses=("missed",)), {1}),
        (RowFilter(ranges={"parent": (2, None)}), {1, 2}),
        (RowFilter(ranges={"parent": (None, 1)}), {0, 3}),
        (RowFilter(ranges={"parent": (1, 2), "matches": (1, 1)}), {0, 1, 2}),
        (RowFilter(name="1", statuses=("extra",)), set()),
        (RowFilter(classes=("no such class",)), set()),
        (RowFilter(ranges={"precision": (0.5, None)}), {0, 1, 2, 3}),
        (RowFilter(cell=("cat", "bird")), {2}),
        (RowFilter(cell=("cat", "cat")), {0, 1}),
        (RowFilter(cell=("dog", None)), {1}),
        (RowFilter(cell=(None, "dog")), {3}),
        (RowFilter(cell=("dog", "dog"), name="1"), set()),
        (RowFilter(cell=("walrus", "dog")), set()),
    ],
)
def test_images_that_are_shown(
    comparison: Comparison, chosen: RowFilter, expected: set[int]
) -> None:
    assert images(comparison, chosen) == expected


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (RowFilter(statuses=("missed",)), {(1, 1)}),
        (RowFilter(statuses=("class_changed",)), {(2, 0), (2, 2)}),
        (RowFilter(classes=("cat",)), {(0, 0), (1, 0), (2, 0)}),
        (RowFilter(classes=("cat",), ranges={"precision": (1, 1)}), {(0, 0), (1, 0)}),
        (RowFilter(name="2", classes=("dog",)), {(2, 1)}),
        (RowFilter(cell=("cat", "bird")), {(2, 0), (2, 2)}),
    ],
)
def test_rows_that_are_shown(
    comparison: Comparison, chosen: RowFilter, expected: set[tuple[int, int]]
) -> None:
    assert rows(comparison, chosen) == expected


def test_a_filter_can_be_stored() -> None:
    chosen = RowFilter(name="a b", classes=("cat",), ranges={"missed": (1, None)})
    assert from_json(to_json(chosen), RowFilter) == chosen
    assert RowFilter().empty
    assert not chosen.empty


def test_a_filter_in_words() -> None:
    chosen = RowFilter(
        name="a b",
        classes=("cat", "dog"),
        statuses=("missed", "drifted"),
        ranges={"missed": (1, None), "precision": (0.5, 0.7)},
        cell=("cat", None),
    )
    assert in_words(chosen) == (
        'name has "a b"; class cat or dog; missed or score drift; missed at least 1; '
        "predicted class precision 0.5 to 0.7; cat that became no box"
    )


def test_an_unknown_column_is_named(comparison: Comparison) -> None:
    with pytest.raises(InputError, match="no column colour"):
        image_mask(comparison, RowFilter(ranges={"colour": (1, 2)}))


def test_the_confusion_matrix(comparison: Comparison) -> None:
    found = confusion_matrix(comparison)
    assert found.counts.tolist() == [
        [2, 0, 1, 0],  # cats: two found, one called a bird
        [0, 1, 0, 1],  # dogs: one found, one missed
        [0, 0, 0, 0],
        [0, 1, 0, 0],  # a dog that the parent does not see
    ]
    quiet = compare(table([CAT]), table([CAT]))
    assert confusion_matrix(quiet).shown().class_names == ("cat",)
    assert confusion_matrix(quiet).shown().counts.tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize("seed", range(10))
def test_the_confusion_matrix_holds_every_box(seed: int) -> None:
    found = compare(*random_pair(seed), Thresholds(score=0.2))
    counts = confusion_matrix(found).counts
    assert counts[:-1].sum() == found.summary.parent
    assert counts[:, :-1].sum() == found.summary.optimized
    assert np.trace(counts) == found.summary.matches


def test_the_interval_holds_the_agreement_and_narrows_with_more_images() -> None:
    def width(images: int) -> float:
        random = np.random.default_rng(0)
        lost = random.random(images) < 0.2
        parent = table(*[[CAT, DOG]] * images)
        optimized = table(*[[CAT] if gone else [CAT, DOG] for gone in lost])
        found = compare(parent, optimized)
        interval = agreement_interval(found)
        assert interval is not None
        assert interval.value == found.summary.agreement
        assert interval.low < interval.value < interval.high
        return interval.high - interval.low

    # The dog's AP is the share found: its deviation is known, and halves (two classes).
    deviation = np.sqrt(0.2 * 0.8 / 100) / 2
    assert width(100) == pytest.approx(2 * 1.96 * deviation, rel=0.25)
    assert width(1000) == pytest.approx(2 * 1.96 * deviation / np.sqrt(10), rel=0.25)


def test_the_interval_holds_its_figure_where_classes_are_rare() -> None:
    random = np.random.default_rng(3)
    rows: list[list[Row]] = [
        [(0, 0, 50, 50, 0.9, int(class_id))] for class_id in random.integers(0, 40, 60)
    ]
    names = [f"class {number}" for number in range(40)]
    kept = [row if random.random() < 0.6 else [] for row in rows]
    found = compare(table(*rows, classes=names), table(*kept, classes=names))
    interval = agreement_interval(found)
    assert interval is not None
    assert interval.low < interval.value < interval.high


def test_the_interval_of_equal_models_is_a_point() -> None:
    same = table([CAT], [DOG], [CAT, DOG])
    interval = agreement_interval(compare(same, same))
    assert interval is not None
    assert [interval.low, interval.high] == [pytest.approx(1), pytest.approx(1)]


def test_no_agreement_has_no_interval() -> None:
    assert agreement_interval(compare(table([]), table([CAT]))) is None
