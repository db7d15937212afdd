"""A new dataset from dropped images: copies, and augmented images of them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.datasets.reading import stem
from core.datasets.tar_shards import ShardListing, images_below
from core.errors import InputError
from core.images.augment import Augmentation, Image, augmented_images
from core.images.decode import ImageError, check_image, decode_image, read_file
from core.images.listing import IMAGE_SUFFIXES
from core.images.opening import TAR
from core.refusals import require_there
from core.remarks.remark import Remark
from core.remarks.sentences import sentence, sentences

FINDING = "Finding the images"
STAGE = "Copying the images"
CHOOSE = "Choose JPEG, PNG, BMP, WebP or TIFF files, folders of them, or tar shards."
IMAGES = "images"  # the folder that they are put into
JPEG_QUALITY = 95
_AS_JPEG = frozenset({"JPEG"})  # augmented images of anything else stay free of loss


@dataclass(frozen=True)
class Created:
    """What was made: originals copied, augmented images, and what was left out."""

    images: int
    augmented: int
    problems: tuple[Remark, ...]


def create_dataset(
    sources: Sequence[Path],
    folder: Path,
    augmentation: Augmentation,
    step: Callable[[str, int, int | None], None] = lambda stage, done, total: None,
) -> Created:
    """Copy images, those below folders and those in tar shards, with augmented ones.

    They come into ``images`` in `folder`.

    Originals are copied byte for byte and keep their names, in the folders they came in; names
    that clash get a number. Images that cannot be read are left out and listed. `step` hears of
    the progress and may raise to stop. Raises InputError where there is no image at all.
    """
    step(FINDING, 0, None)
    listing = ShardListing()
    found = list(_found(sources, step, listing))
    if not found:
        refused = sentences(listing.remarks())
        raise InputError("None of the chosen files is an image.", refused[0] if refused else CHOOSE)
    into = _Into(folder / IMAGES, augmentation, problems=list(listing.remarks()))
    for number, (path, wanted) in enumerate(found):
        step(STAGE, number, len(found))
        into.add(number, path, wanted, partial(step, STAGE, number, len(found)))
    step(STAGE, len(found), len(found))
    if not into.copied:
        first = into.problems[len(listing.remarks())]
        raise InputError(
            f"None of the {len(found):,} images could be read.", f"The first one: {sentence(first)}"
        )
    return Created(into.copied, into.augmented, tuple(into.problems))


def images_of(
    source: Path, listing: ShardListing | None = None, tick: Callable[[], None] = lambda: None
) -> Iterator[tuple[str, str]]:
    """Path of every image of a file, a folder or a tar shard, and the name that it should have.

    A shard's images are called as if it was a folder without its ending. Raises InputError of a
    file of another kind.
    """
    listing = listing or ShardListing()
    if source.is_dir():
        top = source.resolve()
        title = top.name.lstrip(".") or "images"  # a hidden folder would stay unseen
        for name in images_below(top, listing, tick):
            yield f"{top}/{name}", f"{title}/{_outside(name)}"
    elif source.suffix.lower() == TAR:
        folder = source.absolute().parent
        for name in listing.in_shard(folder, source.name, tick):
            yield f"{folder}/{name}", _outside(name)
    elif source.suffix.lower() in IMAGE_SUFFIXES:
        yield str(source.absolute()), source.name
    else:
        raise InputError(f"{source} does not have the file name of an image.", CHOOSE)


def _outside(name: str) -> str:
    """Of an image in a tar shard, its place in a folder that is called as the shard."""
    parts = name.split("/")
    return "/".join([*(one.removesuffix(TAR) or one for one in parts[:-1]), parts[-1]])


def _found(
    sources: Sequence[Path], step: Callable[[str, int, int | None], None], listing: ShardListing
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Path of every image, and the name that it should have."""
    seen: set[str] = set()
    for source in sources:
        require_there(source, "Check the path of the images.")
        for path, name in images_of(source, listing, lambda: step(FINDING, len(seen), None)):
            if path not in seen:
                seen.add(path)
                if len(seen) % 1000 == 0:
                    step(FINDING, len(seen), None)
                yield path, name


class _Names:
    """Gives every file a name of its own, on systems that ignore case as well."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, wanted: str) -> str:
        """The name, or one with a number where it is taken."""
        name, number = wanted, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{stem(wanted)} ({number}){posixpath.splitext(wanted)[1]}"
        self._taken.add(name.casefold())
        return name


@dataclass
class _Into:
    """The folder that images are copied into, and what came there so far."""

    folder: Path
    augmentation: Augmentation
    names: _Names = field(default_factory=_Names)
    copied: int = 0
    augmented: int = 0
    problems: list[Remark] = field(default_factory=list)

    def add(self, number: int, path: str, wanted: str, tick: Callable[[], None]) -> None:
        """An image with its augmented ones; `tick` is called before each, and may stop."""
        try:
            data = read_file(path)
            header = check_image(data, path)
            image = decode_image(data, path) if self.augmentation.kinds else None
        except ImageError as error:
            self.problems.append(error.remark)
            return
        name = self.names.free(wanted)
        _write(self.folder / name, data)
        self.copied += 1
        if image is None:
            return
        suffix = ".jpg" if header.format in _AS_JPEG else ".png"
        for kind, changed in augmented_images(image, self.augmentation, number):
            tick()
            free = self.names.free(f"{stem(name)}.{kind}{suffix}")
            _write(self.folder / free, _encoded(changed, suffix))
            self.augmented += 1


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)


def _encoded(image: Image, suffix: str) -> bytes:
    from core.images.opencv import cv2

    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if suffix == ".jpg" else []
    made, data = cv2.imencode(suffix, image, options)
    if not made:
        raise InputError("An augmented image could not be encoded.", "Try less augmentation.")
    return bytes(data.tobytes())
