"""The one set of choices that all parts of a viewer follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.viewer.scene.choices import Choices
from app.viewer.scene.colours import Colouring
from app.viewer.scene.scene import BoxStatus


class ChoiceState(QObject):
    """Holds what the user chose to see; `changed` carries the new `Choices`."""

    changed = Sends[Choices]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = Choices()

    @property
    def value(self) -> Choices:
        """The choices now."""
        return self._value

    def choose(self, **changes: Any) -> None:
        """Other values for fields of `Choices`."""
        self._set(replace(self._value, **changes))

    def show_everything(self) -> None:
        """No class and no status is left out any more."""
        self.choose(hidden_statuses=frozenset(), hidden_classes=frozenset(), only_differences=False)

    def toggle_class(self, class_id: int) -> None:
        """A class is left out, or shown again."""
        self._set(self._value.with_class_toggled(class_id))

    def toggle_status(self, status: BoxStatus) -> None:
        """A status is left out, or shown again."""
        self._set(self._value.with_status_toggled(status))

    def toggle_differences(self) -> None:
        """Only what differs, or everything."""
        self.choose(only_differences=not self._value.only_differences)

    def toggle_colouring(self) -> None:
        """Colours by class, or by status."""
        by_class = self._value.colouring is Colouring.CLASS
        self.choose(colouring=Colouring.STATUS if by_class else Colouring.CLASS)

    def toggle_truth(self) -> None:
        """The pane of the ground truth is seen, or not."""
        self.choose(truth=not self._value.truth)

    def _set(self, value: Choices) -> None:
        self._value = value
        self.changed.emit(value)
