"""No text is cut off on a small screen: what a page shows is as large as it asks to be."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.kit.theme import apply_theme
from app.shell.main_window import MainWindow
from tests.support.checkout import ROOT
from tests.support.window import open_window

SMALL = (1366, 768)
ROUNDED = 1  # pixel


def clipped(page: QWidget) -> list[str]:
    """The texts on a page that have less room than they ask for."""
    texts: list[QLabel | QAbstractButton] = [
        *page.findChildren(QLabel),
        *page.findChildren(QAbstractButton),
    ]
    return [
        f"{type(one).__name__} '{one.text()[:60]}' has {one.width()}x{one.height()}, wants {wants}"
        for one in texts
        if one.isVisible() and one.text() and (wants := lacking(one))
    ]


def lacking(one: QLabel | QAbstractButton) -> str:
    """How large a text would have to be; "" where it is."""
    wanted = one.sizeHint()
    if isinstance(one, QLabel) and one.wordWrap():
        height = one.heightForWidth(one.width())
        return f"height {height}" if height > one.height() + ROUNDED else ""
    if wanted.width() > one.width() + ROUNDED or wanted.height() > one.height() + ROUNDED:
        return f"{wanted.width()}x{wanted.height()}"
    return ""


def scrolled_sideways(page: QWidget) -> list[str]:
    """The parts of a page that are wider than the room for them."""
    return [
        f"{type(area).__name__}: {area.horizontalScrollBar().maximum()} pixels more"
        for area in page.findChildren(QScrollArea)
        if area.isVisible() and area.horizontalScrollBar().maximum() > 0
    ]


def narrow_enough(page: QWidget) -> bool:
    """Whether no part is wider than the room for it."""
    return not scrolled_sideways(page)


def fits(page: QWidget) -> bool:
    """Whether nothing is cut off."""
    return not (clipped(page) or scrolled_sideways(page))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window on the stored workspace, which has projects, benchmarks and reports."""
    with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
        stored.extractall(tmp_path)
    made = open_window(qtbot, tmp_path, monkeypatch)
    made.resize(*SMALL)
    return made


def pages(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """Every tab, and every page of those that have several, as a user comes to them."""
    yield "start", window
    for project in window.parts.workspace.projects():
        window.parts.session.select_project(project.id)
        for place in range(window.tabs.count()):
            window.tabs.setCurrentIndex(place)
            QApplication.processEvents()
            yield f"{project.name}, {window.tabs.tabText(place)}", window
            if place == window.tabs.indexOf(window.tabs.performance):
                for inner in range(window.tabs.performance.count()):
                    window.tabs.performance.setCurrentIndex(inner)
                    QApplication.processEvents()
                    yield f"{project.name}, {window.tabs.performance.tabText(inner)}", window
        window.tabs.show_tab("report")
        reports = window.parts.reports
        for kept in reports.library.reports if reports.library else ():
            reports.open(kept)
            QApplication.processEvents()
            yield f"{project.name}, {kept.kind.title}", window


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_text_is_cut_off_on_a_small_screen(
    qtbot: QtBot, window: MainWindow, theme: Literal["light", "dark"]
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, theme)
    seen = 0
    for name, page in pages(window):
        qtbot.wait(200)  # a report is computed in a thread
        assert (window.width(), window.height()) == SMALL
        with suppress(qtbot.TimeoutError):  # a page that is just filled is laid out once more
            qtbot.waitUntil(partial(fits, page))
        assert (clipped(page), scrolled_sideways(page)) == ([], []), name
        seen += 1
    assert seen > 8


def test_a_name_of_one_long_word_widens_no_page(qtbot: QtBot, window: MainWindow) -> None:
    for project in window.parts.workspace.projects():
        window.parts.session.rename_project(project.id, "W" * 150)
    for name, page in pages(window):
        qtbot.wait(200)
        with suppress(qtbot.TimeoutError):
            qtbot.waitUntil(partial(narrow_enough, page))
        assert (window.width(), window.height()) == SMALL, name
        assert scrolled_sideways(page) == [], name


def test_a_text_with_too_little_room_is_found(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    narrow, folded = QPushButton("Run benchmark", page), QLabel("many words " * 20, page)
    narrow.setFixedWidth(20)
    folded.setWordWrap(True)
    folded.setFixedSize(100, 15)
    page.show()
    assert [text.partition(" ")[0] for text in clipped(page)] == ["QLabel", "QPushButton"]
