"""The line above each pane: our own words and numbers only."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics

from app.kit.text import as_markup, counted
from app.viewer.scene.scene import BoxStatus, Side, ViewedImage

NAMES = {Side.PARENT: "Parent", Side.OPTIMIZED: "Optimized", Side.TRUTH: "Ground truth"}

_GAP = 5  # pixels: about two spaces

_TOLD = {
    BoxStatus.MISSED: "only here",
    BoxStatus.EXTRA: "only here",
    BoxStatus.LOST: "lost",
    BoxStatus.GAINED: "gained",
    BoxStatus.FOUND_BY_NEITHER: "in neither",
}


def title_of(side: Side, image: ViewedImage | None, font: QFont, width: int) -> str:
    """Rich text: whose image it is, how many boxes there are, and what is special about them.

    It is shortened to `width` pixels.
    """
    bold = QFont(font)
    bold.setBold(True)
    name = image.name_of(side) if image else NAMES[side]
    room = width - QFontMetrics(bold).horizontalAdvance(name) - 2 * _GAP
    counts = _counts(side, image) if image else ""
    shown = QFontMetrics(font).elidedText(counts, Qt.TextElideMode.ElideRight, room)
    return f"<b>{as_markup(name)}</b>&nbsp;&nbsp;{as_markup(shown)}"


def plain_title_of(side: Side, image: ViewedImage) -> str:
    """The same as plain text."""
    return f"{image.name_of(side)}:  {_counts(side, image)}"


def _counts(side: Side, image: ViewedImage) -> str:
    overlay = image.overlay(side)
    unit = ("object", "objects") if side is Side.TRUTH else ("box", "boxes")
    counts = ((overlay.count(status), words) for status, words in _TOLD.items())
    parts = [f"{count} {words}" for count, words in counts if count]
    return ", ".join([counted(len(overlay), *unit), *parts])
