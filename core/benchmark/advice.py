"""What a profile means, in sentences drawn from its figures."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.blame import Blame, Culprit, CulpritKind, blame
from core.benchmark.profile import Advice, Profile, total_ms

_SLOWEST = 3
_MUCH_ELEMENTWISE = 0.1  # of all layers' time
_MUCH_BETWEEN = 0.2  # of an inference, outside the layers

_NEXT_STEPS: dict[CulpritKind, str] = {
    "apart": "Keep these operations in float and quantize again: nothing stands between them and "
    "their convolutions then, and OpenVINO may compute them together.",
    "float": "They gain nothing by INT8; if they add error, they may as well be kept in float.",
    "conversion": "They stand where int8 and float layers meet: keep whole blocks in one "
    "precision rather than single layers.",
    "slower": "Keeping them in float costs no time and may bring back accuracy.",
}


def advise(profile: Profile, others: Sequence[Profile]) -> tuple[Advice, ...]:
    """Sentences on `profile`; of a quantized one, also against each parent's among `others`."""
    told = []
    if profile.quantized:
        parents = [one for one in others if not one.quantized]
        blames = sorted(
            (blame(parent, profile) for parent in parents), key=lambda one: one.parent_ms
        )
        for place, one in enumerate(blames):  # the fastest parent first: that is to be beaten
            told.append(_verdict(one))
            if place == 0:
                told += [_culprit(culprit) for culprit in one.culprits]
    else:
        told += _elementwise(profile)
    told.append(_slowest(profile))
    told += _between(profile)
    return tuple(told)


def _verdict(one: Blame) -> Advice:
    sentence = one.sentence
    for culprit in one.culprits:  # they get lines of their own
        sentence = sentence.replace(f" {culprit.sentence}", "")
    return Advice(sentence=sentence)


def _culprit(culprit: Culprit) -> Advice:
    return Advice(
        sentence=f"{culprit.sentence} {_NEXT_STEPS[culprit.kind]}",
        layers=culprit.layers,
        keep_in_float=culprit.kind != "conversion",
    )


def _elementwise(profile: Profile) -> list[Advice]:
    """Elementwise layers of a float model that OpenVINO could not fuse into others."""
    places = [
        place
        for place, layer in enumerate(profile.layers)
        if layer.role == "elementwise" and layer.time_ms > 0
    ]
    places.sort(key=lambda place: -profile.layers[place].time_ms)
    time = total_ms(profile.layers[place] for place in places)
    if time <= _MUCH_ELEMENTWISE * profile.layers_ms:
        return []
    return [
        Advice(
            sentence=f"{len(places)} elementwise layers stand apart from the layers around them "
            f"and take {time:.2f} ms ({time / profile.layers_ms:.0%}): each reads and writes its "
            "whole tensor. Activations that OpenVINO fuses, such as ReLU, cost nothing there.",
            layers=tuple(places),
        )
    ]


def _slowest(profile: Profile) -> Advice:
    order = sorted(range(len(profile.layers)), key=lambda place: -profile.layers[place].time_ms)
    places = [place for place in order[:_SLOWEST] if profile.layers[place].time_ms > 0]
    layers = [profile.layers[place] for place in places]
    share = total_ms(layers) / (profile.layers_ms or 1)
    named = ", ".join(f"{one.label} ({one.what}, {one.time_ms:.2f} ms)" for one in layers)
    return Advice(
        sentence=f"Slowest are {named}: {share:.0%} of all layers' {profile.layers_ms:.2f} ms.",
        layers=tuple(places),
    )


def _between(profile: Profile) -> list[Advice]:
    between = profile.latency_ms.median - profile.layers_ms
    if between < _MUCH_BETWEEN * profile.latency_ms.median:
        return []
    executed = sum(layer.time_ms > 0 for layer in profile.layers)
    return [
        Advice(
            sentence=f"{between:.2f} of an inference's {profile.latency_ms.median:.2f} ms are in "
            f"no layer: between {executed} layers, in counting time, or in other programs."
        )
    ]
