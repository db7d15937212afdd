"""The table of images: each row shows its image, and *Visualize* leads into the viewer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.reports.predictions_page import ADVANCED, PredictionsPage
from app.reports.predictions_presenter import PredictionsPresenter
from app.reports.walking import ImageWalk
from app.viewer.scene.scene import ViewedImage
from core.jobs.job import RESULT_FILE
from core.reports.predictions.kind import PredictionsResult
from core.values import read_json, write_json
from tests.app.reports.making import predictions
from tests.app.viewer.making import GREEN, write_image_file
from tests.support import user


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[PredictionsPage]:
    """Of four images, one of which is not there."""
    root = tmp_path / "images"
    root.mkdir()
    for number in range(3):
        write_image_file(root / f"{number}.jpg")
    report = predictions(tmp_path / "report")
    stored = report.folder / RESULT_FILE
    result = read_json(stored, PredictionsResult)
    write_json(stored, msgspec.structs.replace(result, dataset_root=root))
    presenter = PredictionsPresenter(ImageWalk())
    page = PredictionsPage(presenter)
    presenter.setParent(page)
    qtbot.addWidget(page)
    page.resize(1080, 640)
    page.show()
    with qtbot.waitSignal(presenter.report_changed):
        presenter.show_report(report)
    yield page
    page.close_workers()
    presenter.close()


def colour_in_row(page: PredictionsPage, row: int) -> QColor:
    """Left of the middle of its small image."""
    cell = page.table.visualRect(page.table.model().index(row, 0))
    grabbed = page.table.viewport().grab().toImage()
    return QColor(grabbed.pixel(cell.left() + 16, cell.center().y() - 6))


def test_each_row_shows_its_image_once_it_was_decoded(page: PredictionsPage, qtbot: QtBot) -> None:
    names = user.column(page.table)
    for mode in (None, ADVANCED):
        if mode is not None:
            page.views.choose(mode)
            names = user.column(page.table)
        there = names.index("1.jpg")

        def shown(row: int = there) -> bool:
            found = colour_in_row(page, row)
            return abs(found.green() - GREEN.green()) + abs(found.red() - GREEN.red()) < 60

        qtbot.waitUntil(shown)
    page.views.choose(0)
    names = user.column(page.table)
    assert "3.jpg" in names, "the one that is not there has a row all the same"


def test_visualize_on_a_row_shows_its_image(page: PredictionsPage, qtbot: QtBot) -> None:
    seen: list[ViewedImage | None] = []
    page.presenter.walk.image_changed.connect(seen.append)
    row = user.column(page.table).index("2.jpg")
    link = page.table.link_of(page.table.model().index(row, 0))
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=link.center())
    assert [image.name for image in seen if image] == ["2.jpg"]
    beside = QPoint(link.left() - 30, link.center().y())
    QTest.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=beside)
    assert len(seen) == 1, "beside it a click selects"
