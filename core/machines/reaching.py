"""Where the scheduler of a machine is: its own, or one that is started on a host for a session."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.errors import WorkbenchError
from core.machines.connecting import Scheduler, require_dask, scheduler_of
from core.machines.contact import Contact
from core.machines.host_scheduler import Begun
from core.machines.hosts import answered, prepare
from core.machines.machine import Machine
from core.machines.ssh import remote_command
from core.progress import Step
from core.text import visible

_TRIES = 5
_PORTS = range(20_000, 32_000)  # below those that systems give by themselves
_STAGE = "Starting a worker there"


@contextmanager
def reached(machine: Machine, step: Step) -> Iterator[Scheduler]:
    """The scheduler to connect to; of a host, one that ends with the context.

    A host is made ready first. Raises WorkbenchError where that cannot be.
    """
    require_dask()
    if not machine.by_ssh:
        yield scheduler_of(machine)
        return
    prepare(machine, step)

    def listen() -> None:
        step(_STAGE, 0, None)

    for _ in range(_TRIES):
        there = random.choice(_PORTS)
        with _forwarded(machine, there, listen) as (begun, scheduler):
            if begun.problem:
                raise WorkbenchError(
                    f"No worker can be started on {machine.name}: {visible(begun.problem)}.",
                    "On Debian and Ubuntu, its administrator gets it by: apt install openssl.",
                )
            if not begun.taken:
                yield scheduler
                return
    raise WorkbenchError(f"No port of {machine.name} is free for a worker.", "Start again.")


@contextmanager
def _forwarded(
    machine: Machine, there: int, listen: Callable[[], None]
) -> Iterator[tuple[Begun, Scheduler]]:
    """What runs on a port of the host's loopback, and by which port of ours that is reached."""
    from core.machines.session_keys import session_security

    here = _free_port()
    command = ["-m", "core.machines.host_scheduler", str(there)]
    with Contact(machine, remote_command(machine, command, (here, there)), listen) as contact:
        contact.greeted()
        contact.keep_telling()
        begun: Begun = answered(machine, contact, Begun)
        usable = not (begun.taken or begun.problem)
        security = session_security(begun.certificate, begun.key) if usable else None
        try:
            yield begun, Scheduler(f"tls://127.0.0.1:{here}", security)
        except WorkbenchError as error:
            if not contact.over:
                raise
            # Dask knows of a port here that does not answer, and the way there of nothing
            raise WorkbenchError(
                f"The program on {machine.name} ended, or the way there was cut.",
                f"Check it with: machines check {machine.name}. Start again: what was done is "
                "stored.",
            ) from error


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
