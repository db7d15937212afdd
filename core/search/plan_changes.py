"""Plans with more or less in float than another one."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from core.models.plan import Part, QuantizationPlan
from core.optimize.parameters import SATURATING
from core.search.candidates import Reason

BEHIND: Part = "post_processing"
PARTS: tuple[Part, ...] = (
    "linear", "attention", "last_convolutions", "depthwise", "head", "first_layer",
)  # fmt: skip

Operations = tuple[str, ...]
Parts = Mapping[Part, frozenset[str]]
"""The parts that a network has, with their operations."""


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
    for part in PARTS:
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
