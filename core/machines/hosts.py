"""Hosts that are reached by SSH: looked at, made ready, asked what they are, and cleared."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import Annotated, Any

import msgspec

from core.errors import InputError, WorkbenchError
from core.machines import host_side
from core.machines.condition import Condition
from core.machines.contact import Contact
from core.machines.machine import Machine
from core.machines.program import refusal, this_program
from core.machines.requirements import require_copyable, requirements
from core.machines.ssh import environment_name, greeting, in_shell, remote_command, ssh_command
from core.machines.wheel import program_wheel, wheel_name
from core.progress import Step
from core.remarks.remark import Remark, remark
from core.remarks.sentences import sentence
from core.text import visible
from core.values import Value, from_json, to_json

Listen = Callable[[], None]
SYSTEM = "Linux x86_64"
"""What hosts must be, so that the packages that are tested run there."""

_NEWEST, _OLDEST = 14, 11  # of Python 3
_NO_PYTHON = 126
_STAGES = {
    "environment": "Making a Python environment there",
    "packages": "Getting packages there",
    "installing": "Installing packages there",
    "checking": "Checking what was installed",
}
_Text = Annotated[str, msgspec.Meta(max_length=1000)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Looked(Value):
    """What a host says without a program of ours; `flags` are its processor's."""

    host: _Text
    system: _Text
    python: _Text
    processor: _Text
    flags: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=1000)]
    cores: _Count
    memory_bytes: _Count
    disk_bytes: _Count
    ready: bool
    clock: float


class _Going(Value):
    """How far it is, or how it ended."""

    stage: _Text = ""
    done: _Count = 0
    ready: bool = False
    freed: _Count = 0
    failed: _Text = ""


def look(machine: Machine, listen: Listen) -> Looked:
    """What the host is; nothing is stored there. Raises WorkbenchError."""
    with _talk(machine, {"do": "look", "name": environment_name()}, b"", listen) as contact:
        seen: Looked = answered(machine, contact, Looked)
    return seen


def prepare(machine: Machine, step: Step) -> None:
    """Make it ready: what this program needs, and the program, are there afterwards, checked.

    Where it is ready already, nothing is sent. Raises WorkbenchError.
    """

    def listen() -> None:
        step("Looking at the host", 0, None)

    seen = look(machine, listen)
    if seen.system != SYSTEM:
        raise InputError(
            f"{machine.name} cannot be used. {sentence(unfit(seen))}",
            "Use a Dask scheduler there, or another host.",
        )
    if not seen.ready:
        make_ready(machine, step)


def make_ready(machine: Machine, step: Step) -> None:
    """The same, of a host that fits and is known not to be ready."""
    require_copyable()
    program, wheel, wanted = this_program(), program_wheel(), requirements()
    asked = {
        "do": "prepare",
        "name": environment_name(),
        "wheel": wheel_name(),
        "sha256": hashlib.sha256(wheel).hexdigest(),
        "requirements": wanted,
        "version": program.version,
        "code": program.code,
    }
    going: tuple[str, int, int | None] = ("Sending the program", 0, None)

    def show() -> None:
        step(*going)

    with _talk(machine, asked, wheel, show) as contact:
        for line in contact.lines():
            said: _Going = _answer(machine, contact, line, _Going)
            if said.failed:
                raise WorkbenchError(
                    f"{machine.name} could not be made ready: {visible(said.failed).rstrip('.')}.",
                    "Nothing was left there. Put that right, and start again.",
                )
            if said.ready:
                return
            stage = _STAGES.get(said.stage, going[0])
            count = wanted.count("\n") if said.stage == "packages" else None
            going = (stage, min(said.done, count or 0), count)
        raise contact.ended()


def described(machine: Machine, listen: Listen) -> Condition:
    """What the program there says of the host; raises WorkbenchError, NotReady."""
    command = remote_command(machine, ["-m", "core.machines.on_host"])
    with Contact(machine, command, listen) as contact:
        contact.greeted()
        found: Condition = answered(machine, contact, Condition)
    other = None if found.program is None else refusal(found.program, this_program())
    if other is not None:
        raise WorkbenchError(
            f"{machine.name} cannot be used. {sentence(other)}",
            f"What was made there has changed: type machines remove {machine.name}, and add it "
            "again.",
        )
    return found


def clear(machine: Machine, listen: Listen) -> int:
    """Remove all that was made and sent there; gives how many bytes that were."""
    with _talk(machine, {"do": "clear"}, b"", listen) as contact:
        said: _Going = answered(machine, contact, _Going)
    if said.failed:
        raise WorkbenchError(
            f"Not all could be removed from {machine.name}: {visible(said.failed)}.", ""
        )
    return said.freed


def unfit(seen: Looked) -> Remark:
    """The program cannot run on a host of that kind."""
    return remark("host_unfit", theirs=seen.system, wanted=SYSTEM)


def ahead(seen: Looked, begun: float) -> float:
    """By how much a clock that was read since `begun` is surely ahead, or behind."""
    return max(0.0, seen.clock - time()) + min(0.0, seen.clock - begun)


@contextmanager
def _talk(
    machine: Machine, asked: dict[str, Any], sent: bytes, listen: Listen
) -> Iterator[Contact]:
    """A contact with `host_side`, which does what is asked; it ends with the context."""
    source = Path(host_side.__file__).with_suffix(".py").read_bytes()
    request = to_json({**asked, "number": machine.number, "bytes": len(sent)})
    with Contact(machine, _with_python(machine, len(source)), listen) as contact:
        contact.greeted({_NO_PYTHON: _no_python})
        contact.keep_telling(b"".join((source, request, b"\n", sent)))
        yield contact


def _with_python(machine: Machine, length: int) -> list[str]:
    """What starts a Python there that reads so many bytes of a program, and runs them."""
    minors = [sys.version_info.minor, *range(_NEWEST, _OLDEST - 1, -1)]
    names = " ".join([*(f"python3.{minor}" for minor in dict.fromkeys(minors)), "python3"])
    usable = f"import sys; sys.exit(not (3, {_OLDEST}) <= sys.version_info[:2] <= (3, {_NEWEST}))"
    run = f"import sys; exec(sys.stdin.buffer.read({length}))"
    script = (
        f'for one in {names}; do at=$(command -v "$one") && "$at" -I -c "{usable}" && break; '
        'at=; done 2>/dev/null </dev/null; [ -n "$at" ] || '
        f"{{ python3 --version; exit {_NO_PYTHON}; }}; "
        f'echo "{greeting(machine)}"; exec "$at" -I -c "{run}"'
    )
    return ssh_command(machine, in_shell(script))


def _no_python(machine: Machine, said: str) -> WorkbenchError:
    there = f" (it has {said})" if said.startswith("Python ") else ""
    return WorkbenchError(
        f"{machine.name} has no Python from 3.{_OLDEST} to 3.{_NEWEST}{there}.",
        "Install one there; it need not be the system's own.",
    )


def answered(machine: Machine, contact: Contact, wanted: Any) -> Any:
    """The value in the next line; raises WorkbenchError where there is none."""
    return _answer(machine, contact, next(contact.lines(), b""), wanted)


def _answer(machine: Machine, contact: Contact, line: bytes, wanted: Any) -> Any:
    """The value in a line; raises WorkbenchError where there is none."""
    if not line:
        raise contact.ended()
    try:
        return from_json(line, wanted)
    except msgspec.DecodeError as error:
        raise WorkbenchError(
            f"What {machine.name} answers makes no sense.", "Check what runs there."
        ) from error
