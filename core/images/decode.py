"""Reading one picture, with limits."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.images.opencv import MAX_PIXELS, cv2

Image = NDArray[np.uint8]

MAX_FILE_BYTES = 512 * 1024 * 1024
_JPEG_START = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"
_SKIP = "It is left out; replace the file to use it."


def read_image(path: Path) -> Image:
    """Pixels of the picture at `path`: uint8 ``[height, width, 3]``, BGR, turned as EXIF says.

    Raises InputError where the file is not a regular file, is no picture, is cut short, or
    has more than `MAX_PIXELS` pixels.
    """
    data = _read_limited(path)
    if data.startswith(_JPEG_START) and _JPEG_END not in data[-65536:]:
        raise InputError(f"{path} is cut short: its end-of-image marker is missing.", _SKIP)
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise InputError(
            f"{path} cannot be decoded, or has more than {MAX_PIXELS // 10**6} megapixels.", _SKIP
        ) from error
    if image is None:
        raise InputError(f"{path} is not a picture that can be read.", _SKIP)
    return np.asarray(image, np.uint8)


def _read_limited(path: Path) -> bytes:
    """Bytes of a regular file of bounded size: a pipe or a device would never end."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a regular file.", _SKIP)
        if status.st_size > MAX_FILE_BYTES:
            raise InputError(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB.", _SKIP)
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.", _SKIP) from error
