"""The target of a plan: what this machine is."""

from __future__ import annotations

from msgspec.structs import replace

from core.inference.arithmetic import int8_arithmetic
from core.models.plan import QuantizationPlan, Target


def machine_target() -> Target:
    """What this machine's CPU is, by what it computes: instructions may be limited.

    One with AMX computes as one with VNNI does; what NNCF leaves in float for AMX is chosen.
    """
    return "cpu" if int8_arithmetic() == "saturating" else "cpu_vnni"


def for_target(plan: QuantizationPlan) -> QuantizationPlan:
    """The plan for a target that is the same everywhere: ``this_machine`` is resolved."""
    return replace(plan, target=known_target(plan.target))


def known_target(target: Target) -> Target:
    """The target itself, or what this machine is."""
    return machine_target() if target == "this_machine" else target
