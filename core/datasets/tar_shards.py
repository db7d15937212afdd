"""Listing the images of tar shards, as WebDataset writes them: a folder of archives of samples.

The files of a sample have one name up to its first dot: ``0001.jpg``, ``0001.json``. Of several
images of one (``0001.seg.png`` beside ``0001.jpg``) the plainest is its image.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from core.files import why
from core.images.listing import list_files, list_images
from core.images.opening import TAR, index_of
from core.images.tar_index import SIDECAR
from core.remarks.remark import Remark, remark


@dataclass
class ShardListing:
    """What is found beside the images.

    Attributes:
        refused: why archives were left out.
        others: how many files of other endings there are.
        beside: images left out that belong to another one's sample; the first is named.
    """

    refused: list[Remark] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    beside: int = 0
    first_beside: str = ""

    def images(self, folder: Path, tick: Callable[[], None] = lambda: None) -> Iterator[str]:
        """The images in the archives below a folder, named as if each archive were a folder."""
        for shard in list_files(folder, {TAR}):
            yield from self.in_shard(folder, shard, tick)

    def in_shard(
        self, folder: Path, shard: str, tick: Callable[[], None] = lambda: None
    ) -> Iterator[str]:
        """Those in one archive, which has this name below the folder."""
        try:
            index = index_of(folder / shard, tick)
        except OSError as error:
            self.refused.append(remark("tar_left_out", file=shard, reason=why(error)))
            return
        self.others.update(index.others)
        images = [one for one in index if not one.lower().endswith(SIDECAR)]
        self.others[SIDECAR] += len(index) - len(images)
        for name in self._one_each(images):
            yield f"{shard}/{name}"

    def remarks(self) -> tuple[Remark, ...]:
        """What the user should know."""
        if not self.beside:
            return tuple(self.refused)
        beside = remark("images_beside", count=self.beside, first=self.first_beside)
        return (*self.refused, beside)

    def _one_each(self, names: Iterable[str]) -> Iterator[str]:
        """Of sorted names the image of each sample."""
        for _, sample in groupby(names, sample_of):
            first, *beside = sorted(sample, key=_plainness)
            if beside:
                self.first_beside = self.first_beside or beside[0]
                self.beside += len(beside)
            yield first


def images_below(
    folder: Path, listing: ShardListing | None = None, tick: Callable[[], None] = lambda: None
) -> Iterator[str]:
    """The images below a folder; of one that has no others, those in its tar shards.

    `listing` gets what is found beside those.
    """
    names = list_images(folder)
    first = next(names, None)
    if first is None:
        yield from (listing or ShardListing()).images(folder, tick)
        return
    yield first
    yield from names


def sample_of(name: str) -> str:
    """What the files of a sample have in common: the name up to its first dot."""
    folder, slash, file = name.rpartition("/")
    return folder + slash + file.partition(".")[0]


def _plainness(name: str) -> tuple[int, bool]:
    file = name.rpartition("/")[2].lower()
    return file.count("."), not file.endswith((".jpg", ".jpeg"))
