"""Tabs that show the selected project, each imported and made when it is first seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QWidget

from app.project_views import ProjectView


class ProjectPage(Protocol):
    """A widget that shows a project."""

    def show_project(self, view: ProjectView) -> None:
        """Show this project."""


P = TypeVar("P", bound=ProjectPage)


class ProjectTabs(QTabWidget):
    """A page that was not seen yet is an empty place; it is made with the project it then shows.

    A subclass has a `cached_property` for each page, which gives `placed` what it makes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self._view: ProjectView | None = None
        self._makers: dict[int, Callable[[], object]] = {}
        self._pages: list[ProjectPage] = []
        self.currentChanged.connect(self._make_current)

    def add_place(self, title: str, make: Callable[[], object]) -> None:
        """A tab whose page `make` will place."""
        self._makers[self.addTab(QWidget(), title)] = make

    def placed(self, place: int, page: P) -> P:
        """Put a page in its place, with the project that is shown."""
        assert isinstance(page, QWidget)
        del self._makers[place]
        current, title, empty = self.currentIndex(), self.tabText(place), self.widget(place)
        with QSignalBlocker(self):
            self.removeTab(place)
            self.insertTab(place, page, title)
            self.setCurrentIndex(current)
        if empty is not None:
            empty.deleteLater()
        return self.joined(page)

    def joined(self, page: P) -> P:
        """Have a page, wherever it lies, show the project that is shown."""
        self._pages.append(page)
        if self._view is not None:
            page.show_project(self._view)
        return page

    def show_project(self, view: ProjectView) -> None:
        """Show this project on every page that there is, and on those that come."""
        self._view = view
        for page in self._pages:
            page.show_project(view)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_current()

    def _make_current(self) -> None:
        make = self._makers.get(self.currentIndex())
        if make is not None and self.isVisible():
            make()
