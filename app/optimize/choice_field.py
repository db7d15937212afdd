"""A field of a quantization plan that is chosen from a list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kit.boxes import down
from app.kit.fields import FIELD_WIDTH, combo, note
from core.wording.plan_choices import CHOICES, TITLES


class ChoiceField(QWidget):
    """A list of choices, and what the chosen one means."""

    changed = Signal()

    def __init__(self, field: str) -> None:
        """`field` is that of the plan."""
        super().__init__()
        self._choices = CHOICES[field]
        self.box = combo(TITLES[field], widest=FIELD_WIDTH)
        self.box.addItems([choice.title for choice in self._choices])
        self.text = note(self._choices[0].text)
        self.box.currentIndexChanged.connect(self._on_chosen)
        down(self.box, self.text, spacing=4, margins=(0, 0, 0, 4), on=self)

    @property
    def value(self) -> str:
        """The chosen value, as the plan has it."""
        return self._choices[self.box.currentIndex()].value

    def set_value(self, value: str) -> None:
        """Choose this value."""
        places = [place for place, one in enumerate(self._choices) if one.value == value]
        self.box.setCurrentIndex(places[0] if places else 0)

    def _on_chosen(self, place: int) -> None:
        self.text.setText(self._choices[place].text)
        self.changed.emit()
