"""What a profile means: findings as codes and figures, drawn from its layers."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from core.profiling.bottlenecks import Bottleneck, Int8Comparison, LayerTime, compare_int8
from core.profiling.profile import Profile, total_ms
from core.values import Value

_SLOWEST = 3
_MUCH_ELEMENTWISE = 0.1  # of all layers' time
_MUCH_BETWEEN = 0.2  # of an inference, outside the layers


class ElementwiseApart(Value, tag="elementwise"):
    """Elementwise layers of a float model that OpenVINO could not fuse into others.

    `layers` are their places, the slowest first; `share` is of the time of all layers.
    """

    layers: tuple[int, ...]
    time_ms: float
    share: float


class NamedLayer(LayerTime):
    """A layer with what it computes."""

    layer_type: str


class SlowestLayers(Value, tag="slowest"):
    """The slowest layers; `share` is of the time of all layers, `layers_ms`."""

    layers: tuple[int, ...]
    named: tuple[NamedLayer, ...]
    share: float
    layers_ms: float


class TimeBetweenLayers(Value, tag="between"):
    """Much of an inference is in none of the `executed` layers."""

    between_ms: float
    latency_ms: float
    executed: int


Finding = Int8Comparison | Bottleneck | ElementwiseApart | SlowestLayers | TimeBetweenLayers


def findings_of(profile: Profile, others: Sequence[Profile]) -> tuple[Finding, ...]:
    """What `profile` shows; of a quantized one, also against each parent's among `others`.

    The fastest parent comes first, for that is to be beaten, with the bottlenecks against it.
    """
    found: list[Finding] = []
    if profile.quantized:
        compared = [compare_int8(other, profile) for other in others if not other.quantized]
        compared.sort(key=lambda one: one.parent_ms)
        for place, one in enumerate(compared):
            found.append(replace(one, bottlenecks=()))
            found += one.bottlenecks if place == 0 else ()
    else:
        found += _elementwise(profile)
    found.append(_slowest(profile))
    return (*found, *_between(profile))


def layers_of(finding: Finding) -> tuple[int, ...]:
    """The layers (indices) that a finding is about, the slowest first."""
    if isinstance(finding, Int8Comparison | TimeBetweenLayers):
        return ()
    return finding.layers


def _elementwise(profile: Profile) -> list[Finding]:
    places = [
        place
        for place, layer in enumerate(profile.layers)
        if layer.role == "elementwise" and layer.time_ms > 0
    ]
    places.sort(key=lambda place: -profile.layers[place].time_ms)
    time = total_ms(profile.layers[place] for place in places)
    if time <= _MUCH_ELEMENTWISE * profile.layers_ms:
        return []
    share = time / profile.layers_ms
    return [ElementwiseApart(layers=tuple(places), time_ms=time, share=share)]


def _slowest(profile: Profile) -> Finding:
    order = sorted(range(len(profile.layers)), key=lambda place: -profile.layers[place].time_ms)
    places = [place for place in order[:_SLOWEST] if profile.layers[place].time_ms > 0]
    layers = [profile.layers[place] for place in places]
    return SlowestLayers(
        layers=tuple(places),
        named=tuple(
            NamedLayer(name=one.label, ms=one.time_ms, layer_type=one.what) for one in layers
        ),
        share=total_ms(layers) / (profile.layers_ms or 1.0),
        layers_ms=profile.layers_ms,
    )


def _between(profile: Profile) -> list[Finding]:
    latency = profile.latency_ms.median
    between = latency - profile.layers_ms
    if between < _MUCH_BETWEEN * latency:
        return []
    executed = sum(layer.time_ms > 0 for layer in profile.layers)
    return [TimeBetweenLayers(between_ms=between, latency_ms=latency, executed=executed)]
