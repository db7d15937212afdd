"""The JSON file of COCO, as far as detection needs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from core.datasets.reading import read_limited, read_start
from core.errors import InputError

MAX_JSON_BYTES = 1024 * 1024 * 1024  # COCO's largest has 450 MB
_NOT_JSON = re.compile(rb"(?<=[\[,:\s])(?:-?Infinity|NaN)(?=[\],}\s])")
_WAY_OUT = "Mend it, or drop the folder with the images alone."

Number = float | int | None
Id = int | str


class CocoImage(msgspec.Struct):
    """An entry of ``images``."""

    id: Id
    file_name: str
    width: Number = None
    height: Number = None


class CocoAnnotation(msgspec.Struct, gc=False):
    """An entry of ``annotations``; outlines are kept as text, since few are needed."""

    image_id: Id
    category_id: int
    bbox: list[Number] | None = None
    area: Number = None
    iscrowd: int | bool | None = 0
    segmentation: msgspec.Raw = msgspec.Raw(b"")


class CocoCategory(msgspec.Struct):
    """An entry of ``categories``."""

    id: int
    name: Id


class CocoFile(msgspec.Struct):
    """The file. Annotations may be missing: a file of names and sizes alone."""

    images: list[CocoImage]
    categories: list[CocoCategory]
    annotations: list[CocoAnnotation] = []


class CocoNames(msgspec.Struct):
    """The file without its annotations, which are most of it."""

    images: list[CocoImage]
    categories: list[CocoCategory]


class RunLengths(msgspec.Struct):
    """An outline as run lengths: ``size`` is height, width."""

    size: tuple[int, int]
    counts: str | list[int]


class NotCocoError(InputError):
    """A file that only looked like COCO's."""


def looks_like_coco(path: Path) -> bool:
    """Whether a JSON file has at its beginning what COCO's have; quick, and may be mistaken."""
    start = read_start(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{"):
        return False
    keys = (b'"images"', b'"annotations"', b'"categories"')
    return any(key in start for key in keys) or (b'"info"' in start and b'"licenses"' in start)


def read_names(path: Path) -> CocoNames:
    """Images and categories; raises InputError where the file is damaged or another kind."""
    return _read(path, CocoNames)


def read_coco(path: Path) -> CocoFile:
    """All of it; raises InputError where the file is damaged or another kind."""
    return _read(path, CocoFile)


def run_lengths(annotation: CocoAnnotation) -> RunLengths | None:
    """The outline of a crowd, where it is given as run lengths."""
    try:
        return msgspec.json.decode(annotation.segmentation, type=RunLengths)
    except msgspec.DecodeError:
        return None


T = TypeVar("T")


def _read(path: Path, wanted: type[T]) -> T:
    try:
        data = read_limited(path, MAX_JSON_BYTES)
    except FileNotFoundError:
        raise InputError(f"{path} is no longer there.", "Put it back, or import again.") from None
    try:
        return _decode(data, wanted)
    except msgspec.ValidationError as error:
        raise NotCocoError(f"{path} is no COCO file: {error}.", _WAY_OUT) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise InputError(f"{path} is damaged: {error}.", _WAY_OUT) from error


def _decode(data: bytes, wanted: type[T]) -> T:
    """As strictly as the file allows: NaN becomes null, and 1.0 a number of a class."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(data, type=wanted)
    except msgspec.ValidationError:
        return msgspec.json.decode(data, type=wanted, strict=False)
    except msgspec.DecodeError:
        mended = _NOT_JSON.sub(b"null", data)
        if mended == data:
            raise
        return msgspec.json.decode(mended, type=wanted, strict=False)
