"""What can be asked of a job: one frozen value for each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from core.benchmark.plan import BenchmarkPlan
from core.benchmark.profile import ProfilePlan
from core.catalogue.entries import CatalogueEntry
from core.datasets.class_mapping import ClassMapping
from core.images.augment import Augmentation
from core.inference.compiling import PrecisionHint
from core.metrics.comparison.comparison import Thresholds
from core.models.adjusting import Changes
from core.models.detector import Detector
from core.optimize.plan import QuantizationPlan
from core.reports.filters import RowFilter
from core.search.candidates import SearchSettings
from core.transfer.bundle import BundledProject
from core.values import Value

ExportFormat = Literal["csv", "json", "coco", "pictures", "html"]


class DatasetSource(Value):
    """Where images come from.

    Attributes:
        path: a folder, an archive, a COCO file, or a ``dataset.json`` that an import wrote.
        role: ``calibration`` or ``validation``; decides which split of several is taken.
    """

    path: Path
    role: str = "validation"


class ImportRequest(Value, tag="import"):
    """Read a model and datasets, and store what was found out about them.

    Leaves the IR with its card, and ``dataset-<n>.json`` for each dataset. `changes` are what
    the user knows better than the import; `pictures` are some that guesses may be tried on,
    besides those of the datasets.
    """

    model: Path | None = None
    datasets: tuple[DatasetSource, ...] = ()
    changes: Changes = Changes()
    pictures: tuple[Path, ...] = ()


class PreviewRequest(Value, tag="preview"):
    """What a stored model finds in a few pictures when it is used as `detector`.

    Leaves ``result.json``, and ``preview-<n>.png`` with the detections from the score
    `draw_from` on, unless that is None.
    """

    model: Path
    detector: Detector
    images: tuple[Path, ...]
    draw_from: float | None = None


class LivePreviewRequest(Value, tag="live_preview"):
    """Stay, with the stored model compiled, and answer questions about it until cancelled."""

    model: Path


class PreviewQuestion(Value):
    """What the model finds in `image` when it is used as `detector`; the answer has the number."""

    number: int
    detector: Detector
    image: Path


class PredictRequest(Value, tag="predict"):
    """Detections of a stored model on a dataset. Leaves ``detections.npz``."""

    model: Path
    dataset: DatasetSource
    precision_hint: PrecisionHint = "f32"


class QuantizeRequest(Value, tag="quantize"):
    """An INT8 model from a stored one. Leaves the IR `name` with its card.

    Where the plan has an accuracy to keep, `judged_on` are the images that it is measured on;
    without them, a part of `dataset` is held back. `compared_on` are the images that it will be
    compared with its parent on: the user is told where they are calibration images, too.
    """

    model: Path
    dataset: DatasetSource
    plan: QuantizationPlan
    name: str
    judged_on: DatasetSource | None = None
    compared_on: DatasetSource | None = None


class OperationsRequest(Value, tag="operations"):
    """The operations of a stored model that a plan can keep in float. Leaves ``result.json``.

    With `plan`, which of them that one keeps.
    """

    model: Path
    plan: QuantizationPlan | None = None


class SearchRequest(Value, tag="search"):
    """The setting of a stored model that is fastest and loses nothing.

    Leaves the recommended model with its card, and ``search.json``. Candidates are kept in
    `folder` as soon as they are made, with a ``search.json`` there, so that a cancelled search can
    be resumed; usually it is the job's destination.
    """

    model: Path
    dataset: DatasetSource
    folder: Path
    settings: SearchSettings = SearchSettings()
    resume: bool = False


class CopyModelRequest(Value, tag="copy_model"):
    """A stored model with its card, copied as it is."""

    model: Path


class BenchmarkRequest(Value, tag="benchmark"):
    """Speed of stored models, measured in turns. Leaves ``result.json`` and ``samples.npz``.

    `dataset` has the pictures, where the plan is to measure on pictures. `earlier` is the folder
    of a benchmark of the same plan that was stopped: what it has is not measured again.
    """

    plan: BenchmarkPlan
    dataset: DatasetSource | None = None
    earlier: Path | None = None


class ProfileRequest(Value, tag="profile"):
    """The layers of stored models, each timed, in turns. Leaves ``result.json`` alone."""

    plan: ProfilePlan


class CompareRequest(Value, tag="compare"):
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


class AccuracyRequest(Value, tag="accuracy"):
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


class TensorDistanceRequest(Value, tag="tensor_distance"):
    """How far the optimized model's tensors are from its parent's, on so many images.

    Leaves ``result.json`` alone. `seed` decides which images those are.
    """

    parent: Path
    optimized: Path
    dataset: DatasetSource
    images: int = 32
    seed: int = 0


class ExportRequest(Value, tag="export_report"):
    """A kept report in another format; leaves its files and ``result.json``.

    `report` is the folder that a report's job left. `thresholds`, if given, replace those that it
    was made with. `chosen` are the rows and images that tables and pictures show; `pictures` at
    most so many images.
    """

    report: Path
    format: ExportFormat
    thresholds: Thresholds | None = None
    chosen: RowFilter = RowFilter()
    pictures: int = 20


class DownloadRequest(Value, tag="download"):
    """A model of the catalogue, from the network. Leaves its files and its class names.

    The folder `parts` keeps what has arrived, for a later request to go on from. No byte for
    `timeout_seconds` is a failure.
    """

    entry: CatalogueEntry
    parts: Path
    timeout_seconds: float


class CheckDatasetRequest(Value, tag="check_dataset"):
    """What a user should know about a dataset before relying on it.

    Leaves ``dataset-0.json`` and ``result.json``. `against` is a dataset of the other role, which
    it should share no images with.
    """

    dataset: DatasetSource
    against: DatasetSource | None = None


class CreateDatasetRequest(Value, tag="create_dataset"):
    """Copy images, and variants of them, into a dataset of their own.

    Leaves the folder ``images`` and ``dataset.json``. `images` are files and folders; without
    `name`, the dataset is called after their number.
    """

    images: tuple[Path, ...]
    augmentation: Augmentation = Augmentation()
    name: str = ""


class PackageRequest(Value, tag="package"):
    """A detector that runs without this program, with a self-test on images of a dataset.

    Leaves a folder called `name`, or a zip file of it. `precision` is the hint that it runs
    with, "" for OpenVINO's own choice.
    """

    model: Path
    dataset: DatasetSource
    name: str = ""
    precision: Literal["", "f32", "bf16", "f16"] = ""
    zipped: bool = False


class PackProjectRequest(Value, tag="pack_project"):
    """Projects with their models, artifacts and dataset as one file called `file`.

    The paths of `projects` and `dataset` are absolute. Without `images`, the file only tells
    where they were.
    """

    projects: tuple[BundledProject, ...]
    dataset: Path
    file: str
    images: bool = True


class UnpackProjectRequest(Value, tag="unpack_project"):
    """The projects in a file. Leaves the folder ``project``, to be published at `home`."""

    file: Path
    home: Path


Request = (
    ImportRequest
    | PreviewRequest
    | LivePreviewRequest
    | PredictRequest
    | QuantizeRequest
    | SearchRequest
    | CopyModelRequest
    | OperationsRequest
    | BenchmarkRequest
    | ProfileRequest
    | CompareRequest
    | AccuracyRequest
    | TensorDistanceRequest
    | ExportRequest
    | PackageRequest
    | PackProjectRequest
    | UnpackProjectRequest
    | DownloadRequest
    | CreateDatasetRequest
    | CheckDatasetRequest
)

TITLES: dict[type, str] = {
    ImportRequest: "Import",
    PreviewRequest: "Preview",
    LivePreviewRequest: "Preview",
    PredictRequest: "Predict",
    QuantizeRequest: "Optimize to INT8",
    SearchRequest: "Search the best setting",
    CopyModelRequest: "Copy a model",
    OperationsRequest: "List operations",
    BenchmarkRequest: "Measure speed",
    ProfileRequest: "Time the layers",
    CompareRequest: "Compare predictions",
    AccuracyRequest: "Measure accuracy",
    TensorDistanceRequest: "Compare tensors",
    ExportRequest: "Export a report",
    PackageRequest: "Make a package",
    PackProjectRequest: "Export a project",
    UnpackProjectRequest: "Import a project",
    CreateDatasetRequest: "Create a dataset",
    CheckDatasetRequest: "Check a dataset",
    DownloadRequest: "Download",
}
