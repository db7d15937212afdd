"""What a detector's classes are called, and where that is known from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from core.detection.labels import (
    label_map,
    labels_by_model_name,
    numbered_labels,
    read_labels,
)
from core.errors import InputError
from core.models.metadata import Metadata

Named = tuple[tuple[str, ...], str]

_BACKGROUNDS = {"background", "__background__", "???", "bg", "n/a", "none"}
# By number of classes: the label map and its title.
_MAPS_BY_COUNT = {
    80: ("coco-80", "COCO"),
    90: ("coco-91", "COCO with the gaps in its ids"),
    91: ("coco-91", "COCO with the gaps in its ids and a class 0"),
    20: ("voc-20", "Pascal VOC"),
    601: ("open-images", "Open Images V4"),
}


def class_names(
    path: Path, count: int, metadata: Metadata, dataset_classes: Sequence[str] = ()
) -> Named:
    """Names of the classes of the model at `path`, and where they are from, in a sentence.

    `count` is the number of classes, 0 where the network does not tell. Raises InputError where
    nothing tells it.
    """
    for names, reason in _known(path, count, metadata, tuple(dataset_classes)):
        fitted = _fitted(names, count)
        if fitted:
            return fitted, reason
    if not count:
        raise InputError(
            f"{path} does not tell how many classes it has.",
            "Put a labels.txt with one class name a line beside it.",
        )
    return numbered_labels(count), (
        f"The names of its {count} classes are not known; a labels.txt beside the model tells them."
    )


def _known(
    path: Path, count: int, metadata: Metadata, dataset_classes: tuple[str, ...]
) -> Iterator[Named]:
    for beside in (path.with_suffix(".txt"), path.parent / "labels.txt", path / "labels.txt"):
        if beside.is_file():
            yield read_labels(beside), f"Class names come from {beside.name} beside the model."
    if metadata.class_names:
        yield metadata.class_names, f"Class names come from {metadata.source}."
    published = labels_by_model_name().get(path.stem)
    if published is not None and (not count or len(published) == count):
        yield published, f"Class names are those published with {path.stem}."
    if dataset_classes and (not count or len(dataset_classes) == count):
        yield dataset_classes, "Class names are those of the dataset."
    if count in _MAPS_BY_COUNT:
        name, title = _MAPS_BY_COUNT[count]
        yield known_map(name, count), f"It has {count} classes, as {title} has; its names are used."


def known_map(name: str, count: int) -> tuple[str, ...]:
    """A bundled map for a model of `count` classes: COCO-91's first name is that of id 0."""
    names = label_map(name)
    return names[1:] if name == "coco-91" and count < len(names) else names


def _fitted(names: tuple[str, ...], count: int) -> tuple[str, ...]:
    """Names without one for the background; () where they are too few."""
    if count and len(names) == count + 1 and names[0].strip().lower() in _BACKGROUNDS:
        return names[1:]
    return names if not count or len(names) >= count else ()
