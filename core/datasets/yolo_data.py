"""``data.yaml`` of a YOLO dataset, and the other files that name its classes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from core.datasets.reading import read_lines
from core.datasets.splits import splits_for
from core.errors import InputError

DATA_FILES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels", "names.txt", "classes.names")
MAX_YAML_BYTES = 1_000_000
MAX_CLASSES = 100_000


def data_file(folder: Path) -> Path | None:
    """The file that describes the dataset in a folder, if there is one."""
    return next((folder / name for name in DATA_FILES if (folder / name).is_file()), None)


class _Loader(yaml.SafeLoader):
    """Without merge keys (``<<``): with them a file of one kilobyte fills the memory."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Called where a mapping is built, before its keys are read."""
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise yaml.YAMLError("merge keys are not supported")


def parse(path: Path) -> dict[str, Any]:
    """The mapping in a ``data.yaml``; raises InputError where it is damaged."""
    with path.open("rb") as file:
        data = file.read(MAX_YAML_BYTES)
    try:
        described = yaml.load(data, _Loader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(
            f"{path} is not valid YAML.", "Mend it, or drop the folder with the images itself."
        ) from error
    if not isinstance(described, dict):
        raise InputError(
            f"{path} does not describe a dataset.",
            "It should name train, val and the class names; or drop the folder with the images.",
        )
    return described


def image_sources(described: dict[str, Any], folder: Path, role: str) -> tuple[str, list[Path]]:
    """The split that fits the role, and its folders or lists of images that exist.

    Entries are relative to ``path``, to the file, or, as Roboflow writes them, to a folder beside.
    """
    path = described.get("path")
    bases = [folder / path, folder] if isinstance(path, str) else [folder]
    for split in splits_for(role):
        entry = described.get(split)
        entries = entry if isinstance(entry, list) else [entry]
        found: list[Path] = []
        for name in entries[:1000]:
            if isinstance(name, str):
                found += [place for base in bases if (place := _existing(base, name))][:1]
        if found:
            return split, found
    return "", []


def class_names(described: dict[str, Any]) -> tuple[str, ...]:
    """The names in a ``data.yaml``, a list or a mapping from numbers; gaps are numbered."""
    names = described.get("names")
    if isinstance(names, list):
        names = dict(enumerate(names))
    if not isinstance(names, dict):
        return ()
    named = {
        number: str(name)
        for number, name in names.items()
        if isinstance(number, int) and 0 <= number < MAX_CLASSES and isinstance(name, (str, int))
    }
    return tuple(
        named.get(number, f"class {number}") for number in range(max(named, default=-1) + 1)
    )


def names_beside(*folders: Path) -> tuple[str, ...]:
    """Class names from the first ``data.yaml`` or list of names in one of the folders."""
    for folder in folders:
        described = data_file(folder)
        if described is not None:
            with suppress(InputError, OSError):  # the images can be used without the names
                return class_names(parse(described))
        for name in NAME_FILES:
            with suppress(InputError, OSError):
                return read_lines(folder / name)[:MAX_CLASSES]
    return ()


def _existing(base: Path, name: str) -> Path | None:
    inside = name
    while inside.startswith(("../", "..\\")):
        inside = inside[3:]
    for place in (base / name, base / inside):
        with suppress(OSError, ValueError):
            if place.is_dir() or (place.suffix == ".txt" and place.is_file()):
                return place
    return None
