"""Reports as jobs leave them, written down without a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.class_mapping import map_classes
from core.detection.detections import DetectionTable
from core.jobs.job import RESULT_FILE
from core.metrics.accuracy.annotated import accuracy
from core.metrics.accuracy.kept import AccuracyKept
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Grounds
from core.metrics.comparison.bootstrap import FEWEST_IMAGES
from core.metrics.comparison.comparison import Thresholds, compare
from core.metrics.operating_point.point import operating_point as found_point
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE
from core.reports.annotations.kind import AnnotationsResult
from core.reports.detections import TRUTH_FILE
from core.reports.operating.kind import OperatingPointResult
from core.reports.predictions.kind import PredictionsResult
from core.reports.tensors import TensorsResult
from core.reports.two_ways.kind import TwoWaysResult
from core.reports.two_ways.tables import summary_of
from core.values import Value, write_json
from core.workspace.store import Artifact
from tests.support.reports import estimated_kept
from tests.support.runs import IN_F32, IN_INT8
from tests.support.tables import Row, table

CAT: Row = (0, 0, 100, 100, 0.9, 0)
DOG: Row = (200, 0, 300, 100, 0.8, 1)
CAT_AS_BIRD: Row = (0, 0, 100, 95, 0.9, 2)

# 0 agrees, 1 misses a dog, 2 calls the cat a bird, 3 has an extra dog
PARENT = table([CAT], [CAT, DOG], [CAT, DOG], [])
OPTIMIZED = table([CAT], [CAT], [CAT_AS_BIRD, DOG], [DOG])


HEAD: dict[str, Any] = {
    "parent": "p",
    "optimized": "o",
    "dataset": "d",
    "dataset_root": Path("/images"),
    "parent_executed": IN_F32,
    "optimized_executed": IN_INT8,
    "problems": (),
    "created": "2026-01-02T03:04:05+00:00",
}
"""What the results of all kinds have."""


def predictions(folder: Path, number: int = 1) -> Artifact:
    """A comparison of these two."""
    return compared(folder, PARENT, OPTIMIZED, _on_enough_images(), number)


def compared(
    folder: Path,
    parent: DetectionTable,
    optimized: DetectionTable,
    kept: AccuracyKept | None,
    number: int = 1,
) -> Artifact:
    """A comparison of what two models found, which keep that much of the accuracy."""
    result = PredictionsResult(
        **HEAD,
        thresholds=Thresholds(),
        summary=compare(parent, optimized).summary,
        grounds=Grounds(kept=kept),
    )
    _write(folder, result, parent, optimized)
    return Artifact(number, 1, "predictions", folder, result.created)


def operating_point(
    folder: Path, parent: DetectionTable, optimized: DetectionTable, truth: GroundTruth | None
) -> Artifact:
    """An operating point of these two, by this ground truth."""
    result = OperatingPointResult(
        **HEAD,
        weights_sha256="",
        thresholds=Thresholds(),
        point=found_point(parent, optimized, truth=truth),
    )
    _write(folder, result, parent, optimized)
    if truth is not None:
        truth.save(folder / TRUTH_FILE)
    return Artifact(4, 1, "operating-point", folder, result.created)


def _on_enough_images() -> AccuracyKept:
    """What is kept of these images, as if it had been seen on as many as a verdict needs."""
    from msgspec.structs import replace as changed

    kept = estimated_kept(PARENT, OPTIMIZED)
    assert kept is not None
    return changed(kept, images=FEWEST_IMAGES)


def by_annotations(folder: Path, number: int = 2) -> Artifact:
    """Both of them by a ground truth that is what the parent finds."""
    none = table([], [], [], [])
    marked = replace(PARENT, scores=np.ones(len(PARENT.scores), np.float32))
    truth = GroundTruth(
        marked, np.full(len(PARENT.scores), 1e4), none, np.zeros(0), np.ones(3, bool)
    )
    return measured(folder, truth, PARENT, OPTIMIZED, number)


def measured(
    folder: Path,
    truth: GroundTruth,
    parent: DetectionTable,
    optimized: DetectionTable,
    number: int = 2,
) -> Artifact:
    """What two models found, by a ground truth."""
    names = parent.class_names
    result = AnnotationsResult(
        **HEAD,
        mapping=map_classes(names, names),
        accuracy=accuracy(truth, parent, optimized),
    )
    _write(folder, result, parent, optimized)
    truth.save(folder / TRUTH_FILE)
    return Artifact(number, 1, "annotations", folder, result.created)


def tensors(folder: Path, number: int = 3) -> Artifact:
    """Two layers, of which one adds most of the error."""
    layers = tuple(
        TensorDistance(
            name=name, kind="Convolution", operations=(name, f"{name}/bias"), output="",
            mse=error, snr_db=10.0, cosine=0.9, max_abs=1.0, relative_error=error,
            added_error=error,
        )
        for name, error in (("second", 0.5), ("first", 0.1))
    )  # fmt: skip
    result = TensorsResult(
        **HEAD,
        seed=0,
        report=TensorReport(images=1, outputs=(replaced(layers[0]),), layers=layers),
    )
    folder.mkdir(parents=True)
    write_json(folder / RESULT_FILE, result)
    return Artifact(number, 1, "tensor-distance", folder, result.created)


def two_ways(folder: Path, number: int = 4) -> Artifact:
    """What the optimized model finds as A, and what its parent finds as B."""
    result = TwoWaysResult(
        **HEAD | {"parent": "o"},
        thresholds=Thresholds(),
        summary=summary_of(compare(PARENT, OPTIMIZED).images, PARENT.image_names),
    )
    _write(folder, result)
    return Artifact(number, 1, "two-ways", folder, result.created)


def replaced(layer: TensorDistance) -> TensorDistance:
    """The layer as an output."""
    from msgspec.structs import replace as changed

    return changed(layer, output="boxes")


def _write(
    folder: Path,
    result: Value,
    parent: DetectionTable = PARENT,
    optimized: DetectionTable = OPTIMIZED,
) -> None:
    folder.mkdir(parents=True)
    parent.save(folder / PARENT_DETECTIONS_FILE)
    optimized.save(folder / OPTIMIZED_DETECTIONS_FILE)
    write_json(folder / RESULT_FILE, result)
