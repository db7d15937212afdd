"""The form of the method Accuracy-aware: what may be lost, and how that is measured."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.kit.fields import FIELD_WIDTH, combo, decimal, form, note, spin
from app.kit.theme import GAP
from app.kit.widgets import DATASET_FILES, Card, PathField, label
from core.datasets.source import may_be_dataset
from core.models.plan import USUAL_DROP, AccuracyTarget, Choosing, Metric

_METRICS: dict[Metric, tuple[str, str]] = {
    "agreement": (
        "Agreement with the parent",
        "How well it finds what the parent finds; the parent has 1. Needs no annotations. From "
        "0.8 on a report calls a model safe, if 95 % of the boxes match as well.",
    ),
    "coco_ap": ("COCO AP", "By the ground truth, at IoU .50 to .95. Needs annotated images."),
    "voc_map": ("VOC mAP", "By the ground truth, at IoU .50. Needs annotated images."),
}

_CHOOSING: dict[Choosing, tuple[str, str]] = {
    "tensor_distance": (
        "By tensor distance",
        "Those that add most error to their tensors first: a dozen or two attempts.",
    ),
    "nncf": (
        "By NNCF's accuracy control",
        "Tries every group of operations in each round: minutes for a small detector. If it has "
        "not ended after 60 % of the time, tensor distance takes over.",
    ),
}


class AccuracyForm(Card):
    """The accuracy to keep, and the images to measure it on."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__("Accuracy to keep")
        self.box.addWidget(
            label(
                "Quantizes everything first. Then layers are put back into float, those that add "
                "most error first: as few as must be, so that no more is lost than you allow. "
                "Every attempt is measured on images that do not calibrate."
            )
        )
        usual = AccuracyTarget()
        self.metrics = combo("Metric", widest=FIELD_WIDTH)
        self.metrics.addItems([title for title, _ in _METRICS.values()])
        self.metric_note = note()
        self.metrics.currentIndexChanged.connect(self._on_metric_chosen)
        self.drop = decimal("Maximum drop", 1.0, 0.005, digits=3, widest=FIELD_WIDTH)
        self.judged_on = PathField(
            "Images to measure it on",
            "A part of the calibration images that is held back",
            files=DATASET_FILES,
            folders=True,
        )
        self.judged_on.changed.connect(self.changed)
        self.judged_note = note(
            "None of these images calibrates. Annotated ones are needed for COCO AP and VOC mAP."
        )
        self.images = _at_most(100_000, "images")
        self.minutes = _at_most(24 * 60, "minutes")
        self.attempts = _at_most(10_000, "attempts")
        self.choosing = combo("How layers are chosen", widest=FIELD_WIDTH)
        self.choosing.addItems([title for title, _ in _CHOOSING.values()])
        self.choosing_note = note()
        self.choosing.currentIndexChanged.connect(self._on_choosing_chosen)
        fields = form()
        fields.addRow("Metric", _column(self.metrics, self.metric_note))
        fields.addRow("Maximum drop", self.drop)
        fields.addRow("Measured on", _column(self.judged_on, self.judged_note, self.images))
        fields.addRow("Layers chosen", _column(self.choosing, self.choosing_note))
        fields.addRow("Time", _row(self.minutes, self.attempts))
        self.box.addLayout(fields)
        self.set_target(usual)

    @property
    def dataset(self) -> Path | None:
        """The images to measure on; None for those that are held back."""
        return self.judged_on.path

    @property
    def problem(self) -> str:
        """Why it cannot be started like this; empty where it can."""
        if self.dataset is not None and not may_be_dataset(self.dataset):
            return "There is no such folder of images to measure on."
        return ""

    def set_target(self, target: AccuracyTarget) -> None:
        """Show this target."""
        self.metrics.setCurrentIndex(get_args(Metric).index(target.metric))
        self._on_metric_chosen()
        self.drop.setValue(target.max_drop)
        self.images.setValue(target.images)
        self.choosing.setCurrentIndex(get_args(Choosing).index(target.choosing))
        self._on_choosing_chosen()
        self.minutes.setValue(max(1, round(target.minutes)))
        self.attempts.setValue(target.attempts)

    def target(self) -> AccuracyTarget:
        """The target as it stands."""
        return AccuracyTarget(
            metric=self._metric,
            max_drop=round(self.drop.value(), 3),
            images=self.images.value(),
            minutes=float(self.minutes.value()),
            attempts=self.attempts.value(),
            choosing=self._choosing,
        )

    @property
    def _metric(self) -> Metric:
        return tuple(_METRICS)[self.metrics.currentIndex()]

    @property
    def _choosing(self) -> Choosing:
        return tuple(_CHOOSING)[self.choosing.currentIndex()]

    def _on_choosing_chosen(self) -> None:
        self.choosing_note.setText(_CHOOSING[self._choosing][1])
        self.changed.emit()

    def _on_metric_chosen(self) -> None:
        self.metric_note.setText(_METRICS[self._metric][1])
        self.drop.setValue(USUAL_DROP[self._metric])
        self.changed.emit()


def _at_most(largest: int, what: str) -> QSpinBox:
    name = f"{what.capitalize()} at most"
    return spin(1, largest, name, f" {what} at most", widest=FIELD_WIDTH)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(GAP)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


def _column(*widgets: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget)
    return column
