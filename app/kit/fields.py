"""Fields that forms are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
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

FIELD_WIDTH = 240  # pixels of a field that needs no more room
_NUMBER_WIDTH = 120
_LABEL_WIDTH = 110


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


def combo(name: str, *, widest: int | None = None) -> QComboBox:
    """A list to choose from, as wide as its form lets it be, or `widest` pixels."""
    made = QComboBox()
    made.setAccessibleName(name)
    made.setMinimumHeight(FIELD_HEIGHT)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    policy = QSizePolicy.Policy
    made.setSizePolicy(policy.Expanding if widest is None else policy.Preferred, policy.Fixed)
    if widest is not None:
        made.setMaximumWidth(widest)  # not expanding: the column around it would be as narrow
    calm(made)
    return made


def spin(
    smallest: int, largest: int, name: str, suffix: str = "", *, widest: int = _NUMBER_WIDTH
) -> QSpinBox:
    """A whole number."""
    made = QSpinBox()
    made.setRange(smallest, largest)
    made.setSuffix(suffix)
    return _number(made, name, widest)


def decimal(
    name: str,
    largest: float = 1.0,
    step: float = 0.05,
    *,
    digits: int = 2,
    suffix: str = "",
    widest: int = _NUMBER_WIDTH,
) -> QDoubleSpinBox:
    """A number from 0 on."""
    made = QDoubleSpinBox()
    made.setDecimals(digits)
    made.setRange(0.0, largest)
    made.setSingleStep(step)
    made.setSuffix(suffix)
    return _number(made, name, widest)


def search_field(name: str, hint: str) -> QLineEdit:
    """A text to search for, and a button to clear it; `hint` is seen while it is empty."""
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setPlaceholderText(hint)
    made.setClearButtonEnabled(True)
    return made


def numbers(name: str) -> QLineEdit:
    """One number for all channels, or three."""
    made = QLineEdit()
    made.setAccessibleName(name)
    made.setToolTip("One number for all channels, or three")
    return made


def numbers_in(text: str) -> tuple[float, float, float] | None:
    """The numbers in a field of `numbers`; None where they are not one or three."""
    try:
        found = [float(part) for part in re.split(r"[,;\s]+", text.strip())]
    except ValueError:
        return None
    found = found * 3 if len(found) == 1 else found
    return (found[0], found[1], found[2]) if len(found) == 3 else None


def numbers_text(values: tuple[float, float, float]) -> str:
    """What a field of `numbers` shows."""
    return ", ".join(f"{value:g}" for value in (values[:1] if len(set(values)) == 1 else values))


def row_label(text: str) -> QLabel:
    """The name of a field, as wide as that of any other, so that fields stand in one column."""
    made = label(text)
    made.setFixedWidth(_LABEL_WIDTH)
    return made


def note(text: str = "") -> QLabel:
    """A quiet sentence below a field."""
    return label(text, quiet=True)


def form() -> QFormLayout:
    """Names on the left, fields on the right, in two columns."""
    made = QFormLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(GAP)
    made.setVerticalSpacing(8)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
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


_Number = TypeVar("_Number", QSpinBox, QDoubleSpinBox)


def _number(made: _Number, name: str, widest: int) -> _Number:
    made.setAccessibleName(name)
    made.setMinimumHeight(FIELD_HEIGHT)
    made.setMaximumWidth(widest)
    calm(made)
    return made
