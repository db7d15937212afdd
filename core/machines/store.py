"""The machines that the user added, in a file among the user's settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from core.errors import InputError, WorkbenchError
from core.folders import lock_file, user_settings
from core.machines.machine import Machine, require_usable
from core.refusals import explained
from core.values import Stored, read_json, write_json

MOST = 64
_FILE = "machines.json"
_NEXT = "Remove the file, and add the machines again."


class Machines(Stored):
    """What the file holds."""

    machines: tuple[Machine, ...] = ()


def machines_file() -> Path:
    """Where the machines are stored."""
    return user_settings() / _FILE


def machines() -> tuple[Machine, ...]:
    """Those that the user added, in that order; raises WorkbenchError where the file is damaged."""
    path = machines_file()
    if not path.exists():
        return ()
    found = read_json(path, Machines).machines
    names = [one.name for one in found]
    if len(found) > MOST or len(set(names)) != len(names):
        raise WorkbenchError(f"{path} is damaged: a machine is in it twice, or too many.", _NEXT)
    for one in found:
        try:
            require_usable(one)
        except InputError as error:
            raise WorkbenchError(f"{path} is damaged: {error.what}", _NEXT) from error
    return found


def machine_named(name: str) -> Machine:
    """The machine of this name; raises InputError where there is none."""
    found = next((one for one in machines() if one.name == name), None)
    if found is None:
        raise InputError(
            f"There is no machine {name!r}.", "Type machines list, or add it with machines add."
        )
    return found


def require_agreed(machine: Machine) -> None:
    """Raises InputError where the user has not agreed that anything is sent there."""
    if not machine.agreed:
        raise InputError(
            f"Images and models would be sent to {machine.name} ({machine.address}), and you have "
            "not agreed to that. Nothing was sent.",
            f"To agree, type: machines check {machine.name} --agree.",
        )


def add_machine(machine: Machine) -> None:
    """Store one; raises InputError where its name is taken, or there are too many."""
    with _changing() as found:
        if any(one.name == machine.name for one in found):
            raise InputError(
                f"There is a machine {machine.name} already.", "Remove it, or choose another name."
            )
        if len(found) >= MOST:
            raise InputError(f"There are {MOST} machines already.", "Remove one of them.")
        _write((*found, machine))


def agree(name: str) -> Machine:
    """Note that the user agrees that images and models are sent to the machine of this name."""
    agreed = replace(machine_named(name), agreed=True)
    with _changing() as found:
        _write(tuple(agreed if one.name == name else one for one in found))
    return agreed


def forget(name: str) -> None:
    """Take a machine off the list; what lies there is another matter."""
    with _changing() as found:
        _write(tuple(one for one in found if one.name != name))


@contextmanager
def _changing() -> Iterator[tuple[Machine, ...]]:
    """The machines, while no other process changes them."""
    from filelock import FileLock

    with FileLock(lock_file("machines.lock")):
        yield machines()


def _write(changed: tuple[Machine, ...]) -> None:
    path = machines_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, Machines(machines=changed))
    except OSError as error:
        raise explained(error, path.parent) from error
