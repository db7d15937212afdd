"""The target of a plan: what this machine is, and how a target computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from core.inference.arithmetic import int8_arithmetic
from core.inference.limited import LimitedDetector, asked_for, computable
from core.inference.settings import Arithmetic, InferenceSettings
from core.models.plan import QuantizationPlan, Target

_ARITHMETICS: dict[Target, tuple[Arithmetic, ...]] = {
    "any": ("exact", "saturating"),
    "cpu": ("saturating",),
    "cpu_vnni": ("exact",),
    "cpu_amx": ("exact",),
    "gpu": ("exact",),
    "npu": ("exact",),
}


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


def arithmetics(target: Target) -> tuple[Arithmetic, ...]:
    """How a target may compute sums of INT8 products: a model must be right in all of these."""
    return _ARITHMETICS[known_target(target)]


@dataclass(frozen=True)
class Judged:
    """How models are judged for a target: in these arithmetics, and not in those.

    `runs` are the settings of each run in true f32; as it is executed where none can be computed.
    """

    arithmetics: tuple[Arithmetic, ...]
    not_judged: tuple[Arithmetic, ...]

    @property
    def runs(self) -> tuple[InferenceSettings, ...]:
        """One for each arithmetic."""
        ways = self.arithmetics or (None,)
        return tuple(InferenceSettings(precision_hint="f32", int8=asked_for(one)) for one in ways)


def judged(target: Target, limited: LimitedDetector, listen: Callable[[], None]) -> Judged:
    """How this machine can judge models for a target; `listen` is called while it finds out."""
    wanted = arithmetics(target)
    can = computable(wanted, limited, listen)
    return Judged(can, tuple(one for one in wanted if one not in can))


def has_bfloat16(target: Target) -> bool:
    """Whether a model may run in bfloat16 there by itself: no CPU without VNNI does."""
    return arithmetics(target) != ("saturating",)
