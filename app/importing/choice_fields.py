"""A choice of a decoder as a field of a form."""

from __future__ import annotations

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from app.kit.fields import combo, decimal, quietly, spin
from core.models.choices import Choice
from core.models.detector import Option

_WORDS = {"input": "pixels of the input", "unit": "0..1"}


def field_for(choice: Choice) -> QWidget:
    """A field for a choice of a decoder; its property ``key`` is the choice's."""
    made: QWidget
    if choice.values:
        made = offered = combo(choice.title)
        for value in choice.values:
            offered.addItem(_WORDS.get(value, value), value)
    elif isinstance(choice.default, bool):
        made = QCheckBox(choice.title)
    elif isinstance(choice.default, int):
        made = spin(int(choice.smallest), int(choice.largest), choice.title)
    else:
        made = decimal(choice.title, choice.largest)
    made.setProperty("key", choice.key)
    return made


def changed_signal(field: QWidget) -> SignalInstance:
    """What a field of `field_for` emits when the user overrides it."""
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
