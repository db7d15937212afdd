"""The catalogue's dialog: searching, sorting, keys, and who is told what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.catalogue.dialog import CatalogueDialog
from app.catalogue.presenter import CataloguePresenter
from app.catalogue.table import COLUMNS
from app.kit.theme import apply_theme
from app.project.presenting import Surroundings
from core.catalogue.entries import catalogue, entry_named
from core.catalogue.service import PlannedDownload, plan_download
from core.workspace.store import Workspace
from tests.support import user
from tests.support.models import save, ssd
from tests.support.queues import StandingQueue

Key = Qt.Key
THERE = "face-detection-0200"


@pytest.fixture
def queue(tmp_path: Path) -> StandingQueue:
    return StandingQueue(Workspace(tmp_path / "workspace"))


@pytest.fixture
def presenter(queue: StandingQueue, tmp_path: Path) -> CataloguePresenter:
    """Of a workspace that has one model of the catalogue."""
    workspace = Workspace(tmp_path / "workspace")
    model = plan_download(workspace, entry_named(THERE)).model
    save(ssd(), model.parent, model.stem)
    return CataloguePresenter(Surroundings(workspace, queue))


@pytest.fixture
def dialog(qtbot: QtBot, presenter: CataloguePresenter) -> CatalogueDialog:
    made = CatalogueDialog(None, presenter)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def imported(presenter: CataloguePresenter) -> list[Path]:
    said: list[Path] = []
    presenter.import_wanted.connect(said.append)
    return said


def names(dialog: CatalogueDialog) -> list[str]:
    return user.column(dialog.table)


def downloads(queue: StandingQueue) -> list[str]:
    """Names of the models that are to be downloaded."""
    return [job.model.stem for job in queue.jobs if isinstance(job, PlannedDownload)]


def column(title: str) -> int:
    return next(n for n, column in enumerate(COLUMNS) if column.title.startswith(title))


def test_all_models_are_shown_in_the_catalogues_order(dialog: CatalogueDialog) -> None:
    assert names(dialog) == [entry.name for entry in catalogue()]
    assert dialog.count.text() == f"{len(catalogue())} models"
    assert dialog.table.selected == catalogue()[0]
    assert dialog.search.hasFocus()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ssd coco 187.9", ["ssd_mobilenet_v2_coco"]),
        ("LICENSE PLATE", ["vehicle-license-plate-detection-barrier-0106"]),
        ("toothbrush mit", ["yolo-v3-tf"]),
        ("864 × 480 people", ["person-detection-0203", "person-vehicle-bike-detection-2003"]),
    ],
)
def test_every_word_of_a_search_must_be_somewhere(
    dialog: CatalogueDialog, words: str, found: list[str]
) -> None:
    dialog.search.setText(words)
    assert names(dialog) == found
    assert dialog.table.selected == entry_named(found[0])
    assert dialog.count.text() == f"{len(found)} of {len(catalogue())} models"


def test_a_search_without_a_result(dialog: CatalogueDialog) -> None:
    dialog.search.setText("zebrafish")
    assert names(dialog) == []
    assert not dialog.download.isEnabled()
    assert dialog.contact.text() == ""
    assert "No model matches" in dialog.details.description.text()
    dialog.search.clear()
    assert dialog.table.selected == catalogue()[0]
    assert dialog.download.isEnabled()


def test_columns_sort_by_what_they_mean(dialog: CatalogueDialog) -> None:
    sizes = sorted(entry.size_bytes for entry in catalogue())
    dialog.table.sortByColumn(column("Download"), Qt.SortOrder.AscendingOrder)
    assert [entry_named(name).size_bytes for name in names(dialog)] == sizes
    dialog.table.sortByColumn(column("Accuracy"), Qt.SortOrder.DescendingOrder)
    assert names(dialog)[0] == "vehicle-license-plate-detection-barrier-0106"
    assert names(dialog)[-1] == "person-vehicle-bike-detection-2000"  # 0.1647, which is 16.47%


def test_details_follow_the_selection(dialog: CatalogueDialog) -> None:
    dialog.search.setText("yolo-v3-tf")
    values = {name: value.text() for name, value in dialog.details.values.items()}
    assert values == {
        "Finds": "Everyday objects (COCO)",
        "Classes": "80: person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, "
        "traffic light, fire hydrant, stop sign, …",
        "Format": "TensorFlow frozen graph",
        "Input": "416 × 416, RGB, NHWC",
        "Preprocessing": "scale 255",
        "Accuracy": "62.27% mAP on COCO\n67.7% COCO mAP on COCO",
        "GFLOPs": "65.984",
        "Parameters": "61.922 million",
        "Download": "248.1 MB from download.01.org",
        "Checksum": "SHA-384 from the zoo, checked",
        "Licence": "MIT",
    }
    dialog.search.setText("crossroad-1016")
    assert dialog.details.values["Parameters"].text() == "not published"


def test_it_says_who_will_be_contacted(dialog: CatalogueDialog) -> None:
    dialog.search.setText("ssd_mobilenet_v2_coco")
    assert dialog.contact.text() == (
        "Download contacts download.tensorflow.org and fetches 187.9 MB. "
        "No connection is made before that."
    )
    dialog.search.setText(THERE)
    assert "needs no connection" in dialog.contact.text()
    assert dialog.download.text() == "Import"


def test_the_button_asks_for_a_download(dialog: CatalogueDialog, queue: StandingQueue) -> None:
    dialog.search.setText("face-detection-0202")
    user.click(dialog.download)
    assert downloads(queue) == ["face-detection-0202"]
    assert not dialog.isVisible()


def test_what_is_there_already_is_imported(
    dialog: CatalogueDialog, queue: StandingQueue, imported: list[Path]
) -> None:
    dialog.search.setText(THERE)
    user.double_click(dialog.table, 0, 1)
    assert [model.stem for model in imported] == [THERE]
    assert not queue.jobs


def test_the_keyboard_is_enough(dialog: CatalogueDialog, queue: StandingQueue) -> None:
    QTest.keyClicks(dialog.search, "vehicle-detection-020")
    QTest.keyClick(dialog.search, Key.Key_Return)
    assert not queue.jobs, "Enter in the search only leads into the table"
    assert dialog.table.hasFocus()
    QTest.keyClick(dialog.table, Key.Key_Down)
    QTest.keyClick(dialog.table, Key.Key_Return)
    assert downloads(queue) == ["vehicle-detection-0201"]


def test_tab_goes_round_and_escape_closes(
    dialog: CatalogueDialog, queue: StandingQueue, imported: list[Path]
) -> None:
    seen = [dialog.focusWidget()]
    for _ in range(40):
        QTest.keyClick(seen[-1], Key.Key_Tab)
        if dialog.focusWidget() is seen[0]:
            break
        seen.append(dialog.focusWidget())
    for wanted in (dialog.table, dialog.details.source, dialog.close_button, dialog.download):
        assert wanted in seen
    QTest.keyClick(dialog, Key.Key_Escape)
    assert not dialog.isVisible()
    assert not queue.jobs and not imported


def test_links_open_the_zoos_page(dialog: CatalogueDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    for link in (dialog.details.source, dialog.details.licence):
        assert isinstance(link, QPushButton)
        link.click()
    entry = catalogue()[0]
    assert opened == [entry.readme.url, entry.license_url]


@pytest.fixture
def themed() -> Iterator[QApplication]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = application.styleSheet(), application.palette()
    yield application
    application.setStyleSheet(before[0])
    application.setPalette(before[1])


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_drawn_on_a_small_screen(
    qtbot: QtBot, presenter: CataloguePresenter, themed: QApplication, dark: bool
) -> None:
    apply_theme(themed, "dark" if dark else "light")
    dialog = CatalogueDialog(None, presenter)
    qtbot.addWidget(dialog)
    dialog.resize(1326, 708)  # of 1366 x 768
    dialog.show()
    qtbot.waitExposed(dialog)
    image = dialog.grab().toImage()
    assert (image.pixelColor(3, 3).lightness() < 128) is dark
    assert dialog.table.horizontalScrollBar().maximum() == 0, "every column is in sight"
    assert _colours(image) > 50
    for text in dialog.findChildren(QLabel):
        if text.isVisible() and not text.wordWrap():
            assert text.width() >= text.sizeHint().width(), text.text()


def _colours(image: QImage) -> int:
    points = ((x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3))
    return len({image.pixel(x, y) for x, y in points})
