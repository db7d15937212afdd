"""Correcting guesses, and seeing what a model finds meanwhile."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.cli import main
from core.detection.detections import Detections
from core.errors import InputError, JobCancelled
from core.examining import examine, preview
from core.export.drawing import draw_detections, printable
from core.images.decode import read_image
from core.models.adjusting import Changes, adjusted, possibilities
from core.models.stored import StoredModel
from tests.support import models
from tests.support.images import picture, write_image
from tests.support.models import Known

FOUND = [Known((8.25, 10.5, 40.125, 30.75), 0.9, 2), Known((1, 2, 20, 60), 0.5, 0)]


@pytest.fixture
def stored(tmp_path: Path) -> StoredModel:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known", models.CLASSES)
    return examine(path, tmp_path, pictures=[write_image(tmp_path / "first.png", 64, 64)])


def test_what_can_be_chosen(stored: StoredModel) -> None:
    offered = possibilities(stored.card)
    assert [layout.id for layout in offered.layouts] == ["yolox-raw", "yolov8"]
    assert {choice.key for choice in offered.choices} == {"grid", "sigmoid", "nms_iou"}
    assert offered.resizes == ("stretch", "letterbox", "letterbox_top_left")
    assert [one.title for one in offered.value_ranges][:3] == ["0..255", "0..1", "-1..1"]
    other = adjusted(stored.card.detector, Changes(layout="yolov8"), stored.card.alternatives)
    assert possibilities(stored.card, other).layouts[0].id == "yolov8"


def test_a_detector_after_changes(stored: StoredModel) -> None:
    before = stored.card.detector
    changes = Changes(
        color_order="rgb", resize="stretch", mean=(1, 2, 3), scale=(4, 5, 6), pad_value=0,
        class_names=("a", "b", "c"), options={"nms_iou": 1, "sigmoid": True},
    )  # fmt: skip
    after = adjusted(before, changes)
    assert after.preprocessing == msgspec.structs.replace(
        before.preprocessing,
        color_order="rgb", resize="stretch", mean=(1, 2, 3), scale=(4, 5, 6), pad_value=0,
    )  # fmt: skip
    assert after.class_names == ("a", "b", "c")
    assert after.options == {**before.options, "nms_iou": 1, "sigmoid": True}
    assert after.reasons[-1] == "You corrected it."
    assert adjusted(before, Changes()) == before


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"layout": "nonsense"}, "There is no layout called 'nonsense'"),
        ({"layout": "centernet"}, "cannot be read as 'centernet'"),
        ({"color_order": "brg"}, "'brg' is no color order"),
        ({"resize": "crop"}, "'crop' is no resize"),
        ({"scale": (1, 0, 1)}, "A scale of 0"),
        ({"pad_value": 300}, "300 is no pixel value"),
        ({"options": {"sigmiod": True}}, "The layout has no option 'sigmiod'"),
        ({"options": {"sigmoid": "yes"}}, "sigmoid cannot be 'yes'"),
    ],
)
def test_choices_that_are_none(stored: StoredModel, changes: dict[str, Any], cause: str) -> None:
    with pytest.raises(InputError, match=cause):
        adjusted(stored.card.detector, Changes(**changes), stored.card.alternatives)


def test_a_preview_shows_what_is_found(stored: StoredModel, tmp_path: Path) -> None:
    images = [write_image(tmp_path / "a.png", 128, 128), tmp_path / "gone.png"]
    seen = preview(stored.xml, stored.card.detector, images).images
    assert (seen[0].width, seen[0].height) == (128, 128)
    assert np.allclose(seen[0].boxes[0], np.array(FOUND[0].box) * 2, atol=1e-3)
    assert seen[0].class_ids == (2, 0)
    assert seen[0].scores == pytest.approx([0.9, 0.5], abs=1e-5)
    assert "gone.png" in seen[1].problem
    assert not list(stored.xml.parent.glob("preview-*"))


def test_a_preview_can_be_cancelled(stored: StoredModel, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(JobCancelled):
        preview(stored.xml, stored.card.detector, [tmp_path / "first.png"], cancel=cancel)


def test_names_of_any_bytes_are_drawn(tmp_path: Path) -> None:
    found = Detections(
        np.array([[5, 5, 60, 60], [0, 0, 300, 2]], np.float32),
        np.array([0.9, 0.5], np.float32),
        np.array([0, 1], np.int32),
    )
    names = ("\ud800 caf\udce9 猫\n\0", "x" * 500)
    image = picture(64, 64)
    drawn = draw_detections(image, found, names)
    assert drawn.shape == image.shape
    assert (drawn != image).any()
    assert printable(names[0]) == "? caf? ???"


def test_the_terminal_draws_a_preview(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known", models.CLASSES)
    image = write_image(tmp_path / "one.png", 128, 128)
    output = tmp_path / "drawn" / "picture.png"
    assert main(["import", "--preview", str(path), str(image), "--output", str(output)]) == 0
    assert "2 detections" in capsys.readouterr().out
    assert (read_image(output) != read_image(image)).any()


def test_the_terminal_corrects_a_guess_once_for_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known")
    labels = tmp_path / "names.txt"
    labels.write_text("fox\nwolf\nhare\n", "utf-8")
    corrections = [
        *("--color-order", "rgb", "--mean", "127.5", "--scale", "127.5,127.5,127.5"),
        *("--resize", "stretch", "--labels", str(labels), "--option", "nms_iou=0.5"),
    ]
    assert main(["import", str(path), "--output", str(tmp_path / "kept"), *corrections]) == 0
    capsys.readouterr()
    assert main(["inspect", str(tmp_path / "kept")]) == 0
    told = capsys.readouterr().out
    assert "RGB -1..1, 64x64, stretch, NCHW" in told
    assert "fox, wolf, hare" in told
    assert "nms_iou 0.5" in told
    assert "You corrected it." in told


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--preview"], "A preview needs an image"),
        (["--layout", "centernet"], "cannot be read as 'centernet'"),
        (["--option", "x=1"], "The layout has no option 'x'"),
        (["--labels", "gone.txt"], "gone.txt cannot be read"),
    ],
)
def test_the_terminal_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], cause: str
) -> None:
    path = models.save(models.known_yolox(FOUND), tmp_path / "users", "known", models.CLASSES)
    assert main(["import", str(path), "--output", str(tmp_path / "out"), *arguments]) == 2
    assert cause in capsys.readouterr().err
