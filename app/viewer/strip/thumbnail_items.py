"""What a strip or grid of small images shows, as arrays; no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.viewer.scene.scene import BoxStatus

Counts = NDArray[np.integer]


@dataclass(frozen=True)
class Badge:
    """How many boxes of an image have a status."""

    status: BoxStatus
    count: int

    @property
    def text(self) -> str:
        """As it is drawn: the sign says it without the colour."""
        return f"{_SIGNS[self.status]}{self.count}"


_SIGNS = {BoxStatus.MISSED: "\u2212", BoxStatus.EXTRA: "+"}


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Images in the order in which they are shown.

    Attributes:
        root: the folder that `names` are relative to.
        names: of all images.
        order: the images shown, as places in `names`.
        missed, extra: one count for each of `names`, or None for no badges.
        only: what they count in words.
    """

    root: Path
    names: Sequence[str]
    order: Counts
    missed: Counts | None = None
    extra: Counts | None = None
    only: tuple[str, str] = ("missed", "extra")

    @staticmethod
    def none() -> Thumbnails:
        """No images."""
        return Thumbnails(Path(), (), np.zeros(0, np.int64))

    @staticmethod
    def of_folder(root: Path, names: Sequence[str]) -> Thumbnails:
        """All of these, without badges: for example ``dataset.root, dataset.images``."""
        return Thumbnails(root, names, np.arange(len(names)))

    def __len__(self) -> int:
        return len(self.order)

    def path(self, place: int) -> Path:
        """Where the image at this place of the order lies."""
        return self.root / self.name(place)

    def name(self, place: int) -> str:
        """Its name."""
        return self.names[int(self.order[place])]

    def badges(self, place: int) -> tuple[Badge, ...]:
        """Its badges; none for a count of 0."""
        image = int(self.order[place])
        counts = ((BoxStatus.MISSED, self.missed), (BoxStatus.EXTRA, self.extra))
        return tuple(
            Badge(status, int(count[image]))
            for status, count in counts
            if count is not None and count[image] > 0
        )

    def counts(self, place: int) -> tuple[str, ...]:
        """The badges in words."""
        words = dict(zip(_SIGNS, self.only, strict=True))
        return tuple(f"{badge.count} {words[badge.status]}" for badge in self.badges(place))

    def place_of(self, image: int) -> int:
        """The place of an image in the order, or -1."""
        found = np.flatnonzero(self.order == image)
        return int(found[0]) if len(found) else -1

    def same_images(self, other: Thumbnails) -> bool:
        """Whether the same images are shown in the same order."""
        return (
            self.root == other.root
            and (self.names is other.names or self.names == other.names)
            and np.array_equal(self.order, other.order)
        )


def columns_for(width: int, cell: int) -> int:
    """How many cells fit side by side; one at least."""
    return max(1, width // max(1, cell))
