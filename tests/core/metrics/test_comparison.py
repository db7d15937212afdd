from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from msgspec.structs import asdict
from numpy.typing import NDArray

from core.errors import WorkbenchError
from core.metrics.accuracy.average_precision import (
    COCO_THRESHOLDS,
    average_precision,
    groups_average_precision,
)
from core.metrics.comparison.bands import score_bands
from core.metrics.comparison.bootstrap import agreement_interval
from core.metrics.comparison.comparison import (
    ALONE,
    HIDDEN,
    Comparison,
    Status,
    Thresholds,
    compare,
    prepare,
)
from core.metrics.comparison.confusion import confusion_matrix
from tests.support.coco import class_ap
from tests.support.tables import Row, random_pair, table

SEEDS = range(100)


def one_image(parent: Sequence[Row], optimized: Sequence[Row], score: float = 0.3) -> Comparison:
    return compare(table(parent), table(optimized), Thresholds(score=score))


def box(overlap: float, score: float = 0.9, class_id: int = 0) -> Row:
    """Overlaps the box of 100 x 100 in the corner by this IoU."""
    return (0, 0, 100, 100 * overlap, score, class_id)


@pytest.mark.parametrize("seed", SEEDS)
def test_dataset_ap_equals_pycocotools(seed: int) -> None:
    parent, optimized = random_pair(seed)
    thresholds = Thresholds(score=0.2, per_class_limit=5)
    found = compare(parent, optimized, thresholds)
    expected = class_ap(parent, optimized, 0.2, 5)
    present = expected[0] > -1
    if not present.any():
        assert found.summary.agreement is None
        return
    assert found.summary.agreement == pytest.approx(expected[:, present].mean(), abs=1e-9)
    assert found.summary.agreement_50 == pytest.approx(expected[0, present].mean(), abs=1e-9)
    agreements = {row.class_name: row.agreement for row in found.per_class}
    for class_id in np.flatnonzero(present):
        of_class = agreements[f"class {class_id}"]
        assert of_class == pytest.approx(expected[:, class_id].mean(), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_ap_of_each_image_and_class_equals_pycocotools(seed: int) -> None:
    parent, optimized = random_pair(seed)
    found = compare(parent, optimized, Thresholds(score=0.2))
    rows = found.classes
    expected = {
        image: class_ap(
            table(_rows(parent, image), classes=parent.class_names),
            table(_rows(optimized, image), classes=parent.class_names),
            0.2,
            20,
        )
        for image in range(len(parent))
    }
    for place, (image, class_id) in enumerate(zip(rows.image, rows.class_id, strict=True)):
        ap = np.maximum(expected[int(image)][:, class_id], 0)  # -1 where the parent has none
        assert rows.precision[place] == pytest.approx(ap.mean(), abs=1e-9)
        assert rows.average_precision[place] == pytest.approx(ap[0], abs=1e-9)


def _rows(whole: object, image: int) -> list[Row]:
    from core.detection.detections import DetectionTable

    assert isinstance(whole, DetectionTable)
    found = whole[image]
    return [
        (*map(float, corners), float(score), int(class_id))  # type: ignore[misc]
        for corners, score, class_id in zip(found.boxes, found.scores, found.class_ids, strict=True)
    ]


@pytest.mark.parametrize(
    ("overlap", "precision"),
    [(0.49, 0), (0.5, 0.1), (0.79, 0.6), (0.8, 0.7), (0.82, 0.7), (0.849, 0.7), (0.85, 0.8),
     (0.99, 1), (1, 1)],
)  # fmt: skip
def test_one_box_against_one(overlap: float, precision: float) -> None:
    rows = one_image([box(1)], [box(overlap)]).classes
    assert rows.precision.tolist() == [pytest.approx(precision, abs=1e-9)]
    assert rows.average_precision.tolist() == [pytest.approx(float(overlap >= 0.5), abs=1e-9)]
    assert rows.matches.tolist() == [int(overlap >= 0.5)]


def test_duplicates_count_once() -> None:
    found = one_image([box(1)], [box(1), box(0.95, score=0.8)])
    assert found.classes.matches.tolist() == [1]
    assert (found.summary.matches, found.summary.extra, found.summary.missed) == (1, 1, 0)


def test_the_same_score_threshold_cuts_both_sides() -> None:
    apart: Row = (300, 300, 400, 400, 0.29, 0)
    found = one_image([box(1), apart], [box(1), apart])
    assert (found.summary.parent, found.summary.optimized, found.summary.matches) == (1, 1, 1)
    assert found.partner_of_parent.tolist() == [0, HIDDEN]
    assert found.partner_of_optimized.tolist() == [0, HIDDEN]
    lower = one_image([box(1), apart], [box(1), apart], score=0.2)
    assert (lower.summary.parent, lower.summary.matches) == (2, 2)


def test_a_class_that_was_lost_has_a_row() -> None:
    found = one_image([box(1), box(1, class_id=1)], [box(1)])
    rows = found.classes
    assert rows.class_id.tolist() == [0, 1]
    assert rows.parent.tolist() == [1, 1]
    assert rows.optimized.tolist() == [1, 0]
    assert rows.precision.tolist() == [pytest.approx(1), 0]
    assert [(row.class_name, row.agreement) for row in found.per_class] == [
        ("cat", pytest.approx(1)),
        ("dog", 0),
    ]
    assert found.summary.agreement == pytest.approx(0.5)


def test_a_class_that_was_invented_has_a_row_but_does_not_enter_the_agreement() -> None:
    found = one_image([box(1)], [box(1), box(1, class_id=2)])
    assert found.classes.parent.tolist() == [1, 0]
    assert found.classes.average_precision.tolist() == [pytest.approx(1), 0]
    assert [(row.class_name, row.agreement) for row in found.per_class] == [
        ("cat", pytest.approx(1)),
        ("bird", None),
    ]
    assert found.summary.agreement == pytest.approx(1)
    assert found.summary.precision == 0.5


def test_images_with_the_most_differences_come_first() -> None:
    parent = table([box(1)], [box(1), box(1, class_id=1)], [], [box(1)])
    optimized = table([box(1)], [], [box(1)], [box(1)])
    rows = compare(parent, optimized).images
    assert rows.image.tolist() == [1, 2, 0, 3]
    assert rows.missed.tolist() == [2, 0, 0, 0]
    assert rows.extra.tolist() == [0, 1, 0, 0]
    assert rows.matches.tolist() == [0, 0, 1, 1]


def test_partners_are_rows_of_the_other_table() -> None:
    parent = table([box(1, class_id=1)], [(200, 0, 300, 100, 0.9, 0), box(1)])
    optimized = table([], [box(0.9), (0, 300, 50, 350, 0.9, 0)])
    found = compare(parent, optimized)
    assert found.partner_of_parent.tolist() == [ALONE, ALONE, 0]
    assert found.partner_of_optimized.tolist() == [2, ALONE]
    assert found.iou.tolist() == [pytest.approx(0.9)]


def test_shift_and_overlap_of_the_matches() -> None:
    summary = one_image([box(1, score=0.9)], [box(0.8, score=0.6)]).summary
    assert summary.mean_iou == pytest.approx(0.8)
    assert summary.score_shift == pytest.approx(-0.3, abs=1e-6)


def test_the_share_of_predictions_that_changed() -> None:
    row = [(200 * n, 0, 200 * n + 100, 100, 0.9, 0) for n in range(10)]
    assert one_image(row, row).summary.changed == 0
    assert one_image(row, row[:9]).summary.changed == pytest.approx(1 / 19)
    shifted = one_image([box(1)], [box(0.7)]).summary
    assert (shifted.shifted, shifted.changed) == (1, 1)
    assert one_image([box(1)], [box(0.9, class_id=1)]).summary.changed == 1
    assert one_image([], []).summary.changed is None


def test_what_changed_by_score() -> None:
    def one(place: int, score: float) -> Row:
        return (200 * place, 0, 200 * place + 100, 100, score, 0)

    found = one_image([one(0, 0.95), one(1, 0.42), one(2, 0.2)], [one(0, 1.0), one(3, 0.9)])
    low, high = score_bands(found)
    assert (low.low, low.high, low.detections, low.changed) == (0.4, 0.5, 1, 1)
    assert (high.low, high.high, high.detections, high.changed) == (0.9, 1.0, 3, 1)
    assert score_bands(one_image([], [])) == ()


@pytest.mark.parametrize("seed", range(20))
def test_the_bands_add_up_to_what_changed(seed: int) -> None:
    found = compare(*random_pair(seed), Thresholds(score=0.2))
    bands, summary = score_bands(found), found.summary
    assert sum(band.detections for band in bands) == summary.parent + summary.optimized
    share = sum(band.changed for band in bands) / (summary.parent + summary.optimized)
    assert share == pytest.approx(summary.changed)


def test_a_parent_that_finds_nothing_has_no_agreement() -> None:
    summary = one_image([], [box(1)]).summary
    assert (summary.agreement, summary.recall, summary.changed) == (None, None, 1)
    assert (summary.optimized, summary.extra, summary.images_changed) == (1, 1, 1)


def test_a_box_that_changed_its_class_is_one_difference() -> None:
    found = one_image([box(1), (300, 0, 400, 100, 0.8, 1)], [box(0.9, class_id=2)])
    assert (found.summary.class_changed, found.summary.missed, found.summary.extra) == (1, 1, 0)
    assert found.summary.matches == 0
    assert found.counterpart_of_parent.tolist() == [0, ALONE]
    assert found.counterpart_of_optimized.tolist() == [0]
    assert found.status_of_parent.tolist() == [Status.CLASS_CHANGED, Status.MISSED]
    assert found.status_of_optimized.tolist() == [Status.CLASS_CHANGED]
    rows = found.classes
    assert rows.class_id.tolist() == [0, 1, 2]
    assert rows.class_changed.tolist() == [1, 0, 1]  # in both classes' rows
    assert rows.missed.tolist() == [0, 1, 0]
    assert [row.class_changed for row in found.per_class] == [1, 0, 1]


def test_class_changes_are_one_to_one_and_the_surest_box_chooses() -> None:
    found = one_image([box(1)], [box(1, 0.5, class_id=1), box(0.9, 0.8, class_id=2)])
    assert found.counterpart_of_parent.tolist() == [1]
    assert found.status_of_optimized.tolist() == [Status.EXTRA, Status.CLASS_CHANGED]


def test_a_box_with_a_partner_of_its_class_has_not_changed_class() -> None:
    found = one_image([box(1)], [box(0.9), box(1, class_id=1)])
    assert found.status_of_parent.tolist() == [Status.MATCHED]
    assert found.status_of_optimized.tolist() == [Status.MATCHED, Status.EXTRA]


@pytest.mark.parametrize(
    ("overlap", "score", "status"),
    [
        (1, 0.9, Status.MATCHED),
        (0.75, 0.9, Status.MATCHED),
        (0.74, 0.9, Status.MATCHED | Status.SHIFTED),
        (1, 0.75, Status.MATCHED),
        (1, 0.6, Status.MATCHED | Status.DRIFTED),
        (0.6, 0.6, Status.MATCHED | Status.SHIFTED | Status.DRIFTED),
    ],
)
def test_matches_that_shifted_or_drifted(overlap: float, score: float, status: Status) -> None:
    found = one_image([box(1, score=0.9)], [box(overlap, score=score)])
    assert found.status_of_parent.tolist() == found.status_of_optimized.tolist() == [status]
    rows = found.images
    assert rows.shifted.tolist() == [int(Status.SHIFTED in status)]
    assert rows.drifted.tolist() == [int(Status.DRIFTED in status)]
    assert (found.summary.shifted, found.summary.drifted) == (rows.shifted[0], rows.drifted[0])


def test_sure_boxes_that_were_lost_are_worse_than_many_at_the_threshold() -> None:
    doubtful = [(200 * n, 0, 200 * n + 100, 100, 0.31, 0) for n in range(3)]
    parent = table(doubtful, [box(1, 0.95)], [box(1)], [box(1)], [box(1)])
    optimized = table([], [], [box(0.55)], [box(0.9)], [box(1, class_id=1)])
    rows = compare(parent, optimized).images
    assert rows.image.tolist() == [1, 4, 0, 2, 3]
    assert rows.damage[-1] == 0
    summary = compare(parent, optimized).summary
    assert summary.worst_images == ("1.jpg", "4.jpg", "0.jpg")


@pytest.mark.parametrize("seed", range(20))
def test_every_box_has_one_status_and_the_rows_count_them(seed: int) -> None:
    parent, optimized = random_pair(seed)
    found = compare(parent, optimized, Thresholds(score=0.2, per_class_limit=3))
    for status, rows, owner in (
        (Status.MISSED, found.images.missed, found.status_of_parent),
        (Status.EXTRA, found.images.extra, found.status_of_optimized),
        (Status.CLASS_CHANGED, found.images.class_changed, found.status_of_parent),
        (Status.CLASS_CHANGED, found.images.class_changed, found.status_of_optimized),
        (Status.MATCHED, found.images.matches, found.status_of_parent),
        (Status.SHIFTED, found.images.shifted, found.status_of_optimized),
        (Status.DRIFTED, found.images.drifted, found.status_of_optimized),
    ):
        assert ((owner & status) > 0).sum() == rows.sum()
    by_class = found.classes
    own, _ = _own(found)
    assert (by_class.optimized == by_class.matches + by_class.extra + own).all()
    assert ((found.status_of_parent == 0) == (found.partner_of_parent == HIDDEN)).all()


def _own(found: Comparison) -> list[NDArray[np.int64]]:
    """Changed boxes of each row that are the optimized model's, and the parent's."""
    rows = found.classes
    classes = len(found.parent.class_names)
    keys = (rows.image * classes + rows.class_id).tolist()
    result = []
    for owner, status in (
        (found.optimized, found.status_of_optimized),
        (found.parent, found.status_of_parent),
    ):
        own = (owner.image_indices * classes + owner.class_ids)[status == Status.CLASS_CHANGED]
        result.append(np.array([(own == key).sum() for key in keys], np.int64))
    assert (result[0] + result[1] == rows.class_changed).all()
    return result


@pytest.mark.parametrize("seed", range(20))
def test_prepared_tables_compare_as_if_for_the_first_time(seed: int) -> None:
    parent, optimized = random_pair(seed)
    candidates = prepare(parent, optimized)
    for score, iou in ((0.2, 0.5), (0.6, 0.3), (0.1, 0.9), (0.2, 0.05)):
        thresholds = Thresholds(score=score, iou=iou)
        again = compare(parent, optimized, thresholds, candidates=candidates)
        assert again.summary == compare(parent, optimized, thresholds).summary


@pytest.mark.parametrize("rows_of_a_part", [1, 4, 9])
@pytest.mark.parametrize("seed", range(10))
def test_a_comparison_in_parts_is_that_of_the_whole(
    seed: int, rows_of_a_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, optimized = random_pair(seed)
    thresholds = Thresholds(score=0.2, per_class_limit=3)
    whole = compare(parent, optimized, thresholds)
    monkeypatch.setattr("core.metrics.matching.chunks.ROWS", rows_of_a_part)
    candidates = prepare(parent, optimized)
    assert len(candidates.parts) > 1
    parts = compare(parent, optimized, thresholds, candidates=candidates)
    for one, other in zip(
        (parts.summary, *parts.per_class), (whole.summary, *whole.per_class), strict=True
    ):
        assert asdict(one) == {name: _nearly(value) for name, value in asdict(other).items()}
    columns = [
        (name, getattr(one, name), getattr(other, name))
        for one, other in ((parts.images, whole.images), (parts.classes, whole.classes))
        for name in vars(other)
        if name != "ap_input"
    ]
    columns += [
        (name, getattr(parts, name), getattr(whole, name))
        for name in ("partner_of_parent", "counterpart_of_optimized")
    ]
    columns += [
        ("iou", np.sort(parts.iou), np.sort(whole.iou)),
        ("status_of_parent", parts.status_of_parent, whole.status_of_parent),
        ("status_of_optimized", parts.status_of_optimized, whole.status_of_optimized),
        ("precision", parts.classes.precision, whole.classes.precision),
        ("confusion", confusion_matrix(parts).counts, confusion_matrix(whole).counts),
    ]
    for name, mine, its in columns:
        assert np.array_equal(mine, its), name
    mine, its = agreement_interval(parts, candidates), agreement_interval(whole)
    assert mine is not None
    assert its is not None
    assert (mine.low, mine.value, mine.high) == pytest.approx((its.low, its.value, its.high))


def _nearly(value: Any) -> Any:
    return pytest.approx(value) if isinstance(value, float) else value


def test_tables_of_different_images_are_refused() -> None:
    with pytest.raises(WorkbenchError, match="different images or classes"):
        compare(table([]), table([], []))
    with pytest.raises(WorkbenchError, match="different images or classes"):
        compare(table([]), table([], classes=["cat"]))


def test_no_images_at_all() -> None:
    found = compare(table(), table())
    assert (found.summary.images, found.summary.agreement) == (0, None)
    assert len(found.classes.image) == 0


def test_the_limit_of_an_image_and_class_holds_for_both() -> None:
    row = [(200 * n, 0, 200 * n + 100, 100, 0.9 - n / 100, 0) for n in range(10)]
    found = compare(table(row), table(row), Thresholds(per_class_limit=4))
    assert (found.summary.parent, found.summary.optimized, found.summary.matches) == (4, 4, 4)
    assert found.partner_of_parent.tolist() == [0, 1, 2, 3] + [HIDDEN] * 6


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("longest", [6, 14])
def test_many_rankings_at_once_are_as_each_alone(
    seed: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.metrics.accuracy.average_precision._CHUNK", 3)
    random = np.random.default_rng(seed)
    lengths = random.integers(0, longest, 8)
    bounds = np.append(0, np.cumsum(lengths))
    ranks = np.concatenate([np.arange(length) for length in lengths])
    references = random.integers(0, 5, 8)
    hits = random.random((len(COCO_THRESHOLDS), len(ranks))) < 0.5
    for low, high, count in zip(bounds, bounds[1:], references, strict=False):
        for level in hits[:, low:high]:  # as many hits as there are boxes to be found
            level[np.cumsum(level) > count] = False
    levels = (hits << np.arange(len(hits))[:, None]).sum(axis=0).astype(np.uint16)
    mean, half = groups_average_precision(levels, ranks, bounds, references)
    for group, count in enumerate(references):
        mine = hits[:, bounds[group] : bounds[group + 1]]
        alone = average_precision(mine, int(count)) if count else np.zeros(10)
        assert mean[group] == pytest.approx(alone.mean(), abs=1e-12)
        assert half[group] == pytest.approx(alone[0], abs=1e-12)
