"""CreateML, CVAT XML and tables: read to the same boxes as the other formats."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets.annotations import Annotations
from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError
from core.remarks.sentences import sentences
from tests.support.datasets import HEIGHT, NAMES, TRUTH, WIDTH, write_sample_images
from tests.support.images import write_image

ROWS = [(image, *box) for image, boxes in TRUTH.items() for box in boxes]


def createml(truth: dict[str, Any] = TRUTH) -> list[dict[str, Any]]:
    """What CreateML's file holds: x and y are the middle."""
    return [
        {
            "image": image,
            "annotations": [
                {
                    "label": name,
                    "coordinates": {
                        "x": (x1 + x2) / 2, "y": (y1 + y2) / 2,
                        "width": x2 - x1, "height": y2 - y1,
                    },
                }
                for name, x1, y1, x2, y2 in boxes
            ],
        }
        for image, boxes in truth.items()
    ]  # fmt: skip


def cvat(shapes: dict[str, str] | None = None, head: str = "") -> str:
    """CVAT for images; `shapes` are what stands in each image."""
    if shapes is None:
        shapes = {
            image: "".join(
                f'<box label="{name}" occluded="0" xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}" '
                'z_order="0"></box>'
                for name, x1, y1, x2, y2 in boxes
            )
            for image, boxes in TRUTH.items()
        }
    labels = "".join(f"<label><name>{name}</name></label>" for name in NAMES)
    images = "".join(
        f'<image id="{n}" name="{name}" width="{WIDTH}" height="{HEIGHT}">{inside}</image>'
        for n, (name, inside) in enumerate(shapes.items())
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<annotations><version>1.1</version>'
        f"<meta><task><labels>{labels}</labels></task></meta>{images}</annotations>"
    )


TABLES = {
    "of TensorFlow": "filename,width,height,class,xmin,ymin,xmax,ymax\n"
    + "".join(f"{i},{WIDTH},{HEIGHT},{c},{x1},{y1},{x2},{y2}\n" for i, c, x1, y1, x2, y2 in ROWS),
    "without a heading": "".join(f"{i},{x1},{y1},{x2},{y2},{c}\n" for i, c, x1, y1, x2, y2 in ROWS)
    + "ünï 猫.png,,,,,\n",
    "of sizes": "image_id;label;x;y;w;h\n"
    + "".join(
        f"{Path(i).stem};{c};{x1};{y1};{x2 - x1};{y2 - y1}\n" for i, c, x1, y1, x2, y2 in ROWS
    ),
    "of Kaggle": "image_id,width,height,bbox,source,class\n"
    + "".join(
        f'{Path(i).stem},1,1,"[{x1}, {y1}, {x2 - x1}, {y2 - y1}]",x,{c}\n'
        for i, c, x1, y1, x2, y2 in ROWS
    ),
    "of shares": "Image\tClass_Name\tX_min\tY_min\tX_max\tY_max\n"
    + "".join(
        f"{i}\t{c}\t{x1 / WIDTH}\t{y1 / HEIGHT}\t{x2 / WIDTH}\t{y2 / HEIGHT}\n"
        for i, c, x1, y1, x2, y2 in ROWS
    ),
}


def check(folder: Path, kind: str, images: int = 3) -> tuple[Dataset, Annotations]:
    """That the boxes of `TRUTH` are found."""
    dataset = open_dataset(folder)
    truth = read_annotations(dataset)
    assert (dataset.kind, dataset.class_names) == (kind, NAMES)
    assert len(dataset.images) == images
    for name, boxes in TRUTH.items():
        if name in truth.image_names:
            rows = truth.rows(truth.image_names.index(name))
            found = zip(truth.class_ids[rows], truth.boxes[rows].round(3).tolist(), strict=True)
            assert [(NAMES[number], *box) for number, box in found] == boxes
    assert len(truth.boxes) == 3
    return dataset, truth


@pytest.mark.parametrize("place", ["{}", "annotations/{}", "labels/{}"])
def test_createml(tmp_path: Path, place: str) -> None:
    write_sample_images(tmp_path / ("images" if "/" in place else ""))
    path = tmp_path / place.format("_annotations.createml.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(createml()), "utf-8-sig")
    dataset, truth = check(tmp_path, "createml")
    assert (dataset.warnings, truth.problems) == ((), ())
    assert check(path, "createml")[0].images == dataset.images


def test_createml_of_one_split_of_several(tmp_path: Path) -> None:
    for split in ("train", "valid", "test"):
        write_sample_images(tmp_path / split)
        path = tmp_path / split / "_annotations.createml.json"
        path.write_text(json.dumps(createml()))
    assert check(tmp_path, "createml")[0].root == tmp_path / "valid"
    assert open_dataset(tmp_path, "calibration").root == tmp_path / "train"


def test_createml_in_older_words_and_with_what_is_missing(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    write_image(tmp_path / "more.jpg")
    content = createml()
    content[0]["annotation"] = content[0].pop("annotations")
    content[0]["annotation"].append({"label": "cat"})
    content[0]["annotation"].append({"coordinates": {"x": 1, "y": 1, "width": 1, "height": 1}})
    content[0]["annotation"].append({"label": "cat", "coordinates": {"x": 1, "y": 1}})
    huge = {"x": 10**400, "y": 1, "width": 1, "height": 1}
    content[0]["annotation"].append({"label": "cat", "coordinates": huge})
    content[0]["imagefilename"] = content[0].pop("image")
    content.append({"image": "gone.jpg", "annotations": []})
    (tmp_path / "a.json").write_text(json.dumps(content))
    dataset, truth = check(tmp_path, "createml")
    assert sentences(dataset.warnings) == (
        f"1 of the 4 images that a.json names is not below {tmp_path}, and is left out.",
        f"a.json does not name 1 of the images in {tmp_path}; it is left out.",
    )
    assert [problem.split(": ")[0] for problem in sentences(truth.problems)] == [
        "Objects left out because they have no box",
        "Boxes left out because they do not have four numbers",
        "Boxes left out because a number in them is not finite",
        "Boxes left out because their class is not among the dataset's",
    ]


@pytest.mark.parametrize(
    "content", ['[{"image": 5}', '[{"image": "a", "annotations": {}}]', "[" * 99999]
)
def test_a_bad_createml_file_is_refused(tmp_path: Path, content: str) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "x.json").write_text('[{"image": 1, "annotations": [], ' + content)
    with pytest.raises(InputError, match=r"x\.json is not a CreateML file, or is damaged"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("place", ["annotations.xml", "annotations/default.xml"])
def test_cvat(tmp_path: Path, place: str) -> None:
    write_sample_images(tmp_path / "images")
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(cvat(), "utf-8")
    dataset, truth = check(tmp_path, "cvat")
    assert (dataset.warnings, truth.problems) == ((), ())
    assert check(path, "cvat")[0].images == dataset.images


@pytest.mark.parametrize("written", [str.upper, str.title, "cvat:{}".format])
def test_cvat_in_other_letters_or_with_a_prefix(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    write_sample_images(tmp_path / "images")
    declared, end, text = cvat().partition("?>")
    text = re.sub(r"(</?)(\w+)", lambda tag: tag[1] + written(tag[2]), text)
    if written is str.upper:
        text = re.sub(r'(\w+)="', lambda name: name[1].upper() + '="', text)
    (tmp_path / "annotations.xml").write_text(declared + end + text, "utf-8")
    check(tmp_path, "cvat")


def test_shapes_of_cvat(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    shapes = {
        "a b.jpg": '<box label="dog" xtl="40" ytl="30" xbr="60" ybr="50" rotation="45.0"></box>'
        '<polygon label="cat" points="1,2;30,4;15.5,40"></polygon>'
        '<ellipse label="cat" cx="50" cy="40" rx="20" ry="10"></ellipse>'
        '<mask label="cat" rle="1" left="5" top="6" width="10" height="20"></mask>'
        '<points label="cat" points="1,2"></points>'
        '<polyline label="cat" points="1,2;3,4"></polyline>',
        "ünï 猫.png": '<box label="bird" xtl="1" ytl="x" xbr="6" ybr="5"></box>',
    }
    (tmp_path / "annotations.xml").write_text(cvat(shapes), "utf-8")
    truth = read_annotations(open_dataset(tmp_path))
    half = 10 * np.sqrt(2)
    assert np.allclose(truth.boxes, [
        [50 - half, 40 - half, 50 + half, 40 + half], [1, 2, 30, 40], [30, 30, 70, 50],
        [5, 6, 15, 26],
    ])  # fmt: skip
    assert truth.class_names == ("cat", "dog", "bird")
    assert sentences(truth.problems) == (
        "Points and lines left out because they have no box: 2 (first in annotations.xml, a "
        "b.jpg).",
        "Boxes left out because they do not have four numbers: 1 (first in annotations.xml, ünï "
        "猫.png).",
    )


def test_a_video_of_cvat(tmp_path: Path) -> None:
    for number in range(3):
        write_image(tmp_path / "images" / f"frame_{number:06d}.png", WIDTH, HEIGHT)
    boxes = "".join(
        f'<box frame="{frame}" outside="{outside}" occluded="0" keyframe="1" xtl="{frame}" '
        'ytl="2" xbr="30" ybr="40"></box>'
        for frame, outside in ((0, 0), (1, 0), (2, 1))
    )
    (tmp_path / "annotations.xml").write_text(
        "<annotations><version>1.1</version><meta><job><size>3</size></job></meta>"
        f'<track id="0" label="cat">{boxes}</track></annotations>'
    )
    dataset = open_dataset(tmp_path)
    truth = read_annotations(dataset)
    assert truth.boxes.tolist() == [[0, 2, 30, 40], [1, 2, 30, 40]]
    assert len(dataset.images) == 2


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (cvat(head='<!DOCTYPE a [<!ENTITY x "y">]>'), "declare or use entities"),
        (cvat()[:-20], "are damaged"),
        (cvat({}), "lists no images"),
        (cvat({"gone.jpg": ""}), "None of the 1 images"),
    ],
)
def test_a_bad_cvat_file_is_refused(tmp_path: Path, text: str, cause: str) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "annotations.xml").write_text(text, "utf-8")
    with pytest.raises(InputError, match=cause):
        open_dataset(tmp_path)


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables(tmp_path: Path, form: str, encoding: str) -> None:
    write_sample_images(tmp_path)
    path = tmp_path / "_annotations.csv"
    path.write_text(TABLES[form], encoding)
    dataset = check(tmp_path, "csv")[0]
    assert dataset.warnings == ()


def test_a_table_among_others_is_of_the_images_that_it_names(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    text = TABLES["of TensorFlow"]
    (tmp_path / "val_labels.csv").write_text(text, "utf-8")
    (tmp_path / "train_labels.csv").write_text("\n".join(text.splitlines()[:2]), "utf-8")
    dataset = check(tmp_path, "csv", images=2)[0]
    assert sentences(dataset.warnings) == (
        f"val_labels.csv does not name 1 of the images in {tmp_path}; it is left out.",
    )


def test_a_table_of_something_else_does_no_harm(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "prices.csv").write_text("name,x,y,width,height\nchair,1,2,3,4\n")
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").write_text("")
    assert open_dataset(tmp_path).kind == "folder"


def test_rows_that_are_no_boxes_are_told(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    text = "filename,class,xmin,ymin,xmax,ymax\n"
    text += "a b.jpg,cat,1,2,3,4\na b.jpg,cat,1,2\na b.jpg,dog,1,two,3,4\nsub/c.jpg,cat,,,,\n"
    (tmp_path / "a.csv").write_text(text)
    truth = read_annotations(open_dataset(tmp_path))
    assert truth.boxes.tolist() == [[1, 2, 3, 4]]
    assert sentences(truth.problems) == (
        "Lines left out because columns are missing: 1 (first in a.csv, line 3).",
        "Boxes left out because they do not have four numbers: 1 (first in a.csv, a b.jpg).",
    )


TABLE = b"filename,class,xmin,ymin,xmax,ymax\na b.jpg,dog,10,20,40,80\n"


@pytest.mark.parametrize("last", [b"a b.jpg,c\0t,1,2,30,40\n", b"\0\0\0"])
def test_a_line_with_a_nul_is_left_out_and_counted(tmp_path: Path, last: bytes) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "a.csv").write_bytes(TABLE + last)
    dataset = open_dataset(tmp_path)
    truth = read_annotations(dataset)
    assert (dataset.kind, len(truth.boxes), truth.class_names) == ("csv", 1, ("dog",))
    assert sentences(truth.problems) == (
        "Lines left out because there is a NUL in them: 1 (first in a.csv, line 3).",
    )


def test_so_it_is_in_open_images(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    heading = "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax"
    (tmp_path / "a.csv").write_bytes(
        f"{heading}\na b,x,/m/1,1,.1,.4,.1,.4\na b,x,/m/\0,1,.1,.4,.1,.4\n".encode()
    )
    truth = read_annotations(open_dataset(tmp_path))
    assert len(truth.boxes) == 1
    assert sentences(truth.problems) == (
        "Lines left out because there is a NUL in them: 1 (first in a.csv, line 3).",
    )


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.xml", "deep/a.txt"])
def test_files_that_are_not_text_are_named(tmp_path: Path, name: str) -> None:
    write_sample_images(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"\0" + TABLE)
    said = f"1 text file is damaged, and not read ({name}): there are bytes in it that are not text"
    assert sentences(open_dataset(tmp_path).warnings)[0].startswith(said)


def test_beside_a_table_that_is_read_they_are_named_too(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    for number in range(2):
        (tmp_path / f"{number}.csv").write_bytes(b"file\0" + TABLE)
    (tmp_path / "a.csv").write_bytes(TABLE)
    said = sentences(open_dataset(tmp_path).warnings)
    assert said[0].startswith("2 text files are damaged, and not read (0.csv, 1.csv): there are")


def test_a_table_with_a_nul_in_every_line_says_so(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    (tmp_path / "a.csv").write_bytes(TABLE.replace(b"dog", b"d\0g"))
    with pytest.raises(InputError, match=r"a\.csv lists no images, since there is a NUL in its"):
        open_dataset(tmp_path)
