"""What a user does to a window: finds things by what they are called, reads, clicks, types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QTableView,
    QWidget,
)

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

Widget = TypeVar("Widget", bound=QWidget)
LEFT = Qt.MouseButton.LeftButton


def find(parent: QWidget, kind: type[Widget], name: str) -> Widget:
    """The one widget of a kind that is called so, to the eye or to a screen reader."""
    found = [one for one in parent.findChildren(kind) if name in _names(one)]
    assert len(found) == 1, f"{len(found)} of {kind.__name__} called {name!r}"
    return found[0]


def click(widget: QWidget, place: QPoint | None = None) -> None:
    """Click a widget that can be seen and used."""
    assert widget.isVisible(), f"{_names(widget)} is not on screen"
    assert widget.isEnabled(), f"{_names(widget)} cannot be used now"
    QTest.mouseClick(widget, LEFT, pos=place or widget.rect().center())


def labels(parent: QWidget) -> list[QLabel]:
    """All texts that stand in it."""
    return list(parent.findChildren(QLabel))


def press(parent: QWidget, text: str) -> None:
    """Click the button with this text."""
    click(find(parent, QAbstractButton, text))


def menu(button: QPushButton) -> list[QAction]:
    """What the menu of a button offers when it opens."""
    shown = button.menu()
    shown.aboutToShow.emit()
    return list(shown.actions())


def choose(combo: QComboBox, text: str) -> None:
    """Choose in a list, as if it had been clicked open."""
    place = combo.findText(text)
    assert place >= 0, f"{text!r} is not among {[combo.itemText(n) for n in range(combo.count())]}"
    combo.setCurrentIndex(place)
    combo.activated.emit(place)


# Tables and lists


def column(view: QAbstractItemView, number: int = 0) -> list[str]:
    """What a column shows, from the top."""
    model = view.model()
    return [str(model.index(row, number).data()) for row in range(model.rowCount())]


def cells(view: QAbstractItemView) -> list[list[str | None]]:
    """What a table shows, row by row; None where a cell is empty."""
    model = view.model()
    rows, columns = range(model.rowCount()), range(model.columnCount())
    return [[model.index(row, number).data() for number in columns] for row in rows]


def click_cell(view: QAbstractItemView, row: int, number: int = 0) -> None:
    """Click a cell."""
    QTest.mouseClick(view.viewport(), LEFT, pos=_place(view, row, number))


def double_click(view: QAbstractItemView, row: int, number: int = 0) -> None:
    """Click a cell twice."""
    place = _place(view, row, number)
    QTest.mouseClick(view.viewport(), LEFT, pos=place)
    QTest.mouseDClick(view.viewport(), LEFT, pos=place)


def click_header(view: QTableView, number: int) -> None:
    """Click the title of a column: it sorts."""
    header = view.horizontalHeader()
    view.scrollTo(view.model().index(0, number))
    x = header.sectionViewportPosition(number) + header.sectionSize(number) // 2
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(x, header.height() // 2))


def header_titles(view: QTableView) -> list[str]:
    """What stands above the columns."""
    model, across = view.model(), Qt.Orientation.Horizontal
    return [str(model.headerData(number, across)) for number in range(model.columnCount())]


def tick(view: QAbstractItemView, row: int) -> None:
    """Tick a row of a list, or take the tick away, by keyboard."""
    view.setCurrentIndex(view.model().index(row, 0))
    QTest.keyClick(view, Qt.Key.Key_Space)


def choose_in_cell(qtbot: QtBot, view: QTableView, row: int, number: int, text: str) -> None:
    """Click into a cell and choose in the list that opens."""
    click_cell(view, row, number)
    qtbot.waitUntil(lambda: view.viewport().findChild(QComboBox) is not None)
    combo = view.viewport().findChild(QComboBox)
    assert combo is not None
    qtbot.waitUntil(combo.view().isVisible)
    combo.view().setCurrentIndex(combo.model().index(combo.findText(text), 0))
    QTest.keyClick(combo.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.viewport().findChild(QComboBox) is None)


def _place(view: QAbstractItemView, row: int, number: int) -> QPoint:
    index = view.model().index(row, number)
    assert index.isValid(), f"there is no row {row} with a column {number}"
    view.scrollTo(index)
    return view.visualRect(index).center()


def _names(widget: QWidget) -> tuple[str, ...]:
    text = getattr(widget, "text", None)
    shown = text() if callable(text) else ""
    return (widget.accessibleName(), widget.objectName(), str(shown).replace("&", ""))


# Charts


def drawn(chart: Any) -> Any:
    """The plot of a chart that can be seen, once it is drawn."""
    chart.window().show()
    for _ in range(3):
        QApplication.processEvents()
    assert chart.isVisible()
    return chart.plot


def points(plot: Any) -> list[tuple[float, float]]:
    """Where the points of a plot lie, x and y."""
    import pyqtgraph as pg

    drawn = [one for one in plot.getPlotItem().items if isinstance(one, pg.ScatterPlotItem)]
    return [(float(x), float(y)) for one in drawn for x, y in zip(*one.getData(), strict=True)]
