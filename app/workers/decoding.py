"""An image for the window: decoded by the engine, as the models saw it, with smaller copies."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.kit.text import displayable
from core.errors import InputError

Pixels = NDArray[np.uint8]

_log = logging.getLogger(__name__)
_LARGE = 12_000_000  # pixels, from which decoding takes long enough to be noticed
_COARSE = 1024  # longest side of a coarse copy
_SMALLEST_LEVEL = 512  # longest side, in pixels, from which no smaller copy is made


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """An image, or the sentence that says why there is none.

    Attributes:
        pixels: uint8 BGR ``[height, width, 3]``; the image turned as EXIF says, then copies of
            half the size each.
        error: empty, or one sentence or two for the user; then `pixels` is empty.
        mark: of the file, see `core.images.marks`; 0 where it is not known.
        levels: the same as images that can be painted; they share the memory of `pixels`.
    """

    path: Path
    pixels: tuple[Pixels, ...] = ()
    error: str = ""
    mark: int = 0
    levels: tuple[QImage, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", tuple(_as_image(level) for level in self.pixels))

    @property
    def size_bytes(self) -> int:
        """Memory that the pixels take."""
        return sum(level.nbytes for level in self.pixels)


def load_image(path: Path, stopping: Callable[[], bool] = lambda: False) -> LoadedImage:
    """The image at `path`, ready for any zoom. Never raises: failures are sentences.

    `stopping` is asked from time to time whether anybody still waits for it.
    """
    from core.images.decode import decode_image, read_file
    from core.images.marks import mark_of

    def load() -> LoadedImage:
        data = read_file(path)
        return LoadedImage(
            path, _levels(decode_image(data, str(path)), stopping), mark=mark_of(data)
        )

    return _explained(path, load)


def load_coarse(path: Path, stopping: Callable[[], bool] = lambda: False) -> LoadedImage:
    """A small copy of a large image, had much sooner; no pixels where there is no such copy.

    Only JPEG can be decoded small. What is wrong with a file, `load_image` tells.
    """
    from core.images.decode import read_reduced, read_size

    try:
        header = read_size(path)
        if header.format == "JPEG" and header.width * header.height >= _LARGE:
            return LoadedImage(path, (read_reduced(path, _COARSE),))
    except InputError:
        pass
    return LoadedImage(path)


def load_thumbnail(path: Path, longest: int) -> LoadedImage:
    """The image at `path`, at most `longest` pixels wide and high. Never raises either."""
    from core.images.decode import read_reduced

    return _explained(path, lambda: LoadedImage(path, (read_reduced(path, longest),)))


def _explained(path: Path, load: Callable[[], LoadedImage]) -> LoadedImage:
    from core.images.opening import is_there

    name = displayable(path.name)
    try:
        return load()
    except InputError as error:
        if not (is_there(path) or path.exists()):  # a folder is there, too
            folder = displayable(str(path.parent))
            gone = f"{name} is no longer in {folder}. Put the file back to see it."
            return LoadedImage(path, error=gone)
        return LoadedImage(path, error=displayable(error.what.replace(str(path), name)))
    except MemoryError:
        return LoadedImage(path, error=f"{name} is too large for the memory of this computer.")
    except Exception:  # the thread's boundary: a broken image must not end it
        _log.exception("decoding %r failed", path)
        return LoadedImage(path, error=f"{name} could not be decoded.")


def _levels(pixels: Pixels, stopping: Callable[[], bool]) -> tuple[Pixels, ...]:
    from core.images.opencv import cv2

    levels = [pixels]
    while max(levels[-1].shape[:2]) > _SMALLEST_LEVEL and not stopping():
        height, width = levels[-1].shape[:2]
        size = ((width + 1) // 2, (height + 1) // 2)
        smaller = cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(smaller, np.uint8))
    return tuple(levels)


def _as_image(pixels: Pixels) -> QImage:
    """Painted as it is, since the copy in Qt's own order would take a third more memory."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_BGR888)
