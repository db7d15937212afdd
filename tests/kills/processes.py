"""The processes of one case, found by a mark in their environment."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, sleep
from typing import Literal

import psutil

from tests.kills.room import MARKER

Role = Literal["command", "job", "helper"]
_LOOK_SECONDS = 0.01


@dataclass(frozen=True)
class Marked:
    """A process of a case: the command or window, its job's, or a helper of either."""

    process: psutil.Process
    role: Role
    what: str


def marked(marker: str, command: int) -> list[Marked]:
    """All that live and have the marker; `command` is the number of the first one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) != marker:
                continue
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            arguments = process.cmdline()
        except psutil.Error:
            continue  # somebody else's, or just gone
        found.append(Marked(process, _role(process.pid == command, arguments), _short(arguments)))
    return found


def seconds_until_gone(marker: str, command: int, most: float) -> tuple[float, list[Marked]]:
    """How long it takes until none is left, and those that are after `most` seconds."""
    began = monotonic()
    while (left := marked(marker, command)) and monotonic() - began < most:
        sleep(_LOOK_SECONDS)
    return monotonic() - began, left


def _role(first: bool, arguments: list[str]) -> Role:
    if first:
        return "command"
    return "job" if "job" in arguments else "helper"


def _short(arguments: list[str]) -> str:
    """What it is, such as ``core.processes worker``."""
    return " ".join(arguments[arguments.index("-m") + 1 :][:2] if "-m" in arguments else arguments)
