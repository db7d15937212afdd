"""Fields that more than one part of the form of a plan has."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from app.kit.theme import FIELD_HEIGHT, GAP, MARGIN
from app.kit.widgets import label
from core.optimize.words import CHOICES, TITLES

FIELD_WIDTH = 240


class _WheelGuard(QObject):
    """Lets the wheel scroll the page, instead of changing a field that it happens to be over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def guard_wheel(field: QWidget) -> None:
    """Have the wheel change this field only once it has been clicked."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_WheelGuard(field))


class ChoiceField(QWidget):
    """A list of choices, and what the chosen one means."""

    changed = Signal()

    def __init__(self, field: str) -> None:
        """`field` is that of the plan."""
        super().__init__()
        self._choices = CHOICES[field]
        self.box = QComboBox()
        self.box.setAccessibleName(TITLES[field])
        self.box.setMinimumHeight(FIELD_HEIGHT)
        self.box.setMaximumWidth(FIELD_WIDTH)
        self.box.addItems([choice.title for choice in self._choices])
        guard_wheel(self.box)
        self.text = label(self._choices[0].text, quiet=True)
        self.box.currentIndexChanged.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.box)
        column.addWidget(self.text)

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


def form() -> QFormLayout:
    """A form with the spacing of all forms."""
    made = QFormLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(MARGIN)
    made.setVerticalSpacing(GAP)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return made


def number(name: str, low: int, high: int, suffix: str = "") -> QSpinBox:
    """A field for a whole number."""
    made = QSpinBox()
    made.setAccessibleName(name)
    made.setRange(low, high)
    made.setSuffix(suffix)
    made.setMaximumWidth(FIELD_WIDTH)
    made.setMinimumHeight(FIELD_HEIGHT)
    guard_wheel(made)
    return made


def note(text: str = "") -> QLabel:
    """A quiet sentence below a field."""
    return label(text, quiet=True)
