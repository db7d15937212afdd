"""The work of plans: runs in the child process."""

from __future__ import annotations

from core.jobs.context import JobContext
from core.jobs.dataset_work import dataset_of
from core.jobs.detecting import tell
from core.jobs.requests import OperationsRequest, QuantizeRequest
from core.jobs.results import QuantizeResult
from core.models.stored import load_stored
from core.optimize.operations import OperationList, list_operations


def list_operations_of(request: OperationsRequest, context: JobContext) -> OperationList:
    """What a plan can keep in float of the model."""
    from core.runtime import openvino_core

    context.step("Reading the model")
    return list_operations(openvino_core().read_model(request.model))


def quantize_model(request: QuantizeRequest, context: JobContext) -> QuantizeResult:
    """An INT8 model by the plan."""
    from core.models.importing import safe_name
    from core.models.stored import store_model
    from core.optimize.quantizing import quantize

    parent = load_stored(request.model)
    dataset = dataset_of(request.dataset, context)
    quantized = quantize(request.model, parent.card.detector, dataset, request.plan, context.step)
    tell(quantized.problems, context)
    context.step("Saving the optimized model")
    stored = store_model(
        quantized.model,
        context.folder / f"{safe_name(request.name)}.xml",
        name=request.name,
        source=parent.card.source,
        framework="openvino",
        detector=parent.card.detector,
        plan=request.plan,
    )
    context.artifact("model", stored.xml)
    return QuantizeResult(
        model=stored.xml.name,
        images_used=quantized.images_used,
        parent_size_bytes=parent.card.info.size_bytes,
        size_bytes=stored.card.info.size_bytes,
        problems=quantized.problems,
    )
