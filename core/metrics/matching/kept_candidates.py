"""What no threshold changes of two tables, kept while a report is open: in a file that nobody else
sees, some images after the other, so that a moved threshold is matched and counted anew, and
nothing is ranked or overlapped again.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from threading import Lock
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.detection.detections import DetectionTable
from core.folders import unseen_file
from core.metrics.matching.candidates import Candidates, Side, prepare
from core.metrics.matching.matching import Pairs, Ranked, ranks_within

MOST = 1_000_000_000
"""Bytes of the file: of a million images a little less than two thirds are kept."""
_FLOOR = 0.5  # of the overlaps that are kept


class KeptCandidates:
    """Candidates by the images that they are of."""

    def __init__(self) -> None:
        self._places: dict[range, tuple[int, tuple[tuple[np.dtype[Any], int], ...]]] = {}
        self._file: IO[bytes] | None = None
        self._open = ExitStack()
        self._written = 0
        self._lock = Lock()

    def of(self, images: range, parent: DetectionTable, optimized: DetectionTable) -> Candidates:
        """Those of these images, whose detections are given: as they were, or prepared."""
        columns = self._read(images)
        if columns is None:
            return prepare(parent, optimized)
        keys, bounds_a, bounds_b, rows_a, rows_b, pair_a, pair_b, iou = columns
        return Candidates(
            _side(optimized, keys, bounds_a, rows_a),
            _side(parent, keys, bounds_b, rows_b),
            keys,
            {_FLOOR: Pairs(pair_a, pair_b, iou)},
        )

    def keep(self, images: range, found: Candidates) -> None:
        """Keep what was found, once overlaps are known and if there is room."""
        pairs = found.known_pairs(_FLOOR)
        if pairs is None or images in self._places:
            return
        a, b = found.a, found.b
        columns: list[NDArray[Any]] = [found.keys, a.bounds, b.bounds, a.ranked.rows]
        columns += [b.ranked.rows, pairs.a, pairs.b, pairs.iou]
        with self._lock:
            size = sum(one.nbytes for one in columns)
            if self._written + size > MOST or not self._opened():
                return
            self._append(images, columns, size)

    def _opened(self) -> bool:
        if self._file is None:
            try:
                self._file = self._open.enter_context(unseen_file())
            except OSError:  # where nothing can be written, nothing is kept
                self._written = MOST
                return False
            weakref.finalize(self, self._open.close)
        return True

    def _append(self, images: range, columns: Sequence[NDArray[Any]], size: int) -> None:
        assert self._file is not None
        try:
            self._file.seek(self._written)
            for one in columns:
                self._file.write(np.ascontiguousarray(one).data)
            self._file.flush()
        except OSError:
            self._give_up()
            return
        kinds = tuple((one.dtype, len(one)) for one in columns)
        self._places[images] = self._written, kinds
        self._written += size

    def _give_up(self) -> None:
        """The disk is full, or fails: the file takes none of it any longer, and nothing is kept.

        What waits to be written would fail again at every look into the file.
        """
        self._written = MOST
        self._places.clear()
        self._file = None
        with suppress(OSError):
            self._open.close()

    def _read(self, images: range) -> list[NDArray[Any]] | None:
        with self._lock:
            if images not in self._places or self._file is None:
                return None
            place, kinds = self._places[images]
            size = sum(kind.itemsize * count for kind, count in kinds)
            try:
                self._file.seek(place)
                data = self._file.read(size)
            except OSError:
                data = b""
            if len(data) < size:
                self._give_up()
                return None
        columns, first = [], 0
        for kind, count in kinds:
            columns.append(np.frombuffer(data, kind, count, first))
            first += kind.itemsize * count
        return columns


def _side(
    table: DetectionTable, keys: NDArray[Any], bounds: NDArray[np.int64], rows: NDArray[Any]
) -> Side:
    own = np.repeat(keys, np.diff(bounds))
    return Side(table, Ranked(rows, own, ranks_within(own)), table.scores.take(rows), bounds)
