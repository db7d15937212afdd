"""Finding the label file of an image, however their names are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.datasets.names import key
from core.datasets.reading import read_limited, stem
from core.images.listing import list_files


def label_names(image: str, suffix: str) -> Iterator[str]:
    """Names of the label file of an image, relative to one folder or the other.

    ``images/train/a.jpg`` may have ``images/train/a.txt``, ``labels/train/a.txt``, or, in a
    folder called labels, ``train/a.txt``.
    """
    name = stem(image) + suffix
    yield name
    parts = name.split("/")
    for place in range(len(parts) - 2, -1, -1):
        if parts[place].lower() == "images":
            yield "/".join((*parts[:place], "labels", *parts[place + 1 :]))
            if place == 0:
                yield "/".join(parts[1:])
            break


class LabelFiles:
    """The label files in some folders.

    Folders are listed only if a file is not found by the very name of its image: with letters
    composed otherwise, or in other case.
    """

    def __init__(self, folders: Sequence[str], suffix: str, limit: int) -> None:
        self._folders = folders
        self._suffix = suffix
        self._limit = limit
        self._listed: dict[str, dict[str, str]] = {}

    def of(self, image: str) -> bytes | None:
        """What the label file of an image holds, None where there is none.

        Raises InputError where it cannot be read.
        """
        names = list(label_names(image, self._suffix))
        for folder in self._folders:
            for name in names:
                try:
                    return read_limited(f"{folder}/{name}", self._limit)
                except FileNotFoundError:
                    continue
        for folder in self._folders:
            listed = self._names_in(folder)
            for name in names:
                found = listed.get(key(name))
                if found is not None:
                    return read_limited(f"{folder}/{found}", self._limit)
        return None

    def _names_in(self, folder: str) -> dict[str, str]:
        if folder not in self._listed:
            names = list_files(Path(folder), {self._suffix})
            self._listed[folder] = {key(name): name for name in names}
        return self._listed[folder]
