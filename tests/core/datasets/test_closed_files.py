"""Files that cannot be read: pipes, and those that others keep to themselves; named, every one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.datasets import one_file, passed_over
from core.datasets.open import open_dataset
from core.errors import InputError
from core.images.opening import start_of
from core.remarks.sentences import sentences
from tests.support.datasets import voc_xml, write_coco
from tests.support.images import write_images

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")


@pipes
def test_a_pipe_for_a_description_is_refused(tmp_path: Path) -> None:
    write_images(tmp_path, 2)
    os.mkfifo(tmp_path / "data.yaml")
    with pytest.raises(InputError, match=r"data\.yaml is not a regular file"):
        open_dataset(tmp_path)


@pipes
@pytest.mark.parametrize(
    "name", ["annotations/instances_val.json", "boxes.csv", "xml/a.xml", "labels/a.txt"]
)
def test_a_pipe_for_annotations_is_named(tmp_path: Path, name: str) -> None:
    write_images(tmp_path / "images", 2)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    os.mkfifo(tmp_path / name)
    said = sentences(open_dataset(tmp_path).warnings)
    assert f"1 file cannot be read ({name}): not a regular file." in said


@pipes
def test_a_pipe_among_images_and_names_is_named(tmp_path: Path) -> None:
    write_images(tmp_path / "images", 2)
    os.mkfifo(tmp_path / "images" / "z.jpg")
    said = sentences(open_dataset(tmp_path).warnings)
    assert "1 image cannot be read (images/z.jpg): not a regular file." in said
    (tmp_path / "labels").mkdir()
    for file in (tmp_path / "images").glob("*.jpg"):
        (tmp_path / "labels" / f"{file.stem}.txt").write_text("0 .5 .5 .1 .1\n")
    os.mkfifo(tmp_path / "classes.txt")
    (answer,) = (s for s in sentences(open_dataset(tmp_path).warnings) if "classes.txt is" in s)
    assert answer.startswith("classes.txt is not used for the names of the classes: ")
    assert answer.endswith("classes.txt is not a regular file.")


def test_images_without_permission_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_images(tmp_path, 3)
    closed = sorted(tmp_path.iterdir())[1]

    def refused(path: Path | str) -> str:
        return "Permission denied" if str(path) == str(closed) else ""

    def start(path: Path | str, size: int) -> bytes:
        return b"" if str(path) == str(closed) else start_of(path, size)

    monkeypatch.setattr(passed_over, "why_not", refused)  # root may read everything
    monkeypatch.setattr(passed_over, "start_of", start)
    said = sentences(open_dataset(tmp_path).warnings)
    assert said == (f"1 image cannot be read ({closed.name}): Permission denied.",)


def test_a_folder_of_archives_says_to_unpack_them(tmp_path: Path) -> None:
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    with pytest.raises(InputError, match=r"no images in .*a\.7z.* Unpack it"):
        open_dataset(tmp_path)


def test_names_that_are_no_texts(tmp_path: Path) -> None:
    write_images(tmp_path / "images", 2)
    (tmp_path / "labels").mkdir()
    for file in (tmp_path / "images").glob("*.jpg"):
        (tmp_path / "labels" / f"{file.stem}.txt").write_text("0 .5 .5 .1 .1\n")
    (tmp_path / "data.yaml").write_text("train: images\nval: images\nnames: [[cat], [dog]]\n")
    said = " ".join(sentences(open_dataset(tmp_path).warnings))
    assert "data.yaml has names of classes that are not texts" in said
    assert "Put a classes.txt" not in said


def test_a_file_refused_for_its_entities_gives_no_class(tmp_path: Path) -> None:
    write_images(tmp_path, 2)
    good, bad = (tmp_path / f"image 00{number}.xml" for number in (0, 1))
    good.write_text(voc_xml([("cat", 1, 2, 30, 40)]))
    refused = voc_xml([("&m;", 1, 2, 30, 40), ("skis", 1, 2, 30, 40)])
    bad.write_text(f'<!DOCTYPE annotation [<!ENTITY m "dog">]>{refused}')
    assert open_dataset(tmp_path).class_names == ("cat",)
    bad.write_text(voc_xml([("salt &amp; pepper", 1, 2, 30, 40)]))
    assert open_dataset(tmp_path).class_names == ("cat", "salt & pepper")


def test_a_candidate_that_cannot_be_read_is_named_beside_the_one_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_coco(tmp_path)
    other = tmp_path / "annotations" / "instances_zzz.json"
    other.write_text("{}")
    monkeypatch.setattr(
        one_file, "why_not", lambda path: "Permission denied" if path == other else ""
    )
    dataset = open_dataset(tmp_path)
    assert dataset.kind == "coco"
    assert (
        "1 file cannot be read (annotations/instances_zzz.json): Permission denied."
        in sentences(dataset.warnings)
    )
