"""What a user should know about datasets before relying on them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.datasets.dataset import Dataset
from core.images.opening import open_image, status
from core.remarks.remark import Remark, remark

if TYPE_CHECKING:
    from core.datasets.annotations import Annotations
    from core.datasets.class_mapping import ClassMapping

ENOUGH_FOR_CALIBRATION = 100
ENOUGH_FOR_VALIDATION = 50
_END = 16 * 1024
_STOP_EVERY = 100


@dataclass(frozen=True)
class Overlap:
    """Images that two datasets share: names in the second one."""

    images: tuple[str, ...]


def overlap(
    first: Dataset, second: Dataset, done: Callable[[int], None] = lambda files: None
) -> Overlap:
    """The images of `second` whose file has the same content as one of `first`.

    A file that is in both is not read. Of others, looks at sizes, then at both ends of files of the
    same size, then at all of those that still agree. `done` gets how many were looked at, and may
    raise to stop.
    """
    known = {f"{first.root}/{name}" for name in first.images}
    shared = [name for name in second.images if f"{second.root}/{name}" in known]
    others = set(second.images).difference(shared)
    counted = _Counted(done)
    sizes = _by_size(first, first.images, counted), _by_size(second, others, counted)
    for size in sizes[0].keys() & sizes[1].keys():
        paths = [(which, name) for which in (0, 1) for name in sizes[which][size]]
        roots = str(first.root), str(second.root)
        for whole in (False, True):
            groups: dict[bytes, list[tuple[int, str]]] = defaultdict(list)
            for which, name in paths:
                counted()
                groups[_digest(f"{roots[which]}/{name}", size, whole=whole)].append((which, name))
            groups.pop(b"", None)
            paths = [
                one
                for group in groups.values()
                if {which for which, _ in group} == {0, 1}
                for one in group
            ]
            if size <= 2 * _END:
                break  # the ends are all there is
        shared += [name for which, name in paths if which == 1]
    return Overlap(tuple(sorted(shared)))


def dataset_warnings(dataset: Dataset, role: str) -> tuple[Remark, ...]:
    """What was left out when it was opened, and whether it is large enough for its role."""
    count = len(dataset.images)
    warnings = list(dataset.warnings)
    if role == "calibration" and count < ENOUGH_FOR_CALIBRATION:
        enough = ENOUGH_FOR_CALIBRATION
        few = remark("few_for_calibration", name=dataset.name, images=count, enough=enough)
        warnings.append(few)
    elif role == "validation" and count < ENOUGH_FOR_VALIDATION:
        warnings.append(remark("few_for_validation", name=dataset.name, images=count))
    return tuple(warnings)


def overlap_warnings(
    calibration: Dataset, validation: Dataset, shared: Overlap
) -> tuple[Remark, ...]:
    """That the optimized model would be judged on images that it was calibrated with."""
    if not shared.images:
        return ()
    return (
        remark(
            "shared_images",
            shared=shared.images,
            total=len(validation.images),
            name=validation.name,
            calibration=calibration.name,
        ),
    )


def annotation_warnings(
    annotations: Annotations, mapping: ClassMapping | None = None
) -> tuple[Remark, ...]:
    """Boxes left out, images without any, classes never seen, classes that the model lacks."""
    warnings = list(annotations.problems)
    counts = annotations.counts()
    import numpy as np  # here: whoever words warnings needs none of it

    per_image = np.diff(annotations.offsets)
    empty = int((per_image == 0).sum())
    if not len(annotations.class_ids):
        warnings.append(remark("no_boxes"))
    elif empty:
        warnings.append(remark("empty_images", empty=empty, images=len(annotations)))
    never = [name for name, count in zip(annotations.class_names, counts, strict=True) if not count]
    if never and len(annotations.class_ids):
        unseen = remark("classes_unseen", unseen=len(never), classes=len(counts), names=never)
        warnings.append(unseen)
    if mapping is not None:
        warnings.extend(_mapping_warnings(annotations, mapping))
    return tuple(warnings)


def _mapping_warnings(annotations: Annotations, mapping: ClassMapping) -> Iterable[Remark]:
    ids = mapping.model_ids(annotations.class_names)
    lost = [name for name, number in zip(annotations.class_names, ids, strict=True) if number < 0]
    rows = int((ids[annotations.class_ids] < 0).sum()) if len(ids) else 0
    if len(lost) == len(ids) and lost:
        yield remark("classes_unknown")
    elif rows:
        boxes = len(annotations.class_ids)
        yield remark("classes_left_out", unknown=len(lost), names=lost, left_out=rows, boxes=boxes)


@dataclass
class _Counted:
    """Calls of it, now and then told to `done`."""

    done: Callable[[int], None]
    calls: int = 0

    def __call__(self) -> None:
        self.calls += 1
        if self.calls % _STOP_EVERY == 0:
            self.done(self.calls)


def _by_size(
    dataset: Dataset, names: Iterable[str], look: Callable[[], None]
) -> dict[int, list[str]]:
    root = str(dataset.root)
    sizes: dict[int, list[str]] = defaultdict(list)
    for name in names:
        look()
        with suppress(OSError):
            sizes[status(f"{root}/{name}")[0]].append(name)
    return sizes


def _digest(path: str, size: int, *, whole: bool) -> bytes:
    """A hash of a file, or of its two ends; empty where it cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        with open_image(path) as image:
            if whole or size <= 2 * _END:
                for piece in image.pieces():
                    digest.update(piece)
            else:
                digest.update(image.at(0, _END))
                digest.update(image.at(image.size - _END, _END))
    except OSError:
        return b""
    return digest.digest()
