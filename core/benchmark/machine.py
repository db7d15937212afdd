"""Where it is measured."""

from __future__ import annotations

import os
import platform

from core.benchmark.plan import Machine
from core.inference.compiling import device_name


def this_machine(device: str) -> Machine:
    """The device as OpenVINO names it, and the machine around it."""
    import openvino as ov

    return Machine(
        device=device,
        device_name=device_name(device),
        logical_cores=os.cpu_count() or 1,
        openvino=str(ov.get_version()),
        system=platform.platform(),
    )
