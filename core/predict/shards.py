"""Shards: what one run of a model found in one part of a dataset, a file each, named by content.

A name is a hash of everything that decides what is found; so a shard that is there need not be
made, whoever made it, and one that is made twice is the same. It names no image: the same images
elsewhere have the same shards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace as changed
from numpy.typing import NDArray

from core.arrays import load_arrays, load_some, save_arrays
from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import WorkbenchError
from core.files import why
from core.images.marks import Marks, none
from core.inference.settings import Executed
from core.predict.parts import Part
from core.remarks.remark import Remark
from core.unfinished import unfinished
from core.values import Value, from_json, to_json

SUFFIX = ".npz"
FORM = 1
"""Of the files and of what they hold; part of their names, so that another one is not looked at.

Who changes what a detector finds, between two versions of the program, raises it.
"""
_LARGEST_BYTES = 2**30
_ABOUT = "about"
_KEPT = "kept"
_COLUMNS = ("image_sizes", "offsets", "boxes", "scores", "class_ids")


class LeftOut(Value):
    """Why an image of the part was left out or is doubtful; `image` is its place in the part."""

    image: int
    remark: Remark


class About(Value):
    """What is stored with the columns of a shard."""

    key: str
    executed: Executed
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, eq=False)
class Shard:
    """A shard that is stored, of a part of a dataset; its detections stay in the file.

    `kept` are the places in the part of the images that were not left out; `detections` counts all.
    """

    path: Path
    part: Part
    executed: Executed
    left_out: tuple[LeftOut, ...]
    kept: NDArray[np.int32]
    detections: int

    def names(self, dataset: Dataset) -> list[str]:
        """Of the images that were not left out."""
        first = self.part.images.start
        return [dataset.images[first + place] for place in self.kept.tolist()]

    @property
    def marks(self) -> Marks:
        """Of those images; none where the part has none."""
        return self.part.marks[self.kept] if len(self.part.marks) else none()

    def column(self, name: str) -> NDArray[Any]:
        """One of the columns of `DetectionTable`; raises WorkbenchError where it is gone since."""
        return self._columns((name,))[name]

    def _columns(self, names: Sequence[str]) -> dict[str, NDArray[Any]]:
        try:
            return load_some(self.path, names)
        except (OSError, ValueError) as error:
            raise _gone(self.path, error) from error

    def table(self, dataset: Dataset, class_names: Sequence[str]) -> DetectionTable:
        """The detections; raises as `column` does."""
        columns = self._columns(_COLUMNS)
        try:
            return DetectionTable(
                tuple(self.names(dataset)),
                **columns,
                class_names=tuple(class_names),
                image_marks=self.marks,
            )
        except ValueError as error:
            raise _gone(self.path, error) from error

    def problems(self, dataset: Dataset) -> tuple[Remark, ...]:
        """Why images were left out, each with the place where it lies here."""
        return tuple(
            _about_image(one.remark, str(dataset.path(self.part.images[one.image])))
            for one in self.left_out
        )


def _gone(path: Path, error: Exception) -> WorkbenchError:
    return WorkbenchError(
        f"The detections in {path} cannot be read any more: {why(error)}.",
        "Start again; what is missing is computed then.",
    )


def _about_image(remark: Remark, image: str) -> Remark:
    if "image" not in remark.facts:
        return remark
    return changed(remark, facts={**remark.facts, "image": image})


def write_shard(
    path: Path,
    key: str,
    part: Part,
    table: DetectionTable,
    kept: Sequence[int],
    executed: Executed,
    problems: Iterable[tuple[int, Remark]],
) -> Shard:
    """Store what was found in a part, whole or not at all; `kept` are images of the dataset.

    `problems` are of such images, too. Raises OSError.
    """
    first = part.images.start
    left_out = tuple(LeftOut(image=one - first, remark=_about_image(r, "")) for one, r in problems)
    about = About(key=key, executed=executed, left_out=left_out)
    places = np.array([one - first for one in kept], np.int32)
    columns = {name: getattr(table, name) for name in _COLUMNS}
    described = np.frombuffer(to_json(about), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(path)
    try:
        save_arrays(temporary, {_ABOUT: described, _KEPT: places, **columns})
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return Shard(path, part, executed, left_out, places, len(table.scores))


def read_shard(path: Path, key: str, part: Part, class_names: Sequence[str]) -> Shard:
    """The shard in this file, all of which is looked at.

    Raises OSError where it cannot be read, ValueError where it is damaged or of something else.
    """
    if path.stat().st_size > _LARGEST_BYTES:
        raise ValueError("it is too large for one")
    arrays = load_arrays(path)
    try:
        about = from_json(arrays[_ABOUT].tobytes(), About)
        kept = arrays[_KEPT]
        columns = {name: arrays[name] for name in _COLUMNS}
    except (KeyError, msgspec.MsgspecError) as error:
        raise ValueError(f"it is damaged: {error}") from error
    if about.key != key:
        raise ValueError("it is of something else")
    places = range(len(part.images))
    if kept.ndim != 1 or kept.dtype != np.int32 or (np.diff(kept) <= 0).any():
        raise ValueError("its images are in no order")
    if len(kept) and not (kept[0] in places and kept[-1] in places):
        raise ValueError("it has images of another part")
    if not all(one.image in places for one in about.left_out):
        raise ValueError("it tells of images of another part")
    table = DetectionTable(("",) * len(kept), **columns, class_names=tuple(class_names))
    if not (np.isfinite(table.boxes).all() and np.isfinite(table.scores).all()):
        raise ValueError("boxes and scores must be finite")
    return Shard(path, part, about.executed, about.left_out, kept, len(table.scores))
