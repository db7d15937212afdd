"""Pascal VOC as people have it: other folders, splits without annotations, names with endings."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.remarks.sentences import sentences
from tests.support.datasets import TRUTH, voc_xml, write_sample_images, write_voc
from tests.support.images import write_image

BOXES = 3


def annotated(folder: Path, count: int = BOXES) -> Dataset:
    dataset = open_dataset(folder)
    assert dataset.kind == "voc"
    assert len(read_annotations(dataset).boxes) == count
    return dataset


@pytest.mark.parametrize(
    ("images", "labels"),
    [("data", "labels"), ("img", "xml"), ("Train/Photos", "Train/Marks"), ("all/img", "all/ann")],
)
def test_folders_of_any_name(tmp_path: Path, images: str, labels: str) -> None:
    write_voc(tmp_path / "voc")
    root = tmp_path / "set"
    for old, new in (("JPEGImages", images), ("Annotations", labels)):
        (root / new).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "voc" / old).rename(root / new)
    assert annotated(root).class_names == ("cat", "dog")


def test_a_split_without_annotations_gives_way_with_a_word(tmp_path: Path) -> None:
    stems = [name.rpartition(".")[0] for name in TRUTH]
    root = write_voc(tmp_path / "voc", {"test": ["later"], "val": ["lost"], "train": stems})
    write_image(root / "JPEGImages" / "later.jpg")
    write_image(root / "SegmentationClass" / "a b.png")
    dataset = annotated(root)
    assert (dataset.name, len(dataset.images)) == ("voc (train)", 3)
    assert sentences(dataset.warnings)[0] == (
        "There is no image of the split val and no annotation file for the images of "
        "the split test: train is used."
    )


@pytest.mark.parametrize("form", ["a b.jpg", "A B.JPG", "JPEGImages/a b.jpg", "a b", "a b 1"])
def test_names_of_a_split_with_endings_and_folders(tmp_path: Path, form: str) -> None:
    dataset = annotated(write_voc(tmp_path / "voc", {"val": [form]}), 2)
    assert dataset.images == ("a b.jpg",)
    assert dataset.warnings == ()


def test_letters_that_are_composed_otherwise(tmp_path: Path) -> None:
    write_sample_images(tmp_path / "JPEGImages", {unicodedata.normalize("NFD", "é.jpg"): []})
    annotations = tmp_path / "Annotations"
    annotations.mkdir()
    name = unicodedata.normalize("NFC", "é.xml")
    (annotations / name).write_text(voc_xml([("dog", 10, 20, 30, 60)]))
    annotated(tmp_path, 1)


def test_splits_without_a_folder_of_their_own(tmp_path: Path) -> None:
    root = write_voc(tmp_path / "voc", {"val": ["a b"]})
    (root / "ImageSets" / "Main" / "val.txt").rename(root / "ImageSets" / "val.txt")
    assert annotated(root, 2).images == ("a b.jpg",)


def test_a_folder_for_each_split_with_folders_of_any_name_inside(tmp_path: Path) -> None:
    for split in ("train", "test"):
        write_voc(tmp_path / "set" / split)
    dataset = annotated(tmp_path / "set")
    assert dataset.root == tmp_path / "set" / "test" / "JPEGImages"


@pytest.mark.parametrize("root", ["Annotation", "annotations", "doc"])
def test_whatever_a_program_calls_the_root(tmp_path: Path, root: str) -> None:
    write_voc(tmp_path)
    for path in (tmp_path / "Annotations").rglob("*.xml"):
        path.write_text(path.read_text("utf-8").replace("annotation>", f"{root}>"))
    annotated(tmp_path)


def test_corners_the_wrong_way_round_are_read_in_their_order(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc")
    for text in (folder / "Annotations").rglob("*.xml"):
        marked = text.read_text("utf-8").replace("xmin", "x").replace("xmax", "xmin")
        text.write_text(marked.replace("<x>", "<xmax>").replace("</x>", "</xmax>"), "utf-8")
    right = read_annotations(open_dataset(write_voc(tmp_path / "right")))
    truth = read_annotations(open_dataset(folder))
    assert sentences(truth.problems) == (
        "Boxes whose corners are stated the wrong way round, read in their order: 3 (first in "
        "a b.xml).",
    )
    assert len(truth.boxes) == len(right.boxes)
    assert (truth.boxes[:, 2] > truth.boxes[:, 0]).all()


def test_a_decimal_comma_is_one(tmp_path: Path) -> None:
    folder = write_voc(tmp_path / "voc")
    for text in (folder / "Annotations").rglob("*.xml"):
        text.write_text(text.read_text("utf-8").replace("</xmin>", ",5</xmin>"), "utf-8")
    right = read_annotations(open_dataset(write_voc(tmp_path / "right")))
    assert (read_annotations(open_dataset(folder)).boxes - right.boxes)[:, 0].tolist() == [0.5] * 3


@pytest.mark.parametrize("written", [str.upper, str.title, "voc:{}".format])
def test_tags_in_other_letters_or_with_a_prefix(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    root = write_voc(tmp_path / "voc")
    for path in (root / "Annotations").rglob("*.xml"):
        text = re.sub(r"(</?)(\w+)", lambda tag: tag[1] + written(tag[2]), path.read_text("utf-8"))
        path.write_text(text, "utf-8")
    assert annotated(root).class_names == ("cat", "dog")


@pytest.mark.parametrize(
    ("start", "end"),
    [("<things><object>", "</object></things>"), ("<item>", "</item>")],
)
def test_files_whose_objects_are_not_found_are_counted(
    tmp_path: Path, start: str, end: str
) -> None:
    root = write_voc(tmp_path / "voc")
    files = {path: path.read_text("utf-8") for path in (root / "Annotations").rglob("*.xml")}
    changed = [path for path, text in files.items() if "<object>" in text]
    for path in changed:
        text = files[path].replace("<object>", start).replace("</object>", end)
        path.write_text(text, "utf-8")
    said = sentences(read_annotations(open_dataset(root)).problems)
    assert said[0].startswith(
        f"Annotation files in which no object could be read: {len(changed)} (first in "
    )
