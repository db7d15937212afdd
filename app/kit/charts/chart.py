"""A plot that follows the palette, and lets the page scroll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPalette, QWheelEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

# Okabe and Ito 2008: told apart with any colour vision; symbols and words say it as well.
COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#9A8F00")


def colours_of(names: Sequence[str]) -> dict[str, QColor]:
    """A colour for each name, in their order."""
    unique = dict.fromkeys(names)
    return {name: QColor(COLOURS[place % len(COLOURS)]) for place, name in enumerate(unique)}


class _Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot that leaves the wheel to the page that it stands on."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Chart(QWidget):
    """Base of the page's charts; `draw` is called with a clean plot."""

    def __init__(self) -> None:
        super().__init__()
        self.plot: Any = _Plot()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.setMinimumHeight(150)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.addWidget(self.plot, 1)

    @property
    def ink(self) -> QColor:
        """The colour of text."""
        return self.palette().color(QPalette.ColorRole.WindowText)

    def redraw(self) -> None:
        """Draw anew, in the colours of now."""
        palette = self.palette()
        self.plot.setBackground(palette.color(QPalette.ColorRole.Base))
        self.plot.clear()
        for name in ("bottom", "left"):
            axis = self.plot.getAxis(name)
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(self.ink)
            axis.setTickFont(self.font())
        self.draw()

    def name_axes(self, bottom: str, left: str) -> None:
        """Write what the axes show beside them."""
        for side, text in (("bottom", bottom), ("left", left)):
            self.plot.getAxis(side).setLabel(text, color=self.ink.name())

    def draw(self) -> None:
        """Add the items."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "plot"):
            self.redraw()
