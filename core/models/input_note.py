"""What the input of a model was before it was changed, inside the model: copies keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.model_note import has_note, read_note, write_note
from core.models.preprocessing import Preprocessing

if TYPE_CHECKING:
    import openvino as ov

_NAME = "input_before"


def note_input(model: ov.Model, before: Preprocessing) -> None:
    """Write into the model's ``rt_info`` how its parent takes images."""
    if not has_note(model, _NAME):  # the first change is the parent's
        write_note(model, _NAME, before)


def input_before(model: ov.Model) -> Preprocessing | None:
    """What was noted; None where there is nothing that can be read."""
    return read_note(model, _NAME, Preprocessing)
