"""A host that does not keep to the rules: ``python -m tests.support.hostile_host HOW``."""

from __future__ import annotations

import hashlib
import os
import struct
import sys
from collections.abc import Callable
from time import sleep

from msgspec.structs import replace

from core.inference.processor import Machinery, Processor
from core.jobs.events import LogLine, Progress
from core.machines.condition import Condition
from core.machines.frames import greet, read_frame, write_frame
from core.machines.program import this_program
from core.machines.talk import (
    Ended,
    FileBytes,
    FromHome,
    Happened,
    Lacking,
    NamedFile,
    Start,
    Welcome,
)
from core.values import Value

OUT = sys.stdout.buffer
CONTENT = b"{}"
RESULT = NamedFile(name="result.json", digest=hashlib.sha256(CONTENT).hexdigest(), size=2)


def say(message: Value, data: bytes = b"") -> None:
    write_frame(OUT, message, data)


def condition() -> Condition:
    processor = Processor(
        name="p\x1b[31m" * 100, instruction_sets=(), arithmetic="exact", default_precision="f32"
    )
    return Condition(
        host="h\x07" * 500, program=this_program(), python="3", openvino="1",
        machinery=Machinery(devices={}, processor=processor), cores=1, memory_bytes=1,
        disk_bytes=1, clock=0.0,
    )  # fmt: skip


def until_start(lacking: tuple[str, ...] = ()) -> None:
    """As a host does, up to the job."""
    greet(OUT, this_program())
    say(Welcome(condition=condition()))
    say(Lacking(hashes=lacking))
    while (found := read_frame(sys.stdin.buffer, FromHome)) is not None:
        if isinstance(found[0], Start):
            return


def gives(*files: NamedFile, parts: tuple[tuple[int, bytes], ...] = ((0, CONTENT),)) -> None:
    """A result of these files, of which the first comes in these parts."""
    until_start()
    say(Ended(state="succeeded", files=files))
    for offset, data in parts:
        say(FileBytes(number=0, offset=offset), data)
    sleep(5)


def named(*names: str) -> Callable[[], None]:
    return lambda: gives(*(replace(RESULT, name=name) for name in names))


def rubbish() -> None:
    OUT.write(os.urandom(200_000))
    OUT.flush()


def other_version() -> None:
    greet(OUT, replace(this_program(), version="0.0.1"))


def nonsense() -> None:
    greet(OUT, this_program())
    OUT.write(struct.pack(">II", 4, 0) + b"nope")
    OUT.flush()


def huge() -> None:
    greet(OUT, this_program())
    OUT.write(struct.pack(">II", 2**31, 2**31))
    OUT.flush()
    sleep(5)


def cut() -> None:
    greet(OUT, this_program())
    OUT.write(struct.pack(">II", 100, 0) + b"{")
    OUT.flush()


def unasked() -> None:
    greet(OUT, this_program())
    say(FileBytes(number=0, offset=0), CONTENT)


def talkative() -> None:
    """Says far more than any job does, with what a terminal would obey, and then nothing right."""
    until_start()
    for number in range(5000):
        say(Happened(event=LogLine(text=f"\x1b]0;{number}\x07" * 1000)))
    say(Happened(event=Progress(stage="\x1b[2J" * 1000, done=-1, total=-5)))
    say(Ended(state="failed", what="\x1b[2J" * 10_000, next_step="", log="\x1b[2J" * 1000))


HOW: dict[str, Callable[[], None]] = {
    "rubbish": rubbish,
    "other_version": other_version,
    "nonsense": nonsense,
    "huge": huge,
    "cut": cut,
    "unasked": unasked,
    "talkative": talkative,
    "above": named("../result.json"),
    "absolute": named("/tmp/result.json"),
    "drive": named("C:result.json"),
    "backslash": named("..\\result.json"),
    "hidden": named(".scratch/result.json"),
    "control": named("result\n.json"),
    "reserved": named("con.json"),
    "twice": named("result.json", "RESULT.json"),
    "inside_a_file": named("result.json", "result.json/more"),
    "deep": named("/".join("a" * 20)),
    "many": named(*(f"{n}.json" for n in range(10_001))),
    "large": lambda: gives(replace(RESULT, size=2**40)),
    "negative": lambda: gives(replace(RESULT, size=-1)),
    "changed": lambda: gives(RESULT, parts=((0, b"[]"),)),
    "longer": lambda: gives(RESULT, parts=((0, b"{}" * 1000),)),
    "shuffled": lambda: gives(RESULT, parts=((1, b"}"), (0, b"{"))),
    "empty_parts": lambda: gives(RESULT, parts=((0, b""),) * 10),
    "shorter": lambda: gives(replace(RESULT, size=200)),
    "wants_others": lambda: until_start(("0" * 64,)),
}

if __name__ == "__main__":
    HOW[sys.argv[1]]()
