"""What this machine's processor is able to, as far as it decides what a detector finds."""

from __future__ import annotations

import os

from core.inference.settings import DEFAULT_DEVICE, Arithmetic
from core.runtime import LIMIT
from core.values import Value


class Processor(Value):
    """A processor's abilities.

    Attributes:
        name: what it calls itself.
        instruction_sets: that networks profit from, where the system says (Linux).
        arithmetic: of sums of INT8 products, found by computing one.
        default_precision: what OpenVINO computes in by itself: ``bf16`` or ``f16`` where the
            processor is made for it, else ``f32``.
        limit: what the environment limits the instructions to, as oneDNN names it; usually empty.
    """

    name: str
    instruction_sets: tuple[str, ...]
    arithmetic: Arithmetic
    default_precision: str
    limit: str = ""


def this_processor() -> Processor:
    """This machine's, as this process may use it."""
    from core.inference.arithmetic import int8_arithmetic
    from core.inference.compiling import device_name
    from core.inference.executed import default_precision
    from core.inference.machine import instruction_sets

    return Processor(
        name=device_name(DEFAULT_DEVICE),
        instruction_sets=instruction_sets(),
        arithmetic=int8_arithmetic(),
        default_precision=default_precision(),
        limit=os.environ.get(LIMIT, "").upper(),
    )


class Machinery(Value):
    """What models can run on here: devices as OpenVINO lists them with their names, the CPU."""

    devices: dict[str, str]
    processor: Processor


def machinery() -> Machinery:
    """Asked of OpenVINO."""
    from core.inference.machine import devices

    return Machinery(devices=devices(), processor=this_processor())


def main() -> None:
    """The helper ``devices``: the machinery as JSON, for the window to ask."""
    from core.processes import own_channel
    from core.values import to_json

    channel = own_channel()
    channel.write(to_json(machinery()) + b"\n")
    channel.flush()
    os._exit(0)  # library threads must not get a chance to abort
