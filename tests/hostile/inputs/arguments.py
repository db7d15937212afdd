"""Arguments that nobody means, for every flag of every command: taken from their own parsers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

from core.cli.table import ENTRIES
from tests.hostile.base import Base
from tests.hostile.case import Case, typed
from tests.hostile.mutations import Random
from tests.hostile.room import Room
from tests.hostile.running import Asked

LONG_NAME = "n" * 254
TEXTS = (
    "", " ", "nan", "-1", "0", "inf", "1e999", "9" * 5000, "-" + "9" * 400, "1_0", "٣", "0x10",
    "\udc80\udcff", "a\x1b[31mb\x07", "a\nb", "\u202egnp.exe", LONG_NAME, "x" * 100_000,
    "../../etc/passwd", "/dev/zero", "/dev/full/x", "a=b=c", "=", ":::", "1,,2", "[[[[", "(a+)+$",
    "{folder}", "{text}", "{text}/below",
)  # fmt: skip
NUMBERS = ("1e18", "1e300", "2147483648", "18446744073709551616", "99999999999999999999999")
# What is a wish, however large: a measurement of a year is what was asked for.
UNBOUNDED = {"--seconds", "--iterations", "--minutes", "--budget-minutes", "--attempts"}


def usual(command: str, room: Room, base: Base) -> list[object]:
    """The arguments of a command that works, and is done soon."""
    out = room.out
    gone = room.work / "none.onnx"  # for work that takes seconds; the rest is looked at before
    words: dict[str, list[object]] = {
        "tutorial": [gone, base.images, base.images, "--output", out / "t", "--seconds", 0.2],
        "catalogue": ["list"],
        "inspect": [base.model],
        "import": [base.model, "--output", out / "model"],
        "predict": [base.model, base.images, "--output", out / "found.json"],
        "check-dataset": [base.dataset],
        "create-dataset": [base.images, "--output", out / "own"],
        "optimize": [gone, base.images, "--output", out / "int8", "--subset-size", 1],
        "plan": [],
        "benchmark": [gone, "--seconds", "0.1"],
        "target": [1, "cpu", "--workspace", base.workspace_in(room)],
        "edit-project": [1, "--workspace", base.workspace_in(room), "--name", "renamed"],
        "duplicate-project": [1, "--workspace", base.workspace_in(room)],
        "delete-project": [1, "--workspace", base.workspace_in(room)],
        "results": [2, "--workspace", base.workspace_in(room)],
        "edit-report": [4, "--workspace", base.workspace_in(room), "--name", "dusk"],
        "delete-result": [1, "--workspace", base.workspace_in(room)],
        "restore": [1, "--workspace", base.workspace_in(room)],
        "trash": ["--empty", "--workspace", base.workspace_in(room)],
        "export-model": [1, "--workspace", base.workspace_in(room), "--output", out / "ir"],
        "devices": [],
        "machines": ["add", "lab", "tcp://127.0.0.1:9"],
        "profile": [gone, "--seconds", "0.1"],
        "compare-projects": [1, 2, "--workspace", base.workspace_in(room)],
        "scorecard": [1, "--workspace", base.workspace_in(room)],
        "report": [base.parent, base.optimized, base.dataset, "--output", out / "report"],
        "check": [gone, gone, base.dataset, "--size-share", "0.9"],
        "export-report": [base.report, "--format", "json", "--output", out / "exported.json"],
        "compare-reports": [base.report, base.report],
        "package": [base.optimized, base.images, "--output", out / "package.zip"],
        "test-package": [base.images],
        "compare-machines": [gone, gone, base.images, "--run-on", "this"],
        "export-project": [
            1, "--workspace", base.workspace_in(room), "--output", out / "packed.dwproject"
        ],
        "import-project": [base.project_file, "--workspace", room.workspace],
    }  # fmt: skip
    return words[command]


def flags_of(command: str) -> list[argparse.Action]:
    """Every flag that takes a value."""
    return [one for one in _actions(command) if one.option_strings and one.nargs != 0]


def _actions(command: str) -> list[argparse.Action]:
    parser = argparse.ArgumentParser()
    ENTRIES[command].load().add_arguments(parser)
    parser.add_argument("--log")
    return list(parser._actions)  # noqa: SLF001  # a parser tells them in no other way


def places_of(command: str) -> list[int]:
    """Where the arguments without a flag stand among the usual ones."""
    few = {"devices": 0, "plan": 0, "catalogue": 1, "check-dataset": 1, "import": 1}
    return list(range(few.get(command, _positionals(command))))


def _positionals(command: str) -> int:
    named = [one for one in _actions(command) if not one.option_strings]
    return min(len(named), 3 if command in ("report", "check") else 2)


def cases() -> Iterator[Case]:
    """Each flag with texts and numbers, each argument without a flag with texts, and none."""
    for command in ENTRIES:
        yield Case("arguments", f"{command}, nothing", _given(command, ()))
        for flag in flags_of(command):
            name = flag.option_strings[0]
            texts = [*TEXTS, *(NUMBERS if name not in UNBOUNDED else ())]
            several = flag.nargs if isinstance(flag.nargs, int) else 1
            for number, text in enumerate(texts):
                given = (name, *[text] * several)
                yield Case("arguments", f"{command} {name} {number}", _given(command, given))
        for place in places_of(command):
            for number, text in enumerate(TEXTS):
                yield Case(
                    "arguments", f"{command} {place} {number}", _replaced(command, place, text)
                )


def _given(command: str, flags: Sequence[str]) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        words = usual(command, room, base)
        more = [_filled(one, room) for one in flags]
        return typed(command, *words, *more) if flags else typed(command)

    return build


def _replaced(command: str, place: int, text: str) -> Callable[[Room, Base, Random], Asked]:
    def build(room: Room, base: Base, random: Random) -> Asked:
        words = usual(command, room, base)
        words[place] = _filled(text, room)
        return typed(command, *words)

    return build


def _filled(text: str, room: Room) -> str:
    """`text` with the names of a folder and of a text, which may be read and written."""
    if "{" in text:
        (room.out / "folder").mkdir(exist_ok=True)
        (room.out / "folder" / "kept.txt").write_text("hello")
        (room.out / "text.txt").write_text("hello")
    return text.replace("{folder}", "folder").replace("{text}", "text.txt")
