"""Lists of class names in files, of whatever program wrote them; see `core.detection.label_forms`.

One name a line, with or without numbers; ``.names`` of Darknet, ``.pbtxt`` of TensorFlow, a
``data.yaml`` of YOLO, JSON, labels of CVAT.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.detection.label_forms import MAX_CLASSES, parse_labels
from core.detection.text import NotTextError, decode_text
from core.errors import InputError
from core.files import read_regular, sentence, why

MAX_LABEL_BYTES = 1_000_000
_WAY_OUT = "Specify a text file with one class name per line."
_BACKGROUNDS = {"background", "__background__", "???", "bg", "n/a", "none", "none_of_the_above"}
_CONVENTIONAL = (
    *("labels.txt", "classes.txt", "names.txt", "labelmap.txt", "label_map.txt"),
    *("class_names.txt", "obj.names", "coco.names", "classes.names", "_darknet.labels"),
    *("label_map.pbtxt", "labelmap.pbtxt", "label_map.json", "labels.json", "classes.json"),
    *("data.yaml", "data.yml", "dataset.yaml", "dataset.yml", "config.json"),
)
_LIKE_A_LIST = re.compile(
    r".*\.names|.*\.labels|.*label[-_ ]?map.*\.(pbtxt|prototxt|txt|json)"
    r"|.*(labels?|class(es)?|class[-_ ]?names|label[-_ ]?list)\.txt",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LabelList:
    """The class names in a file.

    Attributes:
        path: of the file.
        names: in the order of the ids; an id between others that has no name is ``class N``.
        how: a clause for the user where there was something to guess, else "".
    """

    path: Path
    names: tuple[str, ...]
    how: str = ""


def read_label_list(path: Path) -> LabelList:
    """The class names in a file; raises InputError where there are none, or it is no text."""
    try:
        data = read_regular(path, MAX_LABEL_BYTES)
    except OSError as error:
        raise InputError(sentence(path, error), _WAY_OUT) from error
    try:
        read = decode_text(data)
    except NotTextError as error:
        raise InputError(f"{path} has no class names: {why(error)}.", _WAY_OUT) from error
    names = parse_labels(read.text)[:MAX_CLASSES]
    if not names:
        raise InputError(f"{path} has no class names in it.", _WAY_OUT)
    return LabelList(path, names, read.how)


def read_labels(path: Path) -> tuple[str, ...]:
    """The names in a file; raises InputError as `read_label_list` does."""
    return read_label_list(path).names


def lists_in(folder: Path, stem: str = "") -> Iterator[Path]:
    """Files of a folder that are called like lists of class names, the likeliest first.

    With the `stem` of a model those called after it go first: ``yolo.txt``, ``yolo_labels.txt``.
    """
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  # names alone are wanted
    except OSError:
        return
    by_key = {name.lower(): name for name in reversed(names)}
    stem = stem.lower()
    own = [f"{stem}{suffix}" for suffix in (".txt", ".names", ".pbtxt", ".labels")] if stem else []
    alike = [name.lower() for name in names if _LIKE_A_LIST.fullmatch(name)]
    own += [name for name in alike if stem and name.startswith(stem)]
    for key in dict.fromkeys((*own, *_CONVENTIONAL, *alike)):
        if key in by_key:  # a pipe or a folder, too: who reads it says why it cannot be
            yield folder / by_key[key]


def fitted_names(names: Sequence[str], count: int) -> tuple[str, ...]:
    """The names of a model of `count` classes (0: not known), or () where the list is another's.

    A first name for the background may be missing in the model, and names that only fill gaps
    in the file's numbers. Nothing else is left out: names would move to other classes.
    """
    names = tuple(names)
    if not count or len(names) == count:
        return names
    if len(names) == count + 1 and (
        names[0].strip().lower() in _BACKGROUNDS or names[0] == "class 0"
    ):
        return names[1:]
    known = tuple(
        name
        for number, name in enumerate(names)
        if name not in (f"class {number}", f"class {number + 1}")
    )
    return known if len(known) == count else ()
