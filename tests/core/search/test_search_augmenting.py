"""More images to evaluate on, made of few."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.images.decode import read_image
from core.search.augmenting import AUGMENTATIONS, ENOUGH, augmented, evaluated_images
from tests.support.images import write_image, write_images


def silent(stage: str, done: int, total: int | None) -> None:
    del stage, done, total


def test_each_image_is_there_as_it_is_and_augmented_in_every_way(tmp_path: Path) -> None:
    path = write_image(tmp_path / "images" / "a.png", 96, 80)
    dataset = open_dataset(tmp_path / "images")
    found, problems = augmented(dataset, tmp_path / "augmented", silent)
    assert problems == []
    assert len(found.images) == 1 + len(AUGMENTATIONS)
    assert found.path(0).read_bytes() == path.read_bytes()
    seen = {name: read_image(tmp_path / "augmented" / f"000-{name}.jpg") for name in AUGMENTATIONS}
    image = read_image(path).astype(np.float64)
    assert np.abs(seen["flipped"] - image[:, ::-1]).mean() < 8, "a JPEG of the flipped image"
    assert seen["cropped"].shape == (60, 72, 3)
    assert np.abs(seen["cropped"] - image[5:65, 18:90]).mean() < 8
    assert seen["flipped-cropped"].shape == (68, 82, 3)


@pytest.mark.parametrize(("count", "ways"), [(32, 3), (40, 2), (64, 1), (65, 0)])
def test_as_many_augmented_images_as_are_needed(tmp_path: Path, count: int, ways: int) -> None:
    write_images(tmp_path / "images", count)
    dataset = open_dataset(tmp_path / "images")
    found, _ = augmented(dataset, tmp_path / "augmented", silent)
    assert len(found.images) == count * (1 + ways) == evaluated_images(count) <= ENOUGH
    assert (found == dataset) == (not ways)


def test_an_image_that_cannot_be_read_is_left_out_with_its_name(tmp_path: Path) -> None:
    write_images(tmp_path / "images", 3)
    broken = sorted((tmp_path / "images").iterdir())[1]
    broken.write_bytes(broken.read_bytes()[:100])
    dataset = open_dataset(tmp_path / "images")
    found, problems = augmented(dataset, tmp_path / "augmented", silent)
    assert len(found.images) == 2 * (1 + len(AUGMENTATIONS))
    assert len(problems) == 1
    assert problems[0].facts["image"] == str(broken)
