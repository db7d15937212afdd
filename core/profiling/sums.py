"""Sums over the layers of a profile: by type, by precision, and where the precision changes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

from core.profiling.profile import Layer, Profile, total_ms
from core.values import Value


class LayerSum(Value):
    """Layers that share something: how many, and their time.

    `share` is that of all layers' time, 0..1; `precisions` is the time in each precision, in ms,
    and `counts` how many layers run in it.
    """

    name: str
    layers: int
    time_ms: float
    share: float
    precisions: dict[str, float]
    counts: dict[str, int]


class Transition(Value):
    """Where one precision becomes another: how many layers do it, and the time of those that do
    nothing else."""

    before: str
    after: str
    layers: int
    conversions: int
    time_ms: float


def sums_by(profile: Profile, key: Callable[[Layer], str]) -> tuple[LayerSum, ...]:
    """The executed layers summed by `key`, the largest time first."""
    groups: dict[str, list[Layer]] = defaultdict(list)
    for layer in profile.layers:
        if layer.time_ms > 0:
            groups[key(layer)].append(layer)
    whole = profile.layers_ms or 1.0
    made = (_sum(name, layers, whole) for name, layers in groups.items())
    return tuple(sorted(made, key=lambda one: -one.time_ms))


def by_type(profile: Profile) -> tuple[LayerSum, ...]:
    """Sums per layer type."""
    return sums_by(profile, lambda layer: layer.what)


def by_precision(profile: Profile) -> tuple[LayerSum, ...]:
    """Sums per precision computed in."""
    return sums_by(profile, lambda layer: layer.precision)


def _sum(name: str, layers: list[Layer], whole: float) -> LayerSum:
    precisions: dict[str, float] = defaultdict(float)
    for layer in layers:
        precisions[layer.precision] += layer.time_ms
    total = sum(layer.time_ms for layer in layers)
    return LayerSum(
        name=name,
        layers=len(layers),
        time_ms=total,
        share=total / whole,
        precisions=dict(precisions),
        counts=dict(Counter(layer.precision for layer in layers)),
    )


def transitions(profile: Profile) -> tuple[Transition, ...]:
    """Every change of precision between what a layer reads and what it writes."""
    found: dict[tuple[str, str], list[Layer]] = defaultdict(list)
    for layer in profile.layers:
        read = {profile.layers[place].output_precision for place in layer.inputs}
        for before in sorted(read - {layer.output_precision}):
            found[before, layer.output_precision].append(layer)
    return tuple(
        Transition(
            before=before,
            after=after,
            layers=len(layers),
            conversions=sum(layer.role == "conversion" for layer in layers),
            time_ms=sum(layer.time_ms for layer in layers if layer.role == "conversion"),
        )
        for (before, after), layers in sorted(found.items(), key=lambda one: -len(one[1]))
    )


def float_share(profile: Profile) -> float | None:
    """Of the time of convolutions and matrix products, the share not in int8; None without any."""
    computing = [layer for layer in profile.layers if layer.computing]
    whole = total_ms(computing)
    if not whole:
        return None
    return total_ms(layer for layer in computing if layer.precision != "int8") / whole
