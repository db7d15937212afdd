"""Files of limits for ``check``, written by hand: TOML with what no limit is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.check.limits import KINDS
from tests.hostile.base import Base
from tests.hostile.case import Case, typed
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked

VALUES = ("nan", "-inf", "1e999", "9" * 5000, "-1", "true", '"1"', "[1]", "{a = 1}", "1979-05-27")
WHOLE: dict[str, bytes] = {
    "empty": b"",
    "noise": bytes(range(256)),
    "deep": b"size_mb = " + b"[" * 4000,
    "deep keys": b"a." * 4000 + b"a = 1",
    "a megabyte": b"# " + b"x" * 2**20,
    "controls": b'"\\u001b[31m" = 1\n',
    "unknown": b"x" * 4000 + b" = 1",
    "versions": b"version = 99999999999999999999999",
    "no version": b"version = {}",
    "no target": b"target = {}\nsize_mb = 100",
    "targets": b'target = ["any"]\nsize_mb = 100',
    "control characters": b'target = "\\u001b[31many"\nsize_mb = 100',
}


def cases() -> Iterator[Case]:
    """Each limit with each value, and files that are none."""
    for name in KINDS:
        for number, value in enumerate(VALUES):
            yield Case("limits", f"{name} {number}", _file(f"{name} = {value}".encode()))
    for how, data in WHOLE.items():
        yield Case("limits", how, _file(data), refused=True)


def _file(data: bytes) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        file = room.work / "limits.toml"
        file.write_bytes(data)
        gone = room.work / "none.onnx"
        return typed("check", gone, gone, base.dataset, "--limits", file)

    return build
