"""Every .npz that the program stores, with arrays in it that do not fit; and the images' hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.base import Base
from tests.hostile.case import Case
from tests.hostile.inputs.stored_values import (
    Ask,
    compare_reports,
    export_as,
    look,
    resume_benchmark,
    work,
)
from tests.hostile.mutations import BROKEN, Random, array_changes
from tests.hostile.room import Room
from tests.hostile.running import Asked

KINDS: dict[str, tuple[str, tuple[Ask, ...]]] = {
    "detections of a report": ("reports/*/parent.npz", (export_as("csv"), look)),
    "other detections of a report": (
        "reports/*/optimized.npz", (export_as("coco"), compare_reports, look),
    ),
    "detections in f32 of a report": (
        "reports/*/optimized_f32.npz", (export_as("html"), compare_reports, look),
    ),
    "ground truth of a report": ("reports/*/truth.npz", (look,)),
    "samples of a benchmark": ("benchmarks/*/samples.npz", (look, resume_benchmark)),
    "detections in the cache": ("detections/*[0-9a-f].npz", (work,)),
    "figures in the cache": ("detections/*.figures.npz", (work,)),
}  # fmt: skip

HASHES = "detections/*.sha256"


def cases(example: Base) -> Iterator[Case]:
    """The changes that are possible depend on the arrays, which `example` has."""
    for kind, (pattern, readers) in KINDS.items():
        for number, how in enumerate(array_changes(example.first(pattern))):
            yield Case(kind, how, changed(pattern, readers[number % len(readers)], how))
    for how in BROKEN:
        yield Case("hashes in the cache", how, broken(how))


def broken(how: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        base.workspace_in(room)
        file: Path = sorted(room.workspace.glob(HASHES))[0]
        file.write_bytes(BROKEN[how](file.read_bytes()))
        return work(room, base, file)

    return build


def changed(pattern: str, ask: Ask, how: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        base.workspace_in(room)
        file: Path = sorted(room.workspace.glob(pattern))[0]
        file.write_bytes(array_changes(file)[how]())
        return ask(room, base, file)

    return build
