"""What a model found in a dataset: shards, of which few lie in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import InPieces, save_in_pieces
from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable, as_text
from core.detection.joining import Both, joined_parts
from core.images.marks import Marks, joined
from core.inference.settings import Executed
from core.metrics.comparison.sampled import sample
from core.predict.shards import Shard
from core.remarks.remark import Remark

_ROWS = 100_000  # of both models, that are worked on together


@dataclass(frozen=True, eq=False)
class Found:
    """Detections, how the model ran, and why images were left out.

    `class_names` are the model's; `in_classes` those that detections are given in.
    """

    dataset: Dataset
    shards: tuple[Shard, ...]
    executed: Executed
    class_names: tuple[str, ...]
    in_classes: tuple[str, ...]

    @property
    def images(self) -> int:
        """How many were not left out."""
        return sum(len(one.kept) for one in self.shards)

    @property
    def detections(self) -> int:
        """How many there are, in the model's classes."""
        return sum(one.detections for one in self.shards)

    @property
    def problems(self) -> tuple[Remark, ...]:
        """Why images were left out."""
        return tuple(chain.from_iterable(one.problems(self.dataset) for one in self.shards))

    def tables(self) -> Iterator[DetectionTable]:
        """The detections of each part, read when it is asked for."""
        return self.some(range(len(self.shards)))

    def some(self, numbers: Sequence[int]) -> Iterator[DetectionTable]:
        """Those of some parts, by their numbers."""
        for shard in (self.shards[number] for number in numbers):
            yield in_classes(self.in_classes, shard.table(self.dataset, self.class_names))

    @cached_property
    def table(self) -> DetectionTable:
        """All of them, in memory."""
        return DetectionTable.joined(list(self.tables()), self.in_classes)

    @cached_property
    def looked_at(self) -> DetectionTable:
        """The images, as a table without a detection."""
        names = [name for one in self.shards for name in one.names(self.dataset)]
        sizes = [np.zeros((0, 2), np.int32), *(one.column("image_sizes") for one in self.shards)]
        none = DetectionTable.build([], [], [], self.in_classes)
        offsets = np.zeros(len(names) + 1, np.int64)
        return replace(
            none, image_names=tuple(names), image_sizes=np.concatenate(sizes), offsets=offsets
        )

    @property
    def _marks(self) -> Marks:
        return joined((one.marks for one in self.shards), (len(one.kept) for one in self.shards))

    def given_in(self, class_names: tuple[str, ...]) -> Found:
        """The same in other classes: see `in_classes`."""
        return replace(self, in_classes=class_names)

    def save(self, path: Path) -> None:
        """Write the file that ``table.save`` would write, without the table."""
        names = [name for shard in self.shards for name in shard.names(self.dataset)]
        before = np.zeros(1, np.int64)
        counts = np.concatenate([before, *(np.diff(one) for one in self._pieces("offsets"))])
        images, rows = len(names), int(counts.sum())

        def column(name: str, kind: type[np.generic], *shape: int) -> InPieces:
            return InPieces(shape, kind, self._pieces(name))

        columns: dict[str, NDArray[Any] | InPieces] = {
            "image_names": as_text(names),
            "image_sizes": column("image_sizes", np.int32, images, 2),
            "offsets": np.cumsum(counts),
            "boxes": column("boxes", np.float32, rows, 4),
            "scores": column("scores", np.float32, rows),
            "class_ids": column("class_ids", np.int32, rows),
            "class_names": as_text(self.in_classes),
            "image_marks": self._marks,
        }
        save_in_pieces(path, columns)

    def _pieces(self, name: str) -> Iterator[NDArray[Any]]:
        """A column of each part."""
        if self.class_names == self.in_classes:
            return (one.column(name) for one in self.shards)
        return (getattr(one, name) for one in self.tables())


def side_by_side(parent: Found, optimized: Found) -> Iterator[Both]:
    """Both models' detections in some images after the other, enough of them to be worth a call."""
    return joined_parts(zip(parent.tables(), optimized.tables(), strict=True), _ROWS)


@dataclass(frozen=True, eq=False)
class SampledParts:
    """Some parts of what two models found: the `images` that each has, and `of` how many parts."""

    parent: Found
    optimized: Found
    numbers: Sequence[int]
    images: Sequence[range]
    of: int

    def both(self) -> Iterator[Both]:
        """Their detections, part by part."""
        some = (one.some(self.numbers) for one in (self.parent, self.optimized))
        return zip(*some, strict=True)


def sampled_parts(parent: Found, optimized: Found) -> SampledParts | None:
    """Some of the parts, from which figures are estimated; None where all are as soon read."""
    shards = list(zip(parent.shards, optimized.shards, strict=True))
    chosen = sample([one.detections + other.detections for one, other in shards])
    if len(chosen) == len(shards):
        return None
    upto = np.cumsum([0, *(len(one.kept) for one in parent.shards)]).tolist()
    images = [range(upto[number], upto[number + 1]) for number in chosen]
    return SampledParts(parent, optimized, chosen, images, len(shards))


def in_classes(names: tuple[str, ...], table: DetectionTable) -> DetectionTable:
    """The detections with the ids of these classes, by name where all names are among them.

    Else a class is what has its place among these; classes beyond them are left out.
    """
    if table.class_names == names:
        return table
    ids = {name: number for number, name in enumerate(names)}
    places = np.arange(len(table.class_names), dtype=np.int32)
    if set(table.class_names) <= set(ids):
        places = np.array([ids[name] for name in table.class_names], np.int32)
    class_ids = places[table.class_ids]
    kept = class_ids < len(names)
    offsets = np.concatenate([[0], np.cumsum(kept)])[table.offsets].astype(np.int64)
    return replace(
        table,
        offsets=offsets,
        boxes=table.boxes[kept],
        scores=table.scores[kept],
        class_ids=class_ids[kept],
        class_names=names,
    )
