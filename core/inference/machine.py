"""What machine a measurement was made on."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError
from core.inference.compiling import device_name
from core.inference.settings import DEFAULT_DEVICE
from core.runtime import openvino_core
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

# What /proc/cpuinfo calls them, and what they are called; those that networks profit from.
_INSTRUCTION_SETS = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX-VNNI",
    "avx512_vnni": "AVX-512 VNNI",
    "avx512_bf16": "AVX-512 BF16",
    "avx512_fp16": "AVX-512 FP16",
    "amx_int8": "AMX INT8",
    "amx_bf16": "AMX BF16",
    "amx_fp16": "AMX FP16",
    "asimd": "NEON",
    "asimddp": "NEON dot product",
    "i8mm": "NEON INT8",
    "bf16": "NEON BF16",
    "sve": "SVE",
}


class Machine(Value):
    """Where it was measured.

    Attributes:
        device: as OpenVINO names it; `device_name` is what it calls itself.
        logical_cores, physical_cores: of the machine; of the latter, None where it is not known.
        openvino, system: their versions.
        instruction_sets: of the processor, where the system says (Linux).
        capabilities: of the device, as OpenVINO names them, such as ``INT8`` and ``BF16``.
        memory_bytes: of the machine.
        name, host: where it was sent there to be measured: what the user calls that machine, and
            what it calls itself. Empty on the machine that the program runs on.
    """

    device: str
    device_name: str
    logical_cores: int
    openvino: str
    system: str
    physical_cores: int | None = None
    instruction_sets: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    memory_bytes: int | None = None
    name: str = ""
    host: str = ""

    @property
    def title(self) -> str:
        """What the device calls itself, and which machine it is in where that is another one."""
        return (
            f"{self.device_name}, on {self.name} ({self.host})" if self.name else self.device_name
        )

    @property
    def fast_int8(self) -> bool:
        """Whether the processor has instructions for products of 8-bit numbers."""
        known = " ".join(self.instruction_sets)
        return any(word in known for word in ("VNNI", "AMX INT8", "dot product", "NEON INT8"))

    @property
    def fast_bf16(self) -> bool:
        """Whether it has instructions for products of bfloat16 numbers."""
        return "BF16" in self.capabilities or "BF16" in " ".join(self.instruction_sets)

    def emulates(self, layers: Mapping[str, int]) -> bool:
        """Whether a CPU without such instructions, as far as is known, ran layers in bf16.

        `layers` are how many ran in which precision.
        """
        known = bool(self.instruction_sets or self.capabilities)
        return known and "bf16" in layers and not self.fast_bf16


def this_machine(device: str) -> Machine:
    """The device as OpenVINO names it, and the machine around it."""
    import openvino as ov
    import psutil

    return Machine(
        device=device,
        device_name=device_name(device),
        logical_cores=os.cpu_count() or 1,
        openvino=str(ov.get_version()),
        system=platform.platform(),
        physical_cores=psutil.cpu_count(logical=False),
        instruction_sets=instruction_sets(),
        capabilities=_capabilities(device),
        memory_bytes=psutil.virtual_memory().total,
    )


def devices() -> dict[str, str]:
    """The devices that models can be measured on, as OpenVINO lists them, and their names."""
    found = {device: device_name(device) for device in openvino_core().available_devices}
    return {**found, "AUTO": "OpenVINO chooses"}


def require_device(device: str) -> None:
    """Raises InputError, which lists the devices there are, where there is no such device."""
    if device == DEFAULT_DEVICE:
        return
    try:
        chooser, _, among = device.partition(":")
        for name in (chooser, *(one.removeprefix("-") for one in among.split(",") if one)):
            device_name(name)
            if "." in name:  # the name of its kind is told of any number, also of one too many
                openvino_core().compile_model(_smallest_model(), name)
    except (RuntimeError, TypeError) as error:  # the latter of a name that is not UTF-8
        known = ", ".join(f"{name} ({title})" for name, title in devices().items())
        raise InputError(
            f"OpenVINO has no device {device} here.", f"The devices of this machine: {known}."
        ) from error


def _smallest_model() -> ov.Model:
    import numpy as np
    import openvino as ov
    from openvino import opset13

    numbers = opset13.parameter([1], np.float32)
    return ov.Model([opset13.relu(numbers)], [numbers])


def _capabilities(device: str) -> tuple[str, ...]:
    try:
        return tuple(map(str, openvino_core().get_property(device, "OPTIMIZATION_CAPABILITIES")))
    except RuntimeError:  # a device need not know the property
        return ()


def instruction_sets() -> tuple[str, ...]:
    """Those of the processor that networks profit from, where the system says (Linux)."""
    if sys.platform != "linux":
        return ()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    line = next((one for one in lines if one.startswith(("flags", "Features"))), "")
    return named_sets(line.partition(":")[2].split())


def named_sets(flags: Iterable[str]) -> tuple[str, ...]:
    """The instruction sets among a processor's flags, as Linux calls those."""
    there = set(flags)
    return tuple(name for flag, name in _INSTRUCTION_SETS.items() if flag in there)
