"""The target of a plan: what this machine is, and how a target computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from core.inference.arithmetic import int8_arithmetic
from core.inference.executed import default_precision
from core.inference.limited import LimitedDetector, asked_for, computable
from core.inference.settings import Arithmetic, InferenceSettings
from core.models.plan import FloatPrecision, QuantizationPlan, Target
from core.models.stored import StoredModel

LOOKING = "Looking how this processor computes"
"""The stage of a job that the user sees meanwhile."""


@dataclass(frozen=True)
class Way:
    """How INT8 sums and the rest are computed; `arithmetic` is None where nothing is quantized."""

    arithmetic: Arithmetic | None
    precision: FloatPrecision = "f32"


_EXACT, _SATURATING, _BF16 = Way("exact"), Way("saturating"), Way("exact", "bf16")
_WAYS: dict[Target, tuple[Way, ...]] = {
    "any": (_EXACT, _BF16, _SATURATING),
    "cpu": (_SATURATING,),
    "cpu_vnni": (_EXACT,),
    "cpu_bf16": (_BF16,),
    "cpu_amx": (_BF16,),
    "gpu": (_EXACT,),
    "npu": (_EXACT,),
}


def machine_target() -> Target:
    """What this machine's CPU is, by what it computes: instructions may be limited.

    One with AMX computes as one with VNNI and bfloat16; what NNCF leaves in float for AMX is
    chosen.
    """
    if int8_arithmetic() == "saturating":
        return "cpu"
    return "cpu_bf16" if default_precision() == "bf16" else "cpu_vnni"


def for_target(plan: QuantizationPlan) -> QuantizationPlan:
    """The plan for a target that is the same everywhere: ``this_machine`` is resolved."""
    return replace(plan, target=known_target(plan.target))


def known_target(target: Target) -> Target:
    """The target itself, or what this machine is."""
    return machine_target() if target == "this_machine" else target


def planned_target(optimized: StoredModel) -> Target:
    """Where a model is to run by the plan that it was made by; without one, on this machine."""
    plan = optimized.card.plan
    return "this_machine" if plan is None else plan.target


def ways(target: Target) -> tuple[Way, ...]:
    """How a target may compute by default: a model must be right in all of these."""
    return _WAYS[known_target(target)]


def arithmetics(target: Target) -> tuple[Arithmetic, ...]:
    """How a target may compute sums of INT8 products."""
    return tuple(dict.fromkeys(one.arithmetic for one in ways(target) if one.arithmetic))


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


def runs_by_default(target: Target) -> bool:
    """Whether this machine's default precision is one that a model may run in there by itself."""
    if target in ("gpu", "npu", machine_target()):
        return True
    return any(one.precision != "f32" for one in ways(target))
