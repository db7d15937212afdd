"""The plan that a model was made with, inside the model: it survives being copied elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.model_note import read_note, write_note
from core.models.plan import QuantizationPlan

if TYPE_CHECKING:
    import openvino as ov

_NAME = "plan"


def note_plan(model: ov.Model, plan: QuantizationPlan) -> None:
    """Write the plan into the model's ``rt_info``."""
    write_note(model, _NAME, plan)


def plan_of(model: ov.Model) -> QuantizationPlan | None:
    """The plan in the model's ``rt_info``; None where there is none that can be read."""
    return read_note(model, _NAME, QuantizationPlan)
