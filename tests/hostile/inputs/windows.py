"""Damaged workspaces, as the window opens them; the cases need Qt, and a display that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.base import Base
from tests.hostile.case import Case
from tests.hostile.inputs import arrays, databases, stored_values
from tests.hostile.mutations import Random, array_changes
from tests.hostile.room import Room
from tests.hostile.running import Asked, Program
from tests.hostile.user import User

INI = {
    "of noise": bytes(range(256)) * 40,
    "of objects": b"[General]\ngeometry=@Variant(\\0\\0\\0\\x7f)\ntheme=@ByteArray(x)\n",
    "of a false geometry": b"[General]\ngeometry=@ByteArray(" + b"\\xff" * 200 + b")\ntheme=\n",
    "of a long theme": b"[General]\ntheme=" + b"x" * 2_000_000,
}


def start(user: User | None = None) -> Program:
    """The window, ready to be copied."""
    return Program(modules=("app.shell.composition", "tests.hostile.window"), user=user)


def looked_at(room: Room, base: Base, file: Path) -> Asked:
    """Every project, tab and report, in the window."""
    return Asked((str(room.workspace),), "tests.hostile.window")


def cases(example: Base) -> Iterator[Case]:
    """Of each kind of stored file some changes, every statement on the database, the settings."""
    for kind in stored_values.KINDS:
        for number in range(4):
            change = stored_values.changed(kind, looked_at)
            yield Case("window", f"{kind.name}, changed {number}", change)
        yield Case("window", f"{kind.name}, deep", stored_values.broken(kind, looked_at, "deep"))
    for kind_name, (pattern, _) in arrays.KINDS.items():
        for how in list(array_changes(example.first(pattern)))[::7]:
            yield Case("window", f"{kind_name}, {how}", arrays.changed(pattern, looked_at, how))
    for name in databases.STATEMENTS:
        yield Case("window", f"database, {name}", databases.changed(name, looked_at))
    for name, data in INI.items():
        yield Case("window", f"settings {name}", _settings(data))


def _settings(data: bytes) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        base.workspace_in(room)
        (room.workspace / "window.ini").write_bytes(data)
        return looked_at(room, base, room.workspace)

    return build
