"""What a reader of a dataset's format does, and what it is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.datasets.annotations import Annotations
from core.datasets.dataset import Dataset
from core.images.listing import list_images
from core.images.opening import TAR
from core.remarks.remark import Remark, remark

MAX_PASSED = 2000
_REPORT_EVERY = 1000


@dataclass
class Passed:
    """What lies below a folder beside the images.

    Attributes:
        files: names of other files, as far as `MAX_PASSED` of each ending.
        suffixes: how many files have each (lower-case) ending.
        links: names of links to folders, which are not followed.
    """

    files: list[str] = field(default_factory=list)
    suffixes: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)

    def add(self, name: str, link: bool) -> None:
        """One more."""
        if link:
            self.links.append(name)
            return
        suffix = name[name.rfind(".") :].lower() if "." in name.rpartition("/")[2] else ""
        self.suffixes[suffix] += 1
        if self.suffixes[suffix] <= MAX_PASSED:
            self.files.append(name)


@dataclass
class Place:
    """Where a dataset is looked for.

    Attributes:
        folder: absolute, links resolved.
        role: ``calibration`` or ``validation``; decides which split of several is taken.
        found: gets how many images were found so far; may raise to stop.
        warnings: what the user should know, added to while looking.
    """

    folder: Path
    role: str = "validation"
    found: Callable[[int], None] = lambda count: None
    warnings: list[Remark] = field(default_factory=list)
    _listed: dict[Path, tuple[tuple[str, ...], list[Remark], Passed]] = field(default_factory=dict)

    def images(self, folder: Path) -> tuple[str, ...]:
        """The images below a folder, relative to it; listed once, however many readers ask."""
        names, refused, _ = self._list(folder)
        self.warnings.extend(warning for warning in refused if warning not in self.warnings)
        return names

    def passed(self, folder: Path) -> Passed:
        """What lies below a folder beside its images."""
        return self._list(folder)[2]

    def unreadable(self, folder: Path) -> list[Remark]:
        """The folders below a folder that cannot be listed, as far as nothing was said of them."""
        return [one for one in self._list(folder)[1] if one not in self.warnings]

    def _list(self, folder: Path) -> tuple[tuple[str, ...], list[Remark], Passed]:
        if folder not in self._listed:
            refused: list[Remark] = []
            passed = Passed()
            listing = list_images(
                folder,
                lambda name, error: refused.append(
                    remark("folder_unreadable", folder=name, reason=error.strerror or str(error))
                ),
                passed.add,
            )
            names = tuple(self._reported(listing))
            if not names and passed.suffixes[TAR]:
                names = self._in_shards(folder, refused, passed)
            self._listed[folder] = names, refused, passed
        return self._listed[folder]

    def _in_shards(
        self, folder: Path, refused: list[Remark], passed: Passed
    ) -> tuple[str, ...]:  # fmt: skip
        """The images in the tar archives of a folder that has no others."""
        from core.datasets.tar_shards import ShardListing

        listing = ShardListing()
        found: list[str] = []
        for name in self._reported(listing.images(folder, lambda: self.found(len(found)))):
            found.append(name)  # `tick` tells how many there are meanwhile
        refused.extend(listing.remarks())
        passed.suffixes.update(listing.others)
        return tuple(found)

    def _reported(self, names: Iterable[str]) -> Iterator[str]:
        for count, name in enumerate(names, start=1):
            if count % _REPORT_EVERY == 0:
                self.found(count)
            yield name


class Finder(Protocol):
    """Something that may know a folder. A module with this function does."""

    def find(self, place: Place) -> Dataset | None:
        """The dataset at that place, or None where it is not in this format.

        Raises InputError where it is, and cannot be used.
        """


class Reader(Finder, Protocol):
    """One format of datasets. A module with these three does."""

    KIND: str

    def read(self, dataset: Dataset, done: Callable[[int], None]) -> Annotations:
        """The ground truth of a dataset that `find` gave.

        `done` gets how many images were read, and may raise to stop. Raises InputError where
        the files are gone or damaged; single bad boxes are left out and counted in `problems`.
        """
