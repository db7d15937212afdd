"""Ground truth of every format, read to the same columns."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask

from core.datasets.open import open_dataset
from core.errors import InputError
from core.remarks.sentences import sentences
from tests.support import coco as oracle
from tests.support.coco import as_coco
from tests.support.datasets import (
    HEIGHT,
    NAMES,
    TRUTH,
    WIDTH,
    coco_dict,
    voc_xml,
    write_coco,
    write_open_images,
    write_sample_images,
    write_voc,
    write_yolo,
)
from tests.support.images import write_image
from tests.support.read_truth import boxes_of, read


def voc_beside(folder: Path) -> None:
    write_sample_images(folder)
    for name, boxes in TRUTH.items():
        (folder / name).with_suffix(".xml").write_text(voc_xml(boxes), "utf-8")


def yolo_with_data(folder: Path) -> None:
    write_yolo(folder / "images" / "val", folder / "labels" / "val")
    write_sample_images(folder / "images" / "train")
    (folder / "data.yaml").write_text("names: [cat, dog]\ntrain: images/train\nval: images/val\n")


def yolo_of_roboflow(folder: Path) -> None:
    write_yolo(folder / "valid" / "images", folder / "valid" / "labels")
    (folder / "data.yaml").write_text("names: [cat, dog]\nval: ../valid/images\nnc: 2\n")


def yolo_trees(folder: Path) -> None:
    write_yolo(folder / "images", folder / "labels")
    (folder / "classes.txt").write_text("cat\ndog\n")


def yolo_beside(folder: Path) -> None:
    write_yolo(folder, folder)
    (folder / "classes.txt").write_text("cat\ndog\n")


def yolo_list(folder: Path) -> None:
    write_yolo(folder / "images", folder / "labels")
    (folder / "val.txt").write_text("".join(f"./images/{n}\n" for n in TRUTH), "utf-8")
    (folder / "data.yaml").write_text("names: {0: cat, 1: dog}\nval: val.txt\n")


def coco_of_roboflow(folder: Path) -> None:
    write_sample_images(folder / "valid")
    write_sample_images(folder / "train")
    for split in ("train", "valid"):
        (folder / split / "_annotations.coco.json").write_text(json.dumps(coco_dict()), "utf-8")


def coco_elsewhere(folder: Path) -> None:
    write_sample_images(folder / "some" / "where" / "else")
    content = coco_dict()
    for image in content["images"]:
        image["file_name"] = "C:\\old\\" + Path(image["file_name"]).name
    (folder / "labels.json").write_text(json.dumps(content), "utf-8")


LAYOUTS: dict[str, Callable[[Path], object]] = {
    "coco": write_coco,
    "coco of roboflow": coco_of_roboflow,
    "coco, images elsewhere": coco_elsewhere,
    "voc": write_voc,
    "voc in a devkit": lambda folder: write_voc(folder / "VOC2012"),
    "voc beside the images": voc_beside,
    "yolo with data.yaml": yolo_with_data,
    "yolo of roboflow": yolo_of_roboflow,
    "yolo trees": yolo_trees,
    "yolo beside the images": yolo_beside,
    "yolo with a list": yolo_list,
    "open images": write_open_images,
    "in a folder in a folder": lambda folder: write_coco(folder / "one" / "two"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_found_and_read_alike(tmp_path: Path, layout: str) -> None:
    folder = tmp_path / "My data set"
    folder.mkdir()
    LAYOUTS[layout](folder)
    truth = read(folder)
    found = {Path(name).name: rows for name, rows in boxes_of(truth).items()}
    assert found == {Path(name).name: rows for name, rows in TRUTH.items()}
    assert set(truth.class_names) == set(NAMES)
    assert truth.image_sizes.tolist() == [[WIDTH, HEIGHT]] * 3
    assert truth.problems == ()


def test_a_split_of_several_is_named_with_its_folder(tmp_path: Path) -> None:
    coco_of_roboflow(tmp_path / "cats")
    assert open_dataset(tmp_path / "cats").name == "cats (valid)"
    assert open_dataset(tmp_path / "cats" / "valid").name == "valid"


def test_the_folder_of_images_finds_its_annotations(tmp_path: Path) -> None:
    for layout, inside in (("coco", "val2017"), ("voc", "JPEGImages"),
                           ("yolo with data.yaml", "images/val")):  # fmt: skip
        folder = tmp_path / layout
        LAYOUTS[layout](folder)
        assert sum(len(rows) for rows in boxes_of(read(folder / inside)).values()) == 3


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_coco_keeps_what_its_evaluation_needs(tmp_path: Path) -> None:
    content = coco_dict(first_category=0)
    region = mask.encode(np.asfortranarray(np.ones((HEIGHT, WIDTH), np.uint8)))
    content["annotations"][0] |= {
        "iscrowd": 1,
        "segmentation": {"size": [HEIGHT, WIDTH], "counts": region["counts"].decode()},
    }
    truth = read(write_coco(tmp_path / "set", content=content))
    assert truth.image_ids.tolist() == [0, 10, 20]
    assert truth.category_ids.tolist() == [0, 7]
    assert truth.crowd.tolist() == [True, False, False]
    assert truth.areas.tolist() == [400, 1000, 1200], "of the outline, not of the box"
    again = as_coco(truth)
    assert mask.decode(again["annotations"][0]["segmentation"]).all()
    results = [
        {"image_id": row["image_id"], "category_id": row["category_id"], "bbox": row["bbox"],
         "score": 0.9}
        for row in again["annotations"] if not row["iscrowd"]
    ]  # fmt: skip
    assert oracle.mean_ap(oracle.evaluate(again, results)) == pytest.approx(1.0)


def test_uncompressed_run_lengths_of_crowds(tmp_path: Path) -> None:
    content = coco_dict()
    outline = {"size": [HEIGHT, WIDTH], "counts": [100, 20, HEIGHT * WIDTH - 120]}
    content["annotations"][1] |= {"iscrowd": 1, "segmentation": outline}
    truth = read(write_coco(tmp_path / "set", content=content))
    assert as_coco(truth)["annotations"][1]["segmentation"] == outline


def test_boxes_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    content = coco_dict()
    template = content["annotations"][0]
    bad: list[Any] = [
        [math.nan, 1, 2, 3], [math.inf, 1, 2, 3], [1, 2, 3], None, [5, 5, -3, 4], [5, 5, 0, 4],
        [500, 5, 10, 10], [90, 70, 30, 30], [-0.5, 0, 10, 10],
    ]  # fmt: skip
    template["segmentation"] = []
    content["annotations"] = [{**template, "bbox": box} for box in bad]
    content["annotations"].append({**template, "category_id": 99})
    content["annotations"].append({**template, "image_id": 12345})
    truth = read(write_coco(tmp_path / "set", content=content))
    assert truth.boxes.tolist() == [[90, 70, 100, 80], [0, 0, 9.5, 10]]
    where = "(first in instances_val2017.json, a b.jpg)."
    assert set(sentences(truth.problems)) == {
        f"Boxes left out because a number in them is not finite: 2 {where}",
        f"Boxes left out because they do not have four numbers: 1 {where}",
        f"Objects left out because they have no box: 1 {where}",
        "Annotations left out because they name no image of the file: 1 (first in "
        "instances_val2017.json, image_id 12345).",
        f"Boxes left out because their class is not among the dataset's: 1 {where}",
        f"Boxes left out because their width or height is not positive: 2 {where}",
        f"Boxes left out because they lie outside their image: 1 {where}",
        f"Boxes that extended beyond their image, and were clipped to it: 1 {where}",
    }


def test_images_that_are_missing_or_not_named_are_told_of(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    (folder / "val2017" / "a b.jpg").unlink()
    write_image(folder / "val2017" / "extra.jpg")
    dataset = open_dataset(folder)
    assert len(dataset.images) == 2
    assert sentences(dataset.warnings)[0].startswith(
        "1 of the 3 images that instances_val2017.json names is"
    )


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b'{"images": [', "is damaged"),
        (b'{"images": ' + b"[" * 100_000, "is not a COCO file"),
        (b'{"images": [{"id": 1}], "categories": []}', "is not a COCO file"),
        (b'{"images": [], "categories": [], "annotations": []}', "lists no images"),
        (b'{"images": [{"id": 1, "file_name": "x.jpg"}], "categories": []}', "None of the 1"),
    ],
)
def test_a_bad_coco_file_is_refused_with_its_cause(
    tmp_path: Path, content: bytes, cause: str
) -> None:
    folder = write_coco(tmp_path / "set")
    path = folder / "annotations" / "instances_val2017.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=cause):
        open_dataset(folder)


def test_another_json_beside_images_does_no_harm(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "notes.json").write_text('{"images": 5}')
    (tmp_path / "list.json").write_text("[1, 2]")
    assert open_dataset(tmp_path).kind == "folder"


def test_ids_that_are_texts_or_floats(tmp_path: Path) -> None:
    content = coco_dict()
    for image in content["images"]:
        image["id"] = f"image {image['id']}"
    for row in content["annotations"]:
        row["image_id"] = f"image {row['image_id']}"
        row["category_id"] = float(row["category_id"])
    truth = read(write_coco(tmp_path / "set", content=content))
    assert (len(truth.boxes), truth.image_ids.tolist()) == (3, [1, 2, 3])
