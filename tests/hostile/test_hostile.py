"""A part of the hostile inputs, at every change; ``python -m tests.hostile`` tries all of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from core.cli.table import ENTRIES
from core.datasets.registry import LAST, READERS
from core.images.listing import IMAGE_SUFFIXES
from core.models.sources import FRAMEWORKS
from core.reports.kind import ReportResult
from core.values import Stored
from tests.hostile.base import Base, make_base
from tests.hostile.case import Case
from tests.hostile.everything import SEED, all_cases, attempt, share
from tests.hostile.inputs import arguments, arrays, datasets, images, models, stored_values
from tests.hostile.room import Room, clear, make_room
from tests.hostile.running import Asked, Program
from tests.hostile.user import ordinary, place_for_all

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it watches files by Linux's means")

PART = 74  # one input of so many is tried here


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with place_for_all() as folder:
        (folder / "watched").mkdir()
        (folder / "watched").chmod(0o777)
        yield folder


@pytest.fixture(scope="module")
def base(place: Path) -> Base:
    return make_base(place / "base")


@pytest.fixture(scope="module")
def program(place: Path) -> Iterator[Program]:
    """As an ordinary user where that is possible; where not, the machine is but watched."""
    with Program(user=ordinary(place), watching=[place / "watched"]) as started:
        yield started


@pytest.fixture
def room(place: Path, request: pytest.FixtureRequest) -> Iterator[Room]:
    made = make_room(place / str(abs(hash(request.node.nodeid))))
    yield made
    clear(made)


@pytest.mark.timeout(900)
def test_a_part_of_all_inputs(base: Base, program: Program, place: Path) -> None:
    faults = []
    for number, case in enumerate(share(all_cases(base), PART, SEED)):
        asked, ran = attempt(program, base, case, SEED, place / f"room-{number}")
        if ran.faults:
            faults.append(f"{case.title}: {ran.faults}\n  {asked.arguments}\n  {ran.err[-500:]}")
    assert not faults, "\n".join(faults)
    assert number > 60


# What is new in the program's own tables must have inputs.


def test_every_command_gets_arguments(base: Base) -> None:
    names = {case.name.split()[0].rstrip(",") for case in arguments.cases()}
    assert names == set(ENTRIES)


def _kinds_of(kind: type[Stored]) -> Iterator[type[Stored]]:
    for one in kind.__subclasses__():
        yield one
        yield from _kinds_of(one)


def test_every_stored_value_is_changed() -> None:
    stored = {one for one in _kinds_of(Stored) if one.__module__.startswith("core.")}
    tried = {kind.holds for kind in stored_values.KINDS} | stored_values.ELSEWHERE
    assert stored - {ReportResult} == tried - {None}  # the reports' own are its subclasses


def test_every_kind_of_file_in_a_workspace_is_changed(base: Base) -> None:
    known = [kind.pattern for kind in stored_values.KINDS]
    known += [arrays.HASHES, *(pattern for pattern, _ in arrays.KINDS.values())]
    known += ["workspace.sqlite3*", "window.ini", "**/*.xml", "**/*.bin", "**/*.card.json"]
    known += ["models/*/recipe*", "datasets/*/images/**/*"]
    tried = {file for pattern in known for file in base.workspace.glob(pattern)}
    there = {file for file in base.workspace.rglob("*") if file.is_file()}
    assert there - tried == set()


def _handed(cases: Iterator[Case], base: Base, root: Path) -> set[Path]:
    """Everything that was written for the cases, without asking the program."""
    found: set[Path] = set()
    for number, case in enumerate(cases):
        room = make_room(root / str(number))
        case.asked(room, base, SEED)
        found |= set(room.work.rglob("*"))
    return found


def test_every_suffix_of_a_model_or_picture_has_inputs(base: Base, tmp_path: Path) -> None:
    handed = _handed(models.cases(), base, tmp_path / "models")
    assert {path.suffix for path in handed} >= set(FRAMEWORKS)
    assert set(images.ENCODED) == IMAGE_SUFFIXES


def test_every_dataset_format_has_inputs() -> None:
    modules = [cast(ModuleType, one) for one in (*READERS, *LAST)]
    assert {one.__name__.rpartition(".")[2] for one in modules} == set(datasets.FORMATS)


# The harness itself notices what it is there for.

MISDEEDS = {
    "traceback": "raise OSError('no')",
    "exit status 70": "import sys; sys.exit(70)",
    "no sentence": "import sys; sys.exit(2)",
    "raw control characters": r"print('\x1b[2J')",
    "showed the victim's text": "print(open('../victim/secret.txt').read())",
    "opened outside": "open('../victim/secret.txt').close()",
    "changed outside": "open('../victim/new.txt', 'w').close()",
    "left behind": "import tempfile; tempfile.mkdtemp()",
    "processes left": "import subprocess; subprocess.Popen(['sleep', '60'])",
    "MB of memory": "len(bytes(2**30)) and bytearray(2**30).count(1)",
    "took the victim's text": "import shutil; shutil.copy('../victim/secret.txt', 'x.txt')",
    "changed on this machine": "open('../../watched/new', 'w').close()",
}


@pytest.mark.parametrize("fault", MISDEEDS)
def test_a_misdeed_is_noticed(fault: str, room: Room, program: Program) -> None:
    asked = Asked((MISDEEDS[fault],), "tests.hostile.misdeed")
    assert fault in str(program.run(room, asked).faults)


def test_what_is_right_is_no_fault(room: Room, program: Program) -> None:
    assert program.run(room, Asked(("print(1)",), "tests.hostile.misdeed")).faults == ()


def test_inputs_are_tried_by_somebody_who_may_little(room: Room, program: Program) -> None:
    asked = Asked(("import os; print(os.getuid(), os.getgroups())",), "tests.hostile.misdeed")
    said = program.run(room, asked).out.strip()
    nobody = program.user and f"{program.user.number} []"
    assert said == (nobody or f"{os.getuid()} {os.getgroups()}")
