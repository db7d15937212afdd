"""Values that are written to disk or sent between processes: frozen, typed, checked when read."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import msgspec

from core.errors import WorkbenchError


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every value that has a JSON form."""


V = TypeVar("V")
Plain = dict[str, Any]
"""A value as JSON has it, once it is rendered."""


def _encode_other(thing: Any) -> Any:
    if isinstance(thing, Path):
        return str(thing)
    raise NotImplementedError(f"{type(thing).__name__} has no JSON form")


def _decode_other(wanted: type, thing: Any) -> Any:
    if wanted is Path and isinstance(thing, str):
        return Path(thing)
    raise NotImplementedError(f"{wanted.__name__} has no JSON form")


def to_json(value: Any) -> bytes:
    """JSON of a value, on one line."""
    try:
        return msgspec.json.encode(value, enc_hook=_encode_other)
    except UnicodeEncodeError:  # a file name that is not UTF-8: only an escape can hold it
        return json.dumps(to_plain(value), separators=(",", ":")).encode()


def from_json(data: bytes | str, wanted: Any) -> Any:
    """The value in `data`; raises msgspec.ValidationError or DecodeError where it is not one."""
    try:
        return msgspec.json.decode(data, type=wanted, dec_hook=_decode_other)
    except msgspec.DecodeError:
        if "\\ud" not in str(data):
            raise
    try:
        return msgspec.convert(json.loads(data), wanted, dec_hook=_decode_other)
    except (UnicodeError, json.JSONDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def to_plain(value: Any) -> Any:
    """`value` as dicts, lists, numbers and strings."""
    return msgspec.to_builtins(value, enc_hook=_encode_other)


def from_plain(plain: Any, wanted: type[V]) -> V:
    """The value that `to_plain` made `plain` of; raises msgspec.ValidationError otherwise."""
    return msgspec.convert(plain, wanted, dec_hook=_decode_other)


def write_bytes_whole(path: Path, data: bytes) -> None:
    """Write so that `path` holds the old bytes or the new ones, whatever happens in between."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any, *, indent: int = 1) -> None:
    """Write the JSON form of `value` to `path`, whole or not at all."""
    data = to_json(value)
    with suppress(msgspec.DecodeError):  # it has names that are not UTF-8, and stays on one line
        data = msgspec.json.format(data, indent=indent)
    write_bytes_whole(path, data + b"\n")


def read_json(path: Path, wanted: type[V]) -> V:
    """The value stored at `path`; raises WorkbenchError if it is missing or damaged."""
    try:
        value: V = from_json(path.read_bytes(), wanted)
        return value
    except FileNotFoundError:
        raise WorkbenchError(f"{path} is missing.", "Run the step that makes it again.") from None
    except (msgspec.DecodeError, OSError) as error:
        raise WorkbenchError(
            f"{path} cannot be read: {error}.", "Run the step that makes it again."
        ) from error
