"""What to measure, and how: models, device, setting, precision, time, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from app.kit.choice_menu import ChoiceMenu
from app.kit.text import displayable, time_text, tooltip
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import label
from app.performance.speed_presenter import USUAL_DEVICES, SpeedView, SpeedWish
from core.benchmark.settings import BenchmarkSettings, ModeHint, RunMode, grid, hinted
from core.inference.compiling import PrecisionHint

HOW = (
    ("hints", "Throughput, and latency", "Twice, as OpenVINO advises for each"),
    ("throughput", "Throughput", "Many in flight, as OpenVINO advises"),
    ("latency", "Latency", "One at a time, as OpenVINO advises"),
    ("grid", "Streams x batch", "Every number of streams with every batch"),
)
PRECISIONS: tuple[tuple[PrecisionHint, str], ...] = (
    ("f32", "true f32"),
    ("default", "default (OpenVINO chooses)"),
    ("bf16", "bf16"),
    ("f16", "f16"),
)
_MOST = 64  # streams or pictures in a batch: more are a slip of the finger
_SECONDS_A_RUN = 3  # of those that are to be measured, unless the user says otherwise
_USUAL = frozenset({"f32", "default"})


class SpeedForm(QWidget):
    """The fields; `wish` is what they say."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._offered: object = None
        self._usual = 0
        self.models = ChoiceMenu("Models that take turns", _models_told)
        self.device = QComboBox()
        self.show_devices(USUAL_DEVICES)
        self.how = QComboBox()
        for value, name, meaning in HOW:
            self.how.addItem(name, value)
            self.how.setItemData(self.how.count() - 1, tooltip(meaning), 3)  # Qt.ToolTipRole
        self.precisions = ChoiceMenu("Precisions", _precisions_told)
        self.precisions.offer([(value, name, value in _USUAL) for value, name in PRECISIONS])
        self.streams, self.batches = QLineEdit("1, 2"), QLineEdit("1")
        self.requests = QSpinBox()
        self.requests.setRange(0, _MOST)
        self.requests.setSpecialValueText("as OpenVINO asks for")
        self.amount = QSpinBox()
        self.unit = QComboBox()
        self.unit.addItems(["seconds at most, in all", "inferences of each run"])
        self.input = QComboBox()
        self.input.addItem("Random pixels", "random")
        self.input.addItem("The dataset's pictures", "dataset")
        self.estimate = label(quiet=True)
        self._lay_out()
        self._on_unit_changed()
        self.unit.currentIndexChanged.connect(self._on_unit_changed)
        self.how.currentIndexChanged.connect(self._on_changed)
        for choice in (self.models, self.precisions):
            choice.changed.connect(self._on_changed)
        for line in (self.streams, self.batches):
            line.textChanged.connect(self._on_changed)
        self.amount.valueChanged.connect(self._on_changed)
        self._on_changed()

    def show_view(self, view: SpeedView) -> None:
        """Offer the models of this workspace; a new project is measured with its parent."""
        offered = (view.project.project.id, tuple((one.id, one.title) for one in view.projects))
        if offered == self._offered:
            return
        self._offered = offered
        own, parent = view.project.project.id, view.project.project.parent_id
        ordered = sorted(view.projects, key=lambda one: one.id not in (own, parent))
        self.models.offer([(one.id, one.title, one.id == parent) for one in ordered], fixed=own)
        self._on_changed()

    def show_devices(self, devices: Sequence[tuple[str, str]]) -> None:
        """Offer these devices; the chosen one stays."""
        before = self.device.currentData()
        self.device.clear()
        for device, name in devices:
            self.device.addItem(displayable(f"{device} ({name})"), device)
        self.device.setCurrentIndex(max(0, self.device.findData(before)))

    @property
    def wish(self) -> SpeedWish | None:
        """What the fields say; None while a list of numbers is none."""
        settings = self._settings()
        if settings is None:
            return None
        seconds = self.unit.currentIndex() == 0
        hints: tuple[Any, ...] = self.precisions.chosen
        others: tuple[Any, ...] = self.models.chosen
        plan = BenchmarkSettings(
            precision_hints=hints,
            modes=settings,
            seconds=float(self.amount.value()) if seconds else BenchmarkSettings().seconds,
            iterations=None if seconds else self.amount.value(),
            device=self.device.currentData(),
            input=self.input.currentData(),
        )
        return SpeedWish(others, plan)

    def _settings(self) -> tuple[RunMode, ...] | None:
        how = self.how.currentData()
        batches = numbers(self.batches.text())
        requests = self.requests.value() or None
        if batches is None:
            return None
        if how == "grid":
            streams = numbers(self.streams.text())
            return None if streams is None else grid(streams, batches, requests)
        hints: tuple[ModeHint, ...] = ("throughput", "latency") if how == "hints" else (how,)
        return hinted(hints, batches, requests)

    def _lay_out(self) -> None:
        fields: tuple[tuple[str, QWidget, str], ...] = (
            ("Models", self.models, "They take turns in short rounds"),
            ("Device", self.device, "As OpenVINO lists them"),
            ("Aim", self.how, "What OpenVINO is told to aim at"),
            ("Precision", self.precisions, "Each model is measured at each of them"),
            ("Streams", self.streams, "Numbers, such as 1, 2, 4"),
            ("Batch", self.batches, "Pictures of one inference: numbers, such as 1, 2, 4"),
            ("In flight", self.requests, "Inferences that are started at a time"),
            ("Input", self.input, "What the models are run on"),
            ("Time", self.amount, "Ends earlier where the ratios are sure"),
            ("", self.unit, ""),
        )
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(GAP)
        layout.setVerticalSpacing(6)
        for number, (name, field, meaning) in enumerate(fields):
            field.setMinimumHeight(FIELD_HEIGHT)
            field.setToolTip(tooltip(meaning))
            field.setAccessibleName(name or "Unit")
            policy = QSizePolicy.Policy
            field.setSizePolicy(policy.Expanding, policy.Fixed)
            title = label(name, quiet=True, wrap=False)
            layout.addWidget(title, number // 2, 2 * (number % 2))
            layout.addWidget(field, number // 2, 2 * (number % 2) + 1)
        layout.setColumnStretch(1, 1)
        layout.setColumnStretch(3, 1)
        layout.addWidget(self.estimate, len(fields) // 2, 0, 1, 4)

    def _on_unit_changed(self) -> None:
        seconds = self.unit.currentIndex() == 0
        self.amount.setRange(2 if seconds else 10, 3600 if seconds else 1_000_000)
        self._usual = 20 if seconds else 500
        self.amount.setValue(self._usual)

    def _set_usual(self, wish: SpeedWish) -> None:
        """Time for every run: a grid has many."""
        if wish.settings.iterations is None:
            runs = wish.settings.runs_of(len(wish.others))
            self._usual = max(20, _SECONDS_A_RUN * runs)
            self.amount.blockSignals(True)
            self.amount.setValue(self._usual)
            self.amount.blockSignals(False)

    def _on_changed(self) -> None:
        self.streams.setEnabled(self.how.currentData() == "grid")
        wish = self.wish
        if wish is not None and self.amount.value() == self._usual:  # the user left it alone
            self._set_usual(wish)
            wish = self.wish
        if wish is None:
            self.estimate.setText(
                f"Streams and batch are numbers from 1 to {_MOST}, with commas between them."
            )
        else:
            self.estimate.setText(_estimated(wish))
        self.changed.emit()


def numbers(text: str) -> tuple[int, ...] | None:
    """``1, 2, 4`` as numbers, each once; None where it is something else."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and 1 <= int(part) <= _MOST for part in parts):
        return None
    return tuple(dict.fromkeys(int(part) for part in parts))


def _estimated(wish: SpeedWish) -> str:
    plan = wish.settings
    runs = plan.runs_of(len(wish.others))
    told = f"{runs} run{'' if runs == 1 else 's'}, each in a process of its own. "
    if plan.iterations is not None:
        return told + f"{plan.iterations} inferences each; how long that takes shows as it runs."
    return told + f"Takes about {time_text(plan.estimated_seconds(len(wish.others)))} at most."


def _models_told(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{len(titles)} models in turns"


def _precisions_told(titles: Sequence[str]) -> str:
    return ", ".join(title.split(" (")[0] for title in titles)
