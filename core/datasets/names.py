"""Finding images by the names that files give them: names are not bytes.

Files come from other systems: with backslashes, with the folders of another machine, in upper or
lower case, with letters composed (NFC) or in parts (NFD, as macOS stores them), without endings.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote

from core.datasets.reading import stem
from core.images.listing import IMAGE_SUFFIXES

_SEVERAL = -1


def normal(name: str) -> str:
    """With ``/`` between folders, and without a drive, ``./`` or ``a/..``."""
    name = name.strip().replace("\\", "/").removeprefix("file://")
    if name[1:2] == ":" and name[:1].isalpha():
        name = name[2:]
    return posixpath.normpath(name).lstrip("/") if name else ""


def key(name: str) -> str:
    """Equal for names that mean the same file."""
    return unicodedata.normalize("NFC", name).casefold()


class NameIndex:
    """The position of each of some names, found however it is written."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._exact = {name: index for index, name in enumerate(names)}
        self._whole: dict[str, int] = {}
        self._tails: dict[str, int] = {}
        self._stems: dict[str, int] = {}

    def find(self, name: str) -> int | None:
        """Tried in turn: the name; the same but for how it is written; the longest end of it that
        only one has, as ``val/a.jpg`` of ``C:\\data\\val\\a.jpg``; that without the ending.
        """
        found = self._exact.get(name)
        if found is not None:
            return found
        if not self._tails:
            self._index()
        wanted = normal(name)
        found = _longest(key(wanted), self._whole, self._tails)
        if found is None and "%" in name:
            wanted = normal(unquote(name))
            found = _longest(key(wanted), self._whole, self._tails)
        return _longest(key(without_suffix(wanted)), self._stems) if found is None else found

    def exactly(self, name: str) -> int | None:
        """As `find`, by the whole name alone."""
        if not self._tails:
            self._index()
        return self._whole.get(key(normal(name)))

    def found(self, names: Iterable[str]) -> set[int]:
        """The positions of those names that are there."""
        return {index for name in names if (index := self.find(name)) is not None}

    def _index(self) -> None:
        self._tails, self._stems = {"": _SEVERAL}, {}
        for index, name in enumerate(self.names):
            whole = key(name)
            self._whole.setdefault(whole, index)
            _add_tails(self._tails, whole, index)
            _add_tails(self._stems, without_suffix(whole), index)


def place_of(base: Path, name: str) -> Path | None:
    """The file or folder of that name below `base`, in whatever case and letters; None if none."""
    place = base
    for part in [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]:
        inner = place / part
        if part != ".." and not is_there(inner):
            try:
                names = sorted(os.listdir(place))  # noqa: PTH208  # names alone are wanted
            except (OSError, ValueError):
                return None
            same = next((one for one in names if key(one) == key(part)), None)
            if same is None:
                return None
            inner = place / same
        place = inner
    return place if is_there(place) else None


def is_there(place: Path) -> bool:
    """Whether something of that name, from a file of somebody's, exists."""
    try:
        return place.exists()
    except (OSError, ValueError):  # a name that is too long, or that no system has
        return False


def without_suffix(name: str, suffixes: Collection[str] = IMAGE_SUFFIXES) -> str:
    """The name without the ending of an image: ``a.b`` stays."""
    short = stem(name)
    return short if name[len(short) :].lower() in suffixes else name


def _add_tails(tails: dict[str, int], name: str, index: int) -> None:
    while name:
        tails[name] = index if tails.get(name, index) == index else _SEVERAL
        name = name.partition("/")[2]


def _longest(name: str, *tails: dict[str, int]) -> int | None:
    """What the name, or the longest end of it that is known, stands for; None for several."""
    while name:
        for known in tails:
            found = known.get(name)
            if found is not None:
                return None if found == _SEVERAL else found
        name = name.partition("/")[2]
    return None
