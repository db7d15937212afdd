"""Models evaluated by one metric on the same images, none of which calibrates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from core.datasets.checks import overlap
from core.datasets.class_mapping import map_classes
from core.datasets.dataset import Dataset
from core.datasets.registry import read_annotations
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.inference.limited import LimitedDetector
from core.inference.predicting import predict
from core.inference.settings import TRUE_F32, InferenceSettings
from core.metrics.accuracy.accuracy_kept import accuracy_kept
from core.metrics.accuracy.coco_statistics import coco_statistics
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.truth import GroundTruth, ground_truth_for, require_truth
from core.metrics.accuracy.voc import VocPrecision, voc_precision
from core.models.detector import Detector
from core.models.plan import AccuracyTarget, QuantizationPlan
from core.progress import Step

if TYPE_CHECKING:
    import openvino as ov

_MEASURING = "Measuring"
_FEWEST = 4  # images, to calibrate and to measure with


@dataclass(frozen=True, eq=False)
class Split:
    """Images to calibrate with, by a plan that takes none of those to evaluate on.

    `held_out` says whether they are of one dataset.
    """

    calibration: Dataset
    plan: QuantizationPlan
    evaluated: Dataset
    held_out: bool


def split(
    dataset: Dataset, plan: QuantizationPlan, target: AccuracyTarget, others: Dataset | None
) -> Split:
    """`others` without those that calibrate, or a part of `dataset` that is held out.

    Held out are the last images in the order of the plan's seed, a third of them at most, unless
    the plan leaves more; its subset is made so small that it ends before them. Raises InputError
    where there are too few.
    """
    if others is not None:
        shared = set(overlap(dataset, others).images)
        left = [name for name in others.images if name not in shared]
        if not left:
            raise InputError(
                f"All images of {others.name} are calibration images, too.",
                "Choose other images to evaluate on.",
            )
        evaluated = msgspec.structs.replace(others, images=tuple(left))
        return Split(dataset, plan, _some(evaluated, target.images, plan.seed), held_out=False)
    order = dataset.subset(len(dataset.images), plan.seed)
    count = min(target.images, max(len(order) - plan.subset_size, len(order) // 3))
    if count < 1 or len(order) < _FEWEST:
        raise InputError(
            f"{dataset.name} has too few images to hold some out for the evaluation.",
            f"Use {_FEWEST} images or more, or name others to evaluate on.",
        )
    size = min(plan.subset_size, len(order) - count)
    last = tuple(dataset.images[index] for index in order[-count:])
    return Split(
        dataset,
        msgspec.structs.replace(plan, subset_size=size),
        msgspec.structs.replace(dataset, images=last),
        held_out=True,
    )


def _some(dataset: Dataset, most: int, seed: int) -> Dataset:
    chosen = sorted(dataset.subset(most, seed))
    return msgspec.structs.replace(dataset, images=tuple(dataset.images[i] for i in chosen))


class Evaluator:
    """Knows what the parent finds in the images, and measures other models by it.

    `dataset` has the images that can be read. A model is as good as in the worst of `runs`, which
    are ways to compute INT8; `limited` detects where one is to saturate and does not here.
    Raises InputError where the metric needs annotations that are not there, or where the parent
    itself reaches nothing by it.
    """

    def __init__(
        self,
        xml: Path,
        detector: Detector,
        dataset: Dataset,
        target: AccuracyTarget,
        step: Step,
        runs: Sequence[InferenceSettings] = (TRUE_F32,),
        limited: LimitedDetector | None = None,
    ) -> None:
        self.dataset = dataset
        self._runs, self._limited = runs, limited
        self._detector = detector
        self._metric = target.metric
        self._step = step
        if target.metric != "accuracy_kept" and not dataset.annotated:
            raise InputError(
                f"{dataset.name} has no annotations to measure accuracy by.",
                "Measure the accuracy kept instead, or choose annotated images.",
            )
        self._parent = self._detections(xml)
        self.dataset = msgspec.structs.replace(dataset, images=self._parent.image_names)
        self._truth = None if target.metric == "accuracy_kept" else self._ground_truth()
        self.parent = self._value(self._parent) or 0.0
        if not self.parent:
            raise InputError(
                f"The parent's {target.metric.replace('_', ' ')} on the {len(dataset.images)} "
                f"images of {dataset.name} is 0: there is no accuracy to keep.",
                "Choose images of what it detects.",
            )

    def measure(self, model: ov.Model) -> float:
        """The metric of a model that was made from the parent, in the worst of the runs."""
        return min(self._value(self._detections(model, settings=how)) or 0.0 for how in self._runs)

    def of_images(
        self, model: ov.CompiledModel, images: Sequence[int]
    ) -> tuple[float, list[float]]:
        """The metric of a compiled model, and the accuracy that it keeps in each image.

        On some of the images, the metric is the mean of those: it only ranks models.
        """
        names = self.dataset.images
        chosen = msgspec.structs.replace(self.dataset, images=tuple(names[i] for i in images))
        found = self._detections(model, chosen)
        places = {name: place for place, name in enumerate(self._parent.image_names)}
        kept = [
            accuracy_kept(_image(self._parent, places[name]), _image(found, place))
            for place, name in enumerate(found.image_names)
        ]
        if len(images) < len(names):
            return float(np.mean(kept)), kept
        return self._value(found) or 0.0, kept

    def _detections(
        self,
        model: ov.Model | ov.CompiledModel | Path,
        dataset: Dataset | None = None,
        settings: InferenceSettings = TRUE_F32,
    ) -> DetectionTable:
        dataset = dataset or self.dataset
        total = len(dataset.images)
        self._step(_MEASURING, 0, total)
        return predict(
            model,
            self._detector,
            dataset,
            settings,
            lambda done: self._step(_MEASURING, done, total),
            self._limited,
        ).table

    def _ground_truth(self) -> GroundTruth:
        annotations = read_annotations(self.dataset, lambda done: None)
        mapping = map_classes(annotations.class_names, self._detector.class_names)
        ids = mapping.model_ids(annotations.class_names)
        require_truth(annotations, ids, self.dataset.name, "the model")
        return ground_truth_for(self._parent, annotations, ids)

    def _value(self, found: DetectionTable) -> float | None:
        if self._truth is None:
            return accuracy_kept(self._parent, found) if len(self._parent.scores) else None
        if self._metric == "coco_ap":
            return coco_statistics(self._truth, found).values["AP"]
        return VocPrecision.mean(voc_precision(self._truth, judge(self._truth, found)).all_point)


def _image(table: DetectionTable, place: int) -> DetectionTable:
    """The detections of one image, as a table."""
    name, (width, height) = table.image_names[place], table.image_sizes[place].tolist()
    return DetectionTable.build([name], [(width, height)], [table[place]], table.class_names)
