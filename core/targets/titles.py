"""What targets are called."""

from __future__ import annotations

from core.models.plan import Target

TARGETS: dict[Target, str] = {
    "this_machine": "This machine",
    "any": "Any",
    "cpu": "CPU without VNNI",
    "cpu_vnni": "CPU with VNNI",
    "cpu_bf16": "CPU with BF16",
    "cpu_amx": "CPU with AMX",
    "gpu": "GPU",
    "npu": "NPU",
}


def named(target: Target, machine: str = "") -> str:
    """In a sentence, such as ``the target CPU with VNNI``; `machine` is another one than this."""
    if target == "this_machine":
        return machine or "this machine"
    return f"the target {TARGETS[target]}"


def judged_for(target: Target, machine: str = "") -> str:
    """What a verdict is about, such as ``judged for this machine``."""
    return f"judged for {named(target, machine)}"
