"""Which layers keep INT8 from being faster: the optimized profile against a parent's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from core.metrics.speed.figures import Interval, Positive
from core.metrics.speed.statistics import ratio_interval
from core.profiling.layer_groups import LayerGroup, group_layers
from core.profiling.profile import Layer, Profile, ProfileKey, Role, total_ms
from core.values import Value

_NAMED = 3  # layers that are named
_WORTH_NAMING = 0.03  # of the optimized model's layer time
_LOSS_WORTH_NAMING = 0.01
_A_GAIN = 1.1  # a ratio that would be one

BottleneckKind = Literal["apart", "float", "conversion", "slower"]
Int8Verdict = Literal["faster", "slower", "no_gain", "unclear"]


class LayerTime(Value):
    """A layer by the name that people know it by, and milliseconds."""

    name: str
    ms: float


class Bottleneck(Value, tag="bottleneck"):
    """A group of layers of an INT8 model that costs time, or gains none.

    Attributes:
        kind: ``apart`` stands on its own where the parent computes it inside a convolution;
            ``float`` is a convolution or matrix product that stayed float; ``conversion`` changes
            precision or memory layout; ``slower`` is one that INT8 makes no faster.
        layers: indices into the optimized profile's layers, the slowest first.
        operations: of the model, that could be kept in float.
        slowest: the first few of the layers.
        layer_type: what most of the layers compute.
        roles: what the layers are for, each once.
        precision: that most of the layers compute in.
        computing: how many convolutions and matrix products the model has.
        time_ms: what the layers take.
        share: of the time of all the model's layers.
        parent_ms: what the parent takes for the same; of ``apart`` 0, for there it costs nothing.
    """

    kind: BottleneckKind
    layers: tuple[int, ...]
    operations: tuple[str, ...]
    slowest: tuple[LayerTime, ...]
    layer_type: str
    roles: tuple[Role, ...]
    precision: str
    computing: int
    time_ms: float
    share: float
    parent_ms: float

    @property
    def lost_ms(self) -> float:
        """More than the parent takes for the same."""
        return self.time_ms - self.parent_ms

    @property
    def keep_in_float(self) -> bool:
        """Whether keeping the operations in float costs nothing, or helps."""
        return self.kind != "conversion"


class Int8Comparison(Value, tag="int8"):
    """What INT8 gains by its layers, and what eats that up.

    Attributes:
        parent, optimized: which profiles.
        parent_ms, optimized_ms: all layers' time.
        ratio: the parent's latency over the optimized one's, paired by rounds, counters on; None
            where they were not profiled in turns.
        matched: of the optimized model's layer time, the share in layers that come from the same
            operations as some of the parent's; small where that is no parent at all.
        int8_ms: what convolutions and matrix products in int8 take; None without any.
        int8_parent_ms: what the parent takes for them, with what is fused into them.
        saved: the layers in int8 that save most, and how much.
        bottlenecks: what costs most first.
    """

    parent: ProfileKey
    optimized: ProfileKey
    parent_ms: float
    optimized_ms: Positive
    ratio: Interval | None
    matched: float
    int8_ms: float | None
    int8_parent_ms: float
    saved: tuple[LayerTime, ...]
    bottlenecks: tuple[Bottleneck, ...]

    @property
    def gained_ms(self) -> float:
        """What is saved by computing in int8."""
        return self.int8_parent_ms - (self.int8_ms or 0.0)

    @property
    def verdict(self) -> Int8Verdict:
        """``unclear`` is where a gain may hide in the noise."""
        if self.ratio is not None:
            low, high = self.ratio.low, self.ratio.high
        else:
            low = high = self.parent_ms / self.optimized_ms
        if low > 1:
            return "faster"
        if high < 1:
            return "slower"
        return "no_gain" if high < _A_GAIN else "unclear"


def compare_int8(parent: Profile, optimized: Profile) -> Int8Comparison:
    """Compare the layers of an INT8 model with its parent's, at one of the parent's precisions."""
    groups = group_layers(parent, optimized)
    found = [
        _apart(groups, parent, optimized),
        _stayed_float(groups, optimized),
        _conversions(parent, optimized),
        _slower(groups, parent, optimized),
    ]
    enough = _WORTH_NAMING * optimized.layers_ms
    bottlenecks = sorted((one for one in found if one and one.time_ms > enough), key=_cost)
    computed = _int8_groups(groups, optimized)
    ratio = None
    if len(parent.latency_rounds_ms) == len(optimized.latency_rounds_ms):
        ratio = ratio_interval(parent.latency_rounds_ms, optimized.latency_rounds_ms)
    return Int8Comparison(
        parent=parent.key,
        optimized=optimized.key,
        parent_ms=parent.layers_ms,
        optimized_ms=optimized.layers_ms,
        ratio=ratio,
        matched=sum(group.second_ms for group in groups if group.first)
        / (optimized.layers_ms or 1.0),
        int8_ms=sum(group.second_ms for group in computed) if computed else None,
        int8_parent_ms=sum(group.first_ms for group in computed),
        saved=tuple(
            LayerTime(name=optimized.layers[group.second[0]].label, ms=-group.difference_ms)
            for group in sorted(computed, key=lambda group: group.difference_ms)[:_NAMED]
            if group.difference_ms < 0
        ),
        bottlenecks=tuple(bottlenecks),
    )


def _cost(one: Bottleneck) -> float:
    return -max(one.lost_ms, 0.0) - 1e-3 * one.time_ms


def _int8_groups(groups: Sequence[LayerGroup], optimized: Profile) -> list[LayerGroup]:
    """What both compute and the optimized one in int8; of its layers, only those in int8."""
    import msgspec

    found = []
    for group in groups:
        int8 = tuple(place for place in group.second if _is_int8(optimized.layers[place]))
        if int8 and group.first:
            took = total_ms(optimized.layers[place] for place in int8)
            found.append(msgspec.structs.replace(group, second=int8, second_ms=took))
    return found


def _is_int8(layer: Layer) -> bool:
    return layer.computing and layer.precision == "int8"


def _apart(groups: Sequence[LayerGroup], parent: Profile, optimized: Profile) -> Bottleneck | None:
    """Layers whose operations the parent computes inside its convolutions."""
    places: list[int] = []
    for group in groups:
        fused = group.first and all(parent.layers[place].computing for place in group.first)
        mine = [optimized.layers[place] for place in group.second]
        if fused and any(layer.computing for layer in mine):
            places += [p for p in group.second if not optimized.layers[p].computing]
    return _bottleneck("apart", places, optimized, parent_ms=0.0)


def _stayed_float(groups: Sequence[LayerGroup], optimized: Profile) -> Bottleneck | None:
    """Convolutions and matrix products that do not run in int8."""
    places = {
        place
        for place, layer in enumerate(optimized.layers)
        if layer.computing and layer.precision != "int8" and layer.time_ms > 0
    }
    before = sum(group.first_ms for group in groups if places & set(group.second))
    return _bottleneck("float", places, optimized, before)


def _conversions(parent: Profile, optimized: Profile) -> Bottleneck | None:
    """Layers that only change precision or layout, if the parent spends less on that."""
    places = [p for p, layer in enumerate(optimized.layers) if layer.role == "conversion"]
    before = total_ms(layer for layer in parent.layers if layer.role == "conversion")
    return _if_lost(_bottleneck("conversion", places, optimized, before), optimized)


def _slower(groups: Sequence[LayerGroup], parent: Profile, optimized: Profile) -> Bottleneck | None:
    """Layers in int8 that take longer than what the parent has for them, quartiles apart."""
    places: list[int] = []
    before = 0.0
    for group in _int8_groups(groups, optimized):
        least = sum(optimized.layers[place].time_low_ms for place in group.second)
        most = sum(parent.layers[place].time_high_ms for place in group.first)
        if group.first_ms and least > most:  # not by the noise of small layers
            places += group.second
            before += group.first_ms
    return _if_lost(_bottleneck("slower", places, optimized, before), optimized)


def _if_lost(found: Bottleneck | None, optimized: Profile) -> Bottleneck | None:
    worth_it = found and found.lost_ms > _LOSS_WORTH_NAMING * optimized.layers_ms
    return found if worth_it else None


def _bottleneck(
    kind: BottleneckKind, places: Iterable[int], optimized: Profile, parent_ms: float
) -> Bottleneck | None:
    """Of these layers; None where none of them takes any time."""
    timed = [place for place in places if optimized.layers[place].time_ms > 0]
    if not timed:
        return None
    timed.sort(key=lambda place: -optimized.layers[place].time_ms)
    layers = [optimized.layers[place] for place in timed]
    time = total_ms(layers)
    return Bottleneck(
        kind=kind,
        layers=tuple(timed),
        operations=tuple(dict.fromkeys(name for layer in layers for name in layer.operations)),
        slowest=tuple(LayerTime(name=one.label, ms=one.time_ms) for one in layers[:_NAMED]),
        layer_type=Counter(layer.what for layer in layers).most_common(1)[0][0],
        roles=tuple(dict.fromkeys(layer.role for layer in layers)),
        precision=Counter(layer.precision for layer in layers).most_common(1)[0][0],
        computing=sum(layer.computing for layer in optimized.layers),
        time_ms=time,
        share=time / optimized.layers_ms,
        parent_ms=parent_ms,
    )
