"""Sliders for the thresholds, and the limits of the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as replace_knob
from typing import Any

from msgspec.structs import asdict, replace
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.kit.fields import Decimal, Slider, Whole
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.widgets import button, heading, label
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds, VerdictLimits


@dataclass(frozen=True)
class _Knob:
    """A threshold: its field, its name, its lowest and highest value, and what it means."""

    field: str
    name: str
    lowest: float
    highest: float
    meaning: str
    whole: bool = False


SCORE = _Knob(
    "score", "Score threshold", 0.0, 1.0, "Detections of both models below it are left out."
)
OPTIMIZED_SCORE = _Knob(
    "optimized_score",
    "Optimized model's score",
    0.0,
    1.0,
    "The optimized model's own score threshold, such as its operating point; equal: one for both.",
)
KNOBS = (
    SCORE,
    OPTIMIZED_SCORE,
    _Knob("iou", "IoU threshold", 0.0, 1.0, "Minimum IoU for two boxes of one class to match."),
    _Knob("shifted_iou", "Shifted below IoU", 0.0, 1.0, "A match with a lower IoU has shifted."),
    _Knob(
        "score_drift",
        "Score drift above",
        0.0,
        1.0,
        "A match whose scores differ by more.",
    ),
    _Knob(
        "per_class_limit",
        "Detections per class",
        1,
        100,
        "Maximum per image and class.",
        True,
    ),
)
POINT_KNOBS = (
    replace_knob(
        SCORE, name="Parent's score threshold", meaning="The score from which the parent is used."
    ),
    KNOBS[2],
    KNOBS[3],
    KNOBS[5],
)
ANNOTATION_KNOBS = (SCORE, KNOBS[2], KNOBS[5])
_LIMITS = (
    ("safe_kept", "Safe: accuracy kept from"),
    ("not_safe_kept", "Not safe: kept below"),
    ("most_changed", "Safe: at most changed"),
)
_LIMIT_DIGITS = 3  # Preferences has tenths of a percent


class ThresholdsPanel(QWidget):
    """All thresholds; `thresholds_changed` follows every move."""

    thresholds_changed = Sends[Thresholds]()

    def __init__(self, knobs: tuple[_Knob, ...] = KNOBS, *, limits: bool = True) -> None:
        super().__init__()
        self._thresholds = Thresholds()
        self._original = Thresholds()
        self._knobs = {knob.field: KnobRow(knob) for knob in knobs}
        self._limits: dict[str, QDoubleSpinBox] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(heading("Thresholds", 1))
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for row, knob in enumerate(self._knobs.values()):
            knob.add_to(grid, 2 * row)
            knob.spin.valueChanged.connect(self._on_changed)
        box.addLayout(grid)
        if limits:
            box.addSpacing(4)
            box.addWidget(heading("Verdict limits", 1))
            box.addLayout(self._limit_fields())
        self.reset = button("Reset to the report's thresholds")
        self.reset.clicked.connect(self._on_reset)
        box.addWidget(self.reset)
        self.show_thresholds(self._thresholds, self._original)

    def knob(self, field: str) -> KnobRow:
        """The field and slider of a threshold."""
        return self._knobs[field]

    def limit(self, name: str) -> QDoubleSpinBox:
        """The field of a limit of the verdict."""
        return self._limits[name]

    def show_thresholds(self, thresholds: Thresholds, original: Thresholds) -> None:
        """Put the knobs there, without a signal; `original` is what *Back* goes to."""
        self._thresholds, self._original = thresholds, original
        values = {**asdict(thresholds), OPTIMIZED_SCORE.field: thresholds.scores[1].score}
        for field, row in self._knobs.items():
            row.show_value(values[field])
        for name, spin in self._limits.items():
            _set_quietly(spin, getattr(thresholds.limits, name))
        self.reset.setEnabled(thresholds != original)

    def _limit_fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, (name, words) in enumerate(_LIMITS):
            spin = Decimal()
            spin.setDecimals(_LIMIT_DIGITS)
            spin.setRange(0, 1)
            spin.setSingleStep(0.01)
            spin.setAccessibleName(words)
            spin.valueChanged.connect(self._on_changed)
            self._limits[name] = spin
            grid.addWidget(label(words, wrap=False), row, 0)
            grid.addWidget(spin, row, 1)
        return grid

    def _on_changed(self) -> None:
        changes: dict[str, Any] = {field: row.spin.value() for field, row in self._knobs.items()}
        if self._limits:
            changes["limits"] = self._verdict_limits()
        if OPTIMIZED_SCORE.field in changes:
            own = changes.pop(OPTIMIZED_SCORE.field)
            changes["optimized_scores"] = self._optimized(own, changes["score"])
        self._publish(replace(self._thresholds, **changes))

    def _verdict_limits(self) -> VerdictLimits:
        """As the fields say; the one that is not moved gives way: safe stays above not safe."""
        before = self._thresholds.limits
        if all(self._limit(name, before) == getattr(before, name) for name in self._limits):
            return before
        safe, not_safe = self._limits["safe_kept"], self._limits["not_safe_kept"]
        if not_safe.value() >= safe.value():
            step = safe.singleStep()
            if safe.value() == round(before.safe_kept, safe.decimals()):
                _set_quietly(safe, not_safe.value() + step)
            if not_safe.value() >= safe.value():
                _set_quietly(safe, max(safe.value(), step))
                _set_quietly(not_safe, safe.value() - step)
        return VerdictLimits(**{name: self._limit(name, before) for name in self._limits})

    def _limit(self, name: str, before: VerdictLimits) -> float:
        """One that is not moved keeps all its decimals."""
        field, value = self._limits[name], float(getattr(before, name))
        return value if field.value() == round(value, field.decimals()) else field.value()

    def _optimized(self, own: float, score: float) -> ScoreThresholds | None:
        """The optimized model's thresholds; those that are not moved keep all their decimals."""
        before = self._thresholds.scores[1].score
        if own == round(before, 2):
            return self._thresholds.optimized_scores
        return None if own == score else ScoreThresholds(score=own)

    def _on_reset(self) -> None:
        self.show_thresholds(self._original, self._original)
        self.thresholds_changed.emit(self._original)

    def _publish(self, thresholds: Thresholds) -> None:
        if thresholds != self._thresholds:
            self._thresholds = thresholds
            if thresholds.optimized_scores is None and OPTIMIZED_SCORE.field in self._knobs:
                self._knobs[OPTIMIZED_SCORE.field].show_value(thresholds.score)
            self.reset.setEnabled(thresholds != self._original)
            self.thresholds_changed.emit(thresholds)


class KnobRow:
    """A name, a field and a slider that move together."""

    def __init__(self, knob: _Knob) -> None:
        self.label = label(knob.name, wrap=False)
        self.spin: QDoubleSpinBox | QSpinBox
        if knob.whole:
            self.spin = Whole()
            self.spin.setRange(int(knob.lowest), int(knob.highest))
            self._scale = 1
        else:
            self.spin = Decimal()
            self.spin.setRange(knob.lowest, knob.highest)
            self.spin.setSingleStep(0.05)
            self._scale = 100
        self.slider = Slider()
        self.slider.setRange(round(knob.lowest * self._scale), round(knob.highest * self._scale))
        for part in (self.label, self.spin, self.slider):
            part.setToolTip(tooltip(knob.meaning))
            part.setAccessibleName(f"{knob.name}: {knob.meaning}")
        self.slider.valueChanged.connect(self._on_slider)
        self.spin.valueChanged.connect(self._on_spin)

    def add_to(self, grid: QGridLayout, row: int) -> None:
        grid.addWidget(self.label, row, 0)
        grid.addWidget(self.spin, row, 1)
        grid.addWidget(self.slider, row + 1, 0, 1, 2)

    def show_value(self, value: float) -> None:
        _set_quietly(self.spin, value)
        self._on_spin(value)

    def _on_slider(self, value: int) -> None:
        if round(self.spin.value() * self._scale) != value:
            _set(self.spin, value / self._scale)

    def _on_spin(self, value: float) -> None:
        blocked = self.slider.blockSignals(True)
        self.slider.setValue(round(value * self._scale))
        self.slider.blockSignals(blocked)


def _set_quietly(spin: QDoubleSpinBox | QSpinBox, value: float) -> None:
    blocked = spin.blockSignals(True)
    _set(spin, value)
    spin.blockSignals(blocked)


def _set(spin: QDoubleSpinBox | QSpinBox, value: float) -> None:
    if isinstance(spin, QSpinBox):
        spin.setValue(round(value))
    else:
        spin.setValue(value)
