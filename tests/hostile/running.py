"""Runs the program on a hostile input in a process of its own, and judges what it did."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from core.cli.command import DONE, LIMIT_MISSED, UNDECIDED
from core.cli.main import BAD_INPUT, FAILED
from tests.hostile.room import Guard, Room, leaked, left_behind, seen
from tests.hostile.user import User, give, looks, watched
from tests.support.checkout import environment

SECONDS = 60.0  # nothing small takes so long, on a busy machine either
CPU_SECONDS = 20.0
MEMORY_BYTES = 900 * 2**20  # of the largest process; OpenVINO needs some 300
STATUSES = frozenset({DONE, FAILED, BAD_INPUT, LIMIT_MISSED, UNDECIDED})
_RAW = ("\x1b", "\0", "\x07", "\x9b")
_CRASHES = ("ended unexpectedly", "Unexpected error")
_PRELOADED = (
    "core.cli.main",
    "core.capabilities",
    "core.images.opencv",
    "openvino",
    "tests.hostile.services",
)


@dataclass(frozen=True)
class Asked:
    """What the program is asked.

    Attributes:
        arguments: of the module, as typed.
        module: the terminal, or another one with a `main`.
    """

    arguments: tuple[str, ...]
    module: str = "core.cli"


@dataclass(frozen=True)
class Ran:
    """How it went; `faults` is empty where the program did nothing that it must not."""

    status: int
    out: str
    err: str
    seconds: float
    cpu_seconds: float
    memory_bytes: int
    faults: tuple[str, ...]


class Program:
    """The program in processes of its own; to be used as a context."""

    def __init__(
        self,
        *,
        real: bool = False,
        modules: Sequence[str] = _PRELOADED,
        user: User | None = None,
        watching: Sequence[Path] = (),
    ) -> None:
        """The program, ready.

        Args:
            real: start Python for each command, which takes a second.
            modules: what is imported before.
            user: who tries the inputs, if not this one.
            watching: folders that no input has to do with, beside the machine's.
        """
        self._real, self.user = real, user
        self._watching = (*watched(user), *watching)
        names = [f"core.cli.{path.stem}" for path in _cli_modules()]
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.hostile.server", *modules, *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1"),
        )

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(10)
        self._server.stdout.close()

    def run(self, room: Room, asked: Asked, *, refused: bool = False) -> Ran:
        """Ask it in that room."""
        if self.user is not None:
            give(room.root, self.user)
        machine = looks(self._watching)
        before, guard = seen(room), Guard(room.victim)
        message = self._answer(room, asked)
        touched = guard.heard()
        said = _text(room.root / "stdout"), _text(room.root / "stderr")
        faults = []
        if message["left"]:
            faults.append(f"processes left: {'; '.join(message['left'])}")
        if message["hung"]:
            faults.append(f"no end after {SECONDS:.0f} s")
        else:
            faults += _misdeeds(room, said, message["status"], refused=refused)
        if message["cpu_seconds"] > CPU_SECONDS:
            faults.append(f"{message['cpu_seconds']:.0f} s of computing")
        if message["memory_bytes"] > MEMORY_BYTES:
            faults.append(f"{message['memory_bytes'] / 2**20:.0f} MB of memory")
        if touched:
            faults.append(f"opened outside: {', '.join(touched)}")
        after = seen(room)
        if after != before:
            changed = {name for name, _ in after.items() ^ before.items()}
            faults.append(f"changed outside: {', '.join(sorted(changed)[:5])}")
        if others := looks(self._watching).items() ^ machine.items():
            changed = {name for name, _ in others}
            faults.append(f"changed on this machine: {', '.join(sorted(changed)[:5])}")
        return Ran(
            message["status"],
            *said,
            message["seconds"],
            message["cpu_seconds"],
            message["memory_bytes"],
            tuple(faults),
        )

    def _answer(self, room: Room, asked: Asked) -> dict[str, Any]:
        request = {
            "module": asked.module,
            "arguments": asked.arguments,
            "cwd": str(room.out),
            "variables": room.variables,
            "out": str(room.root / "stdout"),
            "err": str(room.root / "stderr"),
            "seconds": SECONDS,
            "real": self._real,
            "user": self.user and (self.user.number, self.user.group),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request).encode() + b"\n")
        self._server.stdin.flush()
        answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer


def _cli_modules() -> list[Path]:
    import core.cli

    folder = Path(core.cli.__path__[0])
    return [path for path in sorted(folder.glob("*.py")) if not path.stem.startswith("__")]


def _misdeeds(room: Room, said: tuple[str, str], status: int, *, refused: bool) -> list[str]:
    faults = []
    if status not in STATUSES:
        faults.append(f"exit status {status}")
    elif refused and status == 0:
        faults.append("not refused")
    if any("Traceback (most recent" in text for text in said):
        faults.append("traceback")
    if any(crash in said[1] for crash in _CRASHES):
        faults.append("no sentence of its own")
    if status in (1, 2) and not said[1].strip():
        faults.append("no sentence")
    if any(sign in text for text in said for sign in _RAW):
        faults.append("raw control characters")
    if any(room.token in text for text in said):
        faults.append("showed the victim's text")
    if left := left_behind(room):
        faults.append(f"left behind: {', '.join(left[:5])}")
    if found := leaked(room):
        faults.append(f"took the victim's text into {', '.join(found[:5])}")
    return faults


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(2**20).decode("utf-8", "replace")
