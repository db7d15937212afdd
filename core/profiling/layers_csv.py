"""The layers of a profile as CSV."""

from __future__ import annotations

from collections.abc import Iterable

from core.documents.csv import csv_table
from core.profiling.profile import Profile

TITLES = (
    "order", "layer", "kind", "type", "time_ms", "time_low_ms", "time_high_ms", "share",
    "precision", "output_precision", "primitive", "originals", "original_types", "shape",
)  # fmt: skip


def layers_csv(profile: Profile, places: Iterable[int] | None = None) -> bytes:
    """One row a layer, in execution order or in that of `places`."""
    whole = profile.layers_ms or 1.0
    chosen = range(len(profile.layers)) if places is None else places
    return csv_table(
        TITLES,
        (
            (
                place, layer.name, layer.what, layer.type, layer.time_ms, layer.time_low_ms,
                layer.time_high_ms, round(layer.time_ms / whole, 6), layer.precision,
                layer.output_precision, layer.primitive, " ".join(layer.originals),
                " ".join(layer.original_types), "x".join(map(str, layer.shape)),
            )
            for place, layer in ((place, profile.layers[place]) for place in chosen)
        ),
    )  # fmt: skip
