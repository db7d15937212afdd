"""The scene generator: the same again for a seed, and annotated to the pixel."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from sample.scenes import (
    CLASS_NAMES,
    STANDARD,
    Scene,
    SceneGenerator,
    write_coco,
)

SCENES = 40


def small(seed: int) -> SceneGenerator:
    """A generator with few sprites, quick to make."""
    return SceneGenerator(seed, views=2, per_class=1, grounds=4)


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    generator = small(7)
    return [generator.scene(index) for index in range(SCENES)]


def test_the_same_seed_gives_the_same_scenes_in_any_order(scenes: list[Scene]) -> None:
    again = small(7)
    for index in (5, 0, SCENES - 1):
        repeated = again.scene(index)
        assert np.array_equal(repeated.image, scenes[index].image)
        assert repeated.annotations == scenes[index].annotations


def test_another_seed_gives_other_scenes(scenes: list[Scene]) -> None:
    other = small(8).scene(0)
    assert other.image.shape != scenes[0].image.shape or not np.array_equal(
        other.image, scenes[0].image
    )


def test_boxes_enclose_exactly_what_is_visible(scenes: list[Scene]) -> None:
    for scene in scenes:
        height, width = scene.image.shape[:2]
        assert scene.visible.shape == (height, width)
        assert set(np.unique(scene.visible)) <= set(range(-1, len(scene.annotations)))
        for index, item in enumerate(scene.annotations):
            rows, columns = np.nonzero(scene.visible == index)
            left, top, wide, high = item.box
            assert [left, top] == [columns.min(), rows.min()]
            assert [wide, high] == [np.ptp(columns) + 1, np.ptp(rows) + 1]
            assert item.area == len(rows)
            assert left >= 0 and top >= 0
            assert left + wide <= width and top + high <= height


def test_objects_are_never_hidden_too_far(scenes: list[Scene]) -> None:
    shares = [item.area / item.full_area for scene in scenes for item in scene.annotations]
    assert min(shares) >= STANDARD.min_visible
    assert any(share < 0.9 for share in shares), "nothing is occluded"


def test_an_object_is_where_its_annotation_says() -> None:
    """Pixels marked visible differ from the same scene's surroundings more than by noise."""
    generator = SceneGenerator(9, views=1, per_class=1, grounds=1)
    contrasts = []
    for index in range(12):
        scene = generator.scene(index)
        for position in range(len(scene.annotations)):
            mask = (scene.visible == position).astype(np.uint8)
            ring = cv2.dilate(mask, np.ones((15, 15), np.uint8)).astype(bool) & (scene.visible < 0)
            if ring.sum() > 50:
                inside = scene.image[mask.astype(bool)].astype(float)
                outside = scene.image[ring].astype(float)
                contrasts.append(np.abs(inside.mean(0) - outside.mean(0)).max())
    assert np.median(contrasts) > 12


def test_scenes_vary_in_number_and_size(scenes: list[Scene]) -> None:
    counts = [len(scene.annotations) for scene in scenes]
    assert min(counts) == 0
    assert max(counts) >= 9
    sides = [
        max(item.box[2] * 300 / scene.image.shape[1], item.box[3] * 300 / scene.image.shape[0])
        for scene in scenes
        for item in scene.annotations
    ]
    assert min(sides) < 40
    assert max(sides) > 120
    assert {item.label for scene in scenes for item in scene.annotations} == set(
        range(len(CLASS_NAMES))
    )


def test_written_annotations_are_coco(scenes: list[Scene], tmp_path: Path) -> None:
    def first() -> Iterator[Scene]:
        yield from scenes[:4]

    write_coco(first(), tmp_path / "images", tmp_path / "annotations.json")
    content = json.loads((tmp_path / "annotations.json").read_text())
    assert [category["name"] for category in content["categories"]] == list(CLASS_NAMES)
    assert len(content["images"]) == 4
    for entry, scene in zip(content["images"], scenes[:4], strict=True):
        image = cv2.imread(str(tmp_path / "images" / entry["file_name"]))
        assert image is not None
        assert image.shape == (entry["height"], entry["width"], 3)
        mine = [row for row in content["annotations"] if row["image_id"] == entry["id"]]
        assert [row["bbox"] for row in mine] == [list(item.box) for item in scene.annotations]
