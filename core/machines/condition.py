"""What a worker is: asked of it before anything is sent there."""

from __future__ import annotations

import shutil
import subprocess
import time
from importlib.metadata import version

from core.errors import WorkbenchError
from core.files import why
from core.inference.processor import Machinery, this_processor
from core.inference.processor_words import processor_name
from core.machines.program import Program, refusal, this_program
from core.processes import command, environment
from core.remarks.remark import Remark, remark
from core.unfinished import user_cache
from core.values import Value, from_json

_PATIENT_SECONDS = 60.0


class Condition(Value):
    """What a worker says of itself, or a host that is reached by SSH.

    Attributes:
        host: what its machine is called.
        program, openvino, machinery: None, "" and None of a host that is not ready.
        python, openvino: their versions.
        machinery: processor, and the devices that OpenVINO lists.
        processor: name and instruction sets, where there is no machinery.
        cores: that it may use; `memory_bytes` of the machine.
        disk_bytes: free where it would store what is sent.
        clock: seconds since 1970, by its clock.
    """

    host: str
    program: Program | None
    python: str
    openvino: str
    machinery: Machinery | None
    cores: int
    memory_bytes: int
    disk_bytes: int
    clock: float
    processor: str = ""


class WorkerChecked(Value):
    """A worker as it was found; `condition` is None where it says nothing.

    `skew_seconds` is by how much its clock is ahead of this machine's. `refused` says why nothing
    is sent there; None where it can take part.
    """

    worker: str
    condition: Condition | None
    skew_seconds: float = 0.0
    refused: Remark | None = None


def why_not(said: Condition) -> Remark | None:
    """Why what is so does not detect for this machine, as far as it says; None where it can."""
    if said.program is None or said.machinery is None:
        return remark("host_not_ready")
    other = refusal(said.program, this_program())
    ours, theirs = this_processor(), said.machinery.processor
    if other is not None or (theirs == ours and said.openvino == version("openvino")):
        return other
    name = processor_name(theirs)
    return remark("computes_otherwise", processor=name, openvino=said.openvino)


def condition() -> Condition:
    """Of the machine that this runs on: OpenVINO is asked by a process of its own."""
    import platform

    import psutil

    place = next(one for one in (user_cache(), *user_cache().parents) if one.exists())
    return Condition(
        host=platform.node(),
        program=this_program(),
        python=platform.python_version(),
        openvino=version("openvino"),
        machinery=_machinery(),
        cores=len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity")
        else psutil.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        disk_bytes=shutil.disk_usage(place).free,
        clock=time.time(),
    )  # fmt: skip


def _machinery() -> Machinery:
    try:
        asked = subprocess.run(
            command("devices"),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=_PATIENT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = why(error) if isinstance(error, OSError) else "its process failed"
        raise WorkbenchError(f"OpenVINO cannot be asked there: {reason}.", "") from error
    found: Machinery = from_json(asked.stdout, Machinery)
    return found
