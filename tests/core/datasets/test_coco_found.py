"""COCO files as people have them: ids of two types, names of other systems, odd categories."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from core.datasets.annotations import Annotations
from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError
from core.remarks.sentences import sentences
from tests.support.datasets import HEIGHT, TRUTH, WIDTH, coco_dict, write_coco, write_sample_images

BOXES = [[10, 20, 30, 60], [0, 0, 50, 40], [40, 40, 100, 80]]


def opened(folder: Path, content: Any = None) -> tuple[Dataset, Annotations]:
    dataset = open_dataset(write_coco(folder / "set", content=content))
    assert dataset.kind == "coco"
    return dataset, read_annotations(dataset)


@pytest.mark.parametrize(("images", "annotations"), [
    (str, int), (int, str), (float, str), (lambda n: f"{n:012d}", int), (int, lambda n: f"{n:04d}")
])  # fmt: skip
def test_ids_of_two_types(tmp_path: Path, images: Any, annotations: Any) -> None:
    content = coco_dict()
    for image in content["images"]:
        image["id"] = images(image["id"])
    for row in content["annotations"]:
        row["image_id"] = annotations(row["image_id"])
        row["category_id"] = annotations(row["category_id"])
    truth = opened(tmp_path, content)[1]
    assert sorted(truth.boxes.tolist()) == sorted(BOXES)
    assert truth.class_names == ("cat", "dog")
    assert truth.problems == ()


def test_annotations_of_no_image_are_counted(tmp_path: Path) -> None:
    content = coco_dict()
    for row in content["annotations"]:
        row["image_id"] = f"image {row['image_id']}"
    truth = opened(tmp_path, content)[1]
    assert len(truth.boxes) == 0
    assert sentences(truth.problems) == (
        "Annotations left out because they name no image of the file: 3 (first in "
        "instances_val2017.json, image_id image 0).",
    )


def test_images_named_twice_are_not_missing(tmp_path: Path) -> None:
    content = coco_dict()
    content["images"].append({**content["images"][0], "id": 77})
    dataset, truth = opened(tmp_path, content)
    assert len(dataset.images) == 3
    assert len(truth.boxes) == 3
    assert sentences(dataset.warnings) == (
        "instances_val2017.json names 1 image more than once; its boxes are put together.",
    )


@pytest.mark.parametrize(
    "name",
    ["C:\\set\\val2017\\{}", "./val2017/{}", "/data/set/images/{}", "VAL2017/{}", "{}?"],
)
def test_names_of_other_systems(tmp_path: Path, name: str) -> None:
    content = coco_dict()
    for image in content["images"]:
        composed = unicodedata.normalize("NFD", image["file_name"])
        image["file_name"] = name.replace("?", "").format(composed)
    dataset, truth = opened(tmp_path, content)
    assert (len(dataset.images), dataset.warnings) == (3, ())
    assert len(truth.boxes) == 3


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_file_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    content = coco_dict()
    content["categories"][0]["name"] = "小猫"
    folder = write_coco(tmp_path / "set")
    path = folder / "annotations" / "instances_val2017.json"
    text = json.dumps(content, ensure_ascii=False).replace("ünï 猫", "你好")
    path.write_text(text, encoding)
    (folder / "val2017" / "ünï 猫.png").rename(folder / "val2017" / "你好.png")
    dataset = open_dataset(folder)
    assert (dataset.class_names[0], len(dataset.images)) == ("小猫", 3)


def test_outlines_stand_in_for_boxes_that_are_missing(tmp_path: Path) -> None:
    content = coco_dict()
    for row in content["annotations"]:
        del row["bbox"]
    assert sorted(opened(tmp_path, content)[1].boxes.tolist()) == sorted(BOXES)


def test_boxes_without_categories_have_numbers_for_classes(tmp_path: Path) -> None:
    content = coco_dict()
    content["categories"] = []
    assert opened(tmp_path, content)[1].class_names == ("class 0", "class 7")


def test_key_points_have_boxes_and_are_used_where_there_is_nothing_else(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    annotations = folder / "annotations"
    (annotations / "instances_val2017.json").rename(annotations / "person_keypoints_val2017.json")
    dataset = open_dataset(folder)
    assert len(read_annotations(dataset).boxes) == 3
    assert "has the boxes of objects with key points alone" in sentences(dataset.warnings)[0]
    write_coco(tmp_path / "set", "train2017")
    dataset = open_dataset(folder)
    assert dataset.annotations[0].name == "instances_train2017.json"


def test_captions_have_none(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    path = folder / "annotations" / "instances_val2017.json"
    content = {"images": coco_dict()["images"], "annotations": [{"image_id": 0, "caption": "a"}]}
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="not a COCO file of objects: it has no boxes"):
        open_dataset(folder)
    path.rename(path.with_name("sentences.json"))
    assert open_dataset(folder).kind == "folder"


def test_a_file_whose_images_are_gone_gives_way_with_a_word(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set", "train2017")
    write_coco(tmp_path / "set", "val2017")
    for name in TRUTH:
        (folder / "val2017" / name).unlink()
    content = coco_dict()
    for image in content["images"]:
        image["file_name"] = f"val_{image['id']}.jpg"
    (folder / "annotations" / "instances_val2017.json").write_text(json.dumps(content))
    dataset = open_dataset(folder)
    assert dataset.root.name == "train2017"
    assert (
        "instances_val2017.json names were found. instances_train" in sentences(dataset.warnings)[0]
    )


def test_numbers_that_are_too_large_for_anything(tmp_path: Path) -> None:
    content = coco_dict()
    huge = 10**400
    content["annotations"][0]["bbox"] = [huge, 1, 2, 3]
    content["annotations"][1]["area"] = huge
    content["images"][1]["id"] = huge
    content["images"][1]["width"] = huge
    content["categories"][0]["id"] = huge
    truth = opened(tmp_path, content)[1]
    assert len(truth.boxes) == 0
    assert len(truth) == 3


def test_boxes_in_shares_are_read_as_such(tmp_path: Path) -> None:
    content = coco_dict()
    for row in content["annotations"]:
        x, y, width, height = row["bbox"]
        row["bbox"] = [x / WIDTH, y / HEIGHT, width / WIDTH, height / HEIGHT]
    truth = opened(tmp_path, content)[1]
    assert sorted(truth.boxes.round(3).tolist()) == sorted(BOXES)
    assert truth.areas.max() > 100, "areas stated in shares are of no use"
    assert sentences(truth.problems)[0].startswith(
        "Boxes in shares of the width and height (0..1) and not"
    )


def test_boxes_given_as_corners_are_read_as_such(tmp_path: Path) -> None:
    truth: dict[str, list[Any]] = {
        f"{n}.jpg": [("cat", 5 * n, 30, 40 + 5 * n, 60), ("dog", 20, 10 + n, 90, 70)]
        for n in range(5)
    }
    write_sample_images(tmp_path / "set" / "val2017", truth)
    content = coco_dict(truth)
    folder = write_coco(tmp_path / "set", content=content)
    right = read_annotations(open_dataset(folder))
    assert right.problems == ()
    for row in content["annotations"]:
        x, y, width, height = row["bbox"]
        row["bbox"] = [x, y, x + width, y + height]
    turned = opened(tmp_path, content)[1]
    assert turned.boxes.tolist() == right.boxes.tolist()
    assert "their other corner" in sentences(turned.problems)[0]


def test_two_classes_of_one_id_are_told_of(tmp_path: Path) -> None:
    content = coco_dict()
    content["categories"].insert(0, {**content["categories"][0], "name": "lion"})
    truth = read_annotations(open_dataset(write_coco(tmp_path, content=content)))
    assert len(truth.boxes) == 3
    assert sentences(truth.problems) == (
        "Classes without boxes because a later one has the same id: 1 (first in "
        "instances_val2017.json, lion).",
    )


def test_images_of_one_id_are_told_of(tmp_path: Path) -> None:
    """Otherwise the boxes of the later ones stand silently in the first."""
    content = coco_dict()
    first, second = content["images"][:2]
    second["id"] = f"0{first['id']}"
    truth = read_annotations(open_dataset(write_coco(tmp_path, content=content)))
    assert (
        "Images without boxes because an earlier one has the same id: 1 (first in "
        f"instances_val2017.json, {second['file_name']})." in sentences(truth.problems)
    )


def test_long_ids_and_names_are_shortened_as_they_are_written(tmp_path: Path) -> None:
    content = coco_dict()
    number = int("123456" + "7" * 394)
    content["annotations"][0]["image_id"] = number
    content["annotations"][1]["image_id"] = str(number)
    content["categories"] += [{"id": 99, "name": "z" * 400}, {"id": 99, "name": "y"}]
    said = sentences(opened(tmp_path, content)[1].problems)
    assert said == (
        "Classes without boxes because a later one has the same id: 1 (first in "
        "instances_val2017.json, zzzzzz... (400 characters)).",
        "Annotations left out because they name no image of the file: 2 (first in "
        "instances_val2017.json, image_id 123456... (400 digits)).",
    )


def test_long_ids_of_two_types(tmp_path: Path) -> None:
    content = coco_dict()
    for image in content["images"]:
        image["id"] = int(f"{image['id'] + 1}{'0' * 400}")
    for row in content["annotations"]:
        row["image_id"] = f"{row['image_id'] + 1}{'0' * 400}"
        row["category_id"] = int(f"{row['category_id'] + 1}{'0' * 400}")
    del content["categories"]
    truth = opened(tmp_path, content)[1]
    assert sorted(truth.boxes.tolist()) == sorted(BOXES)
    assert all("... (401 digits)" in name for name in truth.class_names)
