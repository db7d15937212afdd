"""Tables of rows: sorting, filtering, selecting, and what changes below them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.kit.tables.columns import Column
from app.kit.tables.heat_table import HeatCell, HeatTable
from app.kit.tables.plain_model import PlainColumn, PlainModel
from app.kit.tables.rows_table import RowsTable
from app.kit.tables.whole_rows import WholeRowsView
from tests.support import user


@dataclass(frozen=True)
class Fruit:
    name: str
    grams: float | None


FRUIT = (Fruit("pear", 180), Fruit("Apple", 120), Fruit("grape", None), Fruit("fig", 50))
COLUMNS = (
    Column[Fruit]("No.", "Place in the basket", right=True),
    Column[Fruit]("Name", value=lambda one: one.name),
    Column[Fruit]("Weight", value=lambda one: one.grams, text="{:.0f} g".format, right=True),
)
NAME, WEIGHT = 1, 2


@pytest.fixture
def table(qtbot: QtBot) -> RowsTable:
    made = RowsTable("Fruit", COLUMNS)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show_rows(FRUIT)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_rows_stand_as_given_until_a_header_is_clicked(table: RowsTable) -> None:
    assert user.column(table, NAME) == ["pear", "Apple", "grape", "fig"]
    assert user.column(table, WEIGHT) == ["180 g", "120 g", "–", "50 g"]
    user.click_header(table, NAME)
    assert user.column(table, NAME) == ["Apple", "fig", "grape", "pear"], "capitals do not count"
    user.click_header(table, NAME)
    user.click_header(table, NAME)
    assert user.column(table, NAME) == ["pear", "Apple", "grape", "fig"], "as given again"


def test_what_is_missing_sorts_last_either_way(table: RowsTable) -> None:
    user.click_header(table, WEIGHT)
    assert user.column(table, WEIGHT) == ["50 g", "120 g", "180 g", "–"]
    user.click_header(table, WEIGHT)
    assert user.column(table, WEIGHT) == ["180 g", "120 g", "50 g", "–"]


def test_the_selected_row_stays_selected_when_sorted_and_filtered(table: RowsTable) -> None:
    places: list[int] = []
    table.row_chosen.connect(places.append)
    user.click_cell(table, 1, NAME)
    assert places == [1]
    user.click_header(table, WEIGHT)
    assert table.current_row == FRUIT[1]
    table.choose(lambda place, one: (one.grams or 0) > 100)
    assert user.column(table, NAME) == ["Apple", "pear"]
    assert table.current_row == FRUIT[1]
    assert places == [1], "what the program selects is not told"
    table.choose(lambda place, one: one.name == "pear")
    assert table.current_place is None


def test_rows_that_change_and_come_leave_the_selection_alone(table: RowsTable) -> None:
    user.click_cell(table, 3, NAME)
    ripe = (*FRUIT[:3], Fruit("fig", 60), Fruit("kiwi", 90))
    table.rows.update_rows(ripe)
    assert user.column(table, WEIGHT) == ["180 g", "120 g", "–", "60 g", "90 g"]
    assert table.selected_places == (3,)
    table.rows.update_rows(ripe[:2])
    assert user.column(table, NAME) == ["pear", "Apple"]
    assert not table.selected_places


def test_several_rows_are_told_by_their_places(table: RowsTable) -> None:
    said: list[tuple[int, ...]] = []
    table.rows_chosen.connect(said.append)
    table.setSelectionMode(RowsTable.SelectionMode.ExtendedSelection)
    user.click_header(table, NAME)
    table.selectAll()
    assert said[-1] == (0, 1, 2, 3)
    table.select_all([2, 0])
    assert table.selected_places == (0, 2)
    assert said[-1] == (0, 1, 2, 3)


def test_a_double_click_activates_a_row(table: RowsTable) -> None:
    opened: list[Fruit] = []
    table.row_activated.connect(opened.append)
    user.double_click(table, 2, NAME)
    assert opened == [FRUIT[2]]


def test_a_column_may_be_edited_and_ticked(qtbot: QtBot) -> None:
    ticked: dict[str, bool] = {}
    check = int(Qt.ItemDataRole.CheckStateRole)
    states = {False: Qt.CheckState.Unchecked, True: Qt.CheckState.Checked}
    table = RowsTable(
        "Fruit",
        [
            Column[Fruit](
                "Name",
                value=lambda one: one.name,
                roles={check: lambda one: states[ticked.get(one.name, False)]},
                check=lambda one, on: ticked.update({one.name: on}),
            )
        ],
    )
    qtbot.addWidget(table)
    table.show_rows(FRUIT)
    table.show()
    user.tick(table, 3)
    assert ticked == {"fig": True}
    assert table.rows.index(3, 0).data(check) == Qt.CheckState.Checked
    user.tick(table, 3)
    assert ticked == {"fig": False}


@pytest.mark.parametrize("wide", [False, True])
def test_a_heat_table_tells_which_cell_was_clicked_unless_it_is_empty(
    qtbot: QtBot, wide: bool
) -> None:
    heat = HeatTable(wide=wide)
    qtbot.addWidget(heat)
    heat.resize(300, 200)
    heat.show_cells(
        ["cat", "dog"], ["a", "b"], lambda row, n: HeatCell(f"{row}{n}") if row == n else None
    )
    heat.show()
    qtbot.waitExposed(heat)
    said: list[tuple[int, int]] = []
    heat.cell_chosen.connect(lambda row, n: said.append((row, n)))
    assert user.cells(heat) == [["00", None], [None, "11"]]
    user.click_cell(heat, 0, 1)
    user.click_cell(heat, 1, 1)
    assert said == [(1, 1)]


def test_a_long_text_goes_over_lines_and_the_table_is_as_high_as_they_are(qtbot: QtBot) -> None:
    title = "What is known of each of them"
    model = PlainModel([PlainColumn(""), PlainColumn(title)])
    model.set_rows([["first", "short"], ["second", "a sentence that is longer than this column"]])
    table = WholeRowsView()
    qtbot.addWidget(table)
    table.setModel(model)
    table.wrap_rows()
    table.fit_height()
    table.setColumnWidth(1, 100)
    table.resize(300, table.height())
    table.show()
    qtbot.waitExposed(table)
    line = table.fontMetrics().height()
    assert table.rowHeight(1) > table.rowHeight(0) + line
    assert table.rowHeight(1) > table.sizeHintForRow(1), "a text that touches the lines is hard"
    narrow, title_height = table.height(), table.header.sizeHint().height()
    assert table.viewport().height() >= table.rowHeight(0) + table.rowHeight(1)
    table.setColumnWidth(1, 500)
    qtbot.waitUntil(lambda: table.rowHeight(1) == table.rowHeight(0))
    assert table.header.sizeHint().height() < title_height, "the title needs one line now"
    assert table.height() < narrow - line


def test_a_row_that_looks_chosen_by_keyboard_is_chosen(qtbot: QtBot) -> None:
    """Qt makes the first row of a table current when it gets the focus, and selects none."""
    page = QWidget()
    qtbot.addWidget(page)
    field, table = QLineEdit(page), WholeRowsView(page)
    table.setModel(PlainModel((PlainColumn("Name"),), table))
    model = table.model()
    assert isinstance(model, PlainModel)
    model.set_rows([("pear",), ("fig",)])
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    field.setFocus()
    assert not table.selectionModel().hasSelection()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    assert [one.row() for one in table.selectionModel().selectedRows()] == [0]
    table.clearSelection()
    field.setFocus()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    assert not table.selectionModel().hasSelection(), "what the user took back stays so"
