"""Which layers keep INT8 from being faster: the optimized profile against a parent's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from core.benchmark.layer_groups import LayerGroup, group_layers
from core.benchmark.plan import Interval
from core.benchmark.profile import ROLE_WORDS, Layer, Profile, total_ms
from core.benchmark.statistics import ratio_interval
from core.values import Value

_NAMED = 3  # layers that a sentence names
_WORTH_TELLING = 0.03  # of the optimized model's layer time
_LOSS_WORTH_TELLING = 0.01
_A_GAIN = 1.1  # a ratio that would be one

CulpritKind = Literal["apart", "float", "conversion", "slower"]


class Culprit(Value):
    """A group of layers that costs time, or gains none.

    Attributes:
        kind: ``apart`` stands on its own where the parent computes it inside a convolution;
            ``float`` is a convolution that stayed float; ``conversion`` changes precision or
            memory layout; ``slower`` is a convolution that INT8 makes no faster.
        sentence: what it is and costs.
        layers: indices into the optimized profile's layers, the slowest first.
        operations: of the model, that could be kept in float.
        time_ms: what the layers take.
        lost_ms: more than the parent takes for the same.
    """

    kind: CulpritKind
    sentence: str
    layers: tuple[int, ...]
    operations: tuple[str, ...]
    time_ms: float
    lost_ms: float


class Blame(Value):
    """What INT8 gains by its layers, and what eats that up.

    Attributes:
        parent, optimized: which profiles.
        parent_ms, optimized_ms: all layers' time.
        ratio: the parent's latency over the optimized one's, paired by rounds, counters on; None
            where they were not profiled in turns.
        matched: of the optimized model's layer time, the share in layers that come from the same
            operations as some of the parent's; small where that is no parent at all.
        gained_ms: what convolutions and matrix products in int8 save, against the parent's
            with what is fused into them.
        culprits: what costs most first.
        sentence: all of it.
    """

    parent: str
    optimized: str
    parent_ms: float
    optimized_ms: float
    ratio: Interval | None
    matched: float
    gained_ms: float
    culprits: tuple[Culprit, ...]
    sentence: str

    @property
    def layers_sentence(self) -> str:
        """What eats up the gain, without the verdict."""
        told = " ".join(culprit.sentence for culprit in self.culprits)
        return f"Layer by layer: {told}" if told else ""

    @property
    def no_gain(self) -> bool:
        """Whether INT8 is not clearly faster."""
        return self.verdict != "is faster than"

    @property
    def verdict(self) -> str:
        """In words.

        ``is faster than``, ``is slower than``, ``gains nothing over``; and where a gain may hide
        in the noise, ``is not clearly faster than``.
        """
        low, high = (
            (self.ratio.low, self.ratio.high)
            if self.ratio is not None
            else 2 * (self.parent_ms / self.optimized_ms,)
        )
        if low > 1:
            return "is faster than"
        if high < 1:
            return "is slower than"
        return "gains nothing over" if high < _A_GAIN else "is not clearly faster than"


def blame(parent: Profile, optimized: Profile) -> Blame:
    """Compare the layers of an INT8 model with its parent's, at one of the parent's precisions."""
    groups = group_layers(parent, optimized)
    found = [
        _apart(groups, parent, optimized),
        _stayed_float(groups, parent, optimized),
        _conversions(parent, optimized),
        _slower(groups, parent, optimized),
    ]
    enough = _WORTH_TELLING * optimized.layers_ms
    culprits = sorted((one for one in found if one and one.time_ms > enough), key=_cost)
    computed = _int8_groups(groups, optimized)
    ratio = None
    if len(parent.latency_rounds_ms) == len(optimized.latency_rounds_ms):
        ratio = ratio_interval(parent.latency_rounds_ms, optimized.latency_rounds_ms)
    told = Blame(
        parent=parent.title,
        optimized=optimized.title,
        parent_ms=parent.layers_ms,
        optimized_ms=optimized.layers_ms,
        ratio=ratio,
        matched=sum(group.second_ms for group in groups if group.first)
        / (optimized.layers_ms or 1.0),
        gained_ms=-sum(group.difference_ms for group in computed),
        culprits=tuple(culprits),
        sentence="",
    )
    return _with_sentence(told, computed, optimized)


def _cost(culprit: Culprit) -> float:
    return -max(culprit.lost_ms, 0.0) - 1e-3 * culprit.time_ms


def _with_sentence(told: Blame, computed: Sequence[LayerGroup], optimized: Profile) -> Blame:
    import msgspec

    times = f"its layers take {told.optimized_ms:.2f} ms, the parent's {told.parent_ms:.2f} ms"
    if told.ratio is not None:
        speed = told.ratio
        times += f"; it is {speed.value:.2f} times as fast ({speed.low:.2f} to {speed.high:.2f})"
    gains = {"is slower than": "INT8 gains nothing: it is slower than"}
    parts = [f"{gains.get(told.verdict, f'INT8 {told.verdict}')} {told.parent}: {times}."]
    if computed:
        before = sum(group.first_ms for group in computed)
        best = sorted(computed, key=lambda group: group.difference_ms)[:_NAMED]
        named = ", ".join(
            f"{optimized.layers[group.second[0]].label} {-group.difference_ms:.2f} ms"
            for group in best
            if group.difference_ms < 0
        )
        parts.append(
            f"What it computes in int8 takes {before - told.gained_ms:.2f} ms where the parent "
            f"takes {before:.2f} ms" + (f"; most is saved in {named}." if named else ".")
        )
    parts += [culprit.sentence for culprit in told.culprits]
    return msgspec.structs.replace(told, sentence=" ".join(parts))


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


def _apart(groups: Sequence[LayerGroup], parent: Profile, optimized: Profile) -> Culprit | None:
    """Layers whose operations the parent computes inside its convolutions."""
    places = []
    for group in groups:
        fused = group.first and all(parent.layers[place].computing for place in group.first)
        mine = [optimized.layers[place] for place in group.second]
        if fused and any(layer.computing for layer in mine):
            places += [p for p in group.second if not optimized.layers[p].computing]
    if not (places := _slowest_first(places, optimized)):
        return None
    layers = [optimized.layers[place] for place in places]
    kinds = Counter(layer.what for layer in layers)
    sentence = (
        f"{_counted(layers, kinds.most_common(1)[0][0])} that the parent computes inside its "
        f"convolutions {_verb(layers, 'stands', 'stand')} apart and "
        f"{_verb(layers, 'takes', 'take')} {_share(layers, optimized)}: {_named(layers)}."
    )
    time = total_ms(layers)
    return _culprit("apart", sentence, places, layers, time)


def _stayed_float(
    groups: Sequence[LayerGroup], parent: Profile, optimized: Profile
) -> Culprit | None:
    """Convolutions and matrix products that do not run in int8."""
    wanted = [
        place
        for place, layer in enumerate(optimized.layers)
        if layer.computing and layer.precision != "int8"
    ]
    if not (places := _slowest_first(wanted, optimized)):
        return None
    layers = [optimized.layers[place] for place in places]
    roles = Counter(layer.role for layer in layers)
    precisions = Counter(layer.precision for layer in layers)
    computing = sum(layer.computing for layer in optimized.layers)
    kind = ROLE_WORDS[roles.most_common(1)[0][0]] if len(roles) == 1 else ROLE_WORDS["convolution"]
    sentence = (
        f"{len(layers)} of {computing} convolutions and matrix products stayed "
        f"{precisions.most_common(1)[0][0]}"
        + (f", all of them {kind}," if len(roles) == 1 and "depthwise" in roles else "")
        + f" and {_verb(layers, 'takes', 'take')} {_share(layers, optimized)}: {_named(layers)}."
    )
    chosen = set(places)
    before = sum(group.first_ms for group in groups if chosen & set(group.second))
    return _culprit("float", sentence, places, layers, total_ms(layers) - before)


def _conversions(parent: Profile, optimized: Profile) -> Culprit | None:
    """Layers that only change precision or layout."""
    wanted = [p for p, layer in enumerate(optimized.layers) if layer.role == "conversion"]
    if not (places := _slowest_first(wanted, optimized)):
        return None
    layers = [optimized.layers[place] for place in places]
    before = total_ms(layer for layer in parent.layers if layer.role == "conversion")
    if total_ms(layers) - before <= _LOSS_WORTH_TELLING * optimized.layers_ms:
        return None
    sentence = (
        f"{len(layers)} {_verb(layers, 'layer that only converts', 'layers that only convert')} "
        f"precision or layout {_verb(layers, 'takes', 'take')} {_share(layers, optimized)}, "
        f"the parent's {before:.2f} ms: {_named(layers)}."
    )
    return _culprit("conversion", sentence, places, layers, total_ms(layers) - before)


def _slower(groups: Sequence[LayerGroup], parent: Profile, optimized: Profile) -> Culprit | None:
    """Layers in int8 that take longer than what the parent has for them, quartiles apart."""
    wanted, before = [], 0.0
    for group in _int8_groups(groups, optimized):
        int8 = group.second
        least = sum(optimized.layers[place].time_low_ms for place in int8)
        most = sum(parent.layers[place].time_high_ms for place in group.first)
        if group.first_ms and least > most:  # not by the noise of small layers
            wanted += list(int8)
            before += group.first_ms
    places = _slowest_first(wanted, optimized)
    layers = [optimized.layers[place] for place in places]
    if total_ms(layers) - before <= _LOSS_WORTH_TELLING * optimized.layers_ms:
        return None
    sentence = (
        f"{_counted(layers, 'convolution or matrix product', 'convolutions or matrix products')} "
        f"{_verb(layers, 'is', 'are')} slower in int8, {_share(layers, optimized)} against "
        f"{before:.2f} ms: {_named(layers)}."
    )
    return _culprit("slower", sentence, places, layers, total_ms(layers) - before)


def _culprit(
    kind: CulpritKind, sentence: str, places: list[int], layers: list[Layer], lost_ms: float
) -> Culprit:
    return Culprit(
        kind=kind,
        sentence=sentence,
        layers=tuple(places),
        operations=tuple(dict.fromkeys(name for layer in layers for name in layer.operations)),
        time_ms=total_ms(layers),
        lost_ms=lost_ms,
    )


def _slowest_first(places: list[int], profile: Profile) -> list[int]:
    timed = [place for place in places if profile.layers[place].time_ms > 0]
    return sorted(timed, key=lambda place: -profile.layers[place].time_ms)


def _share(layers: list[Layer], profile: Profile) -> str:
    time = total_ms(layers)
    return f"{time:.2f} ms ({time / profile.layers_ms:.0%})"


def _counted(layers: list[Layer], one: str, many: str = "") -> str:
    plural = many or f"{one} layers"
    return f"{len(layers)} {one if len(layers) == 1 else plural}"


def _verb(layers: list[Layer], one: str, many: str) -> str:
    return one if len(layers) == 1 else many


def _named(layers: list[Layer]) -> str:
    told = ", ".join(f"{layer.label} {layer.time_ms:.2f} ms" for layer in layers[:_NAMED])
    return told + (", …" if len(layers) > _NAMED else "")
