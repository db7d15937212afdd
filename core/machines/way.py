"""The way to a host that a job is sent to."""

from __future__ import annotations

from core.machines.hosts import prepare
from core.machines.machine import Machine
from core.machines.ssh import remote_command
from core.progress import Step

MODULE = "core.hosting"
"""What is started there."""


def way_to(machine: Machine, step: Step) -> list[str]:
    """What starts the program's side on a host, which is made ready first where it is not.

    Raises WorkbenchError where that cannot be.
    """
    prepare(machine, step)
    return remote_command(machine, ["-m", MODULE])
