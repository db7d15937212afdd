"""The parts of the way from an encoded image to boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean

from msgspec.structs import astuple, fields

from core.metrics.speed.figures import Positive
from core.values import Value


class Parts(Value):
    """Milliseconds of an image in each part, on average.

    Attributes:
        decode: from the encoded image to pixels; reading the file, too, where it starts with one.
        prepare: resizing, colours and layout, to the network's inputs.
        infer: the network.
        boxes: decoding its outputs, non-maximum suppression included.
    """

    decode: Positive
    prepare: Positive
    infer: Positive
    boxes: Positive

    @staticmethod
    def of(values: Iterable[float]) -> Parts:
        """In the order of `PARTS`."""
        return Parts(**dict(zip(PARTS, values, strict=True)))

    @property
    def whole(self) -> float:
        """All of them, one after the other."""
        return float(sum(astuple(self)))

    @property
    def longest(self) -> str:
        """The name of the part that takes most."""
        return max(PARTS, key=lambda name: getattr(self, name))

    def share(self, name: str) -> float:
        """The share of one of `PARTS` in the whole."""
        return float(getattr(self, name)) / self.whole


PARTS = tuple(one.name for one in fields(Parts))


def typical(rounds: Sequence[Parts]) -> Parts | None:
    """Those of the middle round by the whole, or between the two middle ones; None without any.

    So they add up to what an image takes: medians of each part alone would not.
    """
    if not rounds:
        return None
    ranked = sorted(rounds, key=lambda parts: parts.whole)
    middle = ranked[(len(ranked) - 1) // 2 : len(ranked) // 2 + 1]
    return Parts.of(map(mean, zip(*map(astuple, middle), strict=True)))
