"""How the outputs of a model were read before NMS became part of it, inside the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from core.models.detector import Detector, Option
from core.models.model_note import read_note, write_note
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

_NAME = "outputs_before"


class OutputsBefore(Value):
    """The layout that its parent has, and what that is told."""

    decoder: str
    options: dict[str, Option] = msgspec.field(default_factory=dict)

    @staticmethod
    def of(detector: Detector) -> OutputsBefore:
        """As this detector is read."""
        return OutputsBefore(decoder=detector.decoder, options=detector.options)


def note_outputs(model: ov.Model, before: OutputsBefore) -> None:
    """Write into the model's ``rt_info`` how its parent's outputs are read."""
    write_note(model, _NAME, before)


def outputs_before(model: ov.Model) -> OutputsBefore | None:
    """What was noted; None where there is nothing that can be read."""
    from core.models.decoders.registry import LAYOUTS

    found = read_note(model, _NAME, OutputsBefore)
    return found if found is not None and found.decoder in LAYOUTS else None
