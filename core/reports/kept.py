"""Reports that jobs left behind: what they are, what is in them, and how the user looks at them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from core.detection.detections import DetectionTable
from core.errors import InputError, WorkbenchError
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.annotated import AccuracyMaterial
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import VERDICT_WORDS, Summary, Thresholds, VerdictName
from core.metrics.tensors.tensor_distance import TensorDistance
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE
from core.reports.filters import RowFilter
from core.reports.job import TRUTH_FILE, AccuracyResult, CompareResult
from core.values import Stored, Value, read_json, write_json

STATE_FILE = "view.json"
ReportKind = Literal["predictions", "annotations", "tensor-distance"]
KINDS: tuple[ReportKind, ...] = get_args(ReportKind)
KIND_WORDS: dict[ReportKind, str] = {
    "predictions": "Predictions against the parent's",
    "annotations": "Accuracy on annotations",
    "tensor-distance": "Tensor distance",
}


class ReportHead(Value):
    """What a list of reports says of one; `verdict` only of predictions.

    `used_differently` says in what the two models are not used alike.
    """

    kind: ReportKind
    parent: str
    optimized: str
    dataset: str
    created: str
    headline: str
    verdict: VerdictName | None = None
    used_differently: tuple[str, ...] = ()


class ReportState(Stored):
    """How the user looks at a report: thresholds other than those it was made with, the filter."""

    thresholds: Thresholds | None = None
    chosen: RowFilter = RowFilter()


@dataclass(frozen=True, eq=False)
class PredictionReport:
    """A stored comparison: what was compared, and the detections to compute everything from.

    `truth` is what people marked in the images, if the dataset is annotated.
    """

    result: CompareResult
    parent: DetectionTable
    optimized: DetectionTable
    truth: GroundTruth | None = None


@dataclass(frozen=True, eq=False)
class AccuracyReport:
    """A stored measurement by ground truth; `material` is None where an older version made it."""

    result: AccuracyResult
    material: AccuracyMaterial | None


class _Model(Value):
    ap: Interval | None


class _Accuracy(Value):
    parent: _Model
    optimized: _Model
    difference: Interval | None


class _Tensors(Value):
    images: int
    outputs: tuple[TensorDistance, ...]


class _Glimpse(Value):
    """As much of any kind's result as its head needs."""

    parent: str
    optimized: str
    dataset: str
    created: str
    summary: Summary | None = None
    accuracy: _Accuracy | None = None
    report: _Tensors | None = None
    used_differently: tuple[str, ...] = ()


def head_of(folder: Path) -> ReportHead:
    """What kind of report lies in `folder`, and its main figure.

    Raises InputError where there is none, WorkbenchError where it is damaged.
    """
    if not (folder / RESULT_FILE).is_file():
        raise InputError(f"There is no report in {folder}.", "Name a folder that a report made.")
    glimpse = read_json(folder / RESULT_FILE, _Glimpse)
    kind, headline = _headline(glimpse, folder)
    return ReportHead(
        kind=kind,
        parent=glimpse.parent,
        optimized=glimpse.optimized,
        dataset=glimpse.dataset,
        created=glimpse.created,
        headline=headline,
        verdict=glimpse.summary.verdict if glimpse.summary else None,
        used_differently=glimpse.used_differently,
    )


def load_report(folder: Path) -> PredictionReport:
    """The comparison that a job left in `folder`."""
    parent = DetectionTable.load(folder / PARENT_DETECTIONS_FILE)
    optimized = DetectionTable.load(folder / OPTIMIZED_DETECTIONS_FILE)
    if optimized.image_names == parent.image_names:  # a hundred thousand names, held once
        optimized = replace(optimized, image_names=parent.image_names)
    result = read_json(folder / RESULT_FILE, CompareResult)
    return PredictionReport(result, parent, optimized, _truth(folder))


def load_accuracy(folder: Path) -> AccuracyReport:
    """The measurement that a job left in `folder`, with the detections behind it."""
    result, truth = read_json(folder / RESULT_FILE, AccuracyResult), _truth(folder)
    if truth is None:
        return AccuracyReport(result, None)
    tables = [
        DetectionTable.load(folder / name)
        for name in (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE)
    ]
    return AccuracyReport(result, AccuracyMaterial(truth, *tables))


def load_state(folder: Path) -> ReportState:
    """How the user last looked at the report; a damaged or missing state is the usual one."""
    try:
        return read_json(folder / STATE_FILE, ReportState)
    except WorkbenchError:
        return ReportState()


def save_state(folder: Path, state: ReportState) -> None:
    """Keep how the user looks at the report, with the report."""
    write_json(folder / STATE_FILE, state)


def _truth(folder: Path) -> GroundTruth | None:
    path = folder / TRUTH_FILE
    return GroundTruth.load(path) if path.is_file() else None


def _headline(glimpse: _Glimpse, folder: Path) -> tuple[ReportKind, str]:
    if (summary := glimpse.summary) is not None:
        agreement = "none" if summary.agreement is None else f"{summary.agreement:.3f}"
        return "predictions", (
            f"{VERDICT_WORDS[summary.verdict]}: agreement {agreement}, {summary.missed:,} missed, "
            f"{summary.extra:,} extra"
        )
    if (accuracy := glimpse.accuracy) is not None:
        before, after, change = accuracy.parent.ap, accuracy.optimized.ap, accuracy.difference
        if before is None or after is None or change is None:
            return "annotations", "No ground truth of the model's classes"
        return "annotations", (
            f"COCO AP {before.value:.3f} → {after.value:.3f} ({change.value:+z.3f})"
        )
    if glimpse.report is not None:
        known = [one.snr_db for one in glimpse.report.outputs if one.snr_db is not None]
        told = f"lowest SNR of an output {min(known):.1f} dB" if known else "outputs are equal"
        return "tensor-distance", f"{glimpse.report.images:,} images: {told}"
    raise InputError(
        f"What lies in {folder} is no accuracy report.", "Name a folder that a report made."
    )
