"""Fields that dialogs are made of; a choice of the engine becomes one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, Qt, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QWidget,
)

from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import label
from core.models.choices import Choice
from core.models.detector import Option
from core.models.facts import Triple

_LABEL_WIDTH = 110
_WORDS = {"input": "pixels of the input", "unit": "0..1"}


class _NoWheel(QObject):
    """Keeps the wheel for the page: passing over a field must not change it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wheel events of a field without the focus go to the page."""
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def calm(field: QWidget) -> None:
    """Let a field take the wheel only while it has the focus."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_NoWheel(field))


def combo(name: str) -> QComboBox:
    """A list to choose from, as wide as its form lets it be."""
    made = QComboBox()
    made.setAccessibleName(name)
    made.setMinimumHeight(FIELD_HEIGHT)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    calm(made)
    return made


def spin(smallest: int, largest: int, name: str) -> QSpinBox:
    """A whole number."""
    made = QSpinBox()
    made.setRange(smallest, largest)
    made.setAccessibleName(name)
    made.setMinimumHeight(FIELD_HEIGHT)
    made.setMaximumWidth(120)
    calm(made)
    return made


def share(name: str, largest: float = 1.0, step: float = 0.05) -> QDoubleSpinBox:
    """A number from 0 on."""
    made = QDoubleSpinBox()
    made.setDecimals(2)
    made.setRange(0.0, largest)
    made.setSingleStep(step)
    made.setAccessibleName(name)
    made.setMinimumHeight(FIELD_HEIGHT)
    made.setMaximumWidth(120)
    calm(made)
    return made


def numbers(name: str) -> QLineEdit:
    """One number for all channels, or three."""
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setToolTip("One number for all channels, or three")
    return made


def numbers_in(text: str) -> Triple | None:
    """The numbers in a field of `numbers`; None where they are not one or three."""
    try:
        found = [float(part) for part in re.split(r"[,;\s]+", text.strip())]
    except ValueError:
        return None
    found = found * 3 if len(found) == 1 else found
    return (found[0], found[1], found[2]) if len(found) == 3 else None


def numbers_text(values: Triple) -> str:
    """What a field of `numbers` shows."""
    return ", ".join(f"{value:g}" for value in (values[:1] if len(set(values)) == 1 else values))


def row_label(text: str) -> QLabel:
    """The name of a field, as wide as that of any other, so that fields stand in one column."""
    made = label(text)
    made.setFixedWidth(_LABEL_WIDTH)
    return made


def form() -> QFormLayout:
    """A form as the dialogs have them."""
    made = QFormLayout()
    made.setHorizontalSpacing(GAP)
    made.setVerticalSpacing(8)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return made


@contextmanager
def quietly(*fields: QWidget) -> Iterator[None]:
    """Change fields without their signals."""
    blocked = [field.blockSignals(True) for field in fields]
    try:
        yield
    finally:
        for field, before in zip(fields, blocked, strict=True):
            field.blockSignals(before)


def field_for(choice: Choice) -> QWidget:
    """A field for a choice of the engine; its property ``key`` is the choice's."""
    made: QWidget
    if choice.values:
        made = combo(choice.title)
        assert isinstance(made, QComboBox)
        for value in choice.values:
            made.addItem(_WORDS.get(value, value), value)
    elif isinstance(choice.default, bool):
        made = QCheckBox(choice.title)
    elif isinstance(choice.default, int):
        made = spin(int(choice.smallest), int(choice.largest), choice.title)
    else:
        made = share(choice.title, choice.largest)
    made.setProperty("key", choice.key)
    return made


def changed_signal(field: QWidget) -> SignalInstance:
    """What a field of `field_for` emits when the user changes it."""
    if isinstance(field, QCheckBox):
        return field.toggled
    if isinstance(field, QComboBox):
        return field.activated
    assert isinstance(field, QSpinBox | QDoubleSpinBox)
    return field.valueChanged


def value_of(field: QWidget) -> Option:
    """What a field of `field_for` says."""
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QComboBox):
        return str(field.currentData())
    assert isinstance(field, QSpinBox | QDoubleSpinBox)
    return field.value()


def show_value(field: QWidget, value: Option) -> None:
    """Put a value into a field of `field_for`, without a signal."""
    with quietly(field):
        if isinstance(field, QCheckBox):
            field.setChecked(bool(value))
        elif isinstance(field, QComboBox):
            field.setCurrentIndex(field.findData(value))
        elif isinstance(field, QSpinBox):
            field.setValue(int(value))
        elif isinstance(field, QDoubleSpinBox):
            field.setValue(float(value))
