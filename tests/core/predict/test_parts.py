"""A dataset is divided into parts by its images' names and contents."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from time import sleep

from core.datasets.open import open_dataset
from core.predict.parts import cut, parts_of
from tests.support.images import write_images


def test_cuts_hardly_move_when_images_come_and_go() -> None:
    names = [f"{number:06}.jpg" for number in range(5000)]
    parts = [names[part.start : part.stop] for part in cut(names)]
    assert [name for part in parts for name in part] == names
    assert 40 < len(parts) < 160
    assert max(map(len, parts)) <= 128
    more = sorted({*names, "000100 again.jpg"} - {"004000.jpg"})
    again = [more[part.start : part.stop] for part in cut(more)]
    assert len([part for part in again if part not in parts]) <= 4
    assert list(cut([])) == []


def test_hashes_are_remembered_until_an_image_changes(tmp_path: Path) -> None:
    folder, known = write_images(tmp_path / "images", 5), tmp_path / "known"
    for path in folder.iterdir():
        os.utime(path, (10**9, 10**9))
    (first,) = parts_of(open_dataset(folder), known, lambda done: None)
    assert not known.exists(), "so new an image may still change unseen"
    sleep(2.1)
    assert parts_of(open_dataset(folder), known, lambda done: None) == (first,)
    (remembered,) = known.iterdir()
    stored = remembered.read_bytes()
    remembered.write_bytes(bytes(len(stored)))
    (other,) = parts_of(open_dataset(folder), known, lambda done: None)
    assert other.content != first.content, "it is what was remembered"
    remembered.write_bytes(stored[:-1])
    assert parts_of(open_dataset(folder), known, lambda done: None) == (first,)
    shutil.copyfile(folder / "image 001.jpg", folder / "image 000.jpg")
    os.utime(folder / "image 000.jpg", (10**9, 10**9))
    (changed,) = parts_of(open_dataset(folder), known, lambda done: None)
    assert changed.content != first.content


def test_an_image_that_vanished_is_another_content(tmp_path: Path) -> None:
    folder = write_images(tmp_path / "images", 3)
    dataset = open_dataset(folder)
    (before,) = parts_of(dataset, tmp_path / "known", lambda done: None)
    (folder / "image 001.jpg").unlink()
    (after,) = parts_of(dataset, tmp_path / "known", lambda done: None)
    assert after.images == before.images
    assert after.content != before.content
