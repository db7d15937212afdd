"""The command ``machines``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.cli.arguments import positive_int
from core.cli.command import Command, RunJob
from core.cli.rendering import Rendered, Table
from core.errors import InputError, WorkbenchError
from core.folders import temporary_folder
from core.jobs.job import Job, V, read_result
from core.machines.job import CheckMachineJob, ClearMachineJob, MachineChecked, MachineCleared
from core.machines.machine import THIS, Machine, new_machine
from core.machines.service import require_way
from core.machines.store import add_machine, agree, forget, machine_named, machines
from core.machines.words import WORKER_TITLES, checked_text, machine_line, removed_text, worker_row
from core.values import Plain, to_plain

_FLAGS_OF_ADD = ("address", "ca", "cert", "key", "cache_limit")
_SENT = "images and models that you work on there may be sent to it; said once for each machine"


@dataclass(frozen=True)
class Shown:
    """The machines there are, or one of them, and what was found or removed."""

    machines: tuple[Machine, ...]
    action: str
    checked: MachineChecked | None = None
    cleared: MachineCleared | None = None


def _add_arguments(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "action",
        choices=("add", "list", "check", "remove"),
        help="add a Dask scheduler, or a host reached by SSH; list all machines; ask what one is, "
        "and make a host that you agreed to ready; remove one, with what was sent to it",
    )
    sub.add_argument("name", nargs="?", help="what the machine is called")
    sub.add_argument(
        "address",
        nargs="?",
        help="for add: ssh://NAME of a host that 'ssh NAME' logs in to (ssh://USER@HOST:PORT); or "
        "tls://HOST:PORT of a scheduler, which you must trust as you trust this machine (tcp:// on "
        "the loopback only)",
    )
    sub.add_argument("--agree", action="store_true", help=f"for add and check: {_SENT}")
    tls = sub.add_argument_group("for add: files of TLS, in PEM, which stay where they are")
    tls.add_argument("--ca", type=Path, metavar="FILE", help="certificate of the authority")
    tls.add_argument("--cert", type=Path, metavar="FILE", help="your certificate")
    tls.add_argument("--key", type=Path, metavar="FILE", help="the private key of that certificate")
    sub.add_argument(
        "--cache-limit",
        type=positive_int,
        metavar="GB",
        help="for add: the most that is stored on each host, in GB (default: 20)",
    )
    sub.add_argument(
        "--anyway",
        action="store_true",
        help="for remove: take it off the list although its hosts cannot be reached",
    )


def _run(run: RunJob, options: argparse.Namespace) -> Shown:
    action: str = options.action
    _require_fitting(action, options)
    if action == "list":
        return Shown(machines(), action)
    if action == "add":
        return Shown((_added(options),), action)
    if action == "check" and options.name == THIS:
        return Shown((), action, _result(run, CheckMachineJob(machine=None), MachineChecked))
    machine = machine_named(options.name)
    if action == "remove":
        return _removed(run, machine, anyway=options.anyway)
    require_way(machine)
    if options.agree:  # before anything is sent: whose it is to delete
        machine = agree(machine.name)
    checked = _result(run, CheckMachineJob(machine=machine), MachineChecked)
    return Shown((machine,), action, checked)


def _require_fitting(action: str, options: argparse.Namespace) -> None:
    """Raises InputError where something is missing, or means nothing with this action."""
    given = [name for name in _FLAGS_OF_ADD if getattr(options, name) is not None]
    if action != "list" and options.name is None:
        raise InputError("The name of the machine is missing.", f"Type: machines {action} NAME.")
    if action == "add" and options.address is None:
        raise InputError("The address is missing.", "Type: machines add NAME ADDRESS.")
    if action != "add" and given:
        raise InputError(
            f"{given[0].replace('_', '-')} is of no use with machines {action}.", "Leave it out."
        )
    if (options.anyway and action != "remove") or (
        options.agree and action not in ("add", "check")
    ):
        flag = "--anyway" if options.anyway else "--agree"
        raise InputError(f"{flag} is of no use with machines {action}.", "Leave it out.")


def _added(options: argparse.Namespace) -> Machine:
    machine = new_machine(
        options.name,
        options.address,
        options.ca,
        options.cert,
        options.key,
        agreed=options.agree,
        cache_gib=20 if options.cache_limit is None else options.cache_limit,
    )
    add_machine(machine)
    return machine


def _removed(run: RunJob, machine: Machine, *, anyway: bool) -> Shown:
    cleared = None
    if not machine.agreed:  # nothing of ours is there
        forget(machine.name)
        return Shown((machine,), "remove")
    if not anyway:
        require_way(machine)
    try:
        cleared = _result(run, ClearMachineJob(machine=machine), MachineCleared)
    except WorkbenchError as error:
        if not anyway:
            raise WorkbenchError(
                f"{error.what} What was sent there was not removed.",
                "Start again when it can be reached, or add --anyway to take it off the list all "
                "the same.",
            ) from error
    forget(machine.name)
    return Shown((machine,), "remove", cleared=cleared)


def _result(run: RunJob, job: Job, wanted: type[V]) -> V:
    with temporary_folder() as folder:
        return read_result(run(job, folder / "asked"), wanted)


def _render(shown: Shown) -> Rendered:
    if shown.action == "list":
        lines = [("this", "–", "–"), *map(machine_line, shown.machines)]
        return [Table(("machine", "agreed", "address"), lines)]
    if shown.checked is not None and not shown.machines:
        return [Table(WORKER_TITLES, list(map(worker_row, shown.checked.workers)))]
    (machine,) = shown.machines
    if shown.action == "add":
        ready = "Ask what it is with: machines check " + machine.name
        return f"Added {machine.name} ({machine.address}). {ready}."
    if shown.checked is not None:
        rows = [worker_row(one) for one in shown.checked.workers]
        table = [Table(WORKER_TITLES, rows)] if rows else []
        how = f"To agree, type: machines check {machine.name} --agree."
        return [*table, *checked_text(shown.checked, machine, how)]
    return removed_text(machine, shown.cleared)


def _plain(shown: Shown) -> Plain:
    found: Sequence[Machine] = shown.machines
    return {
        "machines": [_described(one) for one in found],
        "workers": to_plain(shown.checked.workers) if shown.checked else [],
        "freed_bytes": shown.cleared.freed_bytes if shown.cleared else 0,
    }


def _described(machine: Machine) -> Plain:
    """What the file has, without the number that only the hosts need."""
    return {name: value for name, value in to_plain(machine).items() if name != "number"}


MACHINES = Command(_add_arguments, _run, _render, "machines check lab", _plain)
