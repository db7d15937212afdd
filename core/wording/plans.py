"""Quantization plans in words: how one plan differs from another."""

from __future__ import annotations

from typing import Any

from core.models.plan import AccuracyTarget, Part, QuantizationPlan, Subgraph
from core.values import Value
from core.wording.plan_choices import CHOICES, METRIC_WORDS, PARTS, TITLES

_SHOWN = 4


class PlanDifference(Value):
    """A field in which a plan differs from another, in words.

    `field` is its name in the plan, `title` what the user reads.
    """

    field: str
    title: str
    value: str
    other: str


def differences(
    plan: QuantizationPlan, other: QuantizationPlan | None = None
) -> tuple[PlanDifference, ...]:
    """In which fields `plan` differs from `other`, or from the default. Names do not count."""
    other = other or QuantizationPlan()
    return tuple(
        PlanDifference(
            field=field,
            title=title,
            value=in_words(field, getattr(plan, field)),
            other=in_words(field, getattr(other, field)),
        )
        for field, title in TITLES.items()
        if getattr(plan, field) != getattr(other, field)
    )


def in_words(field: str, value: Any) -> str:
    """A field's value as the user reads it."""
    for choice in CHOICES.get(field, ()):
        if choice.value == value:
            return choice.title
    if value is None:
        return "none"
    if isinstance(value, AccuracyTarget):
        return f"a drop of {value.max_drop:g} of {METRIC_WORDS[value.metric]} at most"
    if isinstance(value, tuple):
        names = [_name(one) for one in value]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        return ", ".join(names[:_SHOWN]) + more if names else "none"
    return str(value)


def summary(plan: QuantizationPlan) -> str:
    """One line: how the plan differs from the default."""
    found = differences(plan)
    if not found:
        return "the default plan"
    return "; ".join(f"{one.title.lower()}: {one.value}" for one in found)


def part_title(part: Part) -> str:
    """Such as ``Last convolutions``."""
    return PARTS[part][0]


def _name(one: Any) -> str:
    if isinstance(one, Subgraph):
        return f"{', '.join(one.inputs)} to {', '.join(one.outputs)}"
    return part_title(one).lower() if one in PARTS else str(one)
