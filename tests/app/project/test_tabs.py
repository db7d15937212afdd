"""Tabs that show the selected project: the one in front at once, the hidden ones later."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.project.tabs import ProjectTabs
from app.project_views import ProjectView


class _Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Any] = []

    def show_project(self, view: ProjectView) -> None:
        self.shown.append(view)


def _view(name: str) -> ProjectView:
    return cast(ProjectView, name)


def test_the_tab_in_front_comes_first_and_a_chosen_one_before_it_is_seen(qtbot: QtBot) -> None:
    tabs = ProjectTabs()
    qtbot.addWidget(tabs)
    pages = [_Page() for _ in range(4)]
    for number in range(3):
        tabs.add_place(str(number), lambda: None)
    for number in range(3):
        tabs.placed(number, pages[number])
    within = tabs.joined(pages[3])
    within.setParent(pages[1])
    tabs.show_project(_view("a"))
    assert [page.shown for page in pages] == [["a"], [], [], []]
    tabs.setCurrentIndex(1)
    assert [page.shown for page in pages] == [["a"], ["a"], [], ["a"]]
    qtbot.waitUntil(lambda: pages[2].shown == ["a"])
    tabs.show_project(_view("b"))
    tabs.show_project(_view("c"))
    qtbot.waitUntil(lambda: pages[0].shown == ["a", "c"])
    qtbot.waitUntil(lambda: pages[2].shown == ["a", "c"])
    assert pages[1].shown == pages[3].shown == ["a", "b", "c"]
    tabs.show_project(_view("d"))
    tabs.forget_project()
    qtbot.wait(50)
    assert pages[2].shown == ["a", "c"], "there is none to be shown"
