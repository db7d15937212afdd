"""Which layers of two executed graphs do the same work: matched through original operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.profiling.profile import Layer, Profile, total_ms
from core.values import Value


class LayerGroup(Value):
    """Layers of A and layers of B that come from the same operations of the model.

    OpenVINO fuses differently in another precision: one layer of A may be three of B. Where one
    side is empty, the other's layer has no counterpart, such as a conversion.

    Attributes:
        name: what its convolution, or else its slowest layer, is known by.
        what: that layer's type.
        first, second: indices into the layers of A and of B.
        first_ms, second_ms: their times together.
        first_precision, second_precision: of the slowest layer; empty where there is none.
    """

    name: str
    what: str
    first: tuple[int, ...]
    second: tuple[int, ...]
    first_ms: float
    second_ms: float
    first_precision: str
    second_precision: str

    @property
    def difference_ms(self) -> float:
        """B's time less A's."""
        return self.second_ms - self.first_ms

    @property
    def ratio(self) -> float | None:
        """A's time over B's: above 1 B is faster; None where one side takes no time."""
        return self.first_ms / self.second_ms if self.first_ms and self.second_ms else None


def group_layers(first: Profile, second: Profile) -> tuple[LayerGroup, ...]:
    """All executed layers of both, in the order of A, then what only B has in its own."""
    sides = (first.layers, second.layers)
    leader: dict[tuple[int, int], tuple[int, int]] = {
        (side, place): (side, place)
        for side, layers in enumerate(sides)
        for place in range(len(layers))
    }

    def find(node: tuple[int, int]) -> tuple[int, int]:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    made_of = {name: place for place, layer in enumerate(sides[0]) for name in layer.originals}
    for place, layer in enumerate(sides[1]):
        for name in layer.originals:
            if name in made_of:
                one, other = sorted((find((0, made_of[name])), find((1, place))))
                leader[other] = one
    alone = {
        (layer.name, layer.type): place
        for place, layer in enumerate(sides[0])
        if not layer.originals
    }
    for place, layer in enumerate(sides[1]):
        if not layer.originals and (layer.name, layer.type) in alone:
            leader[1, place] = (0, alone[layer.name, layer.type])  # the same conversion
    members: dict[tuple[int, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for node in leader:
        members[find(node)][node[0]].append(node[1])
    groups = (_group(sides, *places) for _, places in sorted(members.items()))
    return tuple(group for group in groups if group.first_ms or group.second_ms)


def _group(
    sides: tuple[Sequence[Layer], Sequence[Layer]], first: list[int], second: list[int]
) -> LayerGroup:
    mine = [sides[0][place] for place in first]
    theirs = [sides[1][place] for place in second]
    slowest = max((*mine, *theirs), key=lambda layer: (layer.computing, layer.time_ms))
    return LayerGroup(
        name=slowest.label,
        what=slowest.what,
        first=tuple(first),
        second=tuple(second),
        first_ms=total_ms(mine),
        second_ms=total_ms(theirs),
        first_precision=_precision(mine),
        second_precision=_precision(theirs),
    )


def _precision(layers: list[Layer]) -> str:
    chief = max(layers, key=lambda layer: (layer.computing, layer.time_ms), default=None)
    return chief.precision if chief else ""
