"""The comparison of predictions: every number leads to the images that it counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.reports.predictions_page import PredictionsPage
from app.reports.predictions_presenter import PredictionsPresenter
from app.reports.walking import ImageWalk
from core.reports.filters import RowFilter
from core.reports.kinds import load_state
from tests.app.reports.making import predictions
from tests.support import user


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[PredictionsPage]:
    presenter = PredictionsPresenter(ImageWalk())
    page = PredictionsPage(presenter)
    presenter.setParent(page)
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(predictions(tmp_path / "report"))
    yield page
    presenter.close()


def names(page: PredictionsPage) -> list[str]:
    model = page.table.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_a_click_on_a_figure_shows_its_images(page: PredictionsPage) -> None:
    assert len(names(page)) == 4
    for name, expected in (
        ("Missed", ["1.jpg"]),
        ("Extra", ["3.jpg"]),
        ("Class changed", ["2.jpg"]),
    ):
        QTest.mouseClick(page.figures.tile(name), Qt.MouseButton.LeftButton)
        assert names(page) == expected
    assert "1 of 4 images: class changed" in page.counts.text
    QTest.mouseClick(page.unfilter, Qt.MouseButton.LeftButton)
    assert len(names(page)) == 4
    assert not page.unfilter.isVisible()


def test_a_class_and_a_cell_lead_to_their_images(page: PredictionsPage) -> None:
    QTest.mouseClick(page.classes, Qt.MouseButton.LeftButton)
    model = page.class_table.model()
    rows = {model.index(row, 0).data(): row for row in range(model.rowCount())}
    assert set(rows) == {"cat", "dog", "bird"}
    page.class_table.doubleClicked.emit(model.index(rows["dog"], 0))
    assert set(names(page)) == {"1.jpg", "2.jpg", "3.jpg"}
    QTest.mouseClick(page.confusion, Qt.MouseButton.LeftButton)
    classes = user.header_titles(page.heat_map)
    row, column = classes.index("cat"), classes.index("bird")
    assert user.cells(page.heat_map)[row][column] == "1"
    user.click_cell(page.heat_map, row, column)
    assert names(page) == ["2.jpg"]
    assert page.basic.isChecked()


def test_moving_a_threshold_changes_everything(page: PredictionsPage, qtbot: QtBot) -> None:
    presenter = page.presenter
    assert isinstance(presenter, PredictionsPresenter)
    with qtbot.waitSignal(presenter.report_changed):
        page.thresholds.knob("score").slider.setValue(85)  # the dogs are gone
    assert page.figures.tile("Missed").value.text() == "0"
    with qtbot.waitSignal(presenter.interval_changed):
        pass  # the slider rests
    assert " to " in page.figures.tile("Agreement, 95% interval").value.text()
    with qtbot.waitSignal(presenter.report_changed):
        page.thresholds.limit("safe_kept").setValue(0.1)
        page.thresholds.limit("not_safe_kept").setValue(0.0)
        page.thresholds.limit("most_changed").setValue(1.0)
    assert page.verdict.text() == "Safe"
    with qtbot.waitSignal(presenter.report_changed):
        page.thresholds.limit("most_changed").setValue(0.0)
    assert page.verdict.text() == "Check"
    assert "more than 0% of the predictions changed" in page.sentence.text()


def test_thresholds_and_filter_are_found_again(
    page: PredictionsPage, tmp_path: Path, qtbot: QtBot
) -> None:
    presenter = page.presenter
    assert isinstance(presenter, PredictionsPresenter)
    page.thresholds.knob("iou").slider.setValue(97)
    page.filter.statuses["missed"].setChecked(True)
    presenter.close()
    state = load_state(tmp_path / "report")
    assert state.thresholds is not None
    assert state.thresholds.iou == 0.97
    assert state.chosen == RowFilter(statuses=("missed",))
    presenter.show_report(None)
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(predictions(tmp_path / "other", number=2))
    assert page.thresholds.knob("iou").spin.value() == 0.5
    assert not page.filter.statuses["missed"].isChecked()
    presenter.show_report(None)
    again = predictions(tmp_path / "again", number=3)
    (tmp_path / "again" / "view.json").write_bytes((tmp_path / "report/view.json").read_bytes())
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(again)
    assert page.thresholds.knob("iou").spin.value() == 0.97
    assert page.filter.statuses["missed"].isChecked()


def test_showing_images_walks_the_filtered_list(page: PredictionsPage, qtbot: QtBot) -> None:
    page.show_filtered(RowFilter(classes=("cat",)))
    walk = page.presenter.walk
    with qtbot.waitSignal(walk.order_changed):
        QTest.mouseClick(page.open_image, Qt.MouseButton.LeftButton)
    assert sorted(walk.order.tolist()) == [0, 1, 2]
