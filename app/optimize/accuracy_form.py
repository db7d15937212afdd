"""The form of the method Accuracy-aware: what may be lost, and how that is measured."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app.kit.boxes import across, down
from app.kit.fields import FIELD_WIDTH, Form, combo, decimal, note, spin
from app.kit.theme import GAP
from app.kit.widgets import Card, Offers, PathField, label
from app.project.own_datasets import DATASET_FILES
from core.datasets.source import may_be_dataset
from core.models.plan import USUAL_DROP, AccuracyTarget, Choosing, Metric
from core.wording.plan_choices import CHOICES

_METRICS, _CHOOSING = CHOICES["metric"], CHOICES["choosing"]


class AccuracyForm(Card):
    """The accuracy target, and the images to evaluate on."""

    changed = Signal()

    def __init__(self, own_datasets: Offers) -> None:
        """`own_datasets` are offered to measure on."""
        super().__init__("Accuracy target")
        self.box.addWidget(
            label(
                "Quantizes everything first, then returns layers to float, those that add most "
                "error first, until the drop is within the limit. Every attempt is evaluated on "
                "images that are not used for calibration."
            )
        )
        self._make_fields(own_datasets)
        fields = Form()
        fields.add_field("Metric", _column(self.metrics, self.metric_note))
        fields.add_field("Maximum drop", self.drop)
        fields.add_field(
            "Evaluated on", _column(self.evaluated_on, self.evaluated_note, self.images)
        )
        fields.add_field("Layers chosen", _column(self.choosing, self.choosing_note))
        fields.add_field("Time", _row(self.minutes, self.attempts))
        self.box.addLayout(fields)
        self.set_target(AccuracyTarget())

    def _make_fields(self, own_datasets: Offers) -> None:
        self.metrics = combo("Metric", widest=FIELD_WIDTH)
        self.metrics.addItems([one.title for one in _METRICS])
        self.metric_note = note()
        self.metrics.currentIndexChanged.connect(self._on_metric_chosen)
        self.drop = decimal("Maximum drop", 1.0, 0.005, digits=3, widest=FIELD_WIDTH)
        self.evaluated_on = PathField(
            "Evaluation images",
            "Held-out calibration images",
            files=DATASET_FILES,
            offers=own_datasets,
        )
        self.evaluated_on.changed.connect(self.changed)
        self.evaluated_note = note(
            "Not used for calibration. COCO AP and VOC mAP need annotated images."
        )
        self.images = _at_most(100_000, "images")
        self.minutes = _at_most(24 * 60, "minutes")
        self.attempts = _at_most(10_000, "attempts")
        self.choosing = combo("Layer selection", widest=FIELD_WIDTH)
        self.choosing.addItems([one.title for one in _CHOOSING])
        self.choosing_note = note()
        self.choosing.currentIndexChanged.connect(self._on_choosing_chosen)

    @property
    def dataset(self) -> Path | None:
        """The images to evaluate on; None for held-out ones."""
        return self.evaluated_on.path

    @property
    def problem(self) -> str:
        """Why it cannot be started like this; empty where it can."""
        if self.dataset is not None and not may_be_dataset(self.dataset):
            return "There is no such folder of evaluation images."
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
        metric: Metric = get_args(Metric)[self.metrics.currentIndex()]
        return metric

    @property
    def _choosing(self) -> Choosing:
        choosing: Choosing = get_args(Choosing)[self.choosing.currentIndex()]
        return choosing

    def _on_choosing_chosen(self) -> None:
        self.choosing_note.setText(_CHOOSING[self.choosing.currentIndex()].text)
        self.changed.emit()

    def _on_metric_chosen(self) -> None:
        self.metric_note.setText(_METRICS[self.metrics.currentIndex()].text)
        self.drop.setValue(USUAL_DROP[self._metric])
        self.changed.emit()


def _at_most(largest: int, what: str) -> QSpinBox:
    name = f"{what.capitalize()} at most"
    return spin(1, largest, name, f" {what} at most", widest=FIELD_WIDTH)


def _row(*widgets: QWidget) -> QHBoxLayout:
    return across(*widgets, 1, spacing=GAP)


def _column(*widgets: QWidget) -> QVBoxLayout:
    return down(*widgets, spacing=4)
