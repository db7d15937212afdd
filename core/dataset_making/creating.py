"""A new dataset from dropped images: copies, and augmented images of them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from core.datasets.reading import stem
from core.errors import InputError
from core.images.augment import Augmentation, Image, augmented_images
from core.images.decode import ImageError, check_image, decode_image, read_file
from core.images.listing import IMAGE_SUFFIXES, list_images
from core.refusals import require_there
from core.remarks.remark import Remark
from core.remarks.sentences import sentence

STAGE = "Copying the images"
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
    """Copy images, and those below folders, into ``images`` in `folder`, with augmented ones.

    Originals are copied byte for byte and keep their names, in the folders they came in; names
    that clash get a number. Images that cannot be read are left out and listed. `step` hears of
    the progress and may raise to stop. Raises InputError where there is no image at all.
    """
    step("Finding the images", 0, None)
    found = list(_found(sources, step))
    if not found:
        raise InputError(
            "None of the chosen files is an image.",
            "Choose JPEG, PNG, BMP, WebP or TIFF files, or folders of them.",
        )
    into = _Into(folder / IMAGES, augmentation)
    for number, (path, wanted) in enumerate(found):
        step(STAGE, number, len(found))
        into.add(number, path, wanted, partial(step, STAGE, number, len(found)))
    step(STAGE, len(found), len(found))
    if not into.copied:
        raise InputError(
            f"None of the {len(found):,} images could be read.",
            f"The first one: {sentence(into.problems[0])}",
        )
    return Created(into.copied, into.augmented, tuple(into.problems))


def _found(
    sources: Sequence[Path], step: Callable[[str, int, int | None], None]
) -> Iterator[tuple[str, str]]:  # fmt: skip
    """Path of every image, and the name that it should have."""
    seen: set[str] = set()
    for source in sources:
        require_there(source, "Check the path of the images.")
        if source.is_dir():
            top = source.resolve()
            title = top.name.lstrip(".") or "images"  # a hidden folder would stay unseen
            inside = [(f"{top}/{name}", f"{title}/{name}") for name in list_images(top)]
        elif source.suffix.lower() not in IMAGE_SUFFIXES:
            raise InputError(
                f"{source} does not have the file name of an image.",
                "Name JPEG, PNG, BMP, WebP or TIFF files, or folders of them.",
            )
        else:
            inside = [(str(source.absolute()), source.name)]
        for path, name in inside:
            if path not in seen:
                seen.add(path)
                if len(seen) % 1000 == 0:
                    step("Finding the images", len(seen), None)
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
