"""JSON of values whose long lists are never whole in memory: the bytes that a whole value gives."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

import msgspec

from core.values import encode_json, to_plain


@dataclass(frozen=True)
class ListInPieces:
    """A list, such as that of a table's rows: `pieces` gives it anew each time, some at a time."""

    pieces: Callable[[], Iterable[list[Any]]]


Laid = Callable[[Any], bytes]


def write_plain(file: IO[bytes], value: Any, *, readable: bool = True) -> None:
    """Write JSON to a file that can be written again from its start.

    `value` is a `ListInPieces`, or a dict of values that may be such lists. Where it is `readable`
    it is laid out as `core.values.write_json` does, else on one line. Names of files that are not
    UTF-8 can only be escaped, and then all that is not ASCII is, on one line.
    """
    try:
        _write(file, _pieces(value, _readable, "\n") if readable else _pieces(value, encode_json))
    except UnicodeEncodeError:
        _write(file, _pieces(value, _escaped))


def _write(file: IO[bytes], pieces: Iterable[bytes]) -> None:
    file.seek(0)
    file.truncate()
    for piece in pieces:
        file.write(piece)
    file.write(b"\n")


def _pieces(value: Any, laid: Laid, line: str = "") -> Iterator[bytes]:
    """The text of a value that `laid` gives of the whole; `line` begins each line, if there are."""
    begin = line.encode()
    if isinstance(value, ListInPieces):
        before = b"["
        for some in value.pieces():
            if some:
                inside = laid(some)[1:-1].removesuffix(b"\n")
                yield before + (inside.replace(b"\n", begin) if begin else inside)
                before = b","
        yield begin + b"]" if before == b"," else b"[]"
    elif isinstance(value, dict) and any(isinstance(one, ListInPieces) for one in value.values()):
        inner = f"{line} " if line else ""
        before = b"{"
        for name, one in value.items():
            yield before + inner.encode() + laid(name) + (b": " if line else b":")
            yield from _pieces(one, laid, inner)
            before = b","
        yield begin + b"}"
    else:
        whole = laid(value)
        yield whole.replace(b"\n", begin) if begin else whole


def _readable(value: Any) -> bytes:
    return msgspec.json.format(encode_json(value), indent=1)


def _escaped(value: Any) -> bytes:
    return json.dumps(to_plain(value), separators=(",", ":")).encode()
