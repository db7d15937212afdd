"""Whether an image is still the one that a report was made of: a mark of what its file holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.remarks.remark import Remark, remark

UNKNOWN = 0
"""Instead of a mark: what was stored by earlier versions has none."""
_HASH_BYTES, _MARK_BYTES = 32, 8

Marks = NDArray[np.uint64]
Size = tuple[int, int]


def mark_of(data: bytes) -> int:
    """The mark of an image whose file holds this: the beginning of its SHA-256."""
    return int.from_bytes(hashlib.sha256(data).digest()[:_MARK_BYTES], "big")


def marks_of(hashes: bytes) -> Marks:
    """The marks of images that have these SHA-256 hashes, one after the other."""
    whole = np.frombuffer(hashes, ">u8").reshape(-1, _HASH_BYTES // _MARK_BYTES)
    return whole[:, 0].astype(np.uint64)


def none() -> Marks:
    """The marks of images of which none is known."""
    return np.zeros(0, np.uint64)


def joined(each: Iterable[Marks], counts: Iterable[int]) -> Marks:
    """The marks of several times so many images as one; none where one has none."""
    parts = [*each]
    if any(len(one) != count for one, count in zip(parts, counts, strict=True)):
        return none()
    return np.concatenate([none(), *parts])


def mark_at(marks: Marks, image: int) -> int:
    """The mark of one of these images, `UNKNOWN` where none is known."""
    return int(marks[image]) if len(marks) else UNKNOWN


def change_of(name: str, then: tuple[Size, int], now: tuple[Size, int]) -> Remark | None:
    """What is to be said of an image in which other boxes may lie by now; None where nothing is.

    `then`, when the boxes were found, and `now` are width and height in pixels, and the mark.
    """
    (size, mark), (size_now, mark_now) = then, now
    if size != size_now:
        return remark(
            "image_resized",
            image=name,
            width=size_now[0],
            height=size_now[1],
            boxes_width=size[0],
            boxes_height=size[1],
        )
    if UNKNOWN in (mark, mark_now) or mark == mark_now:
        return None
    return remark("image_changed", image=name)
