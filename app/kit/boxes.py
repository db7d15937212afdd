"""Widgets beside and below each other: what is in a row, a column or a divided area, in one go."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QSplitter, QVBoxLayout, QWidget

Content = QWidget | QLayout
Part = Content | int | tuple[Content, int] | tuple[QWidget, int, Qt.AlignmentFlag]
"""A widget or layout, and its share of the room that is left; of a widget also where it lies in its
place. A number alone is empty room with that share.
"""
Margins = int | tuple[int, int, int, int]

Box = TypeVar("Box", bound=QBoxLayout)


def across(
    *parts: Part,
    spacing: int | None = None,
    margins: Margins | None = None,
    on: QWidget | None = None,
) -> QHBoxLayout:
    """The parts beside each other, as the layout of `on` if that is named.

    `spacing` and `margins` (all four, or left, top, right and bottom) are in pixels; the style's
    where they are not given.
    """
    return _filled(QHBoxLayout() if on is None else QHBoxLayout(on), parts, spacing, margins)


def down(
    *parts: Part,
    spacing: int | None = None,
    margins: Margins | None = None,
    on: QWidget | None = None,
) -> QVBoxLayout:
    """The parts below each other; otherwise as `across`."""
    return _filled(QVBoxLayout() if on is None else QVBoxLayout(on), parts, spacing, margins)


def divided(
    first: QWidget,
    second: QWidget,
    sizes: tuple[int, int],
    shares: tuple[int, int] = (0, 0),
    *,
    upright: bool = False,
    parent: QWidget | None = None,
) -> QSplitter:
    """Two widgets and a border that can be dragged; of `sizes` in pixels at first.

    `shares` are of the room that a larger window gives them. `upright`: below each other. With the
    `parent` that they have already, they keep their places in the order of Tab.
    """
    made = QSplitter(Qt.Orientation.Vertical if upright else Qt.Orientation.Horizontal, parent)
    made.setChildrenCollapsible(False)
    for place, (part, share) in enumerate(zip((first, second), shares, strict=True)):
        made.addWidget(part)
        made.setStretchFactor(place, share)
    made.setSizes(sizes)
    return made


def _filled(box: Box, parts: tuple[Part, ...], spacing: int | None, margins: Margins | None) -> Box:
    if margins is not None:
        box.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    if spacing is not None:
        box.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            box.addStretch(part)
            continue
        content, share, *place = part if isinstance(part, tuple) else (part, 0)
        if isinstance(content, QLayout):
            box.addLayout(content, share)
        elif isinstance(content, QWidget):
            box.addWidget(content, share, *place)
    return box


def discard(widget: QWidget) -> None:
    """Delete what a layout no longer holds; unseen at once, for a dialog that is open delays it."""
    widget.hide()
    widget.deleteLater()
