"""What a detector's classes are called, and where that is known from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from core.detection.label_lists import LabelList, fitted_names, lists_in, read_label_list
from core.detection.labels import label_map, labels_by_model_name, numbered_labels
from core.errors import ClassNamesMissing, InputError
from core.models.metadata import Metadata
from core.values import Value

Named = tuple[tuple[str, ...], str]
BUNDLED = {
    "coco-80": "COCO",
    "coco-90": "COCO with the gaps in its ids",
    "coco-91": "COCO with the gaps in its ids and a class 0",
    "voc-20": "Pascal VOC",
    "open-images": "Open Images V4",
}
_VOC = "voc-20"


def class_names(
    path: Path, count: int, metadata: Metadata, dataset_classes: Sequence[str] = ()
) -> Named:
    """Names of the classes of the model at `path`, and where they are from, in a sentence.

    `count` is the number of classes, 0 where the network does not tell. Raises ClassNamesMissing
    where nothing tells it.
    """
    unfit: list[str] = []
    for names, reason in _known(path, count, metadata, tuple(dataset_classes), unfit):
        fitted = fitted_names(names, count)
        if fitted:
            return fitted, " ".join((reason, *unfit))
    if not count:
        raise ClassNamesMissing(
            f"{path} does not state how many classes it has.",
            "Put a labels.txt with one class name per line beside it.",
        )
    reason = (
        f"The names of its {count} classes are not known; "
        "a labels.txt beside the model provides them."
    )
    if count == len(bundled_names(_VOC)):
        reason += f" {BUNDLED[_VOC]} has as many: choose its names if it was trained on that."
    return numbered_labels(count), " ".join((reason, *unfit))


def _known(
    path: Path,
    count: int,
    metadata: Metadata,
    dataset_classes: tuple[str, ...],
    unfit: list[str],
) -> Iterator[Named]:
    """Names and where they are from, the surest first; `unfit` is told of lists that do not fit."""
    for found in _lists_beside(path, unfit):
        if fitted_names(found.names, count):
            how = f"; {found.how}" if found.how else ""
            yield found.names, f"Class names come from {found.path.name} beside the model{how}."
        else:
            unfit.append(found.misfit(count))
    if metadata.class_names and not fitted_names(metadata.class_names, count):
        unfit.append(
            f"{metadata.source} names {len(metadata.class_names)} classes, which do not fit the "
            f"network's {count}."
        )
    if metadata.class_names:
        yield metadata.class_names, f"Class names come from {metadata.source}."
    published = labels_by_model_name().get(path.stem)
    if published is not None and (not count or len(published) == count):
        yield published, f"Class names are those published with {path.stem}."
    if dataset_classes and (not count or len(dataset_classes) == count):
        yield dataset_classes, "Class names are those of the dataset."
    for key, title in BUNDLED.items():
        if key == _VOC and not any("voc" in name.lower() for name in (path.stem, path.parent.name)):
            continue  # 20 classes of their own have many
        if count and len(names := bundled_names(key)) == count:
            yield names, f"It has {count} classes, as {title} has; its names are used."


def _lists_beside(path: Path, unfit: list[str]) -> Iterator[LabelList]:
    for file in (*lists_in(path.parent, path.stem), *lists_in(path)):
        try:
            yield read_label_list(file)
        except InputError as error:
            if file.suffix != ".json":  # these have many other uses
                unfit.append(f"{file.name} is not used: {error.what}")


def bundled_names(key: str) -> tuple[str, ...]:
    """The names of a key of `BUNDLED`."""
    return label_map("coco-91")[1:] if key == "coco-90" else label_map(key)


class LabelSet(Value):
    """Class names to choose: ``coco-80`` and the like, or ``dataset`` for those of the dataset."""

    key: str
    title: str
    names: tuple[str, ...]


def label_sets(count: int, dataset_classes: Sequence[str] = ()) -> tuple[LabelSet, ...]:
    """Lists with a name for each of the model's `count` classes (0: unknown)."""
    found = [LabelSet(key=k, title=t, names=bundled_names(k)) for k, t in BUNDLED.items()]
    if dataset_classes:
        names = tuple(dataset_classes)
        found.insert(0, LabelSet(key="dataset", title="those of the dataset", names=names))
    fitted = [msgspec.structs.replace(s, names=fitted_names(s.names, count)) for s in found]
    return tuple(one for one in fitted if one.names)


def chosen_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Names that the user chose for a model of `count` classes; raises InputError if unfit."""
    fitted = fitted_names(tuple(names), count)
    if not fitted:
        raise InputError(
            f"The model has {count} classes, and the list has {len(names)} names.",
            "Choose a list with a name for each class.",
        )
    return fitted
