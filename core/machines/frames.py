"""What two machines say to each other through a pipe: a message in JSON each, perhaps with bytes.

The host begins with a line that no shell prints, which says what it is; what stands before it, such
as the greeting of a login, is passed over.
"""

from __future__ import annotations

import struct
from typing import IO, Any

import msgspec

from core.machines.program import Program
from core.values import Value, from_json, to_json

PROTOCOL = 1
MOST_DATA = 4 * 2**20  # bytes beside one message
MOST_WORDS = 64 * 2**20  # bytes of one message: the list of half a million files
_MOST_GREETING = 2**16
_LONGEST_LINE = 1000
_MARK = b"\0detection-workbench-host "
_LENGTHS = struct.Struct(">II")


class NotOurs(Exception):
    """What came is nothing that this program says; the text is the beginning of it."""


def greet(stream: IO[bytes], program: Program) -> None:
    """Say what is here: protocol and program."""
    stream.write(_MARK + b"%d " % PROTOCOL + to_json(program) + b"\n")
    stream.flush()


def greeted(stream: IO[bytes]) -> tuple[int, Program]:
    """Protocol and program of who greets; raises NotOurs where nobody does."""
    before = b""
    while not before.endswith(_MARK):
        byte = stream.read(1)
        if not byte or len(before) > _MOST_GREETING:
            raise NotOurs(before[:200].decode(errors="replace"))
        before += byte
    line = stream.readline(_LONGEST_LINE)
    number, _, program = line.partition(b" ")
    try:
        return int(number), from_json(program, Program)
    except (ValueError, msgspec.DecodeError):
        raise NotOurs(line[:200].decode(errors="replace")) from None


def write_frame(stream: IO[bytes], message: Value, data: bytes = b"") -> None:
    """Say something; raises OSError where nobody listens any more."""
    words = to_json(message)
    stream.write(_LENGTHS.pack(len(words), len(data)) + words + data)
    stream.flush()


def read_frame(stream: IO[bytes], kinds: Any) -> tuple[Any, bytes] | None:
    """What is said next, of these types, and the bytes with it; None at the end.

    Raises NotOurs where it is something else, larger than may be, or cut short.
    """
    head = stream.read(_LENGTHS.size)
    if not head:
        return None
    if len(head) < _LENGTHS.size:
        raise NotOurs("it was cut short")
    words, more = _LENGTHS.unpack(head)
    if words > MOST_WORDS or more > MOST_DATA:
        raise NotOurs(f"a message of {words + more:,} bytes")
    said, data = stream.read(words), stream.read(more)
    if len(said) < words or len(data) < more:
        raise NotOurs("it was cut short")
    try:
        return from_json(said, kinds), data
    except msgspec.DecodeError as error:
        raise NotOurs(f"{said[:100].decode(errors='replace')} ({error})") from None
