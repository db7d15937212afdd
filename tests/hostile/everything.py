"""All hostile inputs, and how one is tried."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.base import Base
from tests.hostile.case import Case
from tests.hostile.inputs import (
    arguments,
    arrays,
    databases,
    datasets,
    images,
    limits_files,
    models,
    project_files,
    special_files,
    stored_values,
)
from tests.hostile.room import clear, make_room
from tests.hostile.running import Asked, Program, Ran

SEED = 1


def all_cases(base: Base) -> Iterator[Case]:
    """Every input, those of one kind together."""
    yield from arguments.cases()
    yield from stored_values.cases()
    yield from arrays.cases(base)
    yield from databases.cases()
    yield from limits_files.cases()
    yield from project_files.cases()
    yield from special_files.cases()
    yield from models.cases()
    yield from datasets.cases()
    yield from images.cases()


def share(cases: Iterator[Case], one_of: int, part: int) -> Iterator[Case]:
    """One of so many, chosen by name: always the same for one part."""
    for case in cases:
        if zlib.crc32(case.title.encode()) % one_of == part % one_of:
            yield case


def attempt(program: Program, base: Base, case: Case, seed: int, root: Path) -> tuple[Asked, Ran]:
    """What was asked, and how it went; the room is cleared afterwards."""
    room = make_room(root)
    try:
        asked = case.asked(room, base, seed)
        return asked, program.run(room, asked, refused=case.refused)
    finally:
        clear(room)
