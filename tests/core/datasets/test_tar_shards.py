"""Tar shards: images and boxes read where they lie, and what is refused."""

from __future__ import annotations

import io
import json
import tarfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from core.datasets.checks import overlap
from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError
from core.images.decode import ImageError, read_image, read_reduced, read_size
from core.images.opening import index_of, is_there, status
from core.images.tar_index import TarRefusedError
from core.predict.parts import parts_of
from core.remarks.sentences import sentences
from tests.support.tar_shards import HEIGHT, WIDTH, image, write_shards, write_tar

CAT = {"bbox": [1, 2, 30.5, 20], "category": "cat"}
DOG = {"bbox": [40, 10, 20, 20], "category": "dog", "iscrowd": 1}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_images_are_listed_and_read_in_their_archives(tmp_path: Path) -> None:
    dataset = open_dataset(write_shards(tmp_path / "set", [[CAT], [CAT, DOG], [], None]))
    assert (dataset.name, dataset.kind, dataset.warnings) == ("set", "webdataset", ())
    assert dataset.images == (
        "shard-000000.tar/000000.jpg", "shard-000000.tar/000001.jpg",
        "shard-000001.tar/000002.jpg", "shard-000001.tar/000003.jpg",
    )  # fmt: skip
    (tmp_path / "one.jpg").write_bytes(image(1))
    assert (read_image(dataset.path(1)) == read_image(tmp_path / "one.jpg")).all()
    assert read_size(dataset.path(1)).size == (WIDTH, HEIGHT)
    assert read_reduced(dataset.path(1), 32).shape == (21, 32, 3)
    assert status(dataset.path(1))[0] == len(image(1))
    assert list(dataset.files()) == sorted((tmp_path / "set").glob("*.tar"))
    with pytest.raises(ImageError, match="cannot be read: No such file"):
        read_image(dataset.root / "shard-000000.tar" / "000009.jpg")


@pytest.mark.parametrize(
    "sidecar",
    [
        [CAT, DOG],
        {"annotations": [CAT, DOG], "width": WIDTH, "height": HEIGHT},
        {"objects": [CAT, DOG]},
        {"objects": {"bbox": [CAT["bbox"], DOG["bbox"]], "category": ["cat", "dog"]}},
        {
            "annotations": [
                {"bbox": CAT["bbox"], "category_id": 3},
                {"bbox": DOG["bbox"], "category_id": 7},
            ],
            "categories": [{"id": 3, "name": "cat"}, {"id": 7, "name": "dog"}],
        },
    ],
)
def test_boxes_stand_in_the_json_beside_an_image(tmp_path: Path, sidecar: Any) -> None:
    dataset = open_dataset(write_shards(tmp_path / "set", [sidecar, None, sidecar]))
    found = read_annotations(dataset)
    assert found.class_names == ("cat", "dog")
    assert found.offsets.tolist() == [0, 2, 2, 4]
    assert found.class_ids.tolist() == [0, 1, 0, 1]
    assert found.boxes[:2].tolist() == [[1, 2, 31.5, 22], [40, 10, 60, 30]]
    assert not found.problems
    again = read_annotations(replace(dataset, class_names=found.class_names))  # as it is stored
    assert again.class_ids.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("box", ['["nan", 1, 2, 3]', "[1, 2]", "[null, 1, 2, 3]", "[1, 2, -3, 4]"])
def test_a_bad_box_is_left_out_and_counted(tmp_path: Path, box: str) -> None:
    text = f'[{{"bbox": {box}, "category": "cat"}}, {{"bbox": [1, 2, 30, 20], "category": "cat"}}]'
    members = [("1.jpg", image(1)), ("1.json", text.encode())]
    write_tar(tmp_path / "set" / "a.tar", members)
    found = read_annotations(open_dataset(tmp_path / "set"))
    assert len(found.boxes) == 1
    assert len(found.problems) == 1


def test_numbers_of_classes_are_named_by_a_list_beside(tmp_path: Path) -> None:
    numbered = [{"bbox": CAT["bbox"], "category_id": 1}, {"bbox": DOG["bbox"], "category_id": 0}]
    folder = write_shards(tmp_path / "set", [numbered])
    assert read_annotations(open_dataset(folder)).class_names == ("class 0", "class 1")
    (folder / "labels.txt").write_text("dog\ncat\n")
    found = read_annotations(open_dataset(folder))
    assert (found.class_names, found.class_ids.tolist()) == (("dog", "cat"), [1, 0])


def test_classes_are_ordered_by_their_numbers_however_long(tmp_path: Path) -> None:
    numbers = ["9" * 5000, "10", "9"]
    numbered = [{"bbox": CAT["bbox"], "category_id": one} for one in numbers]
    found = read_annotations(open_dataset(write_shards(tmp_path / "set", [numbered])))
    assert found.class_names == ("class 9", "class 10", f"class {numbers[0]}")
    assert found.class_ids.tolist() == [2, 1, 0]


def test_a_sidecar_of_something_else_leaves_its_image_out(tmp_path: Path) -> None:
    dataset = open_dataset(write_shards(tmp_path / "set", [[CAT], {"caption": "a cat"}, [DOG]]))
    found = read_annotations(dataset)
    assert found.image_names == (dataset.images[0], dataset.images[2])
    assert found.crowd.tolist() == [False, True]
    (said,) = sentences(found.problems)
    assert said.endswith("lists no objects: 1 (first in shard-000000.tar/000001.jpg).")


def test_shards_without_boxes_are_images_alone(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    write_tar(
        folder / "a.tar", [("1.jpg", image(1)), ("1.json", b'{"caption": 1}'), ("1.cls", b"")]
    )
    dataset = open_dataset(folder)
    assert (dataset.annotated, len(dataset.images)) == (False, 1)
    (said,) = sentences(dataset.warnings)
    assert said.endswith("not read as annotations: .json, .cls.")
    with pytest.raises(InputError, match="has no annotations"):
        read_annotations(dataset)


def test_a_coco_file_beside_the_shards_names_their_images(tmp_path: Path) -> None:
    folder = write_shards(tmp_path / "set", [None, None, None])
    named = [{"id": n, "file_name": f"{n:06}.jpg"} for n in range(3)]
    boxes = [{"id": 1, "image_id": 2, "category_id": 1, "bbox": [1, 2, 30, 20]}]
    said = {"images": named, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]}
    (folder / "instances.json").write_text(json.dumps(said))
    dataset = open_dataset(folder)
    assert (dataset.kind, len(dataset.images)) == ("coco", 3)
    assert read_annotations(dataset).offsets.tolist() == [0, 0, 0, 1]


def test_the_split_is_told_by_the_names_of_the_shards_or_their_folders(tmp_path: Path) -> None:
    for folder in ("flat", "deep"):
        for split, seed in (("train", 0), ("val", 2)):
            place = tmp_path / folder / (split if folder == "deep" else "")
            write_tar(place / f"set-{split}-0.tar", [(f"{seed}.jpg", image(seed))])
        assert open_dataset(tmp_path / folder).name == f"{folder} (val)"
        assert open_dataset(tmp_path / folder).images[0].endswith("set-val-0.tar/2.jpg")
        assert open_dataset(tmp_path / folder, "calibration").name == f"{folder} (train)"


def test_one_image_of_a_sample_is_taken_and_the_others_are_counted(tmp_path: Path) -> None:
    names = ("a/1.seg.png", "a/1.jpg", "a/1.png", "a/2.png", ".hidden.jpg", "a/._1.jpg")
    write_tar(tmp_path / "set" / "a.tar", [(name, image(1)) for name in names])
    dataset = open_dataset(tmp_path / "set")
    assert dataset.images == ("a.tar/a/1.jpg", "a.tar/a/2.png")
    (said,) = sentences(dataset.warnings)
    assert said.endswith("are not used: 2 (first a/1.png).")


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_form_of_tar_and_long_names_are_read(tmp_path: Path, form: int) -> None:
    name = "/".join(["folder of a long name"] * 5 + ["ä" * 40 + ".jpg"])
    with tarfile.open(tmp_path / "a.tar", "w", format=form) as archive:
        archive.add(Path(__file__).parent, "folder of a long name", recursive=False)
        for one in (name, "2.jpg"):
            member = tarfile.TarInfo(one)
            member.size = len(image(1))
            archive.addfile(member, io.BytesIO(image(1)))
    assert list(index_of(tmp_path / "a.tar")) == ["2.jpg", name]
    assert is_there(tmp_path / "a.tar" / name)
    assert read_image(tmp_path / "a.tar" / name).shape == (HEIGHT, WIDTH, 3)


def test_where_members_lie_is_remembered_until_the_archive_changes(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = time.time_ns() + 10**11  # when it cannot have changed unseen
    monkeypatch.setattr("core.images.opening.time_ns", lambda: soon)
    shard = write_tar(tmp_path / "set" / "a.tar", [("1.jpg", image(1))])
    assert list(index_of(shard)) == ["1.jpg"]
    (stored,) = (cache / "detection-workbench" / "tars").iterdir()
    write_tar(shard, [("0.jpg", image(0)), ("1.jpg", image(1))])
    assert status(shard / "1.jpg")[0] == len(image(1))
    assert (read_image(shard / "0.jpg") != read_image(shard / "1.jpg")).any()
    stored.write_bytes(stored.read_bytes()[:-1])
    assert list(index_of(shard)) == ["0.jpg", "1.jpg"]


def _linked(kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo("a.jpg")
    member.type, member.linkname = kind, "/etc/passwd"
    return member


def _sparse() -> tarfile.TarInfo:
    member = tarfile.TarInfo("a.jpg")
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    return member


@pytest.mark.parametrize(
    ("member", "why"),
    [
        (_linked(tarfile.SYMTYPE), "links, devices"),
        (_linked(tarfile.LNKTYPE), "links, devices"),
        (_linked(tarfile.CHRTYPE), "links, devices"),
        (_linked(tarfile.FIFOTYPE), "links, devices"),
        (_sparse(), "sparse"),
        (tarfile.TarInfo("../a.jpg"), "leads out"),
        (tarfile.TarInfo("/a.jpg"), "absolute"),
        (tarfile.TarInfo("a\nERROR b.jpg"), "control characters"),
        (tarfile.TarInfo("x" * 300 + ".jpg"), "too long"),
        (tarfile.TarInfo("x" * 2**20 + ".jpg"), "headers is too large"),
    ],
)
def test_an_archive_with_what_is_no_plain_file_is_left_out(
    tmp_path: Path, member: tarfile.TarInfo, why: str
) -> None:
    folder = write_shards(tmp_path / "set", [None])
    with tarfile.open(folder / "evil.tar", "w") as archive:
        archive.addfile(member)
    dataset = open_dataset(folder)
    assert len(dataset.images) == 1
    (said,) = sentences(dataset.warnings)
    assert said.startswith("evil.tar is left out") and why in said and "\n" not in said


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: data[:700], "cut short"),
        (lambda data: data[:2048], "cut short"),
        (lambda data: data.replace(b"ustar", b"uster", 1), "no tar archive"),
        (lambda data: b"\x1f\x8b" + data, "no tar archive"),
        (lambda data: data[:512] + b"99999 path=a" + data[524:], "damaged"),
        (lambda data: b"", "There are no images"),
    ],
)
def test_a_damaged_archive_is_left_out_as_a_whole(tmp_path: Path, change: Any, why: str) -> None:
    shard = write_tar(tmp_path / "set" / "a.tar", [("1.jpg", image(1)), ("2.jpg", image(2))])
    shard.write_bytes(change(shard.read_bytes()))
    with pytest.raises(InputError) as refused:
        open_dataset(tmp_path / "set")
    assert why in str(refused.value)


def test_every_changed_byte_of_a_header_is_read_or_refused(tmp_path: Path) -> None:
    shard = write_tar(tmp_path / "a.tar", [("1.jpg", b"x"), ("1.json", b"y")])
    whole = shard.read_bytes()
    random = np.random.default_rng(5)
    refused = 0
    for number in range(400):
        data = bytearray(whole)
        data[int(random.integers(0, 3072))] = int(random.integers(0, 256))
        shard = tmp_path / f"{number}.tar"
        shard.write_bytes(data)
        try:
            assert len(index_of(shard)) <= 2
        except TarRefusedError:
            refused += 1
        shard.unlink()
    assert refused > 50


def test_parts_and_overlaps_are_told_by_the_bytes_of_members(tmp_path: Path) -> None:
    first = open_dataset(write_shards(tmp_path / "a", [None] * 4))
    second = open_dataset(write_shards(tmp_path / "b", [None] * 3, per_shard=3))
    for number in range(3):
        (tmp_path / f"{number:06}.jpg").write_bytes(image(number))
    assert len(overlap(first, second).images) == 3
    again = open_dataset(write_shards(tmp_path / "c", [None] * 3, per_shard=3))
    (part,), (same,) = (parts_of(one, None, lambda done: None) for one in (second, again))
    assert part.content == same.content
