"""Files of every format, damaged at random: read, or refused with a cause, and never for long."""

import json
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.datasets.open import open_dataset
from core.datasets.registry import read_annotations
from core.errors import InputError
from tests.core.datasets.test_other_formats import TABLES, createml, cvat
from tests.support.datasets import (
    write_coco,
    write_open_images,
    write_sample_images,
    write_voc,
    write_yolo,
)

SECONDS = 5.0
_INSERTED = [
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"9" * 400, b"-1", b"1e308", b"nan", b"Infinity", b"null",
    b"[" * 50, b"{", b"]", b'"', b"<", b">", b"&a;", b"\n", b"\r", b",", b";", b":", b"../../../",
    b"\\", b"%00", b"\xed\xa0\x80", b" " * 300, "猫".encode(), b"true", b"[]", b"{}",
]  # fmt: skip


def yolo(folder: Path) -> None:
    write_yolo(folder / "images" / "val", folder / "labels" / "val")
    (folder / "data.yaml").write_text("val: images/val\nnames: {0: cat, 1: dog}\nkpt_shape: [2, 3]")


def darknet(folder: Path) -> None:
    write_yolo(folder / "data" / "obj", folder / "data" / "obj")
    (folder / "data" / "obj.names").write_text("cat\ndog\n")
    (folder / "data" / "obj.data").write_text("valid = data/v.txt\nnames = data/obj.names\n")
    (folder / "data" / "v.txt").write_text("data/obj/a b.jpg\ndata\\obj\\sub\\c.jpg\n")


def paired(folder: Path) -> None:
    write_yolo(folder / "pictures", folder / "marks")
    (folder / "label_map.pbtxt").write_text("item { id: 1 name: 'cat' } item { id: 2 name: 'dog' }")


def splits_of_voc(folder: Path) -> None:
    write_voc(folder, {"val": ["a b 1", "sub/c"], "test": ["ünï 猫"]})


def in_createml(folder: Path) -> None:
    write_sample_images(folder)
    (folder / "_annotations.createml.json").write_text(json.dumps(createml()))


def in_cvat(folder: Path) -> None:
    write_sample_images(folder)
    (folder / "annotations.xml").write_text(cvat(), "utf-8")


def in_a_table(folder: Path) -> None:
    write_sample_images(folder)
    (folder / "a.csv").write_text(TABLES["of Kaggle"], "utf-8")


LAYOUTS: dict[str, Callable[[Path], object]] = {
    "yolo": yolo, "darknet": darknet, "paired": paired, "coco": write_coco,
    "voc": splits_of_voc, "open images": write_open_images, "createml": in_createml,
    "cvat": in_cvat, "table": in_a_table,
}  # fmt: skip


def damaged(data: bytes, drawn: random.Random) -> bytes:
    """The bytes with a part of them gone, changed, doubled, or something else put in."""
    for _ in range(drawn.randint(1, 4)):
        start = drawn.randrange(len(data) + 1)
        end = min(len(data), start + drawn.choice((0, 1, 3, 20, 200)))
        put = drawn.choice(_INSERTED) if drawn.random() < 0.7 else data[start:end] * 2
        data = data[:start] + put + data[end:]
        if drawn.random() < 0.1:
            data = data[: drawn.randrange(len(data) + 1)]
    return data


@pytest.mark.parametrize("layout", LAYOUTS)
def test_damage_of_every_kind_is_read_or_refused(tmp_path: Path, layout: str) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    LAYOUTS[layout](whole)
    assert len(read_annotations(open_dataset(whole)).boxes) > 0
    names = [p.relative_to(whole) for p in sorted(whole.rglob("*")) if p.is_file()]
    texts = [name for name in names if name.suffix not in (".jpg", ".png")]
    read = 0
    for seed in range(60):
        drawn = random.Random(f"{layout} {seed}")
        folder = tmp_path / "damaged"
        shutil.copytree(whole, folder)
        for name in drawn.sample(texts, k=min(len(texts), drawn.randint(1, 2))):
            (folder / name).write_bytes(damaged((whole / name).read_bytes(), drawn))
        started = time.monotonic()
        try:
            dataset = open_dataset(folder)
            if dataset.annotated:
                truth = read_annotations(dataset)
                read += len(truth.boxes) > 0
        except InputError as error:
            assert error.what, f"seed {seed}"
            assert error.next_step, f"seed {seed}"
        except Exception as error:
            pytest.fail(f"seed {seed}: {error!r}")
        assert time.monotonic() - started < SECONDS, f"seed {seed}"
        shutil.rmtree(folder)
    assert read > 0, "some damage leaves something to read"
