"""Figures in a grid: large, with their names below; a click on one leads to what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.kit.boxes import down
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.widgets import heading, label


@dataclass(frozen=True)
class Figure:
    """One figure; `key` is empty where a click leads nowhere."""

    name: str
    value: str
    meaning: str = ""
    key: str = ""


class FigureGrid(QWidget):
    """Rows of figures."""

    figure_clicked = Sends[str]()  # its key

    def __init__(self, columns: int) -> None:
        super().__init__()
        self._columns = columns
        self._tiles: list[_Tile] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show these, from left to right."""
        self._make(len(figures))
        for place, tile in enumerate(self._tiles):
            tile.setVisible(place < len(figures))
            if place < len(figures):
                tile.show_figure(figures[place])
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 1)

    def make_ready(self, count: int) -> None:
        """Make room for so many before they are shown, which takes longer than showing them."""
        for tile in self._make(count):
            tile.hide()
            for part in (tile, tile.value, tile.name):
                part.ensurePolished()

    def _make(self, count: int) -> list[_Tile]:
        """The tiles that were missing."""
        made = []
        for place in range(len(self._tiles), count):
            tile = _Tile()
            tile.clicked.connect(self.figure_clicked)
            self._grid.addWidget(tile, place // self._columns, place % self._columns)
            made.append(tile)
        self._tiles += made
        return made

    def tile(self, name: str) -> _Tile:
        """The figure of this name."""
        return next(tile for tile in self._tiles if tile.name.text() == name)


class _Tile(QFrame):
    clicked = Sends[str]()

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        self.value = heading(points_more=2)
        self.value.setWordWrap(False)
        self.name = label(quiet=True)
        self.name.setWordWrap(False)
        down(self.value, self.name, spacing=0, margins=(10, 4, 10, 5), on=self)
        for part in (self.value, self.name):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_figure(self, figure: Figure) -> None:
        self.key = figure.key
        self.value.setText(figure.value)
        self.name.setText(figure.name)
        hint = "Click to see the images." if figure.key else ""
        self.setToolTip(tooltip("\n".join(filter(None, (figure.meaning, hint)))))
        self.setAccessibleName(f"{figure.name} {figure.value}")
        name = "clickable" if figure.key else "tile"
        if self.objectName() != name:
            self.setObjectName(name)
            self.style().unpolish(self)
            self.style().polish(self)
        clickable = bool(figure.key)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor
        )
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if clickable else Qt.FocusPolicy.NoFocus)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.key and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit(self.key)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave, QEvent.Type.FocusIn):
            self.update()
        return super().event(event)
