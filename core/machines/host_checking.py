"""What a host that is reached by SSH is, with and without the program there."""

from __future__ import annotations

from time import time

from msgspec.structs import replace

from core.inference.machine import named_sets
from core.machines.condition import Condition, WorkerChecked, why_not
from core.machines.hosts import SYSTEM, Looked, ahead, described, look, make_ready, unfit
from core.machines.machine import Machine
from core.progress import Step
from core.text import visible


def checked_host(machine: Machine, step: Step) -> WorkerChecked:
    """What it is; where the user agreed to it, it is made ready first. Raises WorkbenchError."""
    stage = "Looking at the host"

    def listen() -> None:
        step(stage, 0, None)

    begun = time()
    seen = look(machine, listen)
    checked = WorkerChecked(
        worker=machine.address, condition=_seen(seen), skew_seconds=ahead(seen, begun)
    )
    if seen.system != SYSTEM:
        return replace(checked, refused=unfit(seen))
    if not seen.ready:
        if not machine.agreed:
            return replace(checked, refused=why_not(_seen(seen)))
        make_ready(machine, step)
    stage = "Asking what it is"
    said = described(machine, listen)
    return replace(checked, condition=said, refused=why_not(said))


def _seen(seen: Looked) -> Condition:
    """As far as that can be said without the program."""
    sets = ", ".join(named_sets(seen.flags))
    name = seen.processor or "unknown processor"
    return Condition(
        host=visible(seen.host),
        program=None,
        python=visible(seen.python),
        openvino="",
        machinery=None,
        cores=seen.cores,
        memory_bytes=seen.memory_bytes,
        disk_bytes=seen.disk_bytes,
        clock=seen.clock,
        processor=visible(f"{name} ({sets})" if sets else name),
    )
