"""The jobs that ask the workers of a machine what they are, and that remove what was sent there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import time
from typing import TYPE_CHECKING, ClassVar, TypeVar

from core.causes import cause
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.machines import on_worker
from core.machines.condition import Condition, WorkerChecked, condition, why_not
from core.machines.connecting import asked, connected, present, scheduler_of, submitted
from core.machines.host_checking import checked_host
from core.machines.hosts import clear as clear_host
from core.machines.machine import THIS, Machine
from core.remarks.remark import remark
from core.values import Value

if TYPE_CHECKING:
    from distributed import Client

_TICK_SECONDS = 0.1
_PATIENT_SECONDS = 90.0  # for one worker: it starts a process that asks OpenVINO
V = TypeVar("V")


class MachineChecked(Value):
    """The workers of a machine as they were found."""

    machine: str
    address: str
    workers: tuple[WorkerChecked, ...]


class CheckMachineJob(Value, tag="check_machine"):
    """Asks each worker of a machine what it is, or a host. Nothing of the user's is sent.

    A host that the user agreed to is made ready, if it is not. No `machine` is this one.
    """

    weight: ClassVar[Weight] = "light"
    machine: Machine | None

    def run(self, context: JobContext) -> MachineChecked:
        """See `core.jobs.job.Job`."""
        machine = self.machine
        if machine is None:
            context.step("Looking at this machine")
            return _found(THIS, "", (WorkerChecked(worker=THIS, condition=condition()),))
        name, address = machine.name, machine.address
        if machine.by_ssh:
            return _found(name, address, (checked_host(machine, context.step),))

        async def check(client: Client) -> MachineChecked:
            names = await present(client)
            found = await asyncio.gather(*(_checked(client, one) for one in names))
            return _found(name, address, tuple(sorted(found, key=lambda one: one.worker)))

        return _asked(machine, "Asking the workers", check, context)


def _found(name: str, address: str, workers: tuple[WorkerChecked, ...]) -> MachineChecked:
    return MachineChecked(machine=name, address=address, workers=workers)


class MachineCleared(Value):
    """What was removed from the hosts of a machine; `unreached` are workers that did not answer."""

    freed_bytes: int
    unreached: int


class ClearMachineJob(Value, tag="clear_machine"):
    """Removes what was sent to a machine from the hosts of its workers, or from a host."""

    weight: ClassVar[Weight] = "light"
    machine: Machine

    def run(self, context: JobContext) -> MachineCleared:
        """See `core.jobs.job.Job`."""
        if self.machine.by_ssh:
            freed = clear_host(self.machine, lambda: context.step("Removing what was made there"))
            return MachineCleared(freed_bytes=freed, unreached=0)

        async def clear(client: Client) -> MachineCleared:
            workers = list(await present(client))
            said = await asked(client, workers, on_worker.clear, self.machine.number)
            freed = [one for one in said.values() if isinstance(one, int)]
            return MachineCleared(freed_bytes=sum(freed), unreached=len(workers) - len(freed))

        return _asked(self.machine, "Removing what was sent", clear, context)


def _asked(
    machine: Machine,
    stage: str,
    question: Callable[[Client], Awaitable[V]],
    context: JobContext,
) -> V:
    """What the machine's workers answer, while the job can be cancelled."""

    async def whole() -> V:
        context.step(stage)
        async with connected(machine, scheduler_of(machine)) as client:
            task = asyncio.ensure_future(question(client))
            try:
                while not (await asyncio.wait([task], timeout=_TICK_SECONDS))[0]:
                    context.step(stage)
                return task.result()
            finally:
                task.cancel()

    return asyncio.run(whole())


async def _checked(client: Client, worker: str) -> WorkerChecked:
    begun = time()
    try:
        said: Condition = await asyncio.wait_for(
            submitted(client, worker, on_worker.describe), _PATIENT_SECONDS
        )
    except TimeoutError:
        return WorkerChecked(worker=worker, condition=None, refused=remark("worker_silent"))
    except ImportError as error:
        missing = remark("program_missing", reason=str(error))
        return WorkerChecked(worker=worker, condition=None, refused=missing)
    except Exception as error:  # whatever it fails with, there
        failed = remark("worker_unusable", reason=cause(error))
        return WorkerChecked(worker=worker, condition=None, refused=failed)
    return WorkerChecked(
        worker=worker,
        condition=said,
        skew_seconds=_outside(said.clock, begun, time()),
        refused=why_not(said),
    )


def _outside(clock: float, begun: float, ended: float) -> float:
    """By how much a clock that was read between two times of ours is surely ahead, or behind."""
    return max(0.0, clock - ended) + min(0.0, clock - begun)
