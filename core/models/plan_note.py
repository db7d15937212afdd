"""The plan that a model was made with, inside the model: it survives being copied elsewhere."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from core.models.plan import QuantizationPlan
from core.values import from_json, to_json

if TYPE_CHECKING:
    import openvino as ov

_PATH = ["detection_workbench", "plan"]


def note_plan(model: ov.Model, plan: QuantizationPlan) -> None:
    """Write the plan into the model's ``rt_info``."""
    model.set_rt_info(to_json(plan).decode(), _PATH)


def plan_of(model: ov.Model) -> QuantizationPlan | None:
    """The plan in the model's ``rt_info``; None where there is none that can be read."""
    if not model.has_rt_info(_PATH):
        return None
    noted = str(model.get_rt_info(_PATH).astype(str))
    with suppress(msgspec.DecodeError):
        plan: QuantizationPlan = from_json(noted, QuantizationPlan)
        return plan
    return None
