"""The JSON file of COCO, as far as detection needs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from core.damage import in_words
from core.datasets.reading import WAY_OUT, read_limited, text_start
from core.detection.text import NotTextError, as_utf8
from core.errors import InputError
from core.remarks.words import shortened

MAX_JSON_BYTES = 1024 * 1024 * 1024  # COCO's largest has 450 MB
_NOT_JSON = re.compile(rb"(?<=[\[,:\s])(?:-?Infinity|NaN)(?=[\],}\s])")

Number = float | int | None
Id = int | str | float


class CocoImage(msgspec.Struct):
    """An entry of ``images``."""

    id: Id
    file_name: str
    width: Number = None
    height: Number = None


class CocoAnnotation(msgspec.Struct, gc=False):
    """An entry of ``annotations``; outlines are kept as text, since few are needed."""

    image_id: Id
    category_id: Id | None = None
    bbox: list[Number] | None = None
    area: Number = None
    iscrowd: int | bool | None = 0
    segmentation: msgspec.Raw = msgspec.Raw(b"")


class CocoCategory(msgspec.Struct):
    """An entry of ``categories``."""

    id: Id
    name: Id


class CocoFile(msgspec.Struct):
    """The file. Annotations may be missing: a file of names and sizes alone."""

    images: list[CocoImage]
    categories: list[CocoCategory] = []
    annotations: list[CocoAnnotation] = []


class CocoNames(msgspec.Struct):
    """The file without its annotations, which are most of it."""

    images: list[CocoImage]
    categories: list[CocoCategory] = []


class RunLengths(msgspec.Struct):
    """An outline as run lengths: ``size`` is height, width."""

    size: tuple[int, int]
    counts: str | list[int]


class NotCocoError(InputError):
    """A file that only looked like COCO's."""


def looks_like_coco(path: Path) -> bool:
    """Whether a JSON file has at its beginning what COCO's have; quick, and may be mistaken."""
    start = text_start(path).lstrip()
    if not start.startswith("{"):
        return False
    keys = ('"images"', '"annotations"', '"categories"')
    return any(key in start for key in keys) or ('"info"' in start and '"licenses"' in start)


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
    except (msgspec.DecodeError, UnicodeError):
        return None


def outline_bounds(annotation: CocoAnnotation) -> list[float] | None:
    """Left, top, width and height of an outline of polygons, for boxes that are not given."""
    try:
        polygons = msgspec.json.decode(annotation.segmentation, type=list[list[float]])
    except (msgspec.DecodeError, UnicodeError):
        return None
    xs = [x for polygon in polygons for x in polygon[0::2]]
    ys = [y for polygon in polygons for y in polygon[1::2]]
    if not xs or not ys:
        return None
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def real(number: Number) -> float:
    """The number; NaN where there is none, infinite where it is too large."""
    try:
        return float("nan") if number is None else float(number)
    except OverflowError:
        return float("inf")


def text_of(identity: Id | None) -> str:
    """A name or number as a text, however long; "" where there is none."""
    return "" if identity is None else str(identity)


def shown(identity: Id | None) -> str:
    """As `text_of`, for a sentence: of a long one its beginning and how long it is."""
    return shortened(text_of(identity).strip())


def same_id(identity: Id | None) -> str:
    """Equal for ids that mean the same: 1, 1.0, "1" and "0001"."""
    if isinstance(identity, float) and identity.is_integer() and abs(identity) < 2**63:
        identity = int(identity)
    text = text_of(identity).strip()
    return text.lstrip("0") or "0" if text.isdecimal() else text


T = TypeVar("T")


def _read(path: Path, wanted: type[T]) -> T:
    try:
        data = read_limited(path, MAX_JSON_BYTES)
    except FileNotFoundError:
        raise InputError(f"{path} no longer exists.", "Put it back, or import again.") from None
    try:
        try:
            return _decode(data, wanted)
        except (msgspec.DecodeError, UnicodeError):
            text = as_utf8(data)  # JSON is UTF-8 by its rules, and not always in fact
            if text == data:
                raise
            return _decode(text, wanted)
    except msgspec.ValidationError as error:
        raise NotCocoError(f"{path} is not a COCO file: {in_words(error)}.", WAY_OUT) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError, NotTextError) as error:
        raise InputError(f"{path} is damaged: {in_words(error)}.", WAY_OUT) from error


def _decode(data: bytes, wanted: type[T]) -> T:
    """As strictly as the file allows: NaN becomes null."""
    try:
        return msgspec.json.decode(data, type=wanted)
    except msgspec.ValidationError:
        return msgspec.json.decode(data, type=wanted, strict=False)
    except msgspec.DecodeError:
        fixed = _NOT_JSON.sub(b"null", data)
        if fixed == data:
            raise
        return msgspec.json.decode(fixed, type=wanted, strict=False)
