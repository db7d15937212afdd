"""The JSON file of COCO, as far as detection needs it."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from core.damage import in_words
from core.datasets.json_pieces import JsonPieces, UnusualError
from core.datasets.reading import WAY_OUT, read_limited, text_start
from core.detection.text import NotTextError, as_utf8
from core.errors import InputError
from core.files import sentence
from core.remarks.words import shortened

MAX_JSON_BYTES = 1024 * 1024 * 1024  # of a file that must be read whole, as one that is not UTF-8
STREAMED_BYTES = 32 * 1024 * 1024
"""Larger files are read some entries at a time, however large they are."""
MOST_ENTRIES = 50_000_000  # of a list: some 70 bytes of each box stay in memory
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


_ENTRIES = {"images": CocoImage, "annotations": CocoAnnotation, "categories": CocoCategory}


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


Take = Mapping[str, Callable[[list[Any]], None]]
"""What gets the entries of ``images``, ``annotations`` or ``categories``, some at a time."""


def read_coco(
    path: Path, begin: Callable[[], Take], tick: Callable[[], None] = lambda: None
) -> None:
    """Give out the entries of some lists in the file's order, to what `begin` gives.

    `tick` is called now and then while a large file is read, and may raise to stop.
    It may have to begin again, where a file that is not as usual must be read whole. Raises
    InputError where the file is damaged or another kind. All else of the file is looked at, but
    not given out. A large file is never all in memory.
    """
    size = 0
    try:
        size = path.stat().st_size
        if size > STREAMED_BYTES:
            _read_in_pieces(path, begin(), tick)
            return
    except FileNotFoundError:
        raise InputError(f"{path} no longer exists.", "Put it back, or import again.") from None
    except (UnusualError, msgspec.DecodeError, UnicodeError, OSError) as error:
        if isinstance(error, msgspec.ValidationError) or size > MAX_JSON_BYTES:
            raise _refused(path, error) from error
    take = begin()
    whole = _read(path, CocoFile if "annotations" in take else CocoNames)
    for name, taken in take.items():
        taken(getattr(whole, name))


def _read_in_pieces(path: Path, take: Take, tick: Callable[[], None]) -> None:
    pieces, before = JsonPieces(path), Counter[str]()
    for name, piece in pieces.lists():
        tick()
        wanted = _ENTRIES[name] if name in take else msgspec.Raw
        try:
            entries = _decode(piece, list[wanted])  # type: ignore[valid-type]  # for msgspec
        except msgspec.ValidationError as error:
            raise _of_whole(error, name, before[name]) from error
        before[name] += len(entries)
        if before[name] > MOST_ENTRIES:
            raise UnusualError(f"it has more than {MOST_ENTRIES:,} {name}")
        if name in take:
            take[name](entries)
    _decode(pieces.frame.removeprefix(codecs.BOM_UTF8), CocoFile)  # what must be there


def _of_whole(error: msgspec.ValidationError, name: str, before: int) -> msgspec.ValidationError:
    """The same with the place in the file, not in the piece."""
    text = re.sub(
        r"`\$\[(\d+)\]", lambda found: f"`$.{name}[{before + int(found[1])}]", str(error), count=1
    )
    return msgspec.ValidationError(text)


def _refused(path: Path, error: Exception) -> InputError:
    if isinstance(error, OSError):
        return InputError(sentence(path, error), WAY_OUT)
    if isinstance(error, msgspec.ValidationError):
        return NotCocoError(f"{path} is not a COCO file: {in_words(error)}.", WAY_OUT)
    return InputError(f"{path} is damaged: {in_words(error)}.", WAY_OUT)


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
    except (msgspec.DecodeError, RecursionError, UnicodeError, NotTextError) as error:
        raise _refused(path, error) from error


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
