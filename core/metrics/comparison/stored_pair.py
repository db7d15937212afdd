"""Both models' detections of the same images, which stay in their files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from core.detection.joining import Both
from core.detection.stored_table import StoredTable
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.matching.kept_candidates import KeptCandidates
from core.metrics.matching.thresholds import Thresholds

_ROWS = 10_000  # of both models, in a block of images, of which some are a sample
_TOGETHER = 8  # blocks that are compared together, where all are


class Unwanted(Exception):
    """Nobody waits for what is computed any more."""


@dataclass(frozen=True, eq=False)
class StoredPair:
    """Both models' detections of the same images, in files."""

    parent: StoredTable
    optimized: StoredTable

    @cached_property
    def blocks(self) -> list[range]:
        """The images, one after the other, some thousand detections each."""
        rows = self.parent.offsets + self.optimized.offsets
        cuts = np.searchsorted(rows, np.arange(_ROWS, rows[-1], _ROWS)).tolist()
        ends = sorted({0, *cuts, len(self.parent)})
        return [range(*one) for one in pairwise(ends)]

    @property
    def stretches(self) -> list[range]:
        """The images in larger numbers, which take less time each."""
        some = [self.blocks[at : at + _TOGETHER] for at in range(0, len(self.blocks), _TOGETHER)]
        return [range(one[0].start, one[-1].stop) for one in some]

    @property
    def rows(self) -> list[int]:
        """How many detections each block has."""
        rows = self.parent.offsets + self.optimized.offsets
        return [int(rows[one.stop] - rows[one.start]) for one in self.blocks]

    def both(self, images: range) -> Both:
        """The detections in some images, one after the other."""
        return self.parent.part(images), self.optimized.part(images)

    @cached_property
    def kept(self) -> KeptCandidates:
        """What no threshold changes, once it was computed."""
        return KeptCandidates()

    def parts(self) -> Iterator[Both]:
        """All of them, a stretch after the other."""
        return map(self.both, self.stretches)

    def compared(self, image: int, thresholds: Thresholds) -> Comparison:
        """One image alone."""
        return compare(*self.both(range(image, image + 1)), thresholds)
