"""YOLO datasets as people have them: other folders, names, separators, encodings."""

import unicodedata
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from core.datasets.annotations import Annotations
from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError
from core.remarks.sentences import sentences
from tests.support.datasets import NAMES, TRUTH, write_sample_images, write_yolo

Form = Literal["NFC", "NFD"]
BOXES = 3  # that the support writes


def found(folder: Path, role: str = "validation") -> tuple[Dataset, Annotations]:
    dataset = open_dataset(folder, role)
    return dataset, read_annotations(dataset)


def trees(folder: Path, data: str = "") -> Path:
    """``images/val`` and ``labels/val``, and perhaps a ``data.yaml``."""
    write_yolo(folder / "images" / "val", folder / "labels" / "val")
    if data:
        (folder / "data.yaml").write_text(data, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("Train/Images", "Train/Labels"),
        ("data", "txt"),
        ("pictures/val", "annotations/yolo/val"),
        ("obj_train_data", "obj_train_data"),
        ("Images", "Labels"),
    ],
)
def test_folders_of_any_name_whose_files_have_the_same_names(
    tmp_path: Path, images: str, labels: str
) -> None:
    write_yolo(tmp_path / images, tmp_path / labels)
    (tmp_path / "classes.txt").write_text("\n".join(NAMES))
    dataset, truth = found(tmp_path)
    assert (dataset.kind, dataset.class_names, len(truth.boxes)) == ("yolo", NAMES, BOXES)


@pytest.mark.parametrize(
    "names",
    [
        "names: {'0': cat, '1': dog}",
        "names: {0: cat, 1: dog}",
        "names: [cat, dog]",
        "names: mine.names",
        "names: /home/alice/set/mine.names",
    ],
)
def test_names_in_every_form(tmp_path: Path, names: str) -> None:
    root = trees(tmp_path, f"val: images/val\n{names}\n")
    (root / "mine.names").write_text("cat\ndog\n")
    assert found(root)[0].class_names == NAMES
    (root / "data.yaml").rename(root / "animals of mine.yaml")
    assert found(root)[0].class_names == NAMES, "whatever the file is called"


def test_names_are_the_text_that_they_are(tmp_path: Path) -> None:
    root = trees(tmp_path, "val: images/val\nnames: [yes, no, on, off, null, 1.5, 007]\n")
    assert found(root)[0].class_names == ("yes", "no", "on", "off", "null", "1.5", "007")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_a_description_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    root = trees(tmp_path)
    (root / "data.yaml").write_text("val: images/val\nnames: [小猫, 狗]\n", encoding)
    assert found(root)[0].class_names == ("小猫", "狗")


def test_darknet_describes_a_dataset_in_its_own_way(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_yolo(data / "obj", data / "obj")
    (data / "obj.names").write_text("cat\ndog\n")
    (data / "train.txt").write_text("".join(f"data/obj/{name}\n" for name in TRUTH))
    (data / "test.txt").write_text("data/obj/a b.jpg\n", "utf-8")
    (data / "obj.data").write_text(
        "classes=2\ntrain = data/train.txt\nvalid = data/test.txt\nnames = data/obj.names\n"
    )
    dataset, truth = found(tmp_path)
    assert (dataset.class_names, dataset.images) == (NAMES, ("data/obj/a b.jpg",))
    assert len(truth.boxes) == 2
    assert len(found(tmp_path, "calibration")[0].images) == 3


def test_classes_without_names_are_told(tmp_path: Path) -> None:
    dataset, truth = found(trees(tmp_path))
    assert truth.class_names == ("class 0", "class 1")
    assert "The names of its classes are not known" in sentences(dataset.warnings)[0]
    assert "classes.txt" in sentences(dataset.warnings)[0]


@pytest.mark.parametrize(
    "line",
    [
        ".\\images\\val\\{}",
        "images/val/{}",
        "./images/val/{}",
        "C:\\Users\\bob\\set\\images\\val\\{}",
        "/home/alice/set/images/val/{}",
        "/kaggle/input/x/IMAGES/VAL/{}",
    ],
)
def test_a_list_of_images_of_another_machine(tmp_path: Path, line: str) -> None:
    root = trees(tmp_path, "val: val.txt\nnames: [cat, dog]\n")
    lines = [line.format(name) for name in TRUTH]
    (root / "val.txt").write_text("\r\n".join(lines + lines[:1]), "utf-8-sig")
    dataset, truth = found(root)
    assert sorted(dataset.images) == sorted(f"images/val/{name}" for name in TRUTH)
    assert dataset.warnings == (), "one that is named twice is not missing"
    assert len(truth.boxes) == BOXES


def test_a_list_names_images_beside_itself(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_yolo(tmp_path / split, tmp_path / split)
    (tmp_path / "val" / "list.txt").write_text("a b.jpg\n./sub/c.jpg\n")
    (tmp_path / "data.yaml").write_text("val: val/list.txt\nnames: [cat, dog]\n")
    dataset, truth = found(tmp_path)
    assert dataset.images == ("val/a b.jpg", "val/sub/c.jpg")
    assert len(truth.boxes) == BOXES


@pytest.mark.parametrize("entry", ["Images/VAL", "images\\val", "./images/val/"])
def test_folders_written_otherwise(tmp_path: Path, entry: str) -> None:
    dataset, truth = found(trees(tmp_path, f"val: '{entry}'\nnames: 'cat, dog'\n"))
    assert (dataset.root, dataset.class_names) == (tmp_path / "images" / "val", NAMES)
    assert len(truth.boxes) == BOXES


def test_a_list_of_other_images_is_refused_by_its_name(tmp_path: Path) -> None:
    root = trees(tmp_path, "val: val.txt\nnames: [cat, dog]\n")
    (root / "val.txt").write_text("other/x.jpg\n")
    with pytest.raises(InputError, match=r"None of the images that val\.txt names is below"):
        open_dataset(root)


@pytest.mark.parametrize("entry", ["/kaggle/input/x/images/val", "C:\\set\\images\\val"])
def test_folders_of_another_machine(tmp_path: Path, entry: str) -> None:
    root = trees(tmp_path, f"path: /home/alice/set\nval: {entry}\nnames: [cat, dog]\n")
    dataset, truth = found(root)
    assert (dataset.root, dataset.warnings) == (root / "images" / "val", ())
    assert len(truth.boxes) == BOXES


def test_a_split_that_is_not_there_is_not_replaced_in_silence(tmp_path: Path) -> None:
    root = tmp_path / "set"
    write_yolo(root / "images" / "train", root / "labels" / "train")
    data = "train: images/train\nval: images/val\nnames: [cat, dog]\n"
    (root / "data.yaml").write_text(data)
    dataset, _ = found(root)
    assert dataset.name == "set (train)"
    assert sentences(dataset.warnings) == (
        "In data.yaml val is images/val, which does not exist: train is used.",
    )


def test_a_split_without_labels_gives_way_with_a_word(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images" / "train", tmp_path / "labels" / "train")
    write_sample_images(tmp_path / "images" / "val")
    dataset, truth = found(tmp_path)
    assert dataset.root == tmp_path / "images" / "train"
    assert len(truth.boxes) == BOXES
    assert sentences(dataset.warnings)[-1] == "There are no labels for val."


def test_several_folders_of_one_split(tmp_path: Path) -> None:
    for part in ("north", "south"):
        write_yolo(tmp_path / part / "images", tmp_path / part / "labels")
    data = "val: [north/images, south/images]\nnames: [cat, dog]\n"
    (tmp_path / "data.yaml").write_text(data)
    dataset, truth = found(tmp_path)
    assert (len(dataset.images), len(truth.boxes)) == (6, 2 * BOXES)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_label_files_with_a_mark_lose_no_box(tmp_path: Path, encoding: str) -> None:
    root = trees(tmp_path, "val: images/val\nnames: [cat, dog]\n")
    for file in (root / "labels").rglob("*.txt"):
        file.write_text(file.read_text("utf-8"), encoding)
    truth = found(root)[1]
    assert (len(truth.boxes), truth.problems) == (BOXES, ())


@pytest.mark.parametrize(("image", "label"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_letters_that_are_composed_otherwise(tmp_path: Path, image: Form, label: Form) -> None:
    root = trees(tmp_path, "val: images/val\nnames: [cat, dog]\n")
    forms: dict[str, Form] = {"images": image, "labels": label}
    for folder, form in forms.items():
        old = next((root / folder / "val").glob("a b.*"))
        name = unicodedata.normalize(form, f"é ü{old.suffix.upper()}")
        old.rename(old.with_name(name))
    truth = found(root)[1]
    assert len(truth.boxes) == BOXES


def test_key_points_are_no_outlines(tmp_path: Path) -> None:
    root = trees(tmp_path, "val: images/val\nnames: [cat, dog]\nkpt_shape: [6, 2]\n")
    plain = found(root)[1]
    for file in (root / "labels").rglob("*.txt"):
        rows = [line.split() for line in file.read_text().splitlines()]
        points = " ".join(f"0.{number}" for number in range(30, 42))
        file.write_text("".join(f"{' '.join(row)} {points}\n" for row in rows))
    posed = found(root)[1]
    assert np.array_equal(posed.boxes, plain.boxes)
    assert sentences(posed.problems)[0].startswith(
        "Rows with key points, of which the boxes are used: 3"
    )


def test_text_beside_images_that_is_no_label_is_not_taken_for_one(tmp_path: Path) -> None:
    write_sample_images(tmp_path)
    for name in TRUTH:
        (tmp_path / name).with_suffix(".txt").write_text("a photo of a cat on a mat\n")
    assert open_dataset(tmp_path).kind == "folder"


def test_names_that_do_not_fit_what_is_told_of_them(tmp_path: Path) -> None:
    write_yolo(tmp_path / "images" / "val", tmp_path / "labels" / "val")
    said = "val: images/val\nnc: {}\nnames: {}\n"
    (tmp_path / "data.yaml").write_text(said.format(9, "[a, b, c]"))
    assert "data.yaml states 9 classes, and has 3 names." in sentences(
        open_dataset(tmp_path).warnings
    )
    (tmp_path / "data.yaml").write_text(said.format(3, "own.names"))
    said = "data.yaml takes the names of its classes from own.names, which does not exist."
    assert said in sentences(open_dataset(tmp_path).warnings)
    (tmp_path / "own.names").write_text("a\nb\nc\n")
    dataset = open_dataset(tmp_path)
    assert (dataset.class_names, dataset.warnings) == (("a", "b", "c"), ())


def test_numbers_of_thousands_of_digits_are_passed_over(tmp_path: Path) -> None:
    """They ended the reading: Python converts no text that is so long."""
    write_yolo(tmp_path / "images" / "val", tmp_path / "labels" / "val")
    many = "9" * 5000
    said = f"val: images/val\nnc: '{many}'\nnames: [a, b, c]\n"
    (tmp_path / "data.yaml").write_text(f"{said}kpt_shape: ['{many}', '3']\n")
    dataset = open_dataset(tmp_path)
    assert (dataset.class_names, dataset.warnings) == (("a", "b", "c"), ())
    assert len(read_annotations(dataset).boxes)


def test_a_folder_with_images_and_labels_has_its_own_name(tmp_path: Path) -> None:
    folder = tmp_path / "cars"
    write_yolo(folder, folder)
    (folder / "classes.txt").write_text("a\nb\nc\n")
    assert open_dataset(folder).name == "cars"


def test_a_heading_above_the_labels_is_told_of(tmp_path: Path) -> None:
    folder = trees(tmp_path, "names: [cat, dog]\nval: images/val\n")
    for file in (folder / "labels").rglob("*.txt"):
        file.write_text(f"# class x y w h\n{file.read_text()}")
    _, truth = found(folder)
    assert len(truth.boxes) == BOXES
    assert sentences(truth.problems)[0].startswith("Lines left out because they are not labels: ")


def test_a_folder_beside_the_dataset_is_used_only_where_it_is_named(tmp_path: Path) -> None:
    """``images/photos`` of the exporter's machine is not the user's ``../photos``."""
    write_yolo(tmp_path / "photos", tmp_path / "photos")
    (tmp_path / "all.names").write_text("x\ny\n")
    root = tmp_path / "set"
    write_sample_images(root / "other")
    for entry in ("val: images/photos", "val: photos", "path: /home/alice/set\nval: photos"):
        (root / "data.yaml").write_text(f"{entry}\nnames: all.names\n")
        with pytest.raises(InputError, match="lists no existing folder of images: val is"):
            open_dataset(root)
    for entry in ("val: ../photos", "path: ..\nval: photos", "path: ../photos\nval: ."):
        (root / "data.yaml").write_text(f"{entry}\nnames: ../all.names\n")
        dataset, truth = found(root)
        assert (dataset.root.resolve(), dataset.class_names) == (tmp_path / "photos", ("x", "y"))
        assert len(truth.boxes) == BOXES


def test_a_list_of_names_beside_the_dataset_is_not_taken_in_silence(tmp_path: Path) -> None:
    (tmp_path / "all.names").write_text("x\ny\n")
    dataset, _ = found(trees(tmp_path / "set", "val: images/val\nnames: all.names\n"))
    said = "data.yaml takes the names of its classes from all.names, which does not exist."
    assert said in sentences(dataset.warnings)
