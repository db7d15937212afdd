"""Values inside a model's own file: they survive its being copied elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from core.values import Value, from_json, to_json

if TYPE_CHECKING:
    import openvino as ov

V = TypeVar("V", bound=Value)


def write_note(model: ov.Model, name: str, value: Value) -> None:
    """Write a value into the model's ``rt_info``, under this name."""
    model.set_rt_info(to_json(value).decode(), _path(name))


def has_note(model: ov.Model, name: str) -> bool:
    """Whether there is one of this name."""
    found: bool = model.has_rt_info(_path(name))
    return found


def read_note(model: ov.Model, name: str, wanted: type[V]) -> V | None:
    """The value of this name; None where there is none that can be read."""
    if not has_note(model, name):
        return None
    try:
        value: V = from_json(str(model.get_rt_info(_path(name)).astype(str)), wanted)
        return value
    except msgspec.DecodeError:
        return None


def _path(name: str) -> list[str]:
    return ["detection_workbench", name]
