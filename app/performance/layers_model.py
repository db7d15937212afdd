"""The columns of the tables of layers, and what of a layer the filter looks at."""

from __future__ import annotations

from app.kit.tables.columns import Column
from core.profiling.layer_groups import LayerGroup
from core.profiling.profile import Layer, Profile

PAIR_WIDTHS = {
    "No.": 50, "Layer": 200, "Type": 166, "A, ms": 74, "B, ms": 74, "Difference, ms": 118,
    "Ratio": 70, "A in": 70, "B in": 70,
}  # fmt: skip
LAYER_WIDTHS = {
    "No.": 50, "Layer": 190, "Type": 166, "Time, ms": 84, "Share": 70, "Primitive": 170,
}  # fmt: skip


def layer_columns(profile: Profile | None) -> tuple[Column[Layer], ...]:
    """Of a table of this profile's layers."""
    whole = (profile.layers_ms if profile else 0.0) or 1.0
    return (
        Column("No.", "Place in the order of execution.", right=True),
        Column(
            "Layer",
            "The convolution or last operation that it was fused from; or its own name.",
            lambda one: one.label,
        ),
        Column("Type", "What it computes.", lambda one: one.what),
        Column(
            "Time, ms",
            "Median of the rounds, one inference at a time.",
            lambda one: one.time_ms,
            lambda value: f"{value:.3f}" if value else "–",
            right=True,
        ),
        Column(
            "Share",
            "Share of total layer time.",
            lambda one: one.time_ms / whole,
            lambda value: f"{value:.1%}" if value else "–",
            right=True,
        ),
        Column("Precision", "Compute precision.", lambda one: one.precision),
        Column("Writes", "Precision of its output.", lambda one: one.output_precision),
        Column("Primitive", "The kernel that was chosen.", lambda one: one.primitive),
        Column(
            "Fused from",
            "Operations of the model's file.",
            lambda one: ", ".join(one.originals),
        ),
    )


def short_layer_columns(profile: Profile | None) -> tuple[Column[Layer], ...]:
    """The same, beside the graph."""
    columns = layer_columns(profile)
    return (*columns[:4], columns[5])


def layer_contains(layer: Layer, text: str) -> bool:
    """Whether the text, casefolded, is in what a layer is called."""
    names = (layer.name, layer.label, layer.what, layer.primitive, *layer.originals)
    return any(text in one.casefold() for one in names)


def pair_columns(other: str) -> tuple[Column[LayerGroup], ...]:
    """Of a table of layers of A beside those of another project."""
    return (
        Column("No.", "Place in the order of A.", right=True),
        Column("Layer", "The operation that they come from.", lambda one: one.name),
        Column("Type", "What it computes.", lambda one: one.what),
        Column("A, ms", "Of A's layers.", lambda one: one.first_ms, _time, right=True),
        Column(
            f"{other}, ms", f"Of {other}'s layers.", lambda one: one.second_ms, _time, right=True
        ),
        Column(
            "Difference, ms",
            f"{other}'s time minus A's.",
            lambda one: one.difference_ms,
            lambda value: f"{value:+z.3f}",
            right=True,
        ),
        Column(
            "Ratio",
            f"A's time over {other}'s: above 1, {other} is faster.",
            lambda one: one.ratio,
            lambda value: f"{value:.2f}",
            right=True,
        ),
        Column("A in", "Compute precision of A.", lambda one: _precision(one, 0)),
        Column(
            f"{other} in",
            f"Compute precision of {other}.",
            lambda one: _precision(one, 1),
        ),
        Column(
            "Layers",
            "How many layers of A and of the other that is.",
            lambda one: f"{len(one.first)} : {len(one.second)}",
        ),
    )


def _time(value: float) -> str:
    return f"{value:.3f}" if value else "–"


def _precision(group: LayerGroup, side: int) -> str:
    return (group.first_precision, group.second_precision)[side] or "–"
