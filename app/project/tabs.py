"""Tabs that show the selected project, each imported and made when it is first seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
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

    A subclass has a `cached_property` for each page, which gives `placed` what it makes. A tab that
    is clicked is in front at once; what takes longer than a moment is made in steps, with the
    window answering between them. Another project is shown at once in front, then on the hidden
    pages, one between two turns of the event loop; a tab that comes to the front before shows it
    then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self._view: ProjectView | None = None
        self._makers: dict[int, list[Callable[[], object]]] = {}
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._step)
        self._pages: list[ProjectPage] = []
        self._behind: list[ProjectPage] = []  # hidden pages that show an earlier project still
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._catch_up)
        self.currentChanged.connect(self._on_current_changed)

    def add_place(self, title: str, *steps: Callable[[], object]) -> None:
        """A tab whose page the last of the steps will place."""
        self._makers[self.addTab(QWidget(), title)] = list(steps)

    def placed(self, place: int, page: P) -> P:
        """Put a page in its place, with the project that is shown."""
        assert isinstance(page, QWidget)
        del self._makers[place]
        current, title, empty = self.currentIndex(), self.tabText(place), self.widget(place)
        held = empty is not None and empty.hasFocus()
        with QSignalBlocker(self):
            self.removeTab(place)
            self.insertTab(place, page, title)
            self.setCurrentIndex(current)
        if empty is not None:
            empty.deleteLater()
        if held:  # Qt hands it to whatever comes next, be that *Cancel*
            self.tabBar().setFocus(Qt.FocusReason.OtherFocusReason)
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
        self._behind = list(self._pages)
        self._show_in_front()
        self._later.start()

    def forget_project(self) -> None:
        """No project is shown, and the last one may be gone: pages that come show none."""
        self._view = None
        self._behind = []

    @property
    def up_to_date(self) -> bool:
        """Whether every page shows the project, also those that nobody sees."""
        return not self._behind

    @property
    def current_made(self) -> bool:
        """Whether the page of the tab in front is there, and no empty place."""
        return self.currentIndex() not in self._makers

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._make_current()

    def _on_current_changed(self) -> None:
        self._show_in_front()
        self._make_current()

    def _show_in_front(self) -> None:
        """Have the tab in front show the project, with all pages that lie in it."""
        front = self.currentWidget()
        for page in tuple(self._behind):
            assert isinstance(page, QWidget)
            if front is page or front.isAncestorOf(page):
                self._show_on(page)

    def _catch_up(self) -> None:
        if self._behind:
            self._show_on(self._behind[0])
            self._later.start()

    def _show_on(self, page: ProjectPage) -> None:
        self._behind.remove(page)
        if self._view is not None:
            page.show_project(self._view)

    def _make_current(self) -> None:
        steps = self._makers.get(self.currentIndex())
        if steps is None or not self.isVisible():
            return
        if len(steps) == 1:
            steps[0]()
        else:
            self._next.start()

    def _step(self) -> None:
        """The next step of the tab in front, which another one may have become meanwhile."""
        steps = self._makers.get(self.currentIndex())
        if steps is None:
            return
        make = steps[0] if len(steps) == 1 else steps.pop(0)
        make()
        if self.currentIndex() in self._makers:
            self._next.start()
