"""Machines and their workers in words, for both faces."""

from __future__ import annotations

from core.machines.condition import Condition, WorkerChecked
from core.machines.job import MachineChecked, MachineCleared
from core.machines.machine import Machine
from core.remarks.sentences import sentence
from core.remarks.words import counted
from core.sizes import gigabytes

TRUST = (
    "A machine is trusted fully: whoever runs it, or a worker of it, can run any program as you, "
    "here and there. Add only those that you, or people whom you trust, run."
)
MACHINES = "Work can be done on hosts reached by SSH, and on the workers of a Dask scheduler."
MADE_READY = (
    "What you work on there is copied to this host. The program is made ready there first: in a "
    "folder in your user's cache, with the packages that it needs, some 1 GB."
)
SENT_TO_WORKERS = "What you work on there is copied to the hosts of its workers."
WORKER_TITLES = (
    *("worker", "can take part", "host", "cores", "memory", "disk", "clock"),
    "processor, OpenVINO, devices",
)
_SKEWED_SECONDS = 2.0


def machine_line(machine: Machine) -> tuple[str, str, str]:
    """Name, whether the user agreed that anything is sent there, and the address."""
    return machine.name, "yes" if machine.agreed else "no", machine.address


def worker_row(checked: WorkerChecked) -> tuple[str, ...]:
    """What `WORKER_TITLES` say: whether it can take part, and what it is."""
    part = "yes" if checked.refused is None else f"no: {sentence(checked.refused)}"
    found = checked.condition
    if found is None:
        return checked.worker, part, "", "", "", "", "", ""
    return (
        checked.worker,
        part,
        found.host,
        str(found.cores),
        gigabytes(found.memory_bytes),
        f"{gigabytes(found.disk_bytes)} free",
        clock_text(checked.skew_seconds),
        _processor(found),
    )


def _processor(found: Condition) -> str:
    """Its name, its instruction sets, OpenVINO's version and devices."""
    if found.machinery is None:
        return found.processor
    processor = found.machinery.processor
    devices = ", ".join(one for one in found.machinery.devices if one != "AUTO")
    sets = ", ".join(processor.instruction_sets)
    shown = f"{processor.name} ({sets})" if sets else processor.name
    return f"{shown}; OpenVINO {found.openvino}: {devices}"


def clock_text(skew_seconds: float) -> str:
    """By how much its clock is wrong, where that is more than the way there takes."""
    if abs(skew_seconds) < _SKEWED_SECONDS:
        return "right"
    return f"{abs(skew_seconds):.0f} s {'ahead' if skew_seconds > 0 else 'behind'}"


def checked_text(checked: MachineChecked, machine: Machine, how: str) -> tuple[str, ...]:
    """How many workers can take part, and whether anything may be sent there; `how` to agree."""
    if not checked.workers:
        return (f"{machine.name} is there, and has no workers now.",)
    if machine.by_ssh:
        ready = all(one.condition and one.condition.program for one in checked.workers)
        shown = f"{machine.name} is {'ready' if ready else 'there, and not ready'}."
        what = "Nothing is stored or sent there before you agree to it: then it is made ready."
    else:
        able = sum(one.refused is None for one in checked.workers)
        shown = f"{able:,} of {counted(len(checked.workers), 'workers')} can take part."
        what = "Nothing is sent there before you agree to it."
    return (shown,) if machine.agreed else (shown, f"{what} {how}")


def removed_text(machine: Machine, cleared: MachineCleared | None) -> str:
    """What became of a machine that was removed, and of what lay there."""
    if not machine.agreed:
        return f"{machine.name} is no longer listed. Nothing was sent there."
    if cleared is None:
        return f"{machine.name} is no longer listed. What was sent there was not removed."
    left = ""
    if cleared.unreached:
        left = f" {cleared.unreached} of its workers did not answer, and keep what they have."
    if not cleared.freed_bytes:
        return f"Removed {machine.name}. There was nothing to delete on its hosts.{left}"
    return f"Removed {machine.name}, and {gigabytes(cleared.freed_bytes, 2)} from its hosts.{left}"
