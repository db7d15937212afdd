"""What a detector's classes are called, and where that is known from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from core.detection.label_lists import LabelList, fitted_names, lists_in, read_label_list
from core.detection.labels import label_map, labels_by_model_name, numbered_labels
from core.errors import ClassNamesMissing, InputError
from core.models.metadata import Metadata
from core.remarks.remark import Remark, remark
from core.remarks.words import counted
from core.values import Value

Named = tuple[tuple[str, ...], tuple[Remark, ...]]
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
    """Names of the classes of the model at `path`, and where they are from.

    `count` is the number of classes, 0 where the network does not tell. Raises ClassNamesMissing
    where nothing tells it.
    """
    unfit: list[Remark] = []
    for names, reason in _known(path, count, metadata, tuple(dataset_classes), unfit):
        fitted = fitted_names(names, count)
        if fitted:
            return fitted, (reason, *_once(unfit))
    if not count:
        raise ClassNamesMissing(
            f"{path} does not state how many classes it has.",
            "Put a labels.txt with one class name per line beside it.",
        )
    reasons = [remark("names_unknown", classes=count)]
    if count == len(bundled_names(_VOC)):
        reasons.append(remark("names_as_many", title=BUNDLED[_VOC]))
    return numbered_labels(count), (*reasons, *_once(unfit))


def _once(remarks: Sequence[Remark]) -> list[Remark]:
    """Each of them once: lists in two folders may have the same name and the same fault."""
    return [one for place, one in enumerate(remarks) if one not in remarks[:place]]


def _known(
    path: Path,
    count: int,
    metadata: Metadata,
    dataset_classes: tuple[str, ...],
    unfit: list[Remark],
) -> Iterator[tuple[tuple[str, ...], Remark]]:
    """Names and where they are from, the surest first; lists that do not fit go to `unfit`."""
    for found in _lists_beside(path, unfit):
        if fitted_names(found.names, count):
            yield found.names, remark("names_beside", file=found.path.name, how=found.how)
        else:
            unfit.append(_misfit(found.path.name, len(found.names), count))
    if metadata.class_names and not fitted_names(metadata.class_names, count):
        unfit.append(_misfit(metadata.source, len(metadata.class_names), count))
    if metadata.class_names:
        yield metadata.class_names, remark("names_in_metadata", source=metadata.source)
    published = labels_by_model_name().get(path.stem)
    if published is not None and (not count or len(published) == count):
        yield published, remark("names_published", model=path.stem)
    if dataset_classes and (not count or len(dataset_classes) == count):
        yield dataset_classes, remark("names_of_dataset")
    for key, title in BUNDLED.items():
        if key == _VOC and not any("voc" in name.lower() for name in (path.stem, path.parent.name)):
            continue  # 20 classes of their own have many
        if count and len(names := bundled_names(key)) == count:
            yield names, remark("names_bundled", classes=count, title=title)


def _misfit(source: str, names: int, classes: int) -> Remark:
    return remark("names_misfit", source=source, names=names, classes=classes)


def _lists_beside(path: Path, unfit: list[Remark]) -> Iterator[LabelList]:
    for file in (*lists_in(path.parent, path.stem), *lists_in(path)):
        try:
            yield read_label_list(file)
        except InputError as error:
            if file.suffix != ".json":  # these have many other uses
                unfit.append(remark("names_unreadable", file=file.name, why=error.what))


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
            f"The model has {counted(count, 'classes')}, and the list has "
            f"{counted(len(names), 'names')}.",
            "Choose a list with a name for each class.",
        )
    return fitted
