"""What each format of annotations says of crowds, splits, damage and turned images."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError
from core.remarks.sentences import sentences
from tests.support.datasets import (
    voc_xml,
    write_coco,
    write_open_images,
    write_sample_images,
    write_voc,
    write_yolo,
)
from tests.support.image_files import write_turned
from tests.support.images import sample_image, write_image
from tests.support.read_truth import read


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
