"""The ground truth of a job's images, in the classes of its parent model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.datasets.annotations import Annotations
from core.datasets.class_mapping import ClassMapping
from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import InputError, WorkbenchError
from core.jobs.context import JobContext
from core.reports.detections import TRUTH_FILE

if TYPE_CHECKING:
    from core.metrics.accuracy.truth import GroundTruth


@dataclass(frozen=True)
class MappedAnnotations:
    """The annotations of a dataset, and which class of the model each of its classes is."""

    dataset: str
    annotations: Annotations
    mapping: ClassMapping

    def require(self, model: str) -> None:
        """Raises InputError where nothing can be measured by them for the model of that name."""
        from core.metrics.accuracy.truth import require_truth

        ids = self.mapping.model_ids(self.annotations.class_names)
        require_truth(self.annotations, ids, self.dataset, model)

    def truth(self, parent: DetectionTable) -> GroundTruth:
        """The boxes of the images that the parent's detections are of."""
        from core.metrics.accuracy.truth import ground_truth_for

        ids = self.mapping.model_ids(self.annotations.class_names)
        return ground_truth_for(parent, self.annotations, ids)


def mapped_annotations(
    dataset: Dataset,
    model_classes: tuple[str, ...],
    changes: Mapping[str, str | None],
    context: JobContext,
    kept: Path | None = None,
) -> MappedAnnotations:
    """Read the annotations; classes are mapped as kept in that folder or by name, with `changes`.

    What of them cannot be used is logged. Raises WorkbenchError where they cannot be read or a
    change names an unknown class.
    """
    from core.datasets.mapping_store import mapping_for
    from core.datasets.registry import read_annotations

    stage, total = "Reading the annotations", len(dataset.images)
    annotations = read_annotations(dataset, lambda done: context.step(stage, done, total))
    context.log_problems(annotations.problems)
    mapping = mapping_for(kept, annotations.class_names, model_classes).changed_by(changes)
    return MappedAnnotations(dataset.name, annotations, mapping)


def usable_annotations(
    dataset: Dataset,
    model_classes: tuple[str, ...],
    changes: Mapping[str, str | None],
    context: JobContext,
    kept: Path | None = None,
    *,
    model: str = "",
    without: str = "The annotations are not used",
) -> MappedAnnotations | None:
    """As `mapped_annotations`, where a job can do without.

    None where there are none; and where they cannot be read, or measure nothing for the model of
    that name, which is logged: `without` is what that comes to. Whoever maps classes wants them to
    be used: with `changes`, either raises WorkbenchError.
    """
    if not dataset.annotated:
        if changes:
            raise InputError(
                f"{dataset.name} has no annotations, and so no classes to map.",
                "Use an annotated dataset, or map no classes.",
            )
        return None
    try:
        mapped = mapped_annotations(dataset, model_classes, changes, context, kept)
        if model:
            mapped.require(model)
    except WorkbenchError as error:
        if changes:
            raise
        context.log(f"{without}: {error}")
        return None
    return mapped


def kept_truth(
    mapped: MappedAnnotations, parent: DetectionTable, context: JobContext
) -> GroundTruth:
    """The ground truth of the images that the parent's detections are of, left beside them."""
    truth = mapped.truth(parent)
    truth.save(context.folder / TRUTH_FILE)
    return truth
