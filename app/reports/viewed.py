"""What the viewer shows of one image, made from a comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.viewer.scene.scene import ALONE, BoxStatus, Overlay, Side, ViewedImage
from app.viewer.strip.thumbnail_items import Thumbnails
from core.detection.boxes import paired_iou
from core.images.marks import mark_at
from core.metrics.accuracy.image_truth import ImageTruth
from core.metrics.comparison.comparison import Comparison, Status
from core.metrics.comparison.large import LargeComparison, of_image
from core.reports.filters import AnyComparison
from core.reports.kind import BOTH_MODELS, Called

Places = NDArray[np.signedinteger]

# The worst that can be said of a box comes first: a match may be shifted and drifted at once.
_DRAWN = (
    (Status.MISSED, BoxStatus.MISSED),
    (Status.EXTRA, BoxStatus.EXTRA),
    (Status.CLASS_CHANGED, BoxStatus.CLASS_CHANGED),
    (Status.SHIFTED, BoxStatus.SHIFTED),
    (Status.DRIFTED, BoxStatus.DRIFTED),
    (Status.MATCHED, BoxStatus.MATCHED),
)
_SAID = {
    Status.CLASS_CHANGED: "the class changed",
    Status.SHIFTED: "shifted: the IoU is low",
    Status.DRIFTED: "the score drifted",
}


def viewed_image(
    comparison: AnyComparison,
    image: int,
    path: Path,
    position: int,
    total: int,
    truth: ImageTruth | None = None,
    class_order: tuple[int, ...] = (),
    called: Called = BOTH_MODELS,
) -> ViewedImage:
    """Image number `image` of both models' tables, at a place of the list walked through.

    `truth`, if given, is that of this image; `class_order` see `ViewedImage`; `called` is what the
    two sides are called.
    """
    width, height = comparison.parent.image_sizes[image].tolist()
    compared, place = of_image(comparison, image)
    parent = _Boxes(compared, place, Side.PARENT, called)
    optimized = _Boxes(compared, place, Side.OPTIMIZED, called)
    found = None
    if truth is not None:
        found = _found(truth, parent), _found(truth, optimized)
    return ViewedImage(
        name=comparison.parent.image_names[image],
        path=path,
        position=position,
        total=total,
        width=width,
        height=height,
        parent=parent.overlay(optimized, truth, found[0] if found else None),
        optimized=optimized.overlay(parent, truth, found[1] if found else None),
        truth=_truth_overlay(truth, *found) if truth is not None and found else None,
        number=image,
        class_names=comparison.parent.class_names,
        class_order=class_order,
        names=(called.reference, called.other),
        only=(_title(called.missed), _title(called.extra)),
        mark=mark_at(comparison.parent.image_marks, image),
    )


def _found(truth: ImageTruth, side: _Boxes) -> Places:
    return truth.partners(side.boxes, side.scores, side.class_ids)


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]


def frequent_first(comparison: AnyComparison) -> tuple[int, ...]:
    """The class ids of both models' detections, the most frequent first."""
    if isinstance(comparison, LargeComparison):
        counts = comparison.class_counts
    else:
        tables, classes = (comparison.parent, comparison.optimized), comparison.parent.class_names
        counts = np.sum([np.bincount(t.class_ids, minlength=len(classes)) for t in tables], axis=0)
    order = np.argsort(-counts, kind="stable")
    return tuple(int(class_id) for class_id in order[counts[order] > 0])


def thumbnails_of(
    comparison: AnyComparison, root: Path, order: ArrayLike, called: Called = BOTH_MODELS
) -> Thumbnails:
    """Thumbnails of these images, with how much is missed and extra in each."""
    rows, images = comparison.images, len(comparison.parent)
    missed, extra = np.zeros(images, np.int64), np.zeros(images, np.int64)
    missed[rows.image], extra[rows.image] = rows.missed, rows.extra
    names = comparison.parent.image_names
    only = called.missed, called.extra
    return Thumbnails(root, names, np.asarray(order, np.int64), missed, extra, only)


class _Boxes:
    """One side's boxes on an image, those that the thresholds leave."""

    def __init__(self, comparison: Comparison, image: int, side: Side, called: Called) -> None:
        of_parent = side is Side.PARENT
        self.side = side
        self.called = called
        self.table = comparison.parent if of_parent else comparison.optimized
        statuses, partners, counterparts = (
            (
                comparison.status_of_parent,
                comparison.partner_of_parent,
                comparison.counterpart_of_parent,
            )
            if of_parent
            else (
                comparison.status_of_optimized,
                comparison.partner_of_optimized,
                comparison.counterpart_of_optimized,
            )
        )
        rows = np.arange(self.table.offsets[image], self.table.offsets[image + 1])
        self.rows = rows[statuses[rows] != Status.HIDDEN]
        self.statuses = statuses[self.rows]
        self.boxes = self.table.boxes[self.rows]
        self.scores = self.table.scores[self.rows]
        self.class_ids = self.table.class_ids[self.rows]
        self.names = tuple(self.table.class_names[number] for number in self.class_ids.tolist())
        # Rows of the other table: the match, else the box of another class at the same place.
        self.partners = np.where(
            partners[self.rows] >= 0, partners[self.rows], counterparts[self.rows]
        )

    def overlay(self, other: _Boxes, truth: ImageTruth | None, found: Places | None) -> Overlay:
        """These boxes, linked to the other model's, and to the objects `found` by them."""
        links = _places(other.rows, self.partners)
        links_by_side = {other.side: links}
        ious = {other.side: _ious(self.boxes, other.boxes, links)}
        if truth is not None and found is not None:
            links_by_side[Side.TRUTH] = found
            ious[Side.TRUTH] = _ious(self.boxes, truth.boxes, found)
        return Overlay(
            boxes=self.boxes,
            names=self.names,
            labels=tuple(
                f"{name} {score:.2f}"
                for name, score in zip(self.names, self.scores.tolist(), strict=True)
            ),
            statuses=_drawn(self.statuses),
            hints=tuple(
                self._hint(index, other, truth, links_by_side, ious)
                for index in range(len(self.rows))
            ),
            class_ids=self.class_ids,
            scores=self.scores,
            rows=self.rows,
            links=links_by_side,
            ious=ious,
        )

    def _hint(
        self,
        index: int,
        other: _Boxes,
        truth: ImageTruth | None,
        links: dict[Side, Places],
        ious: dict[Side, NDArray[np.float64]],
    ) -> str:
        lines = [f"{self.names[index]}, score {self.scores[index]:.3f}"]
        partner = int(links[other.side][index])
        if partner != ALONE:
            lines.append(
                f"{self.called.in_sentences[other.side is Side.OPTIMIZED]}: "
                f"{other.names[partner]}, "
                f"score {other.scores[partner]:.3f}, IoU {ious[other.side][index]:.3f}"
            )
        status = Status(int(self.statuses[index]))
        said = {
            **_SAID,
            Status.MISSED: self.called.missed_hint,
            Status.EXTRA: self.called.extra_hint,
        }
        lines += [words for kind, words in said.items() if status & kind]
        if truth is not None:
            place = int(links[Side.TRUTH][index])
            lines.append(
                "ground truth: no such object"
                if place == ALONE
                else f"ground truth: {truth.names[place]}, IoU {ious[Side.TRUTH][index]:.3f}"
            )
        return "\n".join(lines)


def _truth_overlay(truth: ImageTruth, by_parent: Places, by_optimized: Places) -> Overlay:
    """The objects, and which model found each."""
    links = {
        Side.PARENT: _turned(by_parent, len(truth)),
        Side.OPTIMIZED: _turned(by_optimized, len(truth)),
    }
    before, after = links[Side.PARENT] != ALONE, links[Side.OPTIMIZED] != ALONE
    statuses = np.select(
        [truth.ignored, before & after, before, after],
        [BoxStatus.IGNORED, BoxStatus.FOUND_BY_BOTH, BoxStatus.LOST, BoxStatus.GAINED],
        BoxStatus.FOUND_BY_NEITHER,
    ).astype(np.uint8)
    return Overlay(
        boxes=truth.boxes,
        names=truth.names,
        labels=truth.names,
        statuses=statuses,
        hints=tuple(
            f"{name}\n{_FOUND[BoxStatus(status)]}"
            for name, status in zip(truth.names, statuses.tolist(), strict=True)
        ),
        class_ids=truth.class_ids,
        scores=np.ones(len(truth), np.float32),
        rows=np.arange(len(truth)),
        links=links,
    )


_FOUND = {
    BoxStatus.IGNORED: "not judged: a crowd, or marked as difficult",
    BoxStatus.FOUND_BY_BOTH: "found by both models",
    BoxStatus.LOST: "found by the parent only",
    BoxStatus.GAINED: "found by the optimized model only",
    BoxStatus.FOUND_BY_NEITHER: "found by neither model",
}


def _drawn(statuses: NDArray[np.uint8]) -> NDArray[np.uint8]:
    kinds = [(statuses & np.uint8(kind)) > 0 for kind, _ in _DRAWN]
    return np.select(kinds, [int(drawn) for _, drawn in _DRAWN], 0).astype(np.uint8)


def _places(rows: Places, wanted: Places) -> Places:
    """Where in rising `rows` the wanted ones are; `ALONE` for such as are not there."""
    places = np.searchsorted(rows, wanted)
    places = np.minimum(places, max(len(rows) - 1, 0))
    there = (rows[places] == wanted) if len(rows) else np.zeros(len(wanted), bool)
    return np.where(there, places, ALONE).astype(np.int32)


def _turned(links: Places, count: int) -> Places:
    result = np.full(count, ALONE, np.int32)
    linked = np.flatnonzero(links != ALONE)
    result[links[linked]] = linked
    return result


def _ious(
    boxes: NDArray[np.float32], others: NDArray[np.float32], links: Places
) -> NDArray[np.float64]:
    result = np.zeros(len(boxes))
    linked = np.flatnonzero(links != ALONE)
    result[linked] = paired_iou(boxes[linked], others[links[linked]])
    return result
