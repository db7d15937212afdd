"""YOLO-txt: ``images/<split>/*.jpg``, ``labels/<split>/*.txt`` and a ``data.yaml``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from core.datasets.dataset import Dataset
from core.errors import InputError
from core.images.listing import list_images

DATA_FILES = ("data.yaml", "data.yml", "dataset.yaml")
MAX_YAML_BYTES = 1_000_000
MAX_CLASSES = 100_000
_SPLITS = {"calibration": ("train", "val", "test"), "validation": ("val", "test", "train")}


def read_yolo(folder: Path, role: str) -> Dataset | None:
    """The dataset at `folder`, or None where nothing there is YOLO-txt.

    `folder` may be the one with ``data.yaml``, or a folder of images with labels beside it. Of
    several splits the one that fits `role` (``calibration`` or ``validation``) is taken.
    """
    data_file = _data_file(folder)
    if data_file is None:
        return _read_images(folder, _class_names_above(folder))
    described = _parse(data_file)
    path = described.get("path")
    base = folder / path if isinstance(path, str) else folder
    for split in _SPLITS[role]:
        entry = described.get(split)
        if isinstance(entry, str) and (base / entry).is_dir():
            found = _read_images(base / entry, _class_names(described))
            return found or Dataset(
                name=f"{folder.name} ({split})",
                root=base / entry,
                kind="folder",
                images=tuple(list_images(base / entry)),
            )
    raise InputError(
        f"{data_file} names no folder of images that exists.",
        "Drop the folder with the images itself.",
    )


def _data_file(folder: Path) -> Path | None:
    return next((folder / name for name in DATA_FILES if (folder / name).is_file()), None)


class _Loader(yaml.SafeLoader):
    """Without merge keys (``<<``): with them a file of one kilobyte fills the memory."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Called where a mapping is built, before its keys are read."""
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise yaml.YAMLError("merge keys are not supported")


def _parse(path: Path) -> dict[str, Any]:
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


def _class_names(described: dict[str, Any]) -> tuple[str, ...]:
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


def _class_names_above(folder: Path) -> tuple[str, ...]:
    """Names from the ``data.yaml`` of the dataset that the image folder belongs to."""
    for above in list(folder.parents)[:2]:
        data_file = _data_file(above)
        if data_file is not None:
            with suppress(InputError):  # the images can be used without the names
                return _class_names(_parse(data_file))
    return ()


def _labels_folder(images: Path) -> Path | None:
    """The folder whose ``.txt`` files belong to the images: ``images`` becomes ``labels``."""
    parts = list(images.parts)
    for position in range(len(parts) - 1, max(len(parts) - 4, -1), -1):
        if parts[position] == "images":
            beside = Path(*parts[:position], "labels", *parts[position + 1 :])
            return beside if beside.is_dir() else None
    inside = images / "labels"
    return inside if inside.is_dir() else None


def _read_images(images: Path, class_names: tuple[str, ...]) -> Dataset | None:
    labels = _labels_folder(images)
    if labels is None:
        return None
    names = tuple(list_images(images))
    files = tuple(_label_file(labels, name) for name in names)
    if not any(files):
        return None
    return Dataset(
        name=f"{images.parent.parent.name} ({images.name})" if class_names else images.name,
        root=images,
        kind="yolo",
        images=names,
        class_names=class_names,
        label_files=files,
    )


def _label_file(labels: Path, image: str) -> str:
    relative = Path(image)
    if relative.parts[0] == "images":
        relative = Path(*relative.parts[1:])
    path = (labels / relative).with_suffix(".txt")
    return str(path) if path.is_file() else ""
