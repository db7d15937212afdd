"""What to benchmark, and how: models, device, mode, precision, time, input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from app.kit.choice_menu import ChoiceMenu, More
from app.kit.fields import combo, quietly, spin
from app.kit.text import counted, displayable, time_text, tooltip
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import label
from app.performance.speed_presenter import BenchmarkRequest, SpeedView
from app.workers.machinery import USUAL_DEVICES
from core.benchmark.settings import (
    MOST_THREADS,
    BenchmarkSettings,
    ModeHint,
    RunMode,
    Start,
    and_to_boxes,
    grid,
    hinted,
)
from core.inference.settings import PrecisionHint

MODES = (
    ("hints", "Throughput and latency", "OpenVINO's two performance hints, one after the other"),
    ("throughput", "Throughput", "OpenVINO's hint for throughput: many inferences in flight"),
    ("latency", "Latency", "OpenVINO's hint for latency: one inference at a time"),
    ("grid", "Streams x batch", "Every combination of streams and batch size"),
)
PRECISIONS: tuple[tuple[PrecisionHint, str], ...] = (
    ("f32", "true f32"),
    ("default", "default (OpenVINO chooses)"),
    ("bf16", "bf16"),
    ("f16", "f16"),
)
MODELS_MEANING = "They take turns in short rounds"
PRECISIONS_MEANING = "Each model is measured at each of them"
WAYS: tuple[tuple[Start, str], ...] = (
    ("input", "Network alone"),
    ("file", "Also from image file to boxes"),
    ("memory", "Also from image in memory to boxes"),
)
_MOST = 64  # streams or images in a batch: more are a slip of the finger
_WIDE = 16777215  # pixels: as wide as the form lets it be
_SECONDS_A_RUN = 3  # of those that are to be measured, unless the user says otherwise
_USUAL = frozenset({"f32", "default"})


class BenchmarkForm(QWidget):
    """The fields; `request` is what they say."""

    changed = Signal()

    def __init__(self, projects: More = dict) -> None:
        """`projects` are all that may take turns, with their titles."""
        super().__init__()
        self._projects = projects
        self._offered: object = None
        self._device = ""  # that is preferred, until another one is chosen
        self._usual = 0
        self.models = ChoiceMenu("Models, measured in turns", _models, MODELS_MEANING)
        self.device, self.mode, self.unit, self.input, self.way = (
            combo(name) for name in ("Device", "Mode", "Unit", "Input", "Measured")
        )
        self.show_devices(USUAL_DEVICES)
        self._offer_choices()
        self.precisions = ChoiceMenu("Precisions", _precisions, PRECISIONS_MEANING)
        self.precisions.offer([(value, name, value in _USUAL) for value, name in PRECISIONS])
        self.streams, self.batches = QLineEdit("1, 2"), QLineEdit("1")
        self.requests = spin(0, _MOST, "In flight", widest=_WIDE)
        self.requests.setSpecialValueText("OpenVINO's choice")
        self.threads = spin(0, MOST_THREADS, "Threads", widest=_WIDE)
        self.threads.setSpecialValueText("OpenVINO's choice")
        self.amount = spin(1, 1_000_000, "Time", widest=_WIDE)
        self.estimate = label(quiet=True)
        self._lay_out()
        self._on_unit_changed()
        self.unit.currentIndexChanged.connect(self._on_unit_changed)
        for choice in (self.mode, self.device, self.input, self.way):
            choice.currentIndexChanged.connect(self._on_changed)
        for menu in (self.models, self.precisions):
            menu.changed.connect(self._on_changed)
        for line in (self.streams, self.batches):
            line.textChanged.connect(self._on_changed)
        for number in (self.amount, self.requests, self.threads):
            number.valueChanged.connect(self._on_changed)
        self.device.activated.connect(self._on_device_chosen)
        self._on_changed()

    def show_view(self, view: SpeedView) -> None:
        """Offer the models of this workspace; a new project is measured with its parent."""
        own, parent = view.project.project, view.project.parent
        offered = [(parent.id, parent.name, True)] if parent and parent.state == "ready" else []
        offered += [(own.id, view.project.title, True)] if own.state == "ready" else []
        if (own.id, offered) == self._offered:
            return
        self._offered = own.id, offered
        self.models.offer(offered, fixed=own.id, more=self._projects)
        self._on_changed()

    def show_devices(self, devices: Sequence[tuple[str, str]]) -> None:
        """Offer these devices; the chosen one stays."""
        before = self._device or self.device.currentData()
        with quietly(self.device):
            self.device.clear()
            for device, name in devices:
                self.device.addItem(displayable(f"{device} ({name})"), device)
            self.device.setCurrentIndex(max(0, self.device.findData(before)))

    def show_preferred(self, device: str, threads: int) -> None:
        """Start from this device, as soon as it is known, and from so many threads (0: any)."""
        self._device = device
        known = self.device.findData(device)
        if known >= 0:
            self.device.setCurrentIndex(known)
        self.threads.setValue(threads)

    @property
    def request(self) -> BenchmarkRequest | None:
        """What the fields say; None while a list of numbers is none."""
        modes = self._modes()
        if modes is None:
            return None
        in_seconds = self.unit.currentIndex() == 0
        hints: tuple[Any, ...] = self.precisions.chosen
        projects: tuple[Any, ...] = self.models.chosen
        settings = BenchmarkSettings(
            precision_hints=hints,
            modes=modes,
            seconds=float(self.amount.value()) if in_seconds else BenchmarkSettings().seconds,
            iterations=None if in_seconds else self.amount.value(),
            device=self.device.currentData(),
            threads=self.threads.value() or None,
            input="dataset" if self._to_boxes else self.input.currentData(),
        )
        return BenchmarkRequest(projects, settings)

    @property
    def summary(self) -> str:
        """The same in a line; empty while a list of numbers is none."""
        request = self.request
        if request is None:
            return ""
        settings = request.settings
        amount = f"{settings.seconds:.0f} s"
        if settings.iterations is not None:
            amount = f"{settings.iterations} inferences"
        models, precisions = self.models.text().strip(), self.precisions.text().strip()
        mode = self.mode.currentText().lower()
        boxes = ", also to boxes" if self._to_boxes else ""
        return f"{models}, {mode}{boxes}, {precisions}, {settings.device}, {amount}"

    @property
    def _to_boxes(self) -> bool:
        return bool(self.way.currentData() != "input")

    def _modes(self) -> tuple[RunMode, ...] | None:
        alone = self._modes_alone()
        if alone is None or (self._to_boxes and not any(mode.batch == 1 for mode in alone)):
            return None
        return and_to_boxes(alone, self.way.currentData())

    def _modes_alone(self) -> tuple[RunMode, ...] | None:
        mode = self.mode.currentData()
        batches = numbers(self.batches.text())
        requests = self.requests.value() or None
        if batches is None:
            return None
        if mode == "grid":
            streams = numbers(self.streams.text())
            return None if streams is None else grid(streams, batches, requests)
        hints: tuple[ModeHint, ...] = ("throughput", "latency") if mode == "hints" else (mode,)
        return hinted(hints, batches, requests)

    def _offer_choices(self) -> None:
        for value, name, meaning in MODES:
            self.mode.addItem(name, value)
            self.mode.setItemData(self.mode.count() - 1, tooltip(meaning), 3)  # Qt.ToolTipRole
        self.unit.addItems(["seconds in all, at most", "inferences of each run"])
        self.input.addItem("Random pixels", "random")
        self.input.addItem("Images of the dataset", "dataset")
        for start, name in WAYS:
            self.way.addItem(name, start)

    def _lay_out(self) -> None:
        fields: tuple[tuple[str, QWidget, str], ...] = (
            ("Models", self.models, MODELS_MEANING),
            ("Device", self.device, "As listed by OpenVINO"),
            ("Mode", self.mode, "A performance hint to OpenVINO, or streams and batch"),
            ("Precision", self.precisions, PRECISIONS_MEANING),
            ("Streams", self.streams, "Numbers, such as 1, 2, 4"),
            ("Batch", self.batches, "Images of one inference: numbers, such as 1, 2, 4"),
            ("In flight", self.requests, "Infer requests in flight"),
            ("Input", self.input, "What the models are run on"),
            ("Time", self.amount, "Ends earlier once all intervals are narrow"),
            ("", self.unit, ""),
            ("Threads", self.threads, "That one model computes with"),
            ("Measured", self.way, "The network, or also the whole way from an image to boxes"),
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
        layout.addWidget(self.estimate, (len(fields) + 1) // 2, 0, 1, 4)

    def _on_device_chosen(self) -> None:
        self._device = ""

    def _on_unit_changed(self) -> None:
        seconds = self.unit.currentIndex() == 0
        self.amount.setRange(2 if seconds else 10, 3600 if seconds else 1_000_000)
        self._usual = 20 if seconds else 500
        self.amount.setValue(self._usual)

    def _set_usual(self, request: BenchmarkRequest) -> None:
        """Time for every run: a grid has many."""
        if request.settings.iterations is None:
            runs = request.settings.runs_of(len(request.projects))
            self._usual = max(20, _SECONDS_A_RUN * runs)
            with quietly(self.amount):
                self.amount.setValue(self._usual)

    def _on_changed(self) -> None:
        self.streams.setEnabled(self.mode.currentData() == "grid")
        self.input.setEnabled(not self._to_boxes)
        if self._to_boxes:  # images are what it starts with
            with quietly(self.input):
                self.input.setCurrentIndex(self.input.findData("dataset"))
        request = self.request
        if request is not None and self.amount.value() == self._usual:  # the user left it alone
            self._set_usual(request)
            request = self.request
        if request is None:
            self.estimate.setText(
                f"Streams and batch are numbers from 1 to {_MOST}, separated by commas; from an "
                "image to boxes needs a batch of 1."
            )
        else:
            self.estimate.setText(_estimated(request))
        self.changed.emit()


def numbers(text: str) -> tuple[int, ...] | None:
    """``1, 2, 4`` as numbers, each once; None where it is something else."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and 1 <= int(part) <= _MOST for part in parts):
        return None
    return tuple(dict.fromkeys(int(part) for part in parts))


def _estimated(request: BenchmarkRequest) -> str:
    settings, models = request.settings, len(request.projects)
    runs = f"{counted(settings.runs_of(models), 'run', 'runs')}, each in a process of its own."
    if settings.iterations is not None:
        return f"{runs} {settings.iterations} inferences each."
    return f"{runs} Takes at most about {time_text(settings.estimated_seconds(models))}."


def _models(titles: Sequence[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{len(titles)} models in turns"


def _precisions(titles: Sequence[str]) -> str:
    return ", ".join(title.split(" (")[0] for title in titles)
