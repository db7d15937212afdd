"""The summary of a comparison from detections that come part by part: they never all lie in memory.

Of a detection some 14 bytes stay, of an image its counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.detection.joining import Both
from core.metrics.accuracy.ranked_ap import RankedByParts, RankedPart, class_ap
from core.metrics.arrays import Real
from core.metrics.comparison.bootstrap import Interval, Rankings, interval_of_agreement
from core.metrics.comparison.comparison import PartFound, compare_part, prepare
from core.metrics.comparison.rows import Counts, ImageRows, image_rows
from core.metrics.comparison.summary import Agreement, Summary, summarise, worst_of
from core.metrics.matching.candidates import Candidates, Part
from core.metrics.matching.chunks import chunks, in_order
from core.metrics.matching.statuses import Status
from core.metrics.matching.thresholds import Thresholds

Look = Callable[[Part, PartFound], None]


@dataclass(frozen=True, eq=False)
class ComparedByParts:
    """A comparison without its single boxes: the images worst first, and what AP is made of.

    `iou` and `shifts` (of the scores) float64 ``[I]`` are sums of each image's matches, in the
    order of the images.
    """

    images: ImageRows
    summary: Summary
    rankings: Rankings
    iou: Real
    shifts: Real
    agreement: Agreement

    @property
    def worst(self) -> tuple[int, ...]:
        """The places of the images to look at first; none where nothing differs."""
        return worst_of(self.images)

    def interval(self, wanted: Callable[[], bool] = lambda: True) -> Interval | None:
        """The agreement with its 95% interval over images; None without agreement.

        None, too, where `wanted` says meanwhile that it is no longer wanted.
        """
        value = self.summary.agreement
        if value is None:
            return None
        return interval_of_agreement(value, self.rankings, len(self.images.image), wanted)


def numbered(parts: Iterable[Both]) -> Iterator[tuple[int, Both]]:
    """Each part with how many images come before it."""
    first = 0
    for both in parts:
        yield first, both
        first += len(both[0])


def compare_by_parts(
    parts: Iterable[Both],
    image_names: Sequence[str],
    classes: int,
    thresholds: Thresholds | None = None,
    look: Look = lambda part, found: None,
) -> ComparedByParts:
    """The summary that `core.metrics.comparison.comparison.compare` gives of the whole.

    `parts` have the images of `image_names` one after the other, in `classes` classes. `look` may
    take more of each part, in whatever order and thread.
    """
    given = thresholds or Thresholds()
    found = in_order(lambda both: compared_candidates(prepare(*both), given, look), parts)
    return together(found, image_names, classes)


def compare_prepared(
    parts: Sequence[Candidates],
    image_names: Sequence[str],
    classes: int,
    thresholds: Thresholds,
    look: Look = lambda part, found: None,
) -> ComparedByParts:
    """The same of parts that were prepared, which other thresholds are asked of."""
    found = in_order(lambda part: compared_candidates(part, thresholds, look), parts)
    return together(found, image_names, classes)


def together(parts: Iterable[OfParts], image_names: Sequence[str], classes: int) -> ComparedByParts:
    """What was found in all images, from what `compared_candidates` gave of some after others."""
    counts: list[Counts] = []
    ious, shifts = [np.zeros(0)], [np.zeros(0)]
    ranked, rows_of_class = RankedByParts(max(1, classes)), np.zeros(max(1, classes), np.int64)
    first = 0
    for images, found in parts:
        for one in found:
            counts.append(one.counts)
            ious.append(one.iou)
            shifts.append(one.shifts)
            rows_of_class += one.rows_of_class
            ranked.add(one.ranked.behind(first))
        first += images
    rankings = ranked.rankings()
    rows = image_rows(counts)
    del counts
    ranges = chunks(np.append(0, np.cumsum(rows_of_class)))  # as the whole is divided
    agreement = Agreement(class_ap(rankings, max(1, classes), ranges))
    iou, shift = np.concatenate(ious), np.concatenate(shifts)
    summary = summarise(rows, image_names, agreement, iou, shift)
    return ComparedByParts(rows, summary, rankings, iou, shift, agreement)


@dataclass(frozen=True, eq=False)
class _OfPart:
    counts: Counts
    iou: Real
    shifts: Real
    rows_of_class: NDArray[np.int64]
    ranked: RankedPart


OfParts = tuple[int, list[_OfPart]]
"""How many images, and what was found in them."""


def compared_candidates(candidates: Candidates, thresholds: Thresholds, look: Look) -> OfParts:
    """Compare some images; `look` as in `compare_by_parts`."""
    found = []
    for part in candidates.parts:
        one = compare_part(part, thresholds)
        look(part, one)
        found.append(_of_part(part, one))
    return len(candidates.b.table), found


def _of_part(part: Part, found: PartFound) -> _OfPart:
    a, b, classes = part.candidates.a, part.candidates.b, part.candidates.class_count
    offset = int(b.table.offsets[part.images.start])
    active, levels = np.flatnonzero(found.active), found.levels
    statuses = found.status_of_parent.take(b.ranked.rows - offset)
    wanted = np.flatnonzero(statuses != Status.HIDDEN)
    return _OfPart(
        found.images,
        found.iou_sums,
        found.shift_sums,
        np.bincount(a.table.class_ids.take(a.ranked.rows), minlength=classes),
        RankedPart(
            images=a.images_of(active),
            class_ids=a.classes_of(active),
            scores=a.scores.take(active),
            hits=levels.take(active),
            ignored=None,
            reference_images=b.images_of(wanted),
            reference_classes=b.classes_of(wanted),
        ),
    )
