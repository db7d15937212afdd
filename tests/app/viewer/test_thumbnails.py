"""Small images: which are decoded, what badges say, and choosing one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.viewer.scene.colours import STYLES
from app.viewer.scene.scene import BoxStatus
from app.viewer.strip.thumbnail_items import Thumbnails, columns_for
from app.viewer.strip.thumbnail_painting import FAILED_ROLE, IMAGE_ROLE
from app.viewer.strip.thumbnails import ThumbnailView, thumbnail_loader
from tests.app.viewer.making import RED, write_image_file


@pytest.fixture
def grid(qtbot: QtBot) -> Iterator[ThumbnailView]:
    view = ThumbnailView()
    yield view
    view.close_workers()


@pytest.fixture
def strip(qtbot: QtBot) -> Iterator[ThumbnailView]:
    view = ThumbnailView(strip=True)
    yield view
    view.close_workers()


@pytest.fixture
def few(tmp_path: Path) -> Thumbnails:
    names = tuple(f"{name}.png" for name in "abcd")
    for name in names:
        write_image_file(tmp_path / name, 60, 40)
    return Thumbnails(
        tmp_path, names, np.array([2, 0, 3, 1]), np.array([0, 1, 0, 12]), np.array([0, 0, 0, 3])
    )


def shown(view: ThumbnailView, qtbot: QtBot, items: Thumbnails, size: tuple[int, int]) -> None:
    qtbot.addWidget(view)
    view.show_items(items)
    view.resize(*size)
    view.show()
    qtbot.waitExposed(view)


def decoded(view: ThumbnailView) -> list[str]:
    """Names of the images, as they are decoded."""
    names: list[str] = []
    view.loader.loaded.connect(lambda image: names.append(image.path.name))
    return names


def cell(view: ThumbnailView, place: int) -> QModelIndex:
    """Where the image at this place is."""
    model = view.model()
    return model.index(place // model.columnCount(), place % model.columnCount())


def middle(view: ThumbnailView, place: int) -> QPoint:
    return view.visualRect(cell(view, place)).center()


def test_badges_count_what_is_missed_and_extra(few: Thumbnails) -> None:
    assert [few.name(place) for place in range(4)] == ["c.png", "a.png", "d.png", "b.png"]
    assert few.badges(0) == ()
    assert [badge.text for badge in few.badges(2)] == ["\u221212", "+3"]
    assert few.counts(3) == ("1 missed",)
    assert few.place_of(3) == 2 and few.place_of(9) == -1
    assert columns_for(500, 172) == 2 and columns_for(10, 172) == 1


def test_a_strip_shows_images_and_a_click_chooses(
    strip: ThumbnailView, few: Thumbnails, qtbot: QtBot
) -> None:
    view = strip
    shown(view, qtbot, few, (500, 90))
    qtbot.waitUntil(lambda: all(cell(view, i).data(IMAGE_ROLE) for i in range(4)))
    view.viewport().repaint()
    grabbed = view.viewport().grab().toImage()
    assert grabbed.pixelColor(middle(view, 0) + QPoint(5, 10)) == RED
    with qtbot.waitSignal(view.image_chosen) as chosen:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(view, 2))
    assert chosen.args == [3]
    badge = grabbed.pixelColor(view.visualRect(cell(view, 2)).topLeft() + QPoint(10, 16))
    assert badge == STYLES[BoxStatus.MISSED].tag
    assert cell(view, 2).data(Qt.ItemDataRole.AccessibleTextRole) == "d.png, 12 missed, 3 extra"


def test_a_grid_chooses_by_double_click_and_enter(
    grid: ThumbnailView, few: Thumbnails, qtbot: QtBot
) -> None:
    view = grid
    shown(view, qtbot, few, (400, 400))
    assert view.model().columnCount() == 2 and view.model().rowCount() == 2
    with qtbot.assertNotEmitted(view.image_chosen):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle(view, 1))
    assert view.current_image == 0
    with qtbot.waitSignal(view.image_chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Down)
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args == [1]
    view.resize(200, 400)  # one column: the marked image stays marked
    assert view.model().columnCount() == 1 and view.current_image == 1


def test_the_marked_image_stays_marked_in_another_order(
    strip: ThumbnailView, few: Thumbnails, qtbot: QtBot
) -> None:
    view = strip
    shown(view, qtbot, few, (500, 90))
    with qtbot.assertNotEmitted(view.image_chosen):
        view.mark_image(1)
        view.show_items(Thumbnails(few.root, few.names, np.array([1, 0])))
        assert view.current_image == 1 and view.currentIndex().column() == 0
        view.show_items(Thumbnails(few.root, few.names, np.array([0])))
        assert view.current_image is None
        view.mark_image(None)


def test_only_what_is_seen_of_100_000_is_decoded(
    strip: ThumbnailView, tmp_path: Path, qtbot: QtBot
) -> None:
    names = [f"{number}.png" for number in range(100_000)]
    for number in (*range(20), *range(90_000, 90_020)):
        write_image_file(tmp_path / names[number], 30, 20)
    view, seen = strip, decoded(strip)
    shown(view, qtbot, Thumbnails.of_folder(tmp_path, names), (500, 90))
    qtbot.waitUntil(lambda: len(seen) >= 5)
    view.mark_image(90_003)
    qtbot.waitUntil(lambda: "90003.png" in seen)
    qtbot.wait(300)  # whatever else was asked for would be decoded meanwhile
    assert len(seen) < 20


def test_a_image_that_cannot_be_read_is_not_asked_for_again(
    grid: ThumbnailView, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "text.jpg").write_text("no image")
    view, seen = grid, decoded(grid)
    shown(view, qtbot, Thumbnails.of_folder(tmp_path, ["text.jpg"]), (400, 300))
    qtbot.waitUntil(lambda: cell(view, 0).data(FAILED_ROLE) is True)
    view.viewport().repaint()
    qtbot.wait(30)
    assert seen == ["text.jpg"]


def test_its_own_loader_keeps_little(qtbot: QtBot, tmp_path: Path) -> None:
    loader = thumbnail_loader()
    with qtbot.waitSignal(loader.loaded) as arrived:
        loader.fetch(write_image_file(tmp_path / "a.jpg", 1600, 1200))
    assert arrived.args is not None and arrived.args[0].size_bytes == 160 * 120 * 3
    loader.close()
