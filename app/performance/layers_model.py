"""The columns of the tables of layers, and what of a layer the filter looks at."""

from __future__ import annotations

from app.kit.tables.rows_model import RowColumn
from app.kit.text import displayable
from core.benchmark.layer_groups import LayerGroup
from core.benchmark.profile import Layer, Profile


def layer_columns(profile: Profile | None) -> tuple[RowColumn, ...]:
    """Of a table of this profile's layers."""
    whole = (profile.layers_ms if profile else 0.0) or 1.0
    return (
        RowColumn("No.", "Place in the order of execution.", lambda n, one: n, right=True),
        RowColumn(
            "Layer",
            "The convolution or last operation that it was fused from; or its own name.",
            lambda n, one: one.label,
            displayable,
        ),
        RowColumn("Type", "What it computes.", lambda n, one: one.what, displayable),
        RowColumn(
            "Time, ms",
            "Median of the rounds, one inference at a time.",
            lambda n, one: one.time_ms,
            lambda value: f"{value:.3f}" if value else "–",
            right=True,
        ),
        RowColumn(
            "Share",
            "Of all layers' time.",
            lambda n, one: one.time_ms / whole,
            lambda value: f"{value:.1%}" if value else "–",
            right=True,
        ),
        RowColumn("Precision", "That it computes in.", lambda n, one: one.precision),
        RowColumn("Writes", "Precision of its output.", lambda n, one: one.output_precision),
        RowColumn(
            "Primitive", "The kernel that was chosen.", lambda n, one: one.primitive, displayable
        ),
        RowColumn(
            "Fused from",
            "Operations of the model's file.",
            lambda n, one: ", ".join(one.originals),
            displayable,
        ),
    )


def short_layer_columns(profile: Profile | None) -> tuple[RowColumn, ...]:
    """The same, beside the picture of the graph."""
    columns = layer_columns(profile)
    return (*columns[:4], columns[5])


def layer_contains(layer: Layer, text: str) -> bool:
    """Whether the text, casefolded, is in what a layer is called."""
    told = (layer.name, layer.label, layer.what, layer.primitive, *layer.originals)
    return any(text in one.casefold() for one in told)


def pair_columns(other: str) -> tuple[RowColumn, ...]:
    """Of a table of layers of A beside those of another project."""
    return (
        RowColumn("No.", "Place in the order of A.", lambda n, one: n, right=True),
        RowColumn(
            "Layer", "The operation that they come from.", lambda n, one: one.name, displayable
        ),
        RowColumn("Type", "What it computes.", lambda n, one: one.what, displayable),
        RowColumn("A, ms", "Of A's layers.", lambda n, one: one.first_ms, _time, right=True),
        RowColumn(
            f"{other}, ms", f"Of {other}'s layers.", lambda n, one: one.second_ms, _time, right=True
        ),
        RowColumn(
            "Difference, ms",
            f"{other}'s time less A's.",
            lambda n, one: one.difference_ms,
            lambda value: f"{value:+z.3f}",
            right=True,
        ),
        RowColumn(
            "Ratio",
            f"A's time over {other}'s: above 1, {other} is faster.",
            lambda n, one: one.ratio,
            lambda value: "–" if value is None else f"{value:.2f}",
            right=True,
        ),
        RowColumn("A in", "Precision that A computes in.", lambda n, one: _precision(one, 0)),
        RowColumn(
            f"{other} in",
            f"Precision that {other} computes in.",
            lambda n, one: _precision(one, 1),
        ),
        RowColumn(
            "Layers",
            "How many layers of A and of the other that is.",
            lambda n, one: f"{len(one.first)} : {len(one.second)}",
        ),
    )


def _time(value: float) -> str:
    return f"{value:.3f}" if value else "–"


def _precision(group: LayerGroup, side: int) -> str:
    return (group.first_precision, group.second_precision)[side] or "–"
