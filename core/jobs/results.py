"""What the jobs leave in ``result.json``, beside their files."""

from __future__ import annotations

from pathlib import Path

import msgspec

from core.catalogue.entries import CatalogueEntry
from core.datasets.class_mapping import ClassMapping
from core.jobs.events import PreviewedImage
from core.metrics.accuracy.annotated import Accuracy
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import Summary, Thresholds
from core.metrics.tensors.tensor_distance import TensorReport
from core.optimize.plan import AccuracyOutcome, QuantizationPlan
from core.transfer.bundle import Bundle
from core.values import Value, read_json

RESULT_FILE = "result.json"
DETECTIONS_FILE = "detections.npz"
PARENT_DETECTIONS_FILE = "parent.npz"
OPTIMIZED_DETECTIONS_FILE = "optimized.npz"
TRUTH_FILE = "truth.npz"


class DatasetFacts(Value):
    """A dataset that was opened: the file it is described in, and its main figures.

    `root` is relative to the job's folder if the images lie in it, as those of an archive do.
    `warnings` are sentences on what was left out, looks odd, or is too little.
    """

    file: str
    name: str
    root: Path
    kind: str
    images: int
    annotated: bool
    boxes: int = 0
    class_names: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class ImportResult(Value):
    """Of an import: file names in the job's folder."""

    model: str | None
    datasets: tuple[DatasetFacts, ...]


class CheckDatasetResult(Value):
    """Of a check: what the dataset is, with every warning, and the images that are used twice."""

    facts: DatasetFacts
    shared: tuple[str, ...] = ()


class CreateDatasetResult(Value):
    """Of a new dataset: its file and name, and how many images it has of which kind."""

    dataset: str
    images: int
    variants: int
    problems: tuple[str, ...]
    name: str = ""


class PreviewResult(Value):
    """Of a preview: the pictures, in the order asked for."""

    images: tuple[PreviewedImage, ...]


class PredictResult(Value):
    """Of a prediction; `problems` are sentences about images that were left out."""

    images: int
    detections: int
    precision_hint: str
    problems: tuple[str, ...]


class QuantizeResult(Value):
    """Of a quantization: the file name of the model, and what it was made with and of.

    `problems` are sentences about images left out, `warnings` what looked odd before the work,
    `plan` is the one that makes this model, `outcome` what was kept of an accuracy that was asked
    for.
    """

    model: str
    images_used: int
    parent_size_bytes: int
    size_bytes: int
    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    plan: QuantizationPlan = QuantizationPlan()
    outcome: AccuracyOutcome | None = None


class ExportResult(Value):
    """Of an export: names of the files, or of the folder that they lie in."""

    files: tuple[str, ...]


class CopyModelResult(Value):
    """Of a copied model: its file name."""

    model: str


class PackageResult(Value):
    """Of a deployment package: its folder or file, and how many images its self-test has."""

    file: str
    examples: int
    problems: tuple[str, ...]


class PackResult(Value):
    """Of a project as one file."""

    file: str
    files: int
    size_bytes: int


class UnpackResult(Value):
    """Of the projects in a file: what they are, and sentences on what is missing."""

    bundle: Bundle
    problems: tuple[str, ...]


class DownloadResult(Value):
    """Of a download: the name of the file to import, and what the catalogue says about it."""

    model: str
    entry: CatalogueEntry


class CompareResult(Value):
    """Of a comparison: what was compared, and the summary at its thresholds."""

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


class AccuracyResult(Value):
    """Of a measurement by ground truth: what was measured, by which classes, and the figures."""

    parent: str
    optimized: str
    dataset: str
    dataset_root: Path
    precision_hint: str
    mapping: ClassMapping
    accuracy: Accuracy
    problems: tuple[str, ...]
    created: str


class TensorDistanceResult(Value):
    """Of a comparison of tensors."""

    parent: str
    optimized: str
    dataset: str
    dataset_root: Path
    seed: int
    report: TensorReport
    problems: tuple[str, ...]
    created: str


def dataset_facts(dataset: Path) -> DatasetFacts:
    """The facts of a stored dataset, from the import beside it; `root` is absolute."""
    result = read_json(dataset.parent / RESULT_FILE, ImportResult)
    facts = next(facts for facts in result.datasets if facts.file == dataset.name)
    return msgspec.structs.replace(facts, root=dataset.parent / facts.root)
