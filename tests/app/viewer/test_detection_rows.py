"""What is shown, and the list made of it."""

from __future__ import annotations

from pathlib import Path

from app.viewer.panels.class_legend import class_counts, class_of_key
from app.viewer.panels.detection_rows import DetectionRow, belonging, rows_of
from app.viewer.scene.choices import Choices
from app.viewer.scene.scene import BoxStatus, Overlay, Side, ViewedImage
from tests.app.viewer.making import viewed, with_columns

PERSON, CAR, DOG = 0, 1, 2


def scene() -> ViewedImage:
    """A match, a box whose class changed, one missed, one extra, and an object nobody found."""
    parent = with_columns(
        (BoxStatus.MATCHED, PERSON, 0.875),
        (BoxStatus.CLASS_CHANGED, CAR, 0.75),
        (BoxStatus.MISSED, CAR, 0.625),
        links={Side.OPTIMIZED: [1, 0, -1], Side.TRUTH: [0, 1, 2]},
    )
    optimized = with_columns(
        (BoxStatus.CLASS_CHANGED, DOG, 0.5),
        (BoxStatus.MATCHED, PERSON, 0.375),
        (BoxStatus.EXTRA, PERSON, 0.25),
        links={Side.PARENT: [1, 0, -1], Side.TRUTH: [-1, 0, 2]},
    )
    truth = with_columns(
        (BoxStatus.FOUND_BY_BOTH, PERSON, 1),
        (BoxStatus.LOST, CAR, 1),
        (BoxStatus.FOUND_BY_BOTH, CAR, 1),
        (BoxStatus.FOUND_BY_NEITHER, DOG, 1),
        links={Side.PARENT: [0, 1, 2, -1], Side.OPTIMIZED: [1, -1, 2, -1]},
    )
    return viewed(Path("a.jpg"), parent, optimized, truth)


def said(rows: tuple[DetectionRow, ...]) -> list[tuple[str, str]]:
    return [(row.status.name, row.class_name) for row in rows]


def test_what_belongs_together_is_one_row_and_the_worst_comes_first() -> None:
    rows = rows_of(scene(), Choices())
    assert said(rows) == [
        ("MISSED", "car"),
        ("EXTRA", "person"),
        ("CLASS_CHANGED", "car → dog"),
        ("MATCHED", "person"),
        ("FOUND_BY_NEITHER", "dog"),
    ]
    matched = rows[3]
    assert (matched.parent, matched.optimized, matched.iou) == (0.875, 0.375, 0.83)
    assert dict(matched.places) == {Side.PARENT: 0, Side.OPTIMIZED: 1, Side.TRUTH: 0}
    # Both found the same object, but not each other's box: two rows.
    assert dict(rows[0].places) == {Side.PARENT: 2, Side.TRUTH: 2}
    assert rows[1].parent is None and rows[1].iou is None
    assert (rows[4].parent, rows[4].optimized) == (None, None)


def test_what_is_left_out_has_no_row() -> None:
    image = scene()
    hidden = Choices().with_class_toggled(CAR).with_status_toggled(BoxStatus.EXTRA)
    assert said(rows_of(image, hidden)) == [
        ("CLASS_CHANGED", "car → dog"),  # its dog is still seen
        ("MATCHED", "person"),
        ("FOUND_BY_NEITHER", "dog"),
    ]
    different = Choices(only_differences=True)
    assert [row.status.name for row in rows_of(image, different)] == [
        "MISSED",
        "EXTRA",
        "CLASS_CHANGED",
    ]
    assert different.shown(image.overlay(Side.TRUTH)).tolist() == [False, True, False, False]
    assert Choices().with_class_toggled(CAR).with_class_toggled(CAR) == Choices()


def test_a_box_and_all_that_belongs_to_it() -> None:
    image = scene()
    everything = ((Side.PARENT, 0), (Side.OPTIMIZED, 1), (Side.TRUTH, 0))
    for side, index in everything:
        assert belonging(image, side, index) == everything
    assert belonging(image, Side.OPTIMIZED, 0) == (
        (Side.PARENT, 1),
        (Side.OPTIMIZED, 0),
        (Side.TRUTH, 1),  # by way of the parent's box
    )
    assert belonging(image, Side.TRUTH, 3) == ((Side.TRUTH, 3),)


def test_classes_are_counted_once_a_pair_and_numbered_as_in_the_report() -> None:
    image = scene()  # the report's order is: car, person
    assert class_counts(image, Choices()) == [(CAR, 2), (PERSON, 2), (DOG, 1)]
    assert class_of_key(image, 1) == CAR and class_of_key(image, 2) == PERSON
    assert class_of_key(image, 3) is None
    gone = viewed(Path("b.jpg"), Overlay.none())
    assert class_counts(gone, Choices().with_class_toggled(DOG)) == [(DOG, 0)]
