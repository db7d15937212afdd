"""What the viewer is given of one image: statuses, links, and what hovering tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.reports.viewed import frequent_first, thumbnails_of, viewed_image
from app.viewer.scene.scene import ALONE, BoxStatus, Side, ViewedImage
from core.metrics.accuracy.image_truth import ImageTruth, truth_of_image
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Thresholds, compare
from core.reports.two_ways.tables import CALLED
from tests.support.tables import table

CAT, DOG, BIRD = 0, 1, 2

PARENT = table(
    [],
    [
        (0, 0, 100, 100, 0.9, CAT),  # the same in both
        (200, 0, 300, 100, 0.9, CAT),  # shifted
        (400, 0, 500, 100, 0.9, CAT),  # its score drifts
        (0, 200, 100, 300, 0.8, DOG),  # becomes a bird
        (200, 200, 300, 300, 0.7, DOG),  # missed
        (400, 400, 450, 450, 0.1, DOG),  # below the threshold
    ],
)
OPTIMIZED = table(
    [],
    [
        (0, 0, 100, 100, 0.85, CAT),
        (230, 0, 330, 100, 0.8, CAT),
        (400, 0, 500, 100, 0.4, CAT),
        (0, 200, 100, 300, 0.75, BIRD),
        (400, 200, 500, 300, 0.6, BIRD),  # extra
    ],
)


def seen(truth: ImageTruth | None = None) -> ViewedImage:
    comparison = compare(PARENT, OPTIMIZED, Thresholds())
    return viewed_image(comparison, 1, Path("1.jpg"), 0, 1, truth)


def test_every_status_of_the_comparison_is_drawn() -> None:
    image = seen()
    assert [BoxStatus(s).name for s in image.parent.statuses] == [
        "MATCHED",
        "SHIFTED",
        "DRIFTED",
        "CLASS_CHANGED",
        "MISSED",
    ]
    by_name = dict(zip(image.optimized.labels, image.optimized.statuses, strict=True))
    assert by_name["bird 0.75"] == BoxStatus.CLASS_CHANGED
    assert by_name["bird 0.60"] == BoxStatus.EXTRA
    assert by_name["cat 0.40"] == BoxStatus.DRIFTED
    assert (image.width, image.height, image.number) == (640, 480, 1)


def test_the_mark_of_the_image_is_the_one_that_boxes_were_found_in() -> None:
    assert seen().mark == 0  # an earlier report has none
    marked = replace(PARENT, image_marks=np.array([7, 2**64 - 1], np.uint64))
    assert viewed_image(compare(marked, OPTIMIZED), 1, Path("1.jpg"), 0, 1).mark == 2**64 - 1


def test_boxes_are_linked_both_ways_also_where_the_class_changed() -> None:
    image = seen()
    for index in range(4):
        partner = image.parent.linked(index, Side.OPTIMIZED)
        assert partner != ALONE
        assert image.optimized.linked(partner, Side.PARENT) == index
        assert image.parent.ious[Side.OPTIMIZED][index] > 0.5
    assert image.parent.linked(4, Side.OPTIMIZED) == ALONE
    assert image.truth is None and image.parent.linked(0, Side.TRUTH) == ALONE


def test_hovering_tells_score_partner_and_iou() -> None:
    hints = seen().parent.hints
    assert hints[0] == "cat, score 0.900\nthe optimized model: cat, score 0.850, IoU 1.000"
    assert "IoU 0.538" in hints[1] and "shifted" in hints[1]
    assert hints[2].endswith("the score drifted")
    assert "bird, score 0.750" in hints[3] and "the class changed" in hints[3]
    assert hints[4] == "dog, score 0.700\nmissed: the optimized model has no such box"


def test_objects_tell_who_found_them() -> None:
    objects = table(
        [],
        [
            (5, 0, 100, 100, 1, CAT),
            (0, 200, 100, 300, 1, DOG),  # the parent has it as a dog, the optimized as a bird
            (400, 200, 500, 300, 1, BIRD),
            (500, 400, 600, 470, 1, DOG),
        ],
    )
    crowd = table([], [(200, 200, 300, 300, 1, DOG)])
    truth = GroundTruth(objects, np.ones(4), crowd, np.ones(1), np.ones(3, bool))
    image = seen(truth_of_image(truth, 1, iou=0.5))
    assert image.truth is not None
    assert [BoxStatus(s).name for s in image.truth.statuses] == [
        "FOUND_BY_BOTH",
        "LOST",
        "GAINED",
        "FOUND_BY_NEITHER",
        "IGNORED",
    ]
    assert image.truth.names == ("cat", "dog", "bird", "dog", "dog")
    assert image.parent.linked(0, Side.TRUTH) == 0
    assert image.truth.linked(0, Side.PARENT) == 0
    assert image.parent.hints[0].endswith("ground truth: cat, IoU 0.950")
    assert image.parent.hints[1].endswith("ground truth: no such object")


def test_thumbnails_carry_the_counts_of_their_image() -> None:
    comparison = compare(PARENT, OPTIMIZED, Thresholds())
    items = thumbnails_of(comparison, Path("/images"), [1, 0])
    assert [items.path(place) for place in range(2)] == [
        Path("/images/1.jpg"),
        Path("/images/0.jpg"),
    ]
    assert items.counts(0) == ("1 missed", "1 extra") and items.counts(1) == ()
    items = thumbnails_of(comparison, Path("/images"), [1, 0], CALLED)
    assert items.counts(0) == ("1 on B only", "1 on A only"), "of one model run in two ways"


def test_the_most_frequent_class_comes_first() -> None:
    assert frequent_first(compare(PARENT, OPTIMIZED)) == (CAT, DOG, BIRD)
    assert np.bincount(PARENT.class_ids).tolist() == [3, 3]
