"""The work of each kind of job: runs in the child process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.benchmark.benchmark_work import measure_speed
from core.datasets.dataset import Dataset
from core.deployment.package_work import make_package
from core.importing.preview_work import answer_previews, preview
from core.jobs.context import JobContext
from core.jobs.dataset_work import UNPACKED, check, create, dataset_of, import_datasets
from core.jobs.requests import (
    AccuracyRequest,
    BenchmarkRequest,
    CheckDatasetRequest,
    CompareRequest,
    CopyModelRequest,
    CreateDatasetRequest,
    DownloadRequest,
    ExportRequest,
    ImportRequest,
    LivePreviewRequest,
    OperationsRequest,
    PackageRequest,
    PackProjectRequest,
    PredictRequest,
    PreviewRequest,
    ProfileRequest,
    QuantizeRequest,
    Request,
    SearchRequest,
    TensorDistanceRequest,
    UnpackProjectRequest,
)
from core.jobs.results import (
    DETECTIONS_FILE,
    DownloadResult,
    ImportResult,
    PredictResult,
)
from core.models.stored import load_stored
from core.optimize.plan_work import list_operations_of, quantize_model
from core.predict.detecting import detect
from core.reports.export_work import export_report
from core.reports.report_work import (
    compare_predictions,
    measure_accuracy,
    measure_tensor_distance,
)
from core.search.search_work import copy_model, search
from core.transfer.bundle_work import pack_project, unpack_project
from core.values import Value

if TYPE_CHECKING:
    from core.models.importing import Evidence

TRIAL_IMAGES = 8  # of each dataset, that an import may try its guesses on


def do(request: Request, context: JobContext) -> Value:
    """Do what is asked; the result goes to ``result.json``."""
    try:
        return _WORK[type(request)](request, context)
    finally:
        shutil.rmtree(context.folder / UNPACKED, ignore_errors=True)


def _import(request: ImportRequest, context: JobContext) -> ImportResult:
    imported = import_datasets(request.datasets, context)
    stored = None
    if request.model is not None:
        from core.models.importing import import_model

        evidence = _evidence(request, [dataset for dataset, _ in imported])
        stored = import_model(request.model, context.folder, context.step, evidence)
        context.artifact("model", stored.xml)
    facts = tuple(facts for _, facts in imported)
    return ImportResult(model=stored.xml.name if stored else None, datasets=facts)


def _evidence(request: ImportRequest, datasets: list[Dataset]) -> Evidence:
    """A few pictures of the datasets, from all over them, and their classes."""
    from core.models.importing import Evidence

    images = list(request.pictures)
    for dataset in datasets:
        step = max(1, len(dataset.images) // TRIAL_IMAGES)
        images += [dataset.path(number) for number in range(0, len(dataset.images), step)]
    named = next((dataset.class_names for dataset in datasets if dataset.class_names), ())
    return Evidence(images=images, class_names=named, changes=request.changes)


def _predict(request: PredictRequest, context: JobContext) -> PredictResult:
    stored = load_stored(request.model)
    dataset = dataset_of(request.dataset, context)
    ((table, problems),) = detect(
        (stored,), stored.card.detector, dataset, request.precision_hint, "Detecting", context
    )
    path = context.folder / DETECTIONS_FILE
    table.save(path)
    context.artifact("detections", path)
    return PredictResult(
        images=len(table),
        detections=len(table.scores),
        precision_hint=request.precision_hint,
        problems=problems,
    )


def _profile(request: ProfileRequest, context: JobContext) -> Value:
    from core.benchmark.profiling import profile

    return profile(request.plan, context.step)


def _download(request: DownloadRequest, context: JobContext) -> DownloadResult:
    from core.catalogue.downloading import download

    entry = request.entry
    model = download(entry, context.folder, request.parts, context.step, request.timeout_seconds)
    context.artifact("model", model)
    return DownloadResult(model=model.name, entry=entry)


_WORK: dict[type, Callable[[Any, JobContext], Value]] = {
    ImportRequest: _import,
    PreviewRequest: preview,
    LivePreviewRequest: answer_previews,
    PredictRequest: _predict,
    QuantizeRequest: quantize_model,
    SearchRequest: search,
    CopyModelRequest: copy_model,
    OperationsRequest: list_operations_of,
    BenchmarkRequest: measure_speed,
    ProfileRequest: _profile,
    CompareRequest: compare_predictions,
    AccuracyRequest: measure_accuracy,
    TensorDistanceRequest: measure_tensor_distance,
    CreateDatasetRequest: create,
    CheckDatasetRequest: check,
    ExportRequest: export_report,
    PackageRequest: make_package,
    PackProjectRequest: pack_project,
    UnpackProjectRequest: unpack_project,
    DownloadRequest: _download,
}
