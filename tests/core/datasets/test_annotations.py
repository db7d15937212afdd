"""Ground truth of every format, read to the same columns."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask

from core.datasets.annotations import Annotations
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
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
from tests.support.image_files import write_turned
from tests.support.images import sample_image, write_image


def read(folder: Path, role: str = "validation") -> Annotations:
    return read_annotations(open_dataset(folder, role))


def boxes_of(truth: Annotations) -> dict[str, list[tuple[Any, ...]]]:
    """As `TRUTH` is written, to be compared with it."""
    return {
        name: [
            (truth.class_names[truth.class_ids[row]], *np.round(truth.boxes[row], 3).tolist())
            for row in range(truth.rows(image).start, truth.rows(image).stop)
        ]
        for image, name in enumerate(truth.image_names)
    }


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
        "1 of the 3 images that instances_val2017.json names are"
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


@pytest.mark.parametrize(("role", "name"), [("validation", "ünï 猫"), ("calibration", "a b")])
def test_voc_splits(tmp_path: Path, role: str, name: str) -> None:
    folder = write_voc(tmp_path / "voc", {"train": ["a b"], "val": ["ünï 猫"]})
    dataset = open_dataset(folder, role)
    assert [Path(image).stem for image in dataset.images] == [name]


def test_voc_flags_sizes_and_damage(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc")
    hard = voc_xml([("dog", 1, 1, 9, 9)]).replace("<difficult>0", "<difficult>1")
    lacking = "<object><name>cat</name></object><object><name>cat</name><bndbox/></object>"
    hard = hard.replace("</annotation>", f"{lacking}</annotation>")
    (folder / "Annotations" / "a b.xml").write_text(hard)
    (folder / "Annotations" / "ünï 猫.xml").write_text("<annotation><object>")
    truth = read(folder)
    assert truth.difficult.tolist() == [True, False]
    assert sentences(truth.problems) == (
        "Objects left out because they have no box: 1 (first in a b.xml).",
        "Annotation files left out because they are damaged: no element found: 1 "
        "(first in ünï 猫.xml).",
        "Boxes left out because they do not have four numbers: 1 (first in a b.xml).",
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]>' + voc_xml([]), "declare or use entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation>&x;</annotation>', "use entities"),
        ("<annotation>" * 1000, "are nested too deeply"),
        ("<annotation>" + "<a/>" * 300_000 + "</annotation>", "have more than 200,000 elements"),
        ("<annotation>&nothing;</annotation>", "are damaged: undefined entity"),
        ("", "are damaged: no element found"),
        ("<annotation>\0</annotation>", "are damaged: they are not text"),
    ],
)
def test_hostile_xml_is_left_out_with_its_cause(tmp_path: Path, text: str, cause: str) -> None:
    folder = write_voc(tmp_path / "voc")
    (folder / "Annotations" / "a b.xml").write_text(text)
    truth = read(folder)
    assert len(truth.boxes) == 1
    assert cause in sentences(truth.problems)[0]
    assert "1 (first in a b.xml)" in sentences(truth.problems)[0]


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("", "gbk"),
        ('<?xml version="1.0" encoding="GB2312"?>', "gb2312"),
        ('<?xml version="1.0" encoding="gbk"?>\n', "gbk"),
        ("<?xml version='1.0' encoding='Shift_JIS'?>", "shift_jis"),
        ('<?xml version="1.0" encoding="utf-8"?>', "gbk"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16"),
        ('<?xml version="1.0"?>\n<!DOCTYPE annotation SYSTEM "annotation.dtd">', "utf-8"),
        ("<!DOCTYPE annotation>", "utf-8"),
    ],
)
def test_xml_as_other_programs_write_it(tmp_path: Path, head: str, codec: str) -> None:
    folder = write_voc(tmp_path / "voc")
    text = head + voc_xml([("dog", 10, 20, 30, 60)]).replace("dog", "狗")
    (folder / "Annotations" / "a b.xml").write_bytes(text.encode(codec))
    truth = read(folder)
    assert (sentences(truth.problems), truth.class_names) == ((), ("cat", "狗"))
    assert truth.boxes[0].tolist() == [10, 20, 30, 60]


def test_yolo_rows_of_every_kind(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    rows = [
        "1 .5 .5 .2 .2 0.9",  # a score behind
        "0 .1 .1 .3 .1 .3 .5",  # a polygon
        "0 .1 .1 .3 .1 .3 .5 .1 .5",
        "cat .5 .5 .1 .1",
        "0 .5 .5",
        "0.5 .5 .5 .1 .1",
        "7 .5 .5 .1 .1",
        "0 nan .5 .1 .1",
        "",
    ]
    (tmp_path / "labels" / "a b.txt").write_text("\n".join(rows))
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    truth = read(tmp_path)
    assert np.round(truth.boxes[:3]).tolist() == [
        [40, 32, 60, 48],
        [10, 8, 30, 40],
        [10, 8, 30, 40],
    ]
    assert [problem.split(" (")[0] for problem in sentences(truth.problems)] == [
        "Lines left out because they are not labels: 3",
        "Boxes left out because a number in them is not finite: 1",
        "Boxes left out because their class is not among the dataset's: 1",
    ]


def test_yolo_without_names_numbers_its_classes(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images", tmp_path / "labels")
    assert open_dataset(tmp_path).class_names == ()
    assert read(tmp_path).class_names == ("class 0", "class 1")


def test_groups_of_open_images_are_crowds(tmp_path: Path) -> None:
    truth = read(write_open_images(tmp_path))
    assert truth.crowd.tolist() == [True, False, False]
    (tmp_path / "class-descriptions-boxable.csv").unlink()
    dataset = open_dataset(tmp_path)
    assert "classes are shown by their codes" in sentences(dataset.warnings)[0]
    assert read_annotations(dataset).class_names == ("/m/dog", "/m/cat")


@pytest.mark.parametrize("layout", ["images/{}", "{}", "data/{}", "{}/data"])
def test_open_images_take_the_images_of_the_split_of_their_table(
    tmp_path: Path, layout: str
) -> None:
    source = write_open_images(tmp_path / "source")
    root = tmp_path / "set"
    for split in ("train", "validation"):
        write_sample_images(root / layout.format(split))
    write_image(root / "masks" / "a b_mask.png")
    labels = root / ("annotations" if not layout.endswith("/data") else "validation/labels")
    labels.mkdir(parents=True)
    for path in source.glob("*.csv"):
        shutil.copy(path, labels / path.name)
    dataset = open_dataset(root)
    assert dataset.root == root / layout.format("validation")
    assert (dataset.kind, len(dataset.images)) == ("open_images", 3)
    assert len(read_annotations(dataset).boxes) == 3


def test_open_images_in_one_folder_with_a_table_for_each_split(tmp_path: Path) -> None:
    folder = write_open_images(tmp_path)
    for image in (folder / "validation").rglob("*.*"):
        image.rename(folder / image.name)
    table = folder / "validation-annotations-bbox.csv"
    lines = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text(lines[0] + "".join(line for line in lines if line.startswith("a b")))
    (folder / "train-annotations-bbox.csv").write_text("".join(lines))
    dataset = open_dataset(folder)
    assert dataset.images == ("a b.jpg",)
    assert (
        "Only the images that validation-annotations-bbox.csv names are used"
        in (sentences(dataset.warnings)[0])
    )


def test_a_csv_file_of_damage(tmp_path: Path) -> None:
    write_open_images(tmp_path)
    path = tmp_path / "validation-annotations-bbox.csv"
    path.write_text(path.read_text() + "short,line\n" + "a b,/m/cat,1,x,1,0,1,0,0\n")
    assert [p.split(":")[0] for p in sentences(read(tmp_path).problems)] == [
        "Lines left out because columns are missing",
        "Boxes left out because they do not have four numbers",
    ]
    path.write_text(path.read_text() + '"' + "x" * 200_000)
    with pytest.raises(InputError, match=r"bbox\.csv is damaged"):
        read(tmp_path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_of_turned_images(tmp_path: Path, orientation: int) -> None:
    """Stated as of the stored image they turn with it; else they are those of the upright one."""
    image = sample_image(100, 60) * 0
    image[10:20, 30:70] = 255
    write_turned(tmp_path / "set" / "val" / "x.png", image, orientation)
    content: dict[str, Any] = {
        "images": [{"id": 1, "file_name": "x.png", "width": 100, "height": 60}],
        "categories": [{"id": 1, "name": "cat"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [30, 10, 40, 10]}],
    }
    path = tmp_path / "set" / "annotations" / "instances_val.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content))
    truth = read(tmp_path / "set")
    if orientation < 5:  # the size cannot tell: taken as of the upright image
        assert truth.boxes.tolist() == [[30, 10, 70, 20]]
    else:
        box = {5: [10, 30, 20, 70], 6: [40, 30, 50, 70], 7: [40, 30, 50, 70], 8: [10, 30, 20, 70]}
        assert truth.boxes.tolist() == [box[orientation]]
        assert truth.image_sizes.tolist() == [[60, 100]]
        content["images"][0] |= {"width": 60, "height": 100}
        path.write_text(json.dumps(content))
        upright = read(tmp_path / "set")
        assert upright.boxes.tolist() == [[30, 10, 60, 20]]


def test_shares_are_of_the_upright_image(tmp_path: Path) -> None:
    write_turned(tmp_path / "images" / "x.jpg", sample_image(100, 60), 6)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / "x.txt").write_text("0 .5 .5 1 .5\n")
    truth = read(tmp_path)
    assert (truth.image_sizes.tolist(), truth.boxes.tolist()) == ([[60, 100]], [[0, 25, 60, 75]])


def test_an_image_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "set")
    (folder / "val2017" / "a b.jpg").write_bytes(b"no image")
    truth = read(folder)
    assert truth.image_names == ("ünï 猫.png", "sub/c.jpg")
    assert sentences(truth.problems) == (
        "Images left out because they cannot be read: 1 (first in a b.jpg).",
    )


def test_a_folder_has_no_annotations(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    with pytest.raises(InputError, match="has no annotations"):
        read(tmp_path)
