"""Rows of compact columns that come part by part and are wanted class by class.

What is little stays in memory, the rest waits in a file that nobody else sees.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.folders import unseen_file
from core.metrics.matching.sorting import rising, rising_then_falling

IN_MEMORY = 8_000_000
"""Bytes of rows that stay there."""


@dataclass
class _Part:
    """Rows of some images, class after class: in memory, or from a `place` of the file on."""

    bounds: NDArray[np.int64]
    rows: NDArray[Any] | None
    place: int = 0


@dataclass
class RowsByClass:
    """Rows of one kind, a structured type that has a float32 `score`, to be closed at the end.

    `folder` is where the file is made, if one is needed; by default see `unseen_file`.
    """

    kind: np.dtype[Any]
    classes: int
    folder: Path | None = None
    _parts: list[_Part] = field(default_factory=list)
    _waiting: int = 0  # bytes in memory
    _written: int = 0
    _file: IO[bytes] | None = None
    _open: ExitStack = field(default_factory=ExitStack)
    _lock: Lock = field(default_factory=Lock)

    def add(self, class_ids: NDArray[np.int32], rows: NDArray[Any]) -> None:
        """Those of the images that come next, in their order."""
        bounds = np.append(0, np.cumsum(np.bincount(class_ids, minlength=self.classes)))
        sorted_rows = rows.take(rising(class_ids)) if len(rows) else rows
        self._parts.append(_Part(bounds, sorted_rows))
        self._waiting += sorted_rows.nbytes
        if self._waiting > IN_MEMORY:
            self._write()

    def ranked(self, class_id: int) -> NDArray[Any]:
        """All of a class, best score first; equal scores in the order in which they came."""
        own = np.concatenate(
            [np.zeros(0, self.kind), *(self._read(one, class_id) for one in self._parts)]
        )
        scores = np.ascontiguousarray(own["score"])
        return own.take(rising_then_falling(np.zeros(len(own), np.int32), scores))

    def close(self) -> None:
        """Forget all; the file is gone with it."""
        self._open.close()
        self._parts.clear()

    def _write(self) -> None:
        """Raises OSError where the disk is full."""
        if self._file is None:
            self._file = self._open.enter_context(unseen_file(self.folder))
        for one in self._parts:
            if one.rows is not None:
                self._file.write(one.rows.tobytes())
                one.place, one.rows = self._written, None
                self._written += int(one.bounds[-1]) * self.kind.itemsize
        self._waiting = 0

    def _read(self, part: _Part, class_id: int) -> NDArray[Any]:
        first, last = part.bounds[class_id : class_id + 2].tolist()
        if part.rows is not None or first == last:
            return np.zeros(0, self.kind) if part.rows is None else part.rows[first:last]
        assert self._file is not None
        with self._lock:
            self._file.seek(part.place + first * self.kind.itemsize)
            data = self._file.read((last - first) * self.kind.itemsize)
        return np.frombuffer(data, self.kind)
