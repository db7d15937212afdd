"""Sorting and searching by name, without regard to case, for a hundred thousand names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import ne

import numpy as np
from numpy.typing import NDArray

from app.kit.text import displayable


class Names:
    """A column of names, as read from a file or a model."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.original = tuple(names)

    def __getitem__(self, index: int) -> str:
        """The name as Qt can show it."""
        return displayable(self.original[index])

    @cached_property
    def ranks(self) -> NDArray[np.int64]:
        """The place of each name in the alphabet; names that differ in case only share one."""
        folded = [displayable(name).casefold() for name in self.original]
        count = len(folded)
        order = sorted(range(count), key=folded.__getitem__)
        alphabet = [folded[index] for index in order]
        is_new = np.fromiter(map(ne, alphabet[1:], alphabet), np.int64, max(0, count - 1))
        ranks = np.zeros(count, np.int64)
        ranks[order[1:]] = np.cumsum(is_new)
        return ranks
