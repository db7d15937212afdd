"""What is refused or told before a model is quantized."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import psutil
import pytest

from core.datasets.open import open_dataset
from core.errors import InputError
from core.images.opencv import cv2
from core.models.adjusting import OVERRIDDEN
from core.models.detector import Detector
from core.models.importing import Evidence, import_model
from core.models.stored import StoredModel
from core.optimize.checks import Calibration, check_calibration, check_room
from core.sample import sample
from core.wording.optimize import warning_sentence
from tests.support.blobs import saturating, tinted
from tests.support.images import sample_image
from tests.support.models import save

GREY = 128


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredModel:
    """The sample's detector, which really detects something."""
    images = sorted(sample().validation.rglob("*.jpg"))[:8]
    return import_model(
        sample().model, tmp_path_factory.mktemp("model"), lambda *_: None, Evidence(images=images)
    )


@pytest.fixture(scope="module")
def usual(stored: StoredModel) -> Calibration:
    dataset = open_dataset(sample().calibration, "calibration")
    return Calibration(stored.xml, stored.card.detector, dataset, dataset.subset(40, 0))


def with_images(usual: Calibration, folder: Path, images: list[np.ndarray]) -> Calibration:
    for number, one in enumerate(images):
        cv2.imwrite(str(folder / f"{number:03}.png"), one)
    dataset = open_dataset(folder, "calibration")
    return replace(usual, dataset=dataset, indices=np.arange(len(images)))


def check(about: Calibration) -> list[str]:
    """The sentences that the user reads."""
    return [warning_sentence(one) for one in check_calibration(about, lambda *_: None)]


def test_usual_images_pass_without_a_word(usual: Calibration) -> None:
    assert check(usual) == []


def test_few_images(usual: Calibration) -> None:
    (said,) = check(replace(usual, indices=usual.indices[:5]))
    assert "gives only 5 images for the calibration" in said


def test_frames_of_a_video_that_hardly_differ(usual: Calibration, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    scenes = [random.integers(0, 256, (120, 160, 3), np.uint8) for _ in range(2)]
    scenes = [cv2.GaussianBlur(scene, (0, 0), 20) * 6 for scene in scenes]
    frames = [np.roll(scene, step, axis=1) for scene in scenes for step in range(20)]
    said = " ".join(check(with_images(usual, tmp_path, frames)))
    assert "of 40 calibration images are almost like another one, such as 001.png and 000.png" in (
        said
    )


def test_images_of_one_colour(usual: Calibration, tmp_path: Path) -> None:
    flat = [np.full((60, 60, 3), level, np.uint8) for level in range(0, 250, 50)]
    with pytest.raises(InputError, match="Every calibration image is of one colour"):
        check(with_images(usual, tmp_path, flat))


def test_images_saved_with_more_bits_than_used(usual: Calibration, tmp_path: Path) -> None:
    twelve_bits = [sample_image(60, 60, seed).astype(np.uint16) * 16 for seed in range(3)]
    said = " ".join(check(with_images(usual, tmp_path, twelve_bits)))
    assert "All calibration images are almost black (grey levels up to" in said


def test_a_scale_of_zero(usual: Calibration) -> None:
    preprocessing = msgspec.structs.replace(usual.detector.preprocessing, scale=(0.0, 1.0, 1.0))
    detector = msgspec.structs.replace(usual.detector, preprocessing=preprocessing)
    with pytest.raises(InputError, match="divides by 0"):
        check(replace(usual, detector=detector))


def test_a_parent_that_is_fed_wrongly(usual: Calibration) -> None:
    preprocessing = msgspec.structs.replace(usual.detector.preprocessing, scale=(9e4,) * 3)
    detector = msgspec.structs.replace(usual.detector, preprocessing=preprocessing)
    (said,) = check(replace(usual, detector=detector))  # told, and never refused for it
    assert (
        "the parent finds more with pixel values 0..255 than with mean 0/0/0, scale 90000" in said
    )
    assert "Its mean and scale may be wrong." in said


def test_values_that_images_have_settled_are_not_compared_again(usual: Calibration) -> None:
    def tries(detector: Detector) -> int:
        stages: list[str] = []
        check_calibration(replace(usual, detector=detector), lambda stage, *_: stages.append(stage))
        return stages.count("Trying the parent on calibration images")

    few = tries(usual.detector)
    by_user = (*usual.detector.reasons, OVERRIDDEN)
    all_of_them = tries(msgspec.structs.replace(usual.detector, reasons=by_user))
    assert all_of_them == tries(msgspec.structs.replace(usual.detector, reasons=()))
    assert few == 1 + 2  # once for each image: two tell that it finds something
    assert all_of_them > few + 4


def test_images_of_nothing_say_nothing_of_the_values(tmp_path: Path) -> None:
    """With other values it would be sure of everything, and that is no evidence."""
    images = tinted(tmp_path / "images", squares=0)
    model = save(saturating(), tmp_path / "model", "blobs", ["red"])
    stored = import_model(model, tmp_path, evidence=Evidence(images=images))
    dataset = open_dataset(tmp_path / "images", "calibration")
    about = Calibration(stored.xml, stored.card.detector, dataset, np.arange(4))
    assert stored.card.detector.preprocessing.values_in_words() == "0..1"
    said = " ".join(check(about))
    assert "The parent finds next to nothing in 4 of the calibration images" in said
    assert "pixel values" not in said


def test_too_little_disk_and_memory(
    stored: StoredModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_room(stored.xml, tmp_path) == ()
    memory = namedtuple("memory", "total available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(8 * 2**30, 2**28))
    (warning,) = check_room(stored.xml, tmp_path)
    assert "0.5 GB of memory, and 0.3 GB are free" in warning_sentence(warning)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(2**28, 2**28))
    with pytest.raises(InputError, match=r"this machine has 0\.3"):
        check_room(stored.xml, tmp_path)
    disk = namedtuple("disk", "free")
    monkeypatch.setattr(psutil, "disk_usage", lambda path: disk(2**20))
    with pytest.raises(InputError, match="Only 1 MB of disk space left"):
        check_room(stored.xml, tmp_path)
