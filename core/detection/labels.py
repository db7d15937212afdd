"""Names of classes, from the label maps in ``resources/labels``."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec


@cache
def label_map(name: str) -> tuple[str, ...]:
    """The class names of a bundled label map, such as ``coco-80``, in the order of their ids."""
    text = resources.files("resources").joinpath(f"labels/{name}.txt").read_text("utf-8")
    return tuple(text.splitlines())


@cache
def labels_by_model_name() -> dict[str, tuple[str, ...]]:
    """Class names of published models whose files do not carry them, by model name."""
    data = resources.files("resources").joinpath("labels/models.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, tuple[str, ...]])


@cache
def coco_category_ids() -> tuple[int, ...]:
    """The official COCO category id (1..90, with gaps) of each of the 80 COCO classes."""
    missing = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
    return tuple(number for number in range(1, 91) if number not in missing)


def numbered_labels(count: int) -> tuple[str, ...]:
    """Stand-in names for classes whose names are not known."""
    return tuple(f"class {number}" for number in range(count))
