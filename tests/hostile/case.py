"""A hostile input: what is written, and what the program is asked to do with it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.hostile.base import Base
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked

Build = Callable[[Room, Base, Random], Asked]


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        kind: of the file, or ``arguments``.
        name: what is wrong, unique within its kind.
        build: writes the input into the room, and gives what is asked.
        refused: whether the program must not accept it.
    """

    kind: str
    name: str
    build: Build
    refused: bool = False

    @property
    def title(self) -> str:
        return f"{self.kind}: {self.name}"

    def asked(self, room: Room, base: Base, seed: int) -> Asked:
        """The input written, and what is asked; the same for the same seed."""
        return self.build(
            room, base, np.random.default_rng([seed, zlib.crc32(self.title.encode())])
        )


def typed(*parts: object) -> Asked:
    """A command line."""
    return Asked(tuple(str(part) for part in parts))


def looked_at(room: Room) -> Asked:
    """What the window reads of a workspace, without a window."""
    return Asked((str(room.workspace), "look"), "tests.hostile.services")


def worked_with(room: Room) -> Asked:
    """What the window does with a workspace: a report, an export, a deletion."""
    return Asked((str(room.workspace), "work"), "tests.hostile.services")
