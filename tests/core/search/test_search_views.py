"""More pictures to judge by, made of few."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.images.decode import read_image
from core.search.views import ENOUGH, VIEWS, pictures_of, with_views
from tests.support.images import write_image, write_images


def silent(stage: str, done: int, total: int | None) -> None:
    del stage, done, total


def test_each_image_is_seen_in_every_view_and_once_as_it_is(tmp_path: Path) -> None:
    path = write_image(tmp_path / "pictures" / "a.png", 96, 80)
    dataset = open_dataset(tmp_path / "pictures")
    found, problems = with_views(dataset, tmp_path / "views", silent)
    assert problems == []
    assert len(found.images) == 1 + len(VIEWS)
    assert found.path(0).read_bytes() == path.read_bytes()
    seen = {name: read_image(tmp_path / "views" / f"000-{name}.jpg") for name in VIEWS}
    image = read_image(path).astype(np.float64)
    assert np.abs(seen["mirrored"] - image[:, ::-1]).mean() < 8, "a JPEG of the mirrored image"
    assert seen["nearer"].shape == (60, 72, 3)
    assert np.abs(seen["nearer"] - image[5:65, 18:90]).mean() < 8
    assert seen["mirrored-nearer"].shape == (68, 82, 3)


@pytest.mark.parametrize(("count", "views"), [(32, 3), (40, 2), (64, 1), (65, 0)])
def test_as_many_views_as_are_needed(tmp_path: Path, count: int, views: int) -> None:
    write_images(tmp_path / "pictures", count)
    dataset = open_dataset(tmp_path / "pictures")
    found, _ = with_views(dataset, tmp_path / "views", silent)
    assert len(found.images) == count * (1 + views) == pictures_of(count) <= ENOUGH
    assert (found == dataset) == (not views)


def test_an_image_that_cannot_be_read_is_left_out_with_its_name(tmp_path: Path) -> None:
    write_images(tmp_path / "pictures", 3)
    broken = sorted((tmp_path / "pictures").iterdir())[1]
    broken.write_bytes(broken.read_bytes()[:100])
    dataset = open_dataset(tmp_path / "pictures")
    found, problems = with_views(dataset, tmp_path / "views", silent)
    assert len(found.images) == 2 * (1 + len(VIEWS))
    assert len(problems) == 1
    assert str(broken) in problems[0]
