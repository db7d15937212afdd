"""The order in which Tab goes: that of reading, whenever a part of a page was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)

_WHOLE = (QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar)


def next_as_read(root: QWidget, focused: QWidget | None, forward: bool) -> QWidget | None:
    """Where Tab goes from `focused`: down what is seen in `root`, and from the left to the right.

    None where it is not known. Qt goes by the order in which widgets were made.
    """
    stops = [one for one in _inside(root) if _is_stop(one)]
    if focused not in stops:
        return None
    return stops[(stops.index(focused) + (1 if forward else -1)) % len(stops)]


def _is_stop(widget: QWidget) -> bool:
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return takes and widget.isEnabled() and widget.focusProxy() is None


def _inside(widget: QWidget) -> Iterator[QWidget]:
    yield widget
    if isinstance(widget, _WHOLE):
        return
    parts = [
        one
        for one in widget.children()
        if isinstance(one, QWidget) and one.isVisible() and not one.isWindow()
    ]
    for part in _in_rows(parts):
        yield from _inside(part)


def _in_rows(parts: Sequence[QWidget]) -> Iterator[QWidget]:
    """Those that begin above the middle of the topmost one are in a row with it."""
    left = sorted(parts, key=lambda one: one.y())
    while left:
        middle = left[0].y() + left[0].height() / 2
        row = [one for one in left if one.y() <= middle]
        yield from sorted(row, key=lambda one: one.x())
        left = left[len(row) :]
