"""The lists in a JSON file of any size, some entries at a time: the file is never all in memory.

Where entries end is found by brackets and quotes, a stretch of bytes at once; what is in them, and
whether it is JSON at all, a decoder says of each piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from core.files import open_regular

STRETCH_BYTES = 4 * 2**20
MAX_ENTRY_BYTES = 64 * 2**20
"""Of one entry of a list, and of all that is in no list."""
MAX_NAME_BYTES = 4096
_NAME = re.compile(rb'("(?:[^"\\]|\\.)*")\s*:\s*\[\Z', re.DOTALL)
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"{[")], _STEPS[list(b"}]")] = 1, -1
_QUOTE, _BACKSLASH = 34, 92

Places = NDArray[np.int64]


class UnusualError(ValueError):
    """The file is not one object with lists in it: damaged, or written in another way."""


@dataclass
class JsonPieces:
    """Goes through a file once: `lists` gives the pieces, `frame` is then all else of the file.

    `frame` is JSON, too: the outermost object, whose lists are empty there.
    """

    path: Path
    frame: bytes = b""
    _rest: bytes = b""  # what was read and is not given out
    _depth: int = 0
    _inside_text: bool = False
    _escapes: int = 0  # backslashes at the end of what was read
    _list: str | None = None  # the name of the list that reading is in
    _begun: bool = False  # whether an entry of it was given out
    _seen: set[str] = field(default_factory=set)

    def lists(self) -> Iterator[tuple[str, bytes]]:
        """The name of a list, and some of its entries as a JSON list, in the file's order.

        Raises OSError, and UnusualError where the file cannot be read so.
        """
        with open_regular(self.path) as file:
            while data := file.read(STRETCH_BYTES):
                yield from self._stretch(data)
        if self._depth or self._inside_text or not self.frame:
            raise UnusualError("its end is missing")
        self._to_frame(self._rest)

    def _stretch(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        before, given = len(self._rest), 0
        places, steps = self._brackets(data)
        depths = self._depth + np.cumsum(steps, dtype=np.int64)
        self._rest += data
        for turn in _turns(depths, steps).tolist():
            end, depth, opens = before + int(places[turn]) + 1, int(depths[turn]), steps[turn] > 0
            piece = self._rest[given:end]
            if depth < 0:
                raise UnusualError("more is closed than was opened")
            if self._list is None:
                self._to_frame(piece)
                if depth == 2 and opens and piece.endswith(b"["):
                    self._list, self._begun = self._name(), False
            elif depth == 2:
                yield self._list, self._entries(piece)
                self._begun = True
            else:
                left = piece[:-1].strip()
                if not piece.endswith(b"]") or (self._begun and left == b","):
                    raise UnusualError("a list does not end as one")
                if left:
                    yield self._list, self._entries(left)
                self._list = None
                self._to_frame(b"]")
            given = end
        self._depth = int(depths[-1]) if len(depths) else self._depth
        self._rest = self._rest[given:]
        if len(self._rest) > MAX_ENTRY_BYTES:
            raise UnusualError("an entry is too long")

    def _to_frame(self, text: bytes) -> None:
        self.frame += text
        if len(self.frame) > MAX_ENTRY_BYTES:
            raise UnusualError("too much is in no list")

    def _name(self) -> str:
        found = _NAME.search(self.frame, max(0, len(self.frame) - MAX_NAME_BYTES))
        if found is None:
            raise UnusualError("a list has no name")
        try:
            name = msgspec.json.decode(found[1], type=str)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise UnusualError(str(error)) from error
        if name in self._seen:
            raise UnusualError("a list comes twice")
        self._seen.add(name)
        return name

    def _entries(self, text: bytes) -> bytes:
        text = text.strip()
        if self._begun:
            if not text.startswith(b","):
                raise UnusualError("entries are not separated")
            text = text[1:]
        return b"[" + text + b"]"

    def _brackets(self, data: bytes) -> tuple[Places, NDArray[np.int8]]:
        """Where brackets outside of texts are, and 1 for each that opens, -1 that closes."""
        letters = np.frombuffer(data, np.uint8)
        quotes = np.flatnonzero(letters == _QUOTE)
        if b"\\" in data or self._escapes:
            quotes = quotes[self._escaped(letters)[quotes] % 2 == 0]
        steps = _STEPS[letters]
        places = np.flatnonzero(steps)
        inside = (np.searchsorted(quotes, places) + self._inside_text) % 2 == 1
        places = places[~inside]
        self._inside_text ^= len(quotes) % 2 == 1
        return np.asarray(places, np.int64), steps[places]

    def _escaped(self, letters: NDArray[np.uint8]) -> Places:
        """How many backslashes stand right before each letter."""
        numbers = np.arange(len(letters) + 1)
        others = np.append(-1 - self._escapes, np.where(letters == _BACKSLASH, -1, numbers[:-1]))
        others[1:][letters == _BACKSLASH] = -1 - self._escapes
        before = numbers - 1 - np.maximum.accumulate(others)
        self._escapes = int(before[-1])
        return np.asarray(before[:-1], np.int64)


def _turns(depths: Places, steps: NDArray[np.int8]) -> Places:
    """The brackets at which something of the outermost object begins or ends.

    Of entries of a list that follow each other, the end of the last is enough.
    """
    outer = (depths <= 1) | ((depths == 2) & (steps > 0))
    chosen = np.flatnonzero(outer | (depths == 2))
    follows = np.append(outer[chosen][1:], True)  # something else, or the end of the stretch
    return np.asarray(chosen[outer[chosen] | follows], np.int64)
