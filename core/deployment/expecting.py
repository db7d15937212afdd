"""What a package's self-test is to find again: in every way that this machine can compute it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.datasets.dataset import Dataset
from core.errors import WorkbenchError
from core.inference.settings import TRUE_F32, Executed, InferenceSettings
from core.inference.words import asked_text
from core.jobs.context import JobContext
from core.models.stored import StoredModel
from core.predict.detecting import detect_runs
from core.predict.found import Found
from core.predict.part_by_part import Run
from core.predict.store import NO_CACHE

if TYPE_CHECKING:
    import openvino as ov

STAGE = "Computing the detections that the self-test expects"
_AS_EXECUTED = (
    TRUE_F32,
    InferenceSettings(),
    InferenceSettings(precision_hint="bf16"),
    InferenceSettings(precision_hint="f16"),
)
_SUMS = (
    InferenceSettings(precision_hint="f32", int8="exact"),
    InferenceSettings(precision_hint="f32", int8="saturating"),
)


class _Known(Exception):
    """Another run was executed so."""


def expected(stored: StoredModel, dataset: Dataset, context: JobContext) -> list[Found]:
    """What the model finds in each way, each once; in true f32 first.

    Float models in each precision that the CPU has; INT8 models also with exact sums and with sums
    that saturate. A way that this machine cannot compute is left out.
    """
    found: list[Found] = []

    def compiled(model: ov.Model, settings: InferenceSettings) -> ov.CompiledModel:
        from core.inference.compiling import compile_for
        from core.inference.executed import executed, is_quantized

        ready = compile_for(model, settings, "LATENCY")  # as the package does
        ran = executed(ready, settings, quantized=is_quantized(model))
        if any(_way(one.executed) == _way(ran) for one in found):
            raise _Known
        return ready

    for settings in _ways(stored):
        run = Run(stored, settings, "the model")
        try:
            found += detect_runs(
                (run,), dataset, NO_CACHE, context, stage=STAGE, compile_model=compiled
            )
        except _Known:
            continue
        except (RuntimeError, WorkbenchError) as error:
            if settings == TRUE_F32:
                raise
            context.log(f"The self-test has nothing for {asked_text(settings)}: {error}")
    return found


def _ways(stored: StoredModel) -> tuple[InferenceSettings, ...]:
    from core.inference.arithmetic import int8_arithmetic

    if not stored.card.info.quantized:
        return _AS_EXECUTED
    own = int8_arithmetic()
    return (*_AS_EXECUTED, *(one for one in _SUMS if one.int8 != own or own == "exact"))


def _way(ran: Executed) -> tuple[object, ...]:
    return ran.float_precision, ran.arithmetic, ran.settings.int8
