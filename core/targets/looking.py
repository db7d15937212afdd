"""Looking at a target from a job: how a model runs there, and how else it is to be judged."""

from __future__ import annotations

from core.inference.limited import LimitedDetector
from core.inference.settings import Executed, InferenceSettings
from core.jobs.context import JobContext
from core.models.plan import Target
from core.models.stored import StoredModel
from core.targets.elsewhere import Elsewhere, elsewhere, runs_as
from core.targets.target import LOOKING


def look_for_run(
    asked: InferenceSettings | None,
    target: Target,
    device: str,
    model: StoredModel,
    context: JobContext,
) -> InferenceSettings:
    """How a model runs: as was asked for, else as its target computes.

    See `core.targets.elsewhere.runs_as`; `device` is for where that says nothing.
    """
    if asked is not None:
        return asked
    quantized = model.card.info.quantized
    with LimitedDetector() as limited:
        return runs_as(target, device, limited, lambda: context.step(LOOKING), quantized=quantized)


def look_elsewhere(target: Target, ran: Executed, context: JobContext) -> Elsewhere:
    """How else a model that `ran` so is to be judged; see `core.targets.elsewhere.elsewhere`."""
    with LimitedDetector() as limited:
        return elsewhere(target, ran, limited, lambda: context.step(LOOKING))
