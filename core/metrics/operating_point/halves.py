"""Images in two halves: thresholds are chosen on one, and judged on the other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def chosen_half(names: Sequence[str], seed: int) -> Mask:
    """Bool ``[I]``: the images that thresholds are chosen on, half of them, or one more.

    Which ones is decided by a hash of name and seed, whatever the order of the images: neighbours
    in it, such as the frames of a film, would be too much alike.
    """
    keys = [
        hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogateescape")).digest()
        for name in names
    ]
    order = sorted(range(len(names)), key=keys.__getitem__)
    chosen = np.zeros(len(names), bool)
    chosen[order[: (len(names) + 1) // 2]] = True
    return chosen
