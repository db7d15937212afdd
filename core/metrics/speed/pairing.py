"""The two speeds that a ratio of paired rounds belongs to."""

from __future__ import annotations

from collections.abc import Sequence


def paired(
    numerator: Sequence[float], denominator: Sequence[float], ratio: float
) -> tuple[float, float] | None:
    """The speeds of the round in the middle, whose quotient is the median of the rounds' ratios.

    Medians of either side alone need not divide to it: the machine may have been fast in other
    rounds for the one than for the other. Of an even number of rounds, what lies between the two
    in the middle and divides to `ratio`. None where the rounds have no such ratio.
    """
    rounds = sorted(zip(numerator, denominator, strict=False), key=lambda one: one[0] / one[1])
    if not rounds:
        return None
    low, high = rounds[(len(rounds) - 1) // 2], rounds[len(rounds) // 2]
    below, above = ratio * low[1] - low[0], high[0] - ratio * high[1]
    if below < -_EXACT * low[0] or above < -_EXACT * high[0]:
        return None
    share = below / (below + above) if below + above > 0 else 0.0
    share = min(1.0, max(0.0, share))
    first, second = (a + share * (b - a) for a, b in zip(low, high, strict=True))
    return first, second


_EXACT = 1e-6
