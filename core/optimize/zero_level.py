"""Zero is one of the levels of each quantizer, so that integers compute what it says.

Where values are computed with 8 bits, zero is the nearest level to it: if none lies there, all
values of the layer are shifted by what is between. NNCF moves one end of an asymmetric range
to see to it, and leaves the range as it is where the nearest level is the first or the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_BESIDE = 0.75  # of a step: NNCF leaves what is up to half of one, rounded, from the first or last


def with_zero(tune: Any, moved: Callable[[], None] = lambda: None) -> Any:
    """NNCF's `tune_range` that ends at zero what it leaves without; `moved` hears of such ranges.

    It gives the ends of ranges, tensors of NNCF's. What lay outside of them by less than half
    of a step becomes zero, as it did with 8 bits.
    """
    from nncf.tensor import functions

    def tuned(left_border: Any, right_border: Any, num_bits: int, unify_zp: bool = False) -> Any:
        left, right = tune(left_border, right_border, num_bits, unify_zp)
        last = 2**num_bits - 1
        place, zero = -left * last / (right - left), functions.zeros_like(left)
        too_low, too_high = place < _BESIDE, place > last - _BESIDE
        if bool(functions.any(too_low & (left < 0))) or bool(functions.any(too_high & (right > 0))):
            moved()
        return functions.where(too_low, zero, left), functions.where(too_high, zero, right)

    return tuned
