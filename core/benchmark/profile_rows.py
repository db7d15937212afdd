"""Profiles as plain JSON values and as CSV."""

from __future__ import annotations

from collections.abc import Iterable

from core.benchmark.blame import blame
from core.benchmark.profile import (
    Profile,
    ProfileResult,
    by_precision,
    by_type,
    float_share,
    transitions,
)
from core.documents.csv import csv_table
from core.values import Plain, to_plain

LAYER_TITLES = (
    "order", "layer", "kind", "type", "time_ms", "time_low_ms", "time_high_ms", "share",
    "precision", "output_precision", "primitive", "originals", "original_types", "shape",
)  # fmt: skip


def profile_rows(result: ProfileResult) -> Plain:
    """Everything that the job found and what is computed from it, but the picture's places."""
    return {
        "machine": to_plain(result.machine),
        "rounds": result.rounds,
        "started": result.started,
        "profiles": [
            _profile(profile, [one.sentence for one in advice])
            for profile, advice in zip(result.profiles, result.advice, strict=True)
        ],
        "blame": [
            {**to_plain(one), "no_gain": one.no_gain}
            for one in (
                blame(parent, optimized)
                for optimized in result.profiles
                if optimized.quantized
                for parent in result.profiles
                if not parent.quantized
            )
        ],
    }


def _profile(profile: Profile, advice: list[str]) -> Plain:
    plain: Plain = to_plain(profile)
    layers = plain.pop("layers")
    return {
        **plain,
        "layers_ms": profile.layers_ms,
        "float_share": float_share(profile),
        "by_type": [to_plain(one) for one in by_type(profile)],
        "by_precision": [to_plain(one) for one in by_precision(profile)],
        "transitions": [to_plain(one) for one in transitions(profile)],
        "advice": advice,
        "layers": layers,
    }


def layers_csv(profile: Profile, places: Iterable[int] | None = None) -> bytes:
    """One row a layer, in execution order or in that of `places`."""
    whole = profile.layers_ms or 1.0
    chosen = range(len(profile.layers)) if places is None else places
    return csv_table(
        LAYER_TITLES,
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
