"""Two reports of one kind beside each other: figures with their differences, image by image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.annotated import Accuracy
from core.metrics.arrays import Real
from core.metrics.comparison.comparison import Comparison
from core.metrics.tensors.tensor_distance import TensorDistance, TensorReport
from core.values import Value

Whole = NDArray[np.int64]
Figures = Mapping[str, float | None]

COUNTED = ("missed", "extra", "class_changed", "shifted", "drifted")
_SUMMARY = {
    "agreement": "Agreement",
    "agreement_50": "Agreement at IoU .50",
    "precision": "Precision",
    "recall": "Recall",
    "mean_iou": "Mean IoU",
    "score_shift": "Score shift",
    "images": "Images",
    "images_changed": "Images that differ",
    "parent": "Detections of the parent",
    "optimized": "Detections of the optimized model",
    "matches": "Matches",
    "missed": "Missed",
    "extra": "Extra",
    "class_changed": "Class changed",
    "shifted": "Shifted",
    "drifted": "Score drift",
}


class Line(Value):
    """One figure in both reports; None where a report does not have it."""

    name: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """Second less first."""
        if self.first is None or self.second is None:
            return None
        return self.second - self.first


class Versus(Value):
    """The figures of two reports, and of their classes (or layers), most changed first."""

    figures: tuple[Line, ...]
    details: tuple[Line, ...]


@dataclass(frozen=True, eq=False)
class ImageChanges:
    """The images that both comparisons have; the one that got worst in the second one first.

    Attributes:
        images: int64 ``[R]``, numbers in the second comparison's tables.
        first, second: int64 ``[R]`` by the names in `COUNTED`.
        first_damage, second_damage: float64 ``[R]``.
    """

    names: tuple[str, ...]
    images: Whole
    first: dict[str, Whole]
    second: dict[str, Whole]
    first_damage: Real
    second_damage: Real

    @property
    def change(self) -> Real:
        """Float64 ``[R]``: how much more damage the second has."""
        return self.second_damage - self.first_damage


def versus_predictions(first: Comparison, second: Comparison) -> tuple[Versus, ImageChanges]:
    """Two comparisons of predictions; they may be of different images and classes."""
    figures = tuple(
        Line(
            name=words,
            first=getattr(first.summary, name),
            second=getattr(second.summary, name),
        )
        for name, words in _SUMMARY.items()
    )
    classes = _lines(
        *({row.class_name: row.agreement for row in one.per_class} for one in (first, second))
    )
    return Versus(figures=figures, details=classes), _image_changes(first, second)


def versus_accuracy(first: Accuracy, second: Accuracy) -> Versus:
    """Two measurements by ground truth."""
    figures = [
        line
        for role in ("optimized", "parent")
        for line in _in_order(*(_accuracy_figures(one, role) for one in (first, second)))
    ]
    figures.insert(
        0,
        Line(
            name="AP lost to the parent",
            first=_lost(first),
            second=_lost(second),
        ),
    )
    classes = _lines(
        *({row.class_name: row.optimized.ap for row in one.classes} for one in (first, second))
    )
    return Versus(figures=tuple(figures), details=classes)


def versus_tensors(first: TensorReport, second: TensorReport) -> Versus:
    """Two comparisons of tensors: SNR of the outputs, relative error of the layers."""
    outputs = [
        {f"SNR of {one.output}, dB": one.snr_db for one in report.outputs}
        for report in (first, second)
    ]
    layers = [_errors(report.layers) for report in (first, second)]
    return Versus(figures=tuple(_in_order(*outputs)), details=_lines(*layers))


def _errors(layers: Sequence[TensorDistance]) -> Figures:
    return {one.name: one.relative_error for one in layers}


def _lost(accuracy: Accuracy) -> float | None:
    return None if accuracy.difference is None else -accuracy.difference.value


def _accuracy_figures(accuracy: Accuracy, role: str) -> Figures:
    model = accuracy.optimized if role == "optimized" else accuracy.parent
    found = {**model.statistics, "VOC mAP, 11 points": model.voc_11_point}
    found["VOC mAP, all points"] = model.voc_all_point
    return {f"{name}, {role}": value for name, value in found.items()}


def _in_order(first: Figures, second: Figures) -> Iterable[Line]:
    for name in dict.fromkeys((*first, *second)):
        yield Line(name=name, first=first.get(name), second=second.get(name))


def _lines(first: Figures, second: Figures) -> tuple[Line, ...]:
    """Most changed first; what only one report has comes last."""
    return tuple(sorted(_in_order(first, second), key=_changed))


def _changed(line: Line) -> float:
    return 1.0 if line.difference is None else -abs(line.difference)


def _image_changes(first: Comparison, second: Comparison) -> ImageChanges:
    places = {name: image for image, name in enumerate(first.parent.image_names)}
    names = second.parent.image_names
    in_first = np.fromiter((places.get(name, -1) for name in names), np.int64, len(names))
    images = np.flatnonzero(in_first >= 0)
    before = _by_image(first, in_first[images])
    after = _by_image(second, images)
    order = np.argsort(before["damage"] - after["damage"], kind="stable")
    return ImageChanges(
        names=tuple(names[image] for image in images[order].tolist()),
        images=images[order],
        first={name: before[name][order] for name in COUNTED},
        second={name: after[name][order] for name in COUNTED},
        first_damage=before["damage"][order],
        second_damage=after["damage"][order],
    )


def _by_image(comparison: Comparison, images: Whole) -> dict[str, NDArray[Any]]:
    """Columns of the table of images, of these images."""
    rows = comparison.images
    place = np.empty_like(rows.image)
    place[rows.image] = np.arange(len(rows.image))
    return {name: getattr(rows, name)[place[images]] for name in (*COUNTED, "damage")}
