"""Values that are written to disk or sent between processes: frozen, typed, checked when read."""

from __future__ import annotations

import difflib
import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

import msgspec

from core.damage import in_words
from core.errors import WorkbenchError, shown
from core.files import (
    NotRegularError,
    TooLargeError,
    read_regular,
    require_replaceable,
    sentence,
)
from core.unfinished import unfinished


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every value that has a JSON form."""


LARGEST_JSON = 2**30  # bytes: the list of a million images has a tenth
MAKE_AGAIN = "Run the step that makes it again."


class Stored(Value, frozen=True, kw_only=True):
    """A value that is kept in a file of its own, for later versions of the program.

    A subclass whose form changes gives `version` another default; `read_json` refuses the others.
    """

    version: int = 1


V = TypeVar("V")
T = TypeVar("T")
Plain = dict[str, Any]
"""A value as JSON has it, once it is rendered."""


def _encode_other(thing: Any) -> Any:
    if isinstance(thing, Path):
        return str(thing)
    raise NotImplementedError(f"{type(thing).__name__} has no JSON form")


def _decode_other(wanted: type, thing: Any) -> Any:
    if wanted is Path and isinstance(thing, str):
        return Path(thing)
    raise ValueError(f"expected a {wanted.__name__.lower()}")


_building = threading.RLock()
_built: set[Any] = set()


def ready(wanted: T) -> T:
    """`wanted`, with all that msgspec finds out about a type when it is first read.

    Two threads that find it out of types with a part in common end the program (msgspec 0.22):
    one takes the part that the other has not finished.
    """
    if wanted not in _built:
        with _building:
            msgspec.json.Decoder(wanted, dec_hook=_decode_other)
            _built.add(wanted)
    return wanted


def encode_json(value: Any) -> bytes:
    """JSON of a value, on one line; raises UnicodeEncodeError of a name that is not UTF-8."""
    return msgspec.json.encode(value, enc_hook=_encode_other)


def to_json(value: Any) -> bytes:
    """JSON of a value, on one line."""
    try:
        return encode_json(value)
    except UnicodeEncodeError:  # a file name that is not UTF-8: only an escape can hold it
        return json.dumps(to_plain(value), separators=(",", ":")).encode()


def from_json(data: bytes | str, wanted: Any) -> Any:
    """The value in `data`; raises msgspec.ValidationError or DecodeError where it is not one."""
    try:
        return msgspec.json.decode(data, type=ready(wanted), dec_hook=_decode_other)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deeply") from error
    except UnicodeDecodeError as error:  # which msgspec lets through
        raise msgspec.DecodeError("it is not UTF-8") from error
    except msgspec.DecodeError:
        if (b"\\ud" if isinstance(data, bytes) else "\\ud") not in data:  # type: ignore[operator]  # both are of one kind
            raise
    try:  # a file name that is not UTF-8 is a lone surrogate, which only this reads
        plain = json.loads(data, parse_constant=_no_constant)
        return msgspec.convert(plain, ready(wanted), dec_hook=_decode_other)
    except (ValueError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def to_plain(value: Any) -> Any:
    """`value` as dicts, lists, numbers and strings."""
    return msgspec.to_builtins(value, enc_hook=_encode_other)


def from_plain(plain: Any, wanted: type[V]) -> V:
    """The value that `to_plain` made `plain` of; raises msgspec.ValidationError otherwise."""
    return msgspec.convert(plain, ready(wanted), dec_hook=_decode_other)


def write_bytes_whole(path: Path, data: bytes) -> None:
    """Write so that `path` holds the old bytes or the new ones, whatever happens in between."""
    write_all_whole({path: data})


def write_all_whole(files: Mapping[Path, bytes]) -> None:
    """Write several files, each whole; none appears before all are on the disk. Raises OSError."""
    for path in files:
        require_replaceable(path)
    written: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            written[path] = unfinished(path)
            with written[path].open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        for path, temporary in written.items():
            temporary.replace(path)
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Any, *, indent: int = 1) -> None:
    """Write the JSON form of `value` to `path`, whole or not at all."""
    data = to_json(value)
    with suppress(msgspec.DecodeError):  # it has names that are not UTF-8, and stays on one line
        data = msgspec.json.format(data, indent=indent)
    write_bytes_whole(path, data + b"\n")


def read_json(path: Path, wanted: type[V], *, by_hand: bool = False) -> V:
    """The value stored at `path`.

    Raises WorkbenchError, which names the file, where it is missing, damaged, or in the form of
    another version. What people write `by_hand` need not say its version, and may have no other
    names than are known: one of them is misspelt.
    """
    try:
        data = read_regular(path, LARGEST_JSON)
        _require_version(path, data, wanted, by_hand)
        value: V = from_json(data, wanted)
        if by_hand:
            _require_known(from_json(data, Any), to_plain(value))
        return value
    except FileNotFoundError:
        raise WorkbenchError(f"{path} is missing.", MAKE_AGAIN) from None
    except msgspec.DecodeError as error:
        raise WorkbenchError(f"{path} is damaged: {in_words(error)}.", MAKE_AGAIN) from error
    except (NotRegularError, TooLargeError) as error:
        raise WorkbenchError(
            sentence(path, error), "Put a file in its place, or run the step that makes it again."
        ) from error
    except OSError as error:
        raise WorkbenchError(sentence(path, error), "Check the file's permissions.") from error


def _require_known(given: Any, known: Any, place: str = "") -> None:
    """Raises DecodeError where `given` has a name that `known`, which was made of it, has not."""
    if isinstance(given, dict) and isinstance(known, dict):
        for name, value in given.items():
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                meant = f" (did you mean {close[0]}?)" if close else ""
                raise msgspec.DecodeError(f"{place}{shown(name)} is not known{meant}")
            _require_known(value, known[name], f"{place}{name}.")
    elif isinstance(given, list) and isinstance(known, list):
        for one, read in zip(given, known, strict=True):
            _require_known(one, read, place)


class _Version(msgspec.Struct):
    version: int | None = None


def _require_version(path: Path, data: bytes, wanted: type, by_hand: bool) -> None:
    if not (isinstance(wanted, type) and issubclass(wanted, Stored)):
        return
    (ours,) = (one.default for one in msgspec.structs.fields(wanted) if one.name == "version")
    found = from_json(data, _Version).version
    if found == ours or (found is None and by_hand):
        return
    if found is not None and found > ours:
        raise WorkbenchError(
            f"{path} was written by a newer version of the program.", "Update the program."
        )
    raise WorkbenchError(
        f"{path} was written by an older version of the program, whose files are not supported.",
        "Make it again with this version; the file was left as it is.",
    )
