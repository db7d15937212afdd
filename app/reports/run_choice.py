"""One choice of how a model is to run: as it will, in true f32, exactly, or on another device."""

from __future__ import annotations

from typing import Any, cast, get_args

from PySide6.QtCore import Signal

from app.kit.fields import Choice, quietly
from app.kit.text import displayable
from app.workers.machinery import USUAL_DEVICES, Devices
from core.inference.settings import (
    DEFAULT_DEVICE,
    TRUE_F32,
    InferenceSettings,
    PrecisionHint,
)
from core.inference.words import HINTS
from core.models.plan import Target
from core.targets.titles import TARGETS

_EXACT = InferenceSettings(precision_hint="f32", int8="exact")
SATURATING = InferenceSettings(precision_hint="f32", int8="saturating")
PRECISION_HINTS: tuple[PrecisionHint, ...] = get_args(PrecisionHint)


class WaysToRun(Choice):
    """Base of a choice of devices and precisions; `_offered` says what there is, in words."""

    opened = Signal()  # its list is about to be looked at

    def __init__(self, name: str, chosen: object = None) -> None:
        """The first choice is taken unless another one is `chosen`."""
        super().__init__(name)
        self._first = chosen
        self._own = DEFAULT_DEVICE
        self._devices = USUAL_DEVICES
        self._offer()

    def showPopup(self) -> None:
        """Say so first: other devices are asked for then."""
        self.opened.emit()
        super().showPopup()

    def show_device(self, device: str) -> None:
        """The project's device: on it the model will run."""
        if device != self._own:
            self._own = device
            self._offer()

    def show_devices(self, devices: Devices) -> None:
        """Offer these devices; what is chosen stays."""
        self._devices = devices
        self._offer()

    def _offered(self) -> dict[Any, str]:
        raise NotImplementedError

    def _offer(self) -> None:
        before = self.currentData() if self.count() else self._first
        with quietly(self):
            self.clear()
            for value, words in self._offered().items():
                self.addItem(displayable(words), value)
            places = [self.itemData(place) for place in range(self.count())]
            self.setCurrentIndex(places.index(before) if before in places else 0)


class RunChoice(WaysToRun):
    """`settings` is what is chosen."""

    _target: Target = "this_machine"

    @property
    def settings(self) -> InferenceSettings | None:
        """What is chosen; None for as the target computes."""
        return cast("InferenceSettings | None", self.currentData())

    def show_target(self, target: Target) -> None:
        """Where the project's model is to run: as there it is run, unless the user chooses."""
        self._target = target
        self._offer()
        self.setCurrentIndex(0)

    def _offered(self) -> dict[Any, str]:
        offered: dict[Any, str] = {}
        if self._target != "this_machine":
            title = TARGETS[self._target]
            offered[None] = f"As the target computes, as far as it can be here: {title}"
        offered |= {
            InferenceSettings(device=self._own): f"As it will run: {self._own}, default precision",
            TRUE_F32: f"True f32: {DEFAULT_DEVICE}",
            _EXACT: f"Exact INT8, as with VNNI: {DEFAULT_DEVICE}, slow",
            SATURATING: f"INT8 sums that saturate, as without VNNI: {DEFAULT_DEVICE}",
        }
        for device, title in self._devices:
            for hint in PRECISION_HINTS:
                settings = InferenceSettings(device=device, precision_hint=hint)
                offered.setdefault(settings, f"{device} ({title}), {HINTS[hint]}")
        return offered
