"""Reading one image, with limits.

Every image becomes uint8 BGR, upright: 16-bit samples lose their lower byte (their full range
0..65535 is what becomes 0..255), grey and palettes become colours, CMYK is converted without a
colour profile, and transparency is laid over white. One rule turns them, ours, whatever the
decoder would do: see `core.images.orientation`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.files import NotRegularError, TooLargeError
from core.images.foreign import foreign_format
from core.images.formats.registry import END_MARKS, is_complete, read_header
from core.images.header import MAX_PIXELS, DamagedError, ImageHeader
from core.images.opening import open_image, read_bytes
from core.images.orientation import turn_pixels
from core.images.source import Held, OpenFile, Source
from core.remarks.of_images import way_out
from core.remarks.remark import Remark, remark
from core.remarks.sentences import sentence

Image = NDArray[np.uint8]

MAX_FILE_BYTES = 512 * 1024 * 1024
_SKIP = "It is left out; replace the file to use it."
_BAND_PIXELS = 1_000_000


class ImageError(InputError):
    """An image that cannot be used; `remark` says why, in a code with its facts."""

    def __init__(self, remark: Remark, next_step: str = _SKIP) -> None:
        super().__init__(sentence(remark), next_step)
        self.remark = remark


def read_image(path: Path) -> Image:
    """Pixels of the image at `path`: uint8 ``[height, width, 3]``, BGR, turned as EXIF says.

    Raises InputError where the file is not a regular file, is no image, is cut short, or
    has more than `MAX_PIXELS` pixels; that is known before anything is decoded.
    """
    return decode_image(read_file(path), str(path))


def read_reduced(path: Path, longest: int) -> Image:
    """The image at `path` as `read_image` gives it, scaled down to fit `longest` x `longest`.

    Large JPEG images are never decoded at their full size, which saves most of the time.
    """
    from core.images.opencv import cv2

    data = read_file(path)
    header = check_image(data, str(path))
    times = max(header.width, header.height) / max(1, longest)
    reduction = next((step for step in (8, 4, 2) if times >= step), 1)
    pixels = _decode(data, header, str(path), reduction)
    height, width = pixels.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def read_size(path: Path | str) -> ImageHeader:
    """What the file says about its image, reading as little of it as possible.

    Raises InputError as `read_image` does, but does not notice that the file is cut short.
    """
    try:
        with open_image(path, MAX_FILE_BYTES) as image:
            source = OpenFile(image.file.fileno(), image.size, image.start)
            return _checked(source, str(path))
    except OSError as error:
        raise _unreadable(path, error) from error


def is_image(path: Path) -> bool:
    """Whether the file begins as an image that can be decoded."""
    try:
        read_size(path)
    except InputError:
        return False
    return True


def check_image(data: bytes, name: str) -> ImageHeader:
    """The header of a whole, usable image; raises InputError, and decodes nothing."""
    header = _checked(Held(data), name)
    if not is_complete(data, header):
        mark = END_MARKS[header.format]
        raise ImageError(remark("image_cut_short", image=name, clause=mark))
    return header


def decode_image(data: bytes, name: str) -> Image:
    """The image in `data`, as `read_image` gives it; `name` is for the sentences."""
    return _decode(data, check_image(data, name), name)


def _decode(data: bytes, header: ImageHeader, name: str, reduction: int = 1) -> Image:
    """`reduction` 2, 4 or 8: of a JPEG image that part of its width and height, rounded up."""
    from core.images.opencv import cv2  # here, so that who only wants sizes needs none

    flags, size = cv2.IMREAD_COLOR, (header.height, header.width)
    if header.alpha != "none":
        flags = cv2.IMREAD_UNCHANGED
    elif header.format == "JPEG" and reduction > 1:
        flags = getattr(cv2, f"IMREAD_REDUCED_COLOR_{reduction}")
        size = (-(-header.height // reduction), -(-header.width // reduction))
    flags |= cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(_not_turned(data, header), np.uint8), flags)
    except cv2.error:
        decoded = None
    if decoded is None or decoded.shape[:2] != size:
        raise ImageError(remark("image_undecodable", image=name, format=header.format))
    return turn_pixels(_as_bgr(np.asarray(decoded), header), header.orientation)


def read_file(path: Path | str) -> bytes:
    """Bytes of a regular file of bounded size: a pipe or a device would never end."""
    try:
        return read_bytes(path, MAX_FILE_BYTES)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path | str, error: OSError) -> ImageError:
    if isinstance(error, (NotRegularError, TooLargeError)):
        return ImageError(remark("image_refused", image=path, clause=error.clause))
    reason = error.strerror or str(error)
    return ImageError(remark("image_unreadable", image=path, reason=reason))


def _checked(source: Source, name: str) -> ImageHeader:
    try:
        header = read_header(source)
    except DamagedError as error:
        damage = remark("image_damaged", image=name, clause=str(error))
        raise ImageError(damage) from error
    if header is None:
        kind = foreign_format(source.at(0, 32))
        if kind:
            raise ImageError(remark("image_foreign", image=name, kind=kind), way_out(kind))
        raise ImageError(remark("image_unknown", image=name))
    if header.refusal:
        raise ImageError(remark("image_type", image=name, clause=header.refusal))
    if min(header.width, header.height) < 1:
        raise ImageError(remark("image_empty", image=name))
    if header.width * header.height > MAX_PIXELS:
        megapixels = MAX_PIXELS // 10**6
        raise ImageError(remark("image_too_large", image=name, megapixels=megapixels))
    return header


def _not_turned(data: bytes, header: ImageHeader) -> bytes | bytearray:
    """The file without its TIFF orientation, which the decoder would heed whatever it is told."""
    if header.orientation_at is None or header.orientation == 1:
        return data
    offset, upright = header.orientation_at
    patched = bytearray(data)
    patched[offset : offset + len(upright)] = upright
    return patched


def _as_bgr(decoded: NDArray[np.generic], header: ImageHeader) -> Image:
    pixels = decoded.astype(np.uint16) >> 8 if decoded.dtype == np.uint16 else decoded
    pixels = np.asarray(pixels, np.uint8)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels.shape[2] == 2:
        pixels = pixels[:, :, [0, 0, 0, 1]]
    if pixels.shape[2] == 3:
        return pixels
    return _over_white(pixels, premultiplied=header.alpha == "premultiplied")


def _over_white(pixels: Image, *, premultiplied: bool) -> Image:
    """BGRA laid over white, some rows at a time so that the memory stays small."""
    height, width = pixels.shape[:2]
    result = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND_PIXELS // width)
    for top in range(0, height, rows):
        band = pixels[top : top + rows]
        alpha = band[:, :, 3:].astype(np.uint32)
        color = band[:, :, :3].astype(np.uint32)
        if not premultiplied:
            color = (color * alpha + 127) // 255
        result[top : top + rows] = np.minimum(color + (255 - alpha), 255)
    return result
