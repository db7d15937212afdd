"""Performance: one page for each question about speed."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget

from app.presenters.views import ProjectView
from app.tabs.performance.speed_page import SpeedPage


class PerformanceTab(QTabWidget):
    """The pages, each of which shows the selected project."""

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.setTabBarAutoHide(True)
        self.speed = SpeedPage()
        self._pages = (self.speed,)
        self.addTab(self.speed, "Speed")

    def show_project(self, view: ProjectView) -> None:
        """Show this project on every page."""
        for page in self._pages:
            page.show_project(view)
