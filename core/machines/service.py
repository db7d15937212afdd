"""Machines for both faces: which one work is done on."""

from __future__ import annotations

from core.machines.machine import Machine
from core.machines.store import machine_named, require_agreed


def machine_for(name: str | None) -> Machine | None:
    """The machine that work is to be done on; None for this one.

    Raises InputError where there is none of that name, where the user has not agreed that anything
    is sent there, and where what it takes is not installed.
    """
    if name is None:
        return None
    from core.machines.connecting import require_dask

    machine = machine_named(name)
    require_agreed(machine)
    require_way(machine)
    require_dask()
    return machine


def require_way(machine: Machine) -> None:
    """Raises InputError, which says how to get it, where what reaches a machine is missing."""
    if machine.by_ssh:
        from core.machines.ssh import ssh_program

        ssh_program()
    else:
        from core.machines.connecting import require_dask

        require_dask()
