"""Which host a job is sent to, for both faces."""

from __future__ import annotations

from core.errors import InputError
from core.machines.machine import THIS, Machine
from core.machines.service import require_way
from core.machines.store import machine_named, machines, require_agreed


def host_for(name: str | None) -> Machine | None:
    """The host that a job is to be sent to, to run there as it would here; None for this machine.

    Raises InputError where there is none of that name, where it is no host, where the user has not
    agreed that anything is sent there, and where ``ssh`` is missing.
    """
    if name in (None, THIS):
        return None
    assert name is not None
    machine = machine_named(name)
    if not machine.by_ssh:
        raise InputError(
            f"{name} is a Dask scheduler with any number of hosts: what is measured there would be "
            "of none of them.",
            "Add the host itself by SSH: machines add NAME ssh://HOST.",
        )
    require_agreed(machine)
    require_way(machine)
    return machine


def require_one_machine(machine: str | None, run_on: str | None) -> None:
    """Raises InputError where work is to be spread, and all of it to run on a host as well."""
    if machine is not None and run_on is not None:
        raise InputError(
            f"Detecting on {machine} and running on {run_on} both say where models run.",
            "Choose one of them.",
        )


def on_host(name: str | None) -> str:
    """Of a job's title: where it runs, if that is a host."""
    return "" if name in (None, THIS) else f" on {name}"


def hosts() -> tuple[Machine, ...]:
    """Those of the user's machines that a job can be sent to; raises WorkbenchError."""
    return tuple(one for one in machines() if one.by_ssh)
