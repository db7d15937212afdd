"""Help in the window: pages, links into the program, and search."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.help.dialog import HelpDialog
from app.help.pages import NAMES, help_pages
from app.preferences.dialog import PreferencesDialog
from app.project.navigation import Tab
from app.shell.main_window import MainWindow
from tests.support import user
from tests.support.checkout import ROOT
from tests.support.window import open_stored

ACTIONS = {"open", "sample", "preferences"}


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_stored(qtbot, tmp_path, monkeypatch)


def help_of(window: MainWindow) -> HelpDialog:
    QTest.keyClick(window, Qt.Key.Key_F1)
    (dialog,) = (one for one in window.findChildren(HelpDialog) if one.isVisible())
    return dialog


def test_every_link_leads_somewhere() -> None:
    ends = {f"page:{name}" for name in NAMES} | {f"tab:{tab}" for tab in get_args(Tab)}
    ends |= {f"do:{name}" for name in ACTIONS}
    for page in help_pages():
        links = re.findall(r"\]\(([^)]+)\)", page.markdown)
        assert set(links) <= ends, page.name


def test_the_tutorial_has_the_steps_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    steps = re.findall(r"^### (\d\. .*)$", readme, re.M)
    assert steps == re.findall(r"^## (\d\. .*)$", help_pages()[0].markdown, re.M)


def test_documents_name_what_the_menus_have(window: MainWindow) -> None:
    """Such as *File > Export project*; what comes behind a second > is in a dialog."""
    there = {f"{entry.menu} > {entry.title.rstrip('…')}" for entry in window.menus.entries}
    menus = "|".join({entry.menu for entry in window.menus.entries})
    files = [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]
    texts = {str(file): file.read_text(encoding="utf-8") for file in files}
    texts |= {page.name: page.markdown for page in help_pages()}
    named = [
        (name, " ".join(place.split()).rstrip("…"))
        for name, text in texts.items()
        for place in re.findall(rf"\*((?:{menus})\s>\s[^*>]+)(?:\s>\s[^*]+)?\*", text)
    ]
    assert len(named) > 8
    assert [(name, place) for name, place in named if place not in there] == []
    window.close()


def test_f1_shows_the_page_of_what_is_seen_and_links_lead_into_the_program(
    window: MainWindow,
) -> None:
    dialog = help_of(window)
    assert "Eight steps" in dialog.text.toPlainText()
    dialog.text.anchorClicked.emit(QUrl("tab:performance"))
    assert window.tabs.currentIndex() == 2
    assert help_of(window) is dialog
    assert dialog.text.toPlainText().startswith("Performance")
    dialog.text.anchorClicked.emit(QUrl("page:viewer"))
    assert dialog.text.toPlainText().startswith("The viewer")
    dialog.text.anchorClicked.emit(QUrl("do:preferences"))
    assert window.findChild(PreferencesDialog) is not None
    window.close()


def test_words_are_searched_in_all_pages(window: MainWindow) -> None:
    dialog = help_of(window)
    QTest.keyClicks(dialog.words, "saturate")
    assert "Optimize" in user.column(dialog.list)
    assert "Datasets" not in user.column(dialog.list)
    assert dialog.text.textCursor().selectedText().lower() == "saturate"
    QTest.keyClick(dialog.words, Qt.Key.Key_Return)
    assert dialog.text.textCursor().selectedText().lower() == "saturate"
    dialog.words.clear()
    QTest.keyClicks(dialog.words, "qqqq")
    assert dialog.said.text() == "No page has these words."
    dialog.words.clear()
    assert len(user.column(dialog.list)) == len(NAMES)
    window.close()
