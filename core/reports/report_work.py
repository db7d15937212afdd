"""The work of the three kinds of reports: runs in the child process."""

from __future__ import annotations

from datetime import UTC, datetime

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import InputError, WorkbenchError
from core.jobs.context import JobContext
from core.jobs.dataset_work import dataset_of
from core.jobs.requests import AccuracyRequest, CompareRequest, TensorDistanceRequest
from core.jobs.results import (
    TRUTH_FILE,
    AccuracyResult,
    CompareResult,
    TensorDistanceResult,
)
from core.models.stored import load_stored
from core.predict.detecting import Both, detect_both, require_same_ports, tell


def compare_predictions(request: CompareRequest, context: JobContext) -> CompareResult:
    """The optimized model's predictions against its parent's."""
    from core.metrics.comparison.bootstrap import agreement_interval
    from core.metrics.comparison.comparison import compare, prepare

    models = Both(
        load_stored(request.parent), load_stored(request.optimized), request.precision_hint
    )
    dataset = dataset_of(request.dataset, context)
    parent, optimized, problems = detect_both(models, dataset, request.cache, context)
    if dataset.annotated:
        _leave_truth(dataset, parent, context)
    context.step("Comparing")
    candidates = prepare(parent, optimized)
    comparison = compare(parent, optimized, request.thresholds, candidates=candidates)
    return CompareResult(
        parent=models.parent.card.name,
        optimized=models.optimized.card.name,
        dataset=dataset.name,
        dataset_root=dataset.root,
        precision_hint=request.precision_hint,
        thresholds=request.thresholds,
        summary=comparison.summary,
        problems=problems,
        created=_now(),
        agreement_interval=agreement_interval(comparison, candidates),
    )


def measure_accuracy(request: AccuracyRequest, context: JobContext) -> AccuracyResult:
    """Both models by the dataset's ground truth."""
    from core.datasets.mapping_store import mapping_for
    from core.datasets.registry import read_annotations
    from core.metrics.accuracy.annotated import accuracy
    from core.metrics.accuracy.truth import ground_truth_for

    models = Both(
        load_stored(request.parent), load_stored(request.optimized), request.precision_hint
    )
    dataset = dataset_of(request.dataset, context)
    if not dataset.annotated:
        raise InputError(
            f"{dataset.name} has no annotations to measure accuracy by.",
            "Use an annotated dataset, or compare the predictions of the two models instead.",
        )
    stage = "Reading the annotations"
    total = len(dataset.images)
    annotations = read_annotations(dataset, lambda done: context.step(stage, done, total))
    names = models.parent.card.detector.class_names
    mapping = request.mapping or mapping_for(request.mappings, annotations.class_names, names)
    mapping = mapping.changed_by(request.mapped)
    ids = mapping.model_ids(annotations.class_names)
    if not (ids >= 0).any():
        raise InputError(
            f"None of the classes of {dataset.name} is known to {models.parent.card.name}.",
            "Give the model its class names, or say which classes are the same.",
        )
    parent, optimized, problems = detect_both(models, dataset, request.cache, context)
    context.step("Measuring the accuracy")
    truth = ground_truth_for(parent, annotations, ids)
    truth.save(context.folder / TRUTH_FILE)
    return AccuracyResult(
        parent=models.parent.card.name,
        optimized=models.optimized.card.name,
        dataset=dataset.name,
        dataset_root=dataset.root,
        precision_hint=request.precision_hint,
        mapping=mapping,
        accuracy=accuracy(truth, parent, optimized, request.thresholds),
        problems=(*problems, *annotations.problems),
        created=_now(),
    )


def _leave_truth(dataset: Dataset, parent: DetectionTable, context: JobContext) -> None:
    """What people marked, to be looked at beside the detections; nothing is computed from it."""
    from core.datasets.class_mapping import map_classes
    from core.datasets.registry import read_annotations
    from core.metrics.accuracy.truth import ground_truth_for

    stage, total = "Reading the annotations", len(dataset.images)
    try:
        annotations = read_annotations(dataset, lambda done: context.step(stage, done, total))
    except WorkbenchError as error:
        context.log(f"The annotations are not shown: {error}")
        return
    names = annotations.class_names
    ids = map_classes(names, parent.class_names).model_ids(names)
    ground_truth_for(parent, annotations, ids).save(context.folder / TRUTH_FILE)


def measure_tensor_distance(
    request: TensorDistanceRequest, context: JobContext
) -> TensorDistanceResult:
    """The tensors of both networks on some images."""
    from core.inference.loading import load_images
    from core.metrics.tensors.tensor_distance import TensorMeter

    parent, optimized = load_stored(request.parent), load_stored(request.optimized)
    require_same_ports(parent, optimized)
    dataset = dataset_of(request.dataset, context)
    context.step("Preparing the networks")
    meter = TensorMeter(parent.xml, optimized.xml)
    chosen = dataset.subset(request.images, request.seed)
    stage, problems = "Comparing tensors", []
    context.step(stage, 0, len(chosen))
    for done, image in enumerate(load_images(dataset, chosen, parent.card.detector), start=1):
        if image.tensors is None:
            problems.append(image.problem)
        else:
            meter.add(image.tensors)
        context.step(stage, done, len(chosen))
    tell(tuple(problems), context)
    if len(problems) == len(chosen):
        raise InputError(f"None of the images in {dataset.root} could be read.", *problems[:1])
    return TensorDistanceResult(
        parent=parent.card.name,
        optimized=optimized.card.name,
        dataset=dataset.name,
        dataset_root=dataset.root,
        seed=request.seed,
        report=meter.report(),
        problems=tuple(problems),
        created=_now(),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
