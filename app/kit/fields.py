"""Fields that forms are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QTabBar,
    QWidget,
)

from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import label

FIELD_WIDTH = 240  # pixels of a field that needs no more room
_NUMBER_WIDTH = 120
_LABEL_WIDTH = 110
_LETTER = 1  # pixels that a style leaves at each side of the text
_INDENT = 7  # pixels, so that numbers begin below the text of other fields


def _take_wheel(field: QWidget, event: QWheelEvent, take: Callable[[QWheelEvent], None]) -> None:
    """The wheel is the page's while a field has not the focus: passing over must not change it."""
    if field.hasFocus():
        take(event)
    else:
        event.ignore()


def _calm(field: QWidget) -> None:
    """As high as every field; the focus comes by a click or Tab, and not by the wheel."""
    field.setMinimumHeight(FIELD_HEIGHT)
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class Choice(QComboBox):
    """A list to choose from, which lets the wheel pass while it has not the focus."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        _calm(self)

    def showPopup(self) -> None:
        """With a list in which the longest name is whole, where the field is narrower."""
        view, screen = self.view(), self.screen().availableGeometry()
        longest = view.sizeHintForColumn(0) + view.verticalScrollBar().sizeHint().width()
        view.setMinimumWidth(min(longest, screen.width()))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """As Qt paints it, but a text that has no room ends in dots, where Qt cuts it off."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text: Any = option  # PySide's stubs do not know its fields
        text.currentText = self.shown_text(option)
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def shown_text(self, option: QStyleOptionComboBox) -> str:
        """What is seen of the text."""
        control, part = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(control, option, part, self).width() - 2 * _LETTER
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _take_wheel(self, event, super().wheelEvent)


class Whole(QSpinBox):
    """A whole number, likewise."""

    def __init__(self) -> None:
        super().__init__()
        _calm(self)
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _take_wheel(self, event, super().wheelEvent)


class Decimal(QDoubleSpinBox):
    """A number with digits behind the point, likewise."""

    def __init__(self) -> None:
        super().__init__()
        _calm(self)
        self.lineEdit().setTextMargins(_INDENT, 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _take_wheel(self, event, super().wheelEvent)


class Slider(QSlider):
    """A lying slider, likewise."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _take_wheel(self, event, super().wheelEvent)


class Titles(QTabBar):
    """The titles of tabs on a page that scrolls: a tab is chosen by a click or a key."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def combo(name: str, *, widest: int | None = None) -> QComboBox:
    """A list to choose from, as wide as its form lets it be, or `widest` pixels."""
    made = Choice(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(12)
    policy = QSizePolicy.Policy
    made.setSizePolicy(policy.Expanding if widest is None else policy.Preferred, policy.Fixed)
    if widest is not None:
        made.setMaximumWidth(widest)  # not expanding: the column around it would be as narrow
    return made


def spin(
    smallest: int, largest: int, name: str, suffix: str = "", *, widest: int = _NUMBER_WIDTH
) -> Whole:
    """A whole number."""
    made = Whole()
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
) -> Decimal:
    """A number from 0 on."""
    made = Decimal()
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


class Form(QFormLayout):
    """Names on the left, fields on the right, in two columns: a name beside its field's first line.

    Qt itself puts it a little above that of a tall field, by the height of the name alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(GAP)
        self.setVerticalSpacing(8)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    def add_field(self, name: str | QWidget, field: QWidget | QLayout, row: int = -1) -> None:
        """A row, the last one unless `row` is given; `name` is its label, or a box to tick."""
        made = label(name, wrap=False) if isinstance(name, str) else name
        self.insertRow(row, made, field)
        line = _first_line(field)
        if made.sizeHint().height() <= line:
            made.setFixedHeight(line)


def _first_line(field: QWidget | QLayout) -> int:
    """How high the first row of a field is, in pixels; a list has one as high as any field."""
    within = field if isinstance(field, QLayout) else field.layout()
    if within is not None and within.count():
        row = isinstance(within, QHBoxLayout)
        items = [within.itemAt(place) for place in range(within.count() if row else 1)]
        parts = [item.widget() or item.layout() for item in items if item is not None]
        return max((_first_line(part) for part in parts if part is not None), default=0)
    return min(max(field.sizeHint().height(), field.minimumSize().height()), FIELD_HEIGHT)


@contextmanager
def quietly(*fields: QWidget) -> Iterator[None]:
    """Change fields without their signals."""
    blocked = [field.blockSignals(True) for field in fields]
    try:
        yield
    finally:
        for field, before in zip(fields, blocked, strict=True):
            field.blockSignals(before)


_Number = TypeVar("_Number", Whole, Decimal)


def _number(made: _Number, name: str, widest: int) -> _Number:
    made.setAccessibleName(name)
    made.setMaximumWidth(widest)
    return made
