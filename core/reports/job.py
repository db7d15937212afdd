"""The work of the three kinds of reports: runs in the child process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from core.datasets.class_mapping import ClassMapping
from core.datasets.dataset import Dataset
from core.datasets.source import DatasetSource
from core.detection.detections import DetectionTable
from core.errors import InputError, WorkbenchError
from core.inference.compiling import PrecisionHint
from core.jobs.context import JobContext
from core.metrics.accuracy.annotated import Accuracy
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.summary import Summary
from core.metrics.matching.thresholds import Thresholds
from core.metrics.tensors.tensor_distance import TensorReport
from core.models.stored import StoredModel, load_stored
from core.predict.detecting import Both, detect_both, require_same_ports, tell
from core.values import Stored, Value

TRUTH_FILE = "truth.npz"


class CompareResult(Stored):
    """Of a comparison: what was compared, and the summary at its thresholds.

    `used_differently` says in what the two models are not used alike.
    """

    parent: str
    optimized: str
    dataset: str
    dataset_root: Path
    precision_hint: str
    thresholds: Thresholds
    summary: Summary
    problems: tuple[str, ...]
    created: str
    agreement_interval: Interval | None = None
    used_differently: tuple[str, ...] = ()


class AccuracyResult(Stored):
    """Of a measurement by ground truth: what was measured, by which classes, and the figures.

    `used_differently` says in what the two models are not used alike.
    """

    parent: str
    optimized: str
    dataset: str
    dataset_root: Path
    precision_hint: str
    mapping: ClassMapping
    accuracy: Accuracy
    problems: tuple[str, ...]
    created: str
    used_differently: tuple[str, ...] = ()


class TensorDistanceResult(Stored):
    """Of a comparison of tensors."""

    parent: str
    optimized: str
    dataset: str
    dataset_root: Path
    seed: int
    report: TensorReport
    problems: tuple[str, ...]
    created: str


class CompareJob(Value, tag="compare"):
    """The optimized model's predictions against its parent's.

    Leaves ``parent.npz``, ``optimized.npz``, ``result.json``, and of an annotated dataset
    ``truth.npz``. Detections that lie in the folder `cache` already are not inferred again.
    """

    parent: Path
    optimized: Path
    dataset: DatasetSource
    precision_hint: PrecisionHint = "f32"
    thresholds: Thresholds = Thresholds()
    cache: Path | None = None

    def run(self, context: JobContext) -> CompareResult:
        """See `core.jobs.job.Job`."""
        from core.metrics.comparison.bootstrap import agreement_interval
        from core.metrics.comparison.comparison import compare, prepare

        models = Both(load_stored(self.parent), load_stored(self.optimized), self.precision_hint)
        dataset = context.open_dataset(self.dataset)
        parent, optimized, problems = detect_both(models, dataset, self.cache, context)
        if dataset.annotated:
            _leave_truth(dataset, parent, context)
        context.step("Comparing")
        candidates = prepare(parent, optimized)
        comparison = compare(parent, optimized, self.thresholds, candidates=candidates)
        return CompareResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            precision_hint=self.precision_hint,
            thresholds=self.thresholds,
            summary=comparison.summary,
            problems=problems,
            created=_now(),
            agreement_interval=agreement_interval(comparison, candidates),
            used_differently=models.differences,
        )


class AccuracyJob(Value, tag="accuracy"):
    """Both models by the ground truth of an annotated dataset.

    Leaves ``parent.npz``, ``optimized.npz``, ``truth.npz`` and ``result.json``; `cache` as for
    a comparison. Without `mapping`, the one that the user made for these classes and that lies in
    the folder `mappings` counts, else the classes of dataset and model are matched by their
    names. `mapped` says otherwise of single classes of the dataset; None stands for none of the
    model's.
    """

    parent: Path
    optimized: Path
    dataset: DatasetSource
    precision_hint: PrecisionHint = "f32"
    thresholds: Thresholds = Thresholds()
    mapping: ClassMapping | None = None
    mappings: Path | None = None
    mapped: dict[str, str | None] = msgspec.field(default_factory=dict)
    cache: Path | None = None

    def run(self, context: JobContext) -> AccuracyResult:
        """See `core.jobs.job.Job`."""
        from core.datasets.mapping_store import mapping_for
        from core.datasets.registry import read_annotations
        from core.metrics.accuracy.annotated import accuracy
        from core.metrics.accuracy.truth import ground_truth_for, require_truth

        models = Both(load_stored(self.parent), load_stored(self.optimized), self.precision_hint)
        dataset = context.open_dataset(self.dataset)
        if not dataset.annotated:
            raise InputError(
                f"{dataset.name} has no annotations to measure accuracy by.",
                "Use an annotated dataset, or compare the predictions of the two models instead.",
            )
        stage = "Reading the annotations"
        total = len(dataset.images)
        annotations = read_annotations(dataset, lambda done: context.step(stage, done, total))
        names = models.parent.card.detector.class_names
        mapping = self.mapping or mapping_for(self.mappings, annotations.class_names, names)
        mapping = mapping.changed_by(self.mapped)
        ids = mapping.model_ids(annotations.class_names)
        require_truth(annotations, ids, dataset.name, models.parent.card.name)
        doubts = (*dataset.warnings, *annotations.problems)
        tell(doubts, context)
        parent, optimized, problems = detect_both(models, dataset, self.cache, context)
        context.step("Measuring the accuracy")
        truth = ground_truth_for(parent, annotations, ids)
        truth.save(context.folder / TRUTH_FILE)
        return AccuracyResult(
            parent=models.parent.card.name,
            optimized=models.optimized.card.name,
            dataset=dataset.name,
            dataset_root=dataset.root,
            precision_hint=self.precision_hint,
            mapping=mapping,
            accuracy=accuracy(truth, parent, optimized, self.thresholds),
            problems=(*problems, *doubts),
            created=_now(),
            used_differently=models.differences,
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


class TensorDistanceJob(Value, tag="tensor_distance"):
    """How far the optimized model's tensors are from its parent's, on so many images.

    Leaves ``result.json`` alone. `seed` decides which images those are.
    """

    parent: Path
    optimized: Path
    dataset: DatasetSource
    images: int = 32
    seed: int = 0

    def run(self, context: JobContext) -> TensorDistanceResult:
        """See `core.jobs.job.Job`."""
        from core.inference.loading import load_images
        from core.metrics.tensors.tensor_distance import TensorMeter

        parent, optimized = load_stored(self.parent), load_stored(self.optimized)
        require_same_ports(parent, optimized)
        _require_same_pictures(parent, optimized)
        dataset = context.open_dataset(self.dataset)
        context.step("Preparing the networks")
        meter = TensorMeter(parent.xml, optimized.xml)
        chosen = dataset.subset(self.images, self.seed)
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
            seed=self.seed,
            report=meter.report(),
            problems=tuple(problems),
            created=_now(),
        )


def _require_same_pictures(parent: StoredModel, optimized: StoredModel) -> None:
    """Tensors can be compared only where both networks see the same."""
    one, other = (stored.card.detector.preprocessing for stored in (parent, optimized))
    if one != other:
        raise InputError(
            f"The tensors of {parent.card.name} and {optimized.card.name} cannot be compared: one "
            f"takes {one.describe()}, the other {other.describe()}.",
            "Correct the model settings of one of them, or compare what they find.",
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
