"""A dataset in parts: some images each, known by what the images hold and not by where they lie.

A part ends where the name of an image says so: an image that comes or goes changes its own part
and no other, wherever in the dataset it is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time_ns

from core.datasets.dataset import Dataset
from core.files import read_regular, why
from core.images.decode import MAX_FILE_BYTES
from core.images.marks import Marks, marks_of, none
from core.images.opening import open_image, status
from core.unfinished import is_unfinished, unfinished

HASHES_SUFFIX = ".sha256"
_PARTS = 64  # about so many of a dataset
_SMALLEST, _LARGEST = 16, 512  # images of a part on average
_HASH_BYTES = 32
_JUST_NOW = 2 * 10**9  # nanoseconds: a file that is as young may change without its time changing

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Part:
    """Images one after the other, numbers in the dataset; `content` is a hash of what they hold.

    `marks` are of each image, none where they are not known: see `core.images.marks`.
    """

    images: range
    content: str
    marks: Marks = field(default_factory=none, compare=False)


def cut(names: Sequence[str]) -> Iterator[range]:
    """Where the parts of a dataset with images of these names lie; some dozens, or more."""
    usual = _usual_size(len(names))
    begin = 0
    for place, name in enumerate(names, start=1):
        length = place - begin
        if length >= 2 * usual or (4 * length >= usual and _ends_a_part(name, usual)):
            yield range(begin, place)
            begin = place
    if begin < len(names):
        yield range(begin, len(names))


def _usual_size(images: int) -> int:
    """A power of two, so that one more image hardly ever moves all cuts."""
    size = _SMALLEST
    while size < _LARGEST and size * 2 * _PARTS <= images:
        size *= 2
    return size


def _ends_a_part(name: str, usual: int) -> bool:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=4).digest()
    return int.from_bytes(digest, "big") % usual == 0


def parts_of(dataset: Dataset, known: Path | None, progress: Progress) -> tuple[Part, ...]:
    """The parts, with the hashes of their contents; `progress` hears how many images are done.

    Hashes are remembered in the folder `known`, by the images' places, sizes and times.
    """
    if known is not None and any(map(is_unfinished, (dataset.root, *dataset.root.parents))):
        known = None  # what an archive was unpacked into for this job is gone after it
    parts = []
    with ThreadPoolExecutor(thread_name_prefix="hash") as pool:
        for images in cut(dataset.images):
            progress(images.start)
            hashes = _known_hashes(dataset, images, known, pool, progress)
            content = hashlib.sha256(hashes).hexdigest()
            parts.append(Part(images, content, marks_of(hashes)))
    progress(len(dataset.images))
    return tuple(parts)


def image_hashes(dataset: Dataset, images: range, known: Path | None) -> tuple[str, ...]:
    """The hash of each image's bytes, or of why it cannot be read, as `parts_of` found them."""
    with ThreadPoolExecutor(thread_name_prefix="hash") as pool:
        whole = _known_hashes(dataset, images, known, pool, lambda done: None)
    each = range(0, len(whole), _HASH_BYTES)
    return tuple(whole[place : place + _HASH_BYTES].hex() for place in each)


def content_of(hashes: Sequence[str]) -> str:
    """The content of a part whose images have these hashes."""
    return hashlib.sha256(bytes.fromhex("".join(hashes))).hexdigest()


def _known_hashes(
    dataset: Dataset,
    images: range,
    known: Path | None,
    pool: ThreadPoolExecutor,
    progress: Progress,
) -> bytes:
    place, hashes = None, b""
    if known is not None:
        stamp, lasting = _stamp(dataset, images)
        place = known / f"{stamp}{HASHES_SUFFIX}" if lasting else None
    if place is not None:
        with suppress(OSError):
            hashes = read_regular(place, len(images) * _HASH_BYTES)
            os.utime(place)
    if len(hashes) != len(images) * _HASH_BYTES:
        hashes = b"".join(_hashes(dataset, images, pool, progress))
        if place is not None:
            with suppress(OSError):  # they are made again the next time
                _write(place, hashes)
    return hashes


def _hashes(
    dataset: Dataset, images: range, pool: ThreadPoolExecutor, progress: Progress
) -> Iterator[bytes]:
    waiting: list[Future[bytes]] = [pool.submit(_hash, dataset.path(image)) for image in images]
    try:
        for image, future in zip(images, waiting, strict=True):
            yield future.result()
            progress(image + 1)
    finally:
        for future in waiting:
            future.cancel()


def hash_of_image(path: Path) -> str:
    """The hash of one image, as `image_hashes` gives it."""
    return _hash(path).hex()


def _hash(path: Path) -> bytes:
    """Of the bytes of a file, or of why they cannot be read."""
    digest = hashlib.sha256()
    try:
        with open_image(path, MAX_FILE_BYTES) as image:
            for piece in image.pieces():
                digest.update(piece)
    except OSError as error:
        return _hash_of_failure(error)
    return digest.digest()


def hash_of_failure(error: OSError) -> str:
    """The hash of an image that cannot be read because of that, as `image_hashes` gives it."""
    return _hash_of_failure(error).hex()


def _hash_of_failure(error: OSError) -> bytes:
    return hashlib.sha256(f"\0unreadable\0{why(error)}".encode("utf-8", "replace")).digest()


def _stamp(dataset: Dataset, images: range) -> tuple[str, bool]:
    """A hash of places, sizes and times; whether no image is so new that it may change unseen."""
    root = os.fspath(dataset.root)
    digest = hashlib.sha256(os.fsencode(root))
    latest, newest = time_ns() - _JUST_NOW, 0
    for image in images:
        name = dataset.images[image]
        try:
            size, *times = status(f"{root}/{name}")
            stamp = f"{size} {times[0]} {times[1]}"
            newest = max(newest, *times)
        except OSError:
            stamp = "missing"
        digest.update(f"\0{name}\0{stamp}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest(), newest < latest


def _write(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = unfinished(place)
    try:
        temporary.write_bytes(data)
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)
