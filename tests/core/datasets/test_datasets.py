import os
import shutil
import sys
from pathlib import Path

import pytest

from core.datasets.dataset import Dataset
from core.datasets.open import open_dataset
from core.errors import InputError
from core.images.listing import list_images
from core.remarks.sentences import sentences
from tests.support.images import write_image, write_images


def yolo(
    root: Path, data: str = "names: [cat, dog]\ntrain: images/train\nval: images/val\n"
) -> Path:
    for split, count in (("train", 3), ("val", 2)):
        write_images(root / "images" / split, count)
        labels = root / "labels" / split
        labels.mkdir(parents=True)
        (labels / "image 000.txt").write_text("0 .5 .5 .2 .2\n")
    (root / "data.yaml").write_text(data, "utf-8")
    return root


def test_a_folder_is_read_with_its_folders_in_a_fixed_order(tmp_path: Path) -> None:
    for name in ("b/1.jpg", "a dir/1.jpg", "1.PNG", "ünï 猫.bmp", ".hidden.jpg", ".git/x.jpg"):
        write_image(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    dataset = open_dataset(tmp_path)
    assert dataset.images == ("1.PNG", "ünï 猫.bmp", "a dir/1.jpg", "b/1.jpg")
    assert (dataset.kind, dataset.annotated, dataset.name) == ("folder", False, tmp_path.name)
    assert dataset.path(2) == tmp_path / "a dir" / "1.jpg"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    write_image(tmp_path / "1.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert open_dataset(tmp_path).images == ("1.jpg",)


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There are no images in"):
        open_dataset(tmp_path)
    with pytest.raises(InputError, match="There is no folder"):
        open_dataset(tmp_path / "gone")
    with pytest.raises(InputError, match="is one image"):
        open_dataset(write_image(tmp_path / "1.jpg"))


@pytest.mark.parametrize(("role", "split", "count"), [("validation", "val", 2),
                                                      ("calibration", "train", 3)])  # fmt: skip
def test_the_split_that_fits_is_taken(tmp_path: Path, role: str, split: str, count: int) -> None:
    dataset = open_dataset(yolo(tmp_path / "set"), role)
    assert dataset.root == tmp_path / "set" / "images" / split
    assert len(dataset.images) == count
    assert (dataset.kind, dataset.class_names) == ("yolo", ("cat", "dog"))
    assert dataset.annotated
    assert dataset.name == f"set ({split})"
    assert dataset.annotations == (tmp_path / "set" / "labels" / split,)


def test_the_folder_of_one_split_knows_its_labels_and_names(tmp_path: Path) -> None:
    dataset = open_dataset(yolo(tmp_path) / "images" / "train")
    assert (dataset.kind, dataset.class_names, len(dataset.images)) == ("yolo", ("cat", "dog"), 3)


def test_labels_beside_the_images_without_a_data_file(tmp_path: Path) -> None:
    root = yolo(tmp_path)
    (root / "data.yaml").unlink()
    dataset = open_dataset(root / "images" / "val")
    assert (dataset.kind, dataset.class_names, dataset.annotated) == ("yolo", (), True)
    assert len(open_dataset(root).images) == 2, "the split that fits is found by its name"
    assert len(open_dataset(root, "calibration").images) == 3


def test_names_given_by_number_may_have_gaps(tmp_path: Path) -> None:
    data = "names: {0: cat, 2: dog, x: bird, -1: fish}\nval: images/val\n"
    assert open_dataset(yolo(tmp_path, data)).class_names == ("cat", "class 1", "dog")


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("names: [a\nval: {", "is not valid YAML"),
        ("[" * 3000, "is not valid YAML"),
        ("just a line", "does not describe a dataset"),
        ("", "does not describe a dataset"),
        ("val: images/nowhere\n", "lists no existing folder of images"),
        ("val: [1, 2]\npath: [3]\n", "lists no existing folder of images"),
        ("val: 'images\0val'\n", "is damaged: it is not a text file"),
    ],
)
def test_a_bad_data_file_is_refused_with_a_way_out(tmp_path: Path, data: str, cause: str) -> None:
    root = yolo(tmp_path, data)
    with pytest.raises(InputError, match=cause) as refused:
        open_dataset(root)
    assert "data.yaml" in refused.value.what
    assert len(open_dataset(root / "images" / "val").images) == 2, "the way out must be open"


@pytest.mark.parametrize("key", ["names", "path", "val", "<<"])
def test_an_alias_bomb_does_not_go_off(tmp_path: Path, key: str) -> None:
    first, more = ("{x: y}", "{{<<: [{}]}}") if key == "<<" else ("[x, x, x]", "[{}]")
    lines = [f"a0: &a0 {first}"]
    for n in range(9):
        lines.append(f"a{n + 1}: &a{n + 1} {more.format(', '.join([f'*a{n}'] * 9))}")
    root = yolo(tmp_path, "\n".join([*lines, f"{key}: *a9", ""]))
    with pytest.raises(InputError, match=r"data\.yaml"):
        open_dataset(root)


def test_the_seed_alone_decides_the_subset(tmp_path: Path) -> None:
    dataset = Dataset(
        name="", root=tmp_path, kind="folder", images=tuple(f"{n}.jpg" for n in range(50))
    )
    assert dataset.subset(10, 7).tolist() == dataset.subset(10, 7).tolist()
    assert dataset.subset(10, 7).tolist() != dataset.subset(10, 8).tolist()
    assert len(set(dataset.subset(10, 7).tolist())) == 10
    assert sorted(dataset.subset(500, 7).tolist()) == list(range(50))
    assert dataset.subset(20, 7)[:10].tolist() == dataset.subset(10, 7).tolist()


def test_the_listing_streams_and_makes_nothing_of_what_it_passes_over(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for number in range(3):
            (tmp_path / folder / f"{number}.jpg").touch()
            (tmp_path / folder / f"{number}.txt").touch()
    names = list_images(tmp_path)
    assert next(names) == "a/0.jpg"
    shutil.rmtree(tmp_path / "b")
    refused: list[str] = []
    assert list(names) == ["a/1.jpg", "a/2.jpg"], "b is looked at only when it comes to it"
    assert list(list_images(tmp_path / "b", lambda name, error: refused.append(name))) == []
    assert refused == ["."]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_told_of(tmp_path: Path) -> None:
    write_image(tmp_path / "a" / "1.jpg")
    write_image(tmp_path / "b" / "1.jpg")
    (tmp_path / "b").chmod(0)
    try:
        dataset = open_dataset(tmp_path)
    finally:
        (tmp_path / "b").chmod(0o700)
    assert dataset.images == ("a/1.jpg",)
    assert sentences(dataset.warnings) == ("The folder b/ cannot be read: Permission denied.",)


def test_many_images_are_listed_without_opening_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    for number in range(1100):
        (tmp_path / "images" / f"{number}.jpg").touch()
        (tmp_path / "labels" / f"{number}.txt").touch()
    asked: list[object] = []
    stat = os.stat

    def counted(path: str, **more: bool) -> os.stat_result:
        asked.append(path)
        return stat(path, **more)

    monkeypatch.setattr(os, "stat", counted)
    counts: list[int] = []
    dataset = open_dataset(tmp_path, found=counts.append)
    assert (dataset.kind, len(dataset.images)) == ("yolo", 1100)
    assert counts == [1000]
    assert len(asked) < 100
