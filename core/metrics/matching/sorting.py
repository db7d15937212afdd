"""Stable orders of millions of rows, by sorting numbers instead of places.

Each number is made of a row's key (and score) above its place: no two are equal, so that NumPy's
quickest sort, several rows an instruction, gives the stable order. Where the bits do not suffice,
the places are sorted.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.signedinteger]
Places = NDArray[np.intp]
_BITS = 63  # of an int64 that is not negative
_CHUNK = 2**20  # places at a time
_SCORE_BITS = 31  # of a float32 that is not negative: they sort as the numbers do


def rising(keys: Indices) -> Places:
    """Intp ``[K]``: the stable order of rising keys, which are not negative."""
    places = len(keys).bit_length()
    if not _fit(keys, places):
        return np.argsort(keys, kind="stable")
    return _places(keys.astype(np.int64), places)


def rising_then_falling(keys: Indices, scores: NDArray[np.float32]) -> Places:
    """Intp ``[K]``: the stable order by rising key, which is not negative, then by falling score.

    What is no number comes last, as `numpy.lexsort` has it.
    """
    places = len(keys).bit_length()
    # Of scores that are no numbers, the smallest is none, too.
    if not (_fit(keys, places + _SCORE_BITS) and scores.min() >= 0):
        return np.lexsort((-scores, keys))
    bits = np.add(scores, np.float32(0)).view(np.int32)  # -0 is 0
    both = keys.astype(np.int64)
    both <<= _SCORE_BITS
    both += np.int32(2**_SCORE_BITS - 1) - bits
    return _places(both, places)


def _fit(keys: Indices, more: int) -> bool:
    """Whether keys have room above so many bits; there is at least one of them."""
    return len(keys) > 0 and int(keys.max()).bit_length() + more <= _BITS


def _places(numbers: NDArray[np.int64], places: int) -> Places:
    """The order of these numbers, which it overwrites."""
    numbers <<= places
    for first in range(0, len(numbers), _CHUNK):
        some = numbers[first : first + _CHUNK]
        some |= np.arange(first, first + len(some))
    numbers.sort()
    numbers &= (1 << places) - 1
    return np.asarray(numbers, np.intp)
