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


def judged_for(target: Target) -> str:
    """What a verdict is about, such as ``judged for the target CPU with VNNI``."""
    if target == "this_machine":
        return "judged for this machine"
    return f"judged for the target {TARGETS[target]}"
