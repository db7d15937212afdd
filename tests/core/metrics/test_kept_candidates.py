"""What no threshold changes, taken from a file: the same figures, to the last bit."""

from __future__ import annotations

import gc
import io
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
import pytest

from core.detection.stored_table import StoredTable
from core.metrics.comparison import stored_pair
from core.metrics.comparison.large import LargeComparison, compare_stored
from core.metrics.comparison.stored_pair import StoredPair
from core.metrics.matching import kept_candidates
from core.metrics.matching.candidates import Candidates, prepare
from core.metrics.matching.thresholds import Thresholds
from tests.support.tables import random_pair

MOVED = [Thresholds(score=score, iou=iou) for score, iou in ((0.3, 0.5), (0.5, 0.7), (0.1, 0.2))]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stored_pair, "_ROWS", 20)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))


def stored(folder: Path, seed: int) -> StoredPair:
    for name, one in zip("po", random_pair(seed), strict=True):
        one.save(folder / name)
    parent = StoredTable.open(folder / "p")
    return StoredPair(parent, StoredTable.open(folder / "o", alike=parent))


def everything(found: LargeComparison) -> list[Any]:
    columns: list[Any] = [found.summary, found.per_class, found.bands, found.interval()]
    for one in (found.images, found.classes, found.rankings[0].rankings):
        columns += [(name, np.asarray(column).tobytes()) for name, column in vars(one).items()]
    return [*columns, found.confusion.counts.tobytes(), found.class_counts.tobytes()]


@pytest.mark.parametrize("seed", range(8))
def test_a_moved_threshold_gives_the_same(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = [everything(compare_stored(stored(tmp_path, seed), one)) for one in MOVED]
    pair, prepared = stored(tmp_path, seed), 0

    def counted(*both: Any) -> Candidates:
        nonlocal prepared
        prepared += 1
        return prepare(*both)

    monkeypatch.setattr(kept_candidates, "prepare", counted)
    assert [everything(compare_stored(pair, one)) for one in MOVED] == fresh
    assert prepared == len(pair.stretches), "once"


@pytest.mark.parametrize("most", [0, 3000])
def test_there_is_a_limit(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = stored(tmp_path, 1)
    fresh = [everything(compare_stored(pair, one)) for one in MOVED]
    monkeypatch.setattr(kept_candidates, "MOST", most)
    pair = stored(tmp_path, 1)
    assert [everything(compare_stored(pair, one)) for one in MOVED] == fresh


def test_a_full_disk_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = stored(tmp_path, 2)
    fresh = [everything(compare_stored(pair, one)) for one in MOVED]

    def full(**given: Path) -> IO[bytes]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    pair = stored(tmp_path, 2)
    assert [everything(compare_stored(pair, one)) for one in MOVED] == fresh


@pytest.mark.parametrize("room", [0, 200, 400])
def test_a_disk_that_becomes_full_keeps_nothing(
    room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits to be written there fails again whenever the file is looked into."""
    fresh = [everything(compare_stored(stored(tmp_path, 2), one)) for one in MOVED]
    opened: list[io.BufferedRandom] = []

    def filling(**given: Path) -> IO[bytes]:
        opened.append(io.BufferedRandom(_Filling(given["dir"] / "kept", room)))
        return opened[-1]

    monkeypatch.setattr("tempfile.TemporaryFile", filling)
    pair = stored(tmp_path, 2)
    for _ in range(2):
        assert [everything(compare_stored(pair, one)) for one in MOVED] == fresh
    assert [one.closed for one in opened] == [True], "it takes no more of the disk"


class _Filling(io.FileIO):
    """A file on a disk that has so much room."""

    def __init__(self, path: Path, room: int) -> None:
        super().__init__(path, "w+")
        self._room = room

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._room:
            raise OSError(28, "No space left on device")
        return super().write(data)


def unseen(folder: Path) -> IO[bytes]:
    return TemporaryFile(dir=folder)


def test_the_file_goes_with_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []

    def noted(**given: Path) -> IO[bytes]:
        opened.append(unseen(given["dir"]))
        return opened[-1]

    monkeypatch.setattr("tempfile.TemporaryFile", noted)
    pair = stored(tmp_path, 3)
    compare_stored(pair, MOVED[0])
    assert [one.closed for one in opened] == [False]
    del pair
    gc.collect()
    assert opened[0].closed
