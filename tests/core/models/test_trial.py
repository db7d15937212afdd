"""Guesses about preprocessing are tried on images, and the better one wins."""

from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from core.detection.detections import Detections
from core.images.opencv import cv2
from core.models.importing import Evidence, import_model
from core.models.steadiness import steadiness
from core.models.stored import ModelCard
from core.remarks.sentences import sentences
from tests.support import models
from tests.support.blobs import blob_finder, blob_images, saturating, tinted


def imported(model: ov.Model, folder: Path, images: list[Path]) -> ModelCard:
    path = models.save(model, folder / "model", "blobs", ["red"])
    (folder / "out").mkdir()
    return import_model(path, folder / "out", evidence=Evidence(images=images)).card


@pytest.mark.parametrize("rgb", [True, False])
@pytest.mark.parametrize("unit", [True, False])
def test_colours_and_values_are_found_out(tmp_path: Path, rgb: bool, unit: bool) -> None:
    card = imported(blob_finder(rgb, unit), tmp_path, blob_images(tmp_path / "pictures"))
    preprocessing = card.detector.preprocessing
    assert preprocessing.color_order == ("rgb" if rgb else "bgr"), sentences(card.detector.reasons)
    assert preprocessing.values_in_words() == ("0..1" if unit else "0..255")
    assert any("Tried on 4 of your images" in one for one in sentences(card.detector.reasons))


def test_one_image_does_not_overrule_a_convention_by_a_little(tmp_path: Path) -> None:
    model = blob_finder(rgb=False, unit=True, other=0.9)  # 1.5 times surer with BGR
    images = blob_images(tmp_path / "pictures", grey=0)
    for count, order in ((1, "rgb"), (4, "bgr")):
        (tmp_path / order).mkdir()
        detector = imported(model, tmp_path / order, images[:count]).detector
        assert detector.preprocessing.color_order == order
        assert ("but not enough" in " ".join(sentences(detector.reasons))) == (count == 1)


def test_a_guess_that_is_sure_of_everything_does_not_win(tmp_path: Path) -> None:
    """Steady under mirroring, and other in every image: but as sure of noise."""
    detector = imported(saturating(), tmp_path, tinted(tmp_path / "pictures", squares=3)).detector
    assert detector.preprocessing.describe() == "RGB 0..1, 64x64, letterbox with 114"
    assert "0..255 finds as much in noise, and is left out" in " ".join(sentences(detector.reasons))


def test_a_convention_that_is_kept_against_figures_is_no_surer(tmp_path: Path) -> None:
    model = blob_finder(rgb=False, unit=True, other=0.9)
    one = imported(model, tmp_path, blob_images(tmp_path / "pictures", grey=0)[:1]).detector
    assert "but not enough" in " ".join(sentences(one.reasons))
    assert one.confidence == 0.95  # as without images


def test_without_images_the_usual_is_kept(tmp_path: Path) -> None:
    card = imported(blob_finder(rgb=False, unit=False), tmp_path, [tmp_path / "gone.png"])
    assert card.detector.preprocessing.describe() == "RGB 0..1, 64x64, letterbox with 114"
    said = sentences(card.detector.reasons)
    assert not any("Tried" in reason for reason in said)
    assert any("None of your images could be read: nothing speaks for" in one for one in said)


def test_images_of_nothing_tell_nothing(tmp_path: Path) -> None:
    images = blob_images(tmp_path / "pictures")
    for path in images:
        path.write_bytes(cv2.imencode(".png", np.zeros((64, 64, 3), np.uint8))[1].tobytes())
    card = imported(blob_finder(rgb=False, unit=False), tmp_path, images)
    assert card.detector.preprocessing.describe() == "RGB 0..1, 64x64, letterbox with 114"
    assert (
        "In 4 of your images it finds next to nothing: nothing speaks for or against a choice. "
        "0..1, RGB and letterbox are taken by convention alone."
    ) in sentences(card.detector.reasons)
    assert card.detector.confidence < 0.9


def test_ways_that_do_equally_well_are_not_called_better(tmp_path: Path) -> None:
    """Square images for a square input: a letterbox and a stretch are the same."""
    card = imported(blob_finder(True, True), tmp_path, blob_images(tmp_path / "pictures"))
    resized = [one for one in sentences(card.detector.reasons) if "letterbox and " in one]
    assert len(resized) == 1, sentences(card.detector.reasons)
    assert "do equally well" in resized[0]
    assert resized[0].endswith("letterbox is taken by convention.")


def test_steadiness_is_the_confidence_that_is_shared() -> None:
    def found(*rows: tuple[float, float, float, float, float, int]) -> Detections:
        return Detections(
            np.array([row[:4] for row in rows], np.float32).reshape(-1, 4),
            np.array([row[4] for row in rows], np.float32),
            np.array([row[5] for row in rows], np.int32),
        )

    one = found((0, 0, 1, 1, 0.8, 0))
    assert steadiness(one, one) == pytest.approx(0.8)
    assert steadiness(one, found((0, 0, 1, 1, 0.5, 0))) == pytest.approx(0.5)
    assert steadiness(one, found((0, 0, 1, 0.75, 0.8, 0))) == pytest.approx(0.6)
    assert steadiness(one, found((0, 0, 1, 0.25, 0.8, 0))) == 0
    assert steadiness(one, found((0, 0, 1, 1, 0.8, 1))) == 0
    assert steadiness(one, found()) == 0
