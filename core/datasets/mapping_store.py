"""Class mappings that the user made, kept by the two lists of classes that they join.

So a mapping is found again for any dataset and any model with the same classes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from core.datasets.class_mapping import ClassMapping, map_classes
from core.errors import WorkbenchError
from core.values import read_json, to_json, write_json


def keep_mapping(folder: Path, mapping: ClassMapping) -> None:
    """Write a mapping into `folder`; replaces the one of the same classes."""
    folder.mkdir(parents=True, exist_ok=True)
    names = tuple(one.dataset_class for one in mapping.classes)
    write_json(_file(folder, names, mapping.model_classes), mapping)


def mapping_for(
    folder: Path | None, dataset_classes: Sequence[str], model_classes: Sequence[str]
) -> ClassMapping:
    """The mapping that was kept for these classes, or the best guess by name."""
    names = tuple(dict.fromkeys(dataset_classes))
    if folder is not None:
        path = _file(folder, names, tuple(model_classes))
        try:
            if path.is_file():
                return read_json(path, ClassMapping)
        except WorkbenchError:  # damaged: as if there were none
            pass
    return map_classes(names, model_classes)


def _file(folder: Path, dataset_classes: tuple[str, ...], model_classes: tuple[str, ...]) -> Path:
    digest = hashlib.sha256(to_json((dataset_classes, model_classes))).hexdigest()
    return folder / f"{digest[:32]}.json"
