"""The work of each kind of job: runs in the child process."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.inference.compiling import PrecisionHint
from core.jobs.context import JobContext
from core.jobs.dataset_work import UNPACKED, create, dataset_of, import_datasets
from core.jobs.requests import (
    BenchmarkRequest,
    CompareRequest,
    CreateDatasetRequest,
    DownloadRequest,
    ImportRequest,
    PredictRequest,
    QuantizeRequest,
    Request,
)
from core.jobs.results import (
    DETECTIONS_FILE,
    OPTIMIZED_DETECTIONS_FILE,
    PARENT_DETECTIONS_FILE,
    CompareResult,
    DownloadResult,
    ImportResult,
    PredictResult,
    QuantizeResult,
)
from core.models.detector import Detector
from core.models.stored import StoredModel, load_stored
from core.values import Value, read_json, to_json, write_json

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

    images = []
    for dataset in datasets:
        step = max(1, len(dataset.images) // TRIAL_IMAGES)
        images += [dataset.path(number) for number in range(0, len(dataset.images), step)]
    named = next((dataset.class_names for dataset in datasets if dataset.class_names), ())
    return Evidence(images=images, class_names=named, changes=request.changes)


def _predict(request: PredictRequest, context: JobContext) -> PredictResult:
    stored = load_stored(request.model)
    dataset = dataset_of(request.dataset, context)
    use = _Use(stored, stored.card.detector, request.precision_hint, "Detecting")
    table, problems = _detect(use, dataset, context)
    path = context.folder / DETECTIONS_FILE
    table.save(path)
    context.artifact("detections", path)
    return PredictResult(
        images=len(table),
        detections=len(table.scores),
        precision_hint=request.precision_hint,
        problems=problems,
    )


def _quantize(request: QuantizeRequest, context: JobContext) -> QuantizeResult:
    from core.models.importing import safe_name
    from core.models.stored import store_model
    from core.optimize.quantizing import quantize

    parent = load_stored(request.model)
    dataset = dataset_of(request.dataset, context)
    quantized = quantize(request.model, parent.card.detector, dataset, request.plan, context.step)
    _tell(quantized.problems, context)
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


def _benchmark(request: BenchmarkRequest, context: JobContext) -> Value:
    from core.benchmark.measuring import benchmark

    return benchmark(request.plan, context.step)


def _compare(request: CompareRequest, context: JobContext) -> CompareResult:
    from core.accuracy.comparison import compare

    parent, optimized = load_stored(request.parent), load_stored(request.optimized)
    detector = parent.card.detector
    _require_same_ports(parent, optimized)
    dataset = dataset_of(request.dataset, context)
    tables = []
    problems: tuple[str, ...] = ()
    for role, stored, name in (
        ("parent", parent, PARENT_DETECTIONS_FILE),
        ("optimized", optimized, OPTIMIZED_DETECTIONS_FILE),
    ):
        stage = f"Detecting with the {role} model"
        use = _Use(stored, detector, request.precision_hint, stage)
        table, problems = _cached(use, dataset, request.cache, context)
        table.save(context.folder / name)
        context.artifact("detections", context.folder / name)
        tables.append(table)
    context.step("Comparing")
    comparison = compare(tables[0], tables[1], request.thresholds)
    return CompareResult(
        parent=parent.card.name,
        optimized=optimized.card.name,
        dataset=dataset.name,
        dataset_root=dataset.root,
        precision_hint=request.precision_hint,
        thresholds=request.thresholds,
        summary=comparison.summary,
        problems=problems,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _download(request: DownloadRequest, context: JobContext) -> DownloadResult:
    from core.catalogue.downloading import download

    entry = request.entry
    model = download(entry, context.folder, request.parts, context.step, request.timeout_seconds)
    context.artifact("model", model)
    return DownloadResult(model=model.name, entry=entry)


_WORK: dict[type, Callable[[Any, JobContext], Value]] = {
    ImportRequest: _import,
    PredictRequest: _predict,
    QuantizeRequest: _quantize,
    BenchmarkRequest: _benchmark,
    CompareRequest: _compare,
    CreateDatasetRequest: create,
    DownloadRequest: _download,
}


def _require_same_ports(parent: StoredModel, optimized: StoredModel) -> None:
    """The optimized model is decoded as its parent is: its inputs and outputs must agree."""
    for mine, others in (
        (parent.card.info.inputs, optimized.card.info.inputs),
        (parent.card.info.outputs, optimized.card.info.outputs),
    ):
        if [port.shape for port in mine] != [port.shape for port in others]:
            raise InputError(
                f"{optimized.card.name} is no version of {parent.card.name}: their inputs or "
                "outputs have different shapes.",
                "Choose the model that was made from this parent.",
            )


@dataclass(frozen=True)
class _Use:
    """A model, how it is used as a detector, and what the user is told meanwhile."""

    stored: StoredModel
    detector: Detector
    precision_hint: PrecisionHint
    stage: str


def _detect(
    use: _Use, dataset: Dataset, context: JobContext
) -> tuple[DetectionTable, tuple[str, ...]]:
    from core.inference.predicting import predict

    total = len(dataset.images)
    context.step(use.stage, 0, total)
    prediction = predict(
        use.stored.xml,
        use.detector,
        dataset,
        use.precision_hint,
        lambda done: context.step(use.stage, done, total),
    )
    _tell(prediction.problems, context)
    return prediction.table, prediction.problems


def _cached(
    use: _Use, dataset: Dataset, cache: Path | None, context: JobContext
) -> tuple[DetectionTable, tuple[str, ...]]:
    """Detections from the cache, or inferred now and put there for the next report."""
    if cache is None:
        return _detect(use, dataset, context)
    made_of = [
        use.stored.card.weights_sha256.encode(),
        to_json(use.detector),
        dataset.fingerprint().encode(),
        use.precision_hint.encode(),
    ]
    key = hashlib.sha256(b"\0".join(made_of)).hexdigest()[:32]
    path, told = cache / f"{key}.npz", cache / f"{key}.json"
    if path.is_file() and told.is_file():
        return DetectionTable.load(path), read_json(told, tuple[str, ...])
    table, problems = _detect(use, dataset, context)
    cache.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{key}.{os.getpid()}.tmp")
    try:
        table.save(temporary)
        temporary.replace(path)
        write_json(told, problems)
    finally:
        temporary.unlink(missing_ok=True)
    return table, problems


def _tell(problems: tuple[str, ...], context: JobContext) -> None:
    for problem in problems[:20]:
        context.log(problem)
    if len(problems) > 20:
        context.log(f"... and {len(problems) - 20} more images were left out.")
