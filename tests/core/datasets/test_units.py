"""Numbers in another unit than the format's are told by all of them, and warned of."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.annotations import Annotations
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.datasets.units import PERCENT, PIXELS, SHARES, stated_unit
from core.remarks.sentences import sentences
from tests.support.datasets import (
    HEIGHT,
    TRUTH,
    WIDTH,
    voc_xml,
    write_sample_images,
    write_voc,
    write_yolo,
)
from tests.support.images import write_image

BOXES = [[10, 20, 30, 60], [0, 0, 50, 40], [40, 40, 100, 80]]


def read(folder: Path) -> Annotations:
    return read_annotations(open_dataset(folder))


def test_voc_in_shares(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc")
    for name, boxes in TRUTH.items():
        text = voc_xml([]).replace("</annotation>", "")
        for label, x1, y1, x2, y2 in boxes:
            text += (
                f"<object><name>{label}</name><bndbox><xmin>{x1 / WIDTH}</xmin><ymin>{y1 / HEIGHT}"
                f"</ymin><xmax>{x2 / WIDTH}</xmax><ymax>{y2 / HEIGHT}</ymax></bndbox></object>"
            )
        path = (folder / "Annotations" / name).with_suffix(".xml")
        path.write_text(text + "</annotation>")
    truth = read(folder)
    assert truth.boxes.round(3).tolist() == BOXES
    assert sentences(truth.problems) == (
        "Boxes in shares of the width and height (0..1) and not in pixels, read as such: 3 (first "
        "in a b.xml).",
    )


def test_a_few_boxes_in_shares_among_others_are_told_of(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc")
    (folder / "Annotations" / "ünï 猫.xml").write_text(
        voc_xml([("dog", -0.9, -0.8, 0.5, 0.6)]), "utf-8"
    )
    truth = read(folder)
    assert sentences(truth.problems)[0].startswith("Boxes smaller than a pixel; shares")


def test_yolo_in_pixels(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "labels" / "a b.txt").write_text("1 20 40 20 40\n0 25 20 50 40\n")
    (tmp_path / "labels" / "sub" / "c.txt").write_text("0 70 60 60 40\n")
    truth = read(tmp_path)
    assert truth.boxes.tolist() == BOXES
    assert sentences(truth.problems) == (
        "Boxes in pixels and not in shares of the width and height (0..1), read as such: 3 (first "
        "in a b.txt).",
    )


def test_yolo_in_per_cent(tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "large.jpg", 400, 300)
    (tmp_path / "labels").mkdir()
    rows = [f"0 {50 + n} 50 20 40\n" for n in range(6)]
    (tmp_path / "labels" / "large.txt").write_text("".join(rows))
    truth = read(tmp_path)
    assert truth.boxes[0].tolist() == [160, 90, 240, 210]
    assert sentences(truth.problems)[0].startswith("Boxes in per cent of the width and height")


@pytest.mark.parametrize(
    ("boxes", "usual", "unit"),
    [
        ([], PIXELS, PIXELS),
        ([[0, 0, 1, 1]], PIXELS, PIXELS),  # a dummy of one pixel
        ([[0.1, 0.1, 0.5, 0.9]], PIXELS, SHARES),
        ([[0.1, 0.1, 0.9, 0.7]], PIXELS, PIXELS),  # may be shares of 640 by 640
        ([[0.1, 0.1, 0.5, 0.5], [1, 2, 30, 40]], PIXELS, PIXELS),
        ([[float("nan")] * 4, [0.1, 0.1, 0.5, 0.99]], PIXELS, SHARES),
        ([[0.1, 0.1, 1.2, 0.5]], SHARES, SHARES),  # a little outside
        ([[0.1, 0.1, 0.5, 0.5], [1, 2, 30, 40]], SHARES, SHARES),
        ([[10, 10, 50, 50]] * 6, SHARES, PERCENT),
        ([[10, 10, 50, 400]] * 6, SHARES, PIXELS),
        ([[10, 10, 50, 4000]] * 6, SHARES, SHARES),
        ([[10, 10, 50, 50]], SHARES, PIXELS),
    ],
)
def test_which_unit_numbers_are_in(boxes: list[list[float]], usual: str, unit: str) -> None:
    stated = [(np.array(boxes, np.float64).reshape(-1, 4), (640, 480))]
    assert stated_unit(stated, usual) == unit


def test_shares_of_one_size_for_all_images_are_not_guessed_at(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc")
    for image, boxes in TRUTH.items():
        text = voc_xml(
            [(name, a / 640 - 1, b / 640 - 1, c / 640, d / 640) for name, a, b, c, d in boxes]
        )
        (folder / "Annotations" / image).with_suffix(".xml").write_text(text)
    truth = read(folder)
    assert truth.boxes.max() < 1
    assert sentences(truth.problems)[0].startswith(
        "Boxes smaller than a pixel; shares of a width and height"
    )
    assert ": 3 (first" in sentences(truth.problems)[0]


def test_boxes_of_the_usual_unit_are_left_alone(tmp_path: Path) -> None:
    write_sample_images(tmp_path / "set" / "JPEGImages", {"dot.png": [("cat", 5, 5, 6, 6)]})
    (tmp_path / "set" / "Annotations").mkdir()
    (tmp_path / "set" / "Annotations" / "dot.xml").write_text(voc_xml([("cat", 5, 5, 6, 6)]))
    truth = read(tmp_path / "set")
    assert (truth.boxes.tolist(), truth.problems) == ([[5, 5, 6, 6]], ())


CORNERS = [(10, 20, 30, 60), (0, 0, 50, 40), (40, 40, 100, 80), (60, 10, 90, 70), (5, 50, 80, 75)]


@pytest.mark.parametrize(("across", "down"), [(1, 1), (WIDTH, HEIGHT)], ids=["pixels", "shares"])
def test_yolo_rows_of_two_corners_are_read_as_such(tmp_path: Path, across: int, down: int) -> None:
    write_image(tmp_path / "images" / "one.jpg", WIDTH, HEIGHT)
    (tmp_path / "labels").mkdir()
    rows = [f"0 {a / across} {b / down} {c / across} {d / down}\n" for a, b, c, d in CORNERS]
    (tmp_path / "labels" / "one.txt").write_text("".join(rows))
    truth = read(tmp_path)
    assert [tuple(box) for box in truth.boxes.round(3).tolist()] == CORNERS
    assert (
        "Boxes whose last two numbers are their other corner, not their size, read as such: 5 "
        "(first in one.txt)."
    ) in sentences(truth.problems)


def test_large_boxes_of_yolo_are_no_corners(tmp_path: Path) -> None:
    write_image(tmp_path / "images" / "one.jpg", WIDTH, HEIGHT)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "one.txt").write_text("0 0.45 0.4 0.9 0.8\n" * 9)
    truth = read(tmp_path)
    assert truth.boxes[0].round(3).tolist() == [0, 0, 0.9 * WIDTH, 0.8 * HEIGHT]
    assert truth.problems == ()
