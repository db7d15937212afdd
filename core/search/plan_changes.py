"""Plans with more or less in float than another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from core.models.plan import Part, QuantizationPlan
from core.optimize.parameters import SATURATING
from core.optimize.weighed import Weighed
from core.search.candidates import Reason

BEHIND: Part = "post_processing"
CHEAP: tuple[Part, ...] = ("linear", "attention")  # they cost little, and errors hide in them
PARTS: tuple[Part, ...] = ("last_convolutions", "depthwise", "head", "first_layer")

_LEAST_WORK = 1e-3  # of all: an operation costs something, however little it multiplies

Operations = tuple[str, ...]
Parts = Mapping[Part, frozenset[str]]
"""The parts that a network has, with their operations."""


def without_errors(
    plan: QuantizationPlan, layers: Sequence[Weighed], left: float
) -> QuantizationPlan:
    """The plan with layers in float as well, so that this share of their errors is left.

    Those first that add most error for their work; what the later ones make needless stays INT8.
    """
    order = sorted(layers, key=lambda one: -one.error / (one.work + _LEAST_WORK))
    wanted, gone = 1.0 - left, 0.0
    chosen: list[Weighed] = []
    for one in order:
        if gone >= wanted:
            break
        chosen.append(one)
        gone += one.error
    for one in reversed(chosen[:]):
        if gone - one.error >= wanted:
            chosen.remove(one)
            gone -= one.error
    names = tuple(one.name for one in chosen)
    return replace(plan, ignored_names=(*plan.ignored_names, *names))


def careful(plan: QuantizationPlan, parts: Parts) -> QuantizationPlan:
    """The plan with everything that keeps accuracy and costs little speed."""
    for part in ("elementwise", BEHIND):
        if adds(part, plan, parts):
            plan = ignoring(plan, part)
    if plan.target in SATURATING:
        plan = replace(plan, overflow_fix="first_layer")
    return replace(plan, preset="mixed", weight_rounding="least_error")


def leaving(plan: QuantizationPlan, names: Operations, parts: Parts) -> QuantizationPlan:
    """The plan with these operations in float as well: as a part, if they are all of one."""
    left = frozenset(names) - operations_left(plan, parts)
    for part in (*CHEAP, *PARTS):
        if left and parts.get(part) == left:
            return ignoring(plan, part)
    more = tuple(name for name in names if name in left)
    return replace(plan, ignored_names=(*plan.ignored_names, *more)) if more else plan


def adds(part: Part, plan: QuantizationPlan, parts: Parts) -> bool:
    """Whether ignoring the part as well would change anything."""
    return bool(parts.get(part, frozenset()) - operations_left(plan, parts))


def operations_left(plan: QuantizationPlan, parts: Parts) -> frozenset[str]:
    """The plan's ignored scope."""
    named = frozenset(plan.ignored_names)
    return named.union(*(parts.get(one, frozenset()) for one in plan.ignored_parts))


def ignoring(plan: QuantizationPlan, part: Part) -> QuantizationPlan:
    """The plan with this part in float as well."""
    return replace(plan, ignored_parts=(*plan.ignored_parts, part))


def ignored(part: Part) -> Reason:
    """Why such a plan is tried."""
    return Reason(code="ignored_part", part=part)


def leaner_plans(plan: QuantizationPlan) -> list[tuple[QuantizationPlan, Reason]]:
    """Plans with less in float than this one."""
    found = []
    if plan.ignored_names:
        half = plan.ignored_names[: len(plan.ignored_names) // 2]
        found.append((replace(plan, ignored_names=half), Reason(code="fewer_ignored_layers")))
    if plan.preset == "mixed":
        found.append((replace(plan, preset="performance"), Reason(code="symmetric")))
    for part in reversed(plan.ignored_parts):
        left = tuple(one for one in plan.ignored_parts if one != part)
        found.append((replace(plan, ignored_parts=left), Reason(code="quantized_part", part=part)))
    return found
