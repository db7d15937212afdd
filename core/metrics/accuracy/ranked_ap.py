"""AP of detections that are ranked by class, whether they were ranked whole or part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.average_precision import COCO_THRESHOLDS, ap_of_classes
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Rankings
from core.metrics.matching.candidates import by_class_and_score
from core.metrics.matching.chunks import on_all_cores

Indices = NDArray[np.signedinteger]
Bits = NDArray[np.uint16]


def class_ap(rankings: Rankings, classes: int, ranges: Sequence[range] = ()) -> Real:
    """Float64 ``[10, C]``: AP by threshold and class; NaN without anything to be found.

    `ranges` are classes that are computed together: on that hangs how the last bit is rounded.
    """
    references = np.bincount(rankings.reference_classes, minlength=classes)
    found = on_all_cores(lambda some: _ap(rankings, references, some), ranges or (range(classes),))
    return np.concatenate(found, axis=1)


def of_images(rankings: Rankings, chosen: NDArray[np.bool_]) -> Rankings:
    """Those of some images alone: bool ``[I]``."""
    kept, wanted = chosen[rankings.images], chosen[rankings.reference_images]
    return Rankings(
        images=rankings.images[kept],
        class_bounds=np.append(0, np.cumsum(kept))[rankings.class_bounds],
        hits=rankings.hits[kept],
        ignored=None if rankings.ignored is None else rankings.ignored[kept],
        reference_images=rankings.reference_images[wanted],
        reference_classes=rankings.reference_classes[wanted],
    )


def _ap(rankings: Rankings, references: NDArray[np.int64], classes: range) -> Real:
    bounds = rankings.class_bounds[classes.start : classes.stop + 1]
    own = slice(*bounds[[0, -1]].tolist())
    levels, wanted = rankings.hits[own], references[classes.start : classes.stop]
    ignored = None if rankings.ignored is None else rankings.ignored[own]
    rows = []
    for number in range(len(COCO_THRESHOLDS)):
        bit = np.uint16(1 << number)
        hits, places = levels & bit > 0, bounds - bounds[0]
        if ignored is not None:
            counted = (ignored & bit) == 0
            hits, places = hits[counted], np.append(0, np.cumsum(counted))[places]
        rows.append(ap_of_classes(hits, places, wanted))
    return np.stack(rows)


def mean_ap(by_class: Real) -> float:
    """AP@[.50:.95] over the classes with something to be found; NaN without any."""
    known = ~np.isnan(by_class)
    return float(by_class[known].mean()) if known.any() else float("nan")


@dataclass(frozen=True, eq=False)
class RankedPart:
    """What `Rankings` are made of, of some images: detections in the order of their images.

    `images` and `reference_images` are counted from the first of the whole; `ignored` is None
    where nothing is.
    """

    images: NDArray[np.int32]
    class_ids: NDArray[np.int32]
    scores: NDArray[np.float32]
    hits: Bits
    ignored: Bits | None
    reference_images: NDArray[np.int32]
    reference_classes: NDArray[np.int32]

    def behind(self, images: int) -> RankedPart:
        """The same where so many images come before."""
        moved = np.int32(images)
        own, wanted = self.images + moved, self.reference_images + moved
        return replace(self, images=own, reference_images=wanted)

    def columns(self) -> dict[str, NDArray[Any]]:
        """By name; where nothing is ignored, that is so of every detection."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        ignored = np.broadcast_to(np.uint16(0), self.hits.shape)  # takes no memory
        return {**given, "ignored": ignored if self.ignored is None else self.ignored}


@dataclass
class RankedByParts:
    """Collects parts, some 14 bytes a detection, and ranks them as if they had come whole."""

    classes: int
    _columns: dict[str, list[NDArray[Any]]] = field(default_factory=lambda: defaultdict(list))
    _any_ignored: bool = False

    def add(self, part: RankedPart) -> None:
        """Parts are added in the order of their images."""
        self._any_ignored |= part.ignored is not None
        for name, column in part.columns().items():
            self._columns[name].append(column)

    def rankings(self) -> Rankings:
        """Of all parts; they are forgotten then, each column as soon as it is joined."""
        class_ids = self._joined("class_ids", np.int32)
        counts = np.bincount(class_ids, minlength=self.classes)
        order = by_class_and_score(class_ids, self._joined("scores", np.float32))
        del class_ids
        ignored = None
        if self._any_ignored:
            ignored = self._joined("ignored", np.uint16).take(order)
        return Rankings(
            images=self._joined("images", np.int32).take(order),
            class_bounds=np.append(0, np.cumsum(counts)),
            hits=self._joined("hits", np.uint16).take(order),
            ignored=ignored,
            reference_images=self._joined("reference_images", np.int32),
            reference_classes=self._joined("reference_classes", np.int32),
        )

    def _joined(self, name: str, kind: type[np.generic]) -> NDArray[Any]:
        return np.concatenate([np.zeros(0, kind), *self._columns.pop(name, ())])
