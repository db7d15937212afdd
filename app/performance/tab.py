"""Performance: one page for each question about speed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget

from app.kit.signals import Sends
from app.performance.compare_page import ComparePage
from app.performance.comparing_presenter import ComparePresenter
from app.performance.graph_page import GraphPage
from app.performance.layers_page import LayersPage
from app.performance.layers_presenter import LayersPresenter
from app.performance.speed_page import SpeedPage
from app.performance.speed_presenter import SpeedPresenter
from app.project_views import ProjectView


class PerformanceTab(QTabWidget):
    """The pages, each of which shows the selected project."""

    profile_requested = Signal()
    keep_in_float_requested = Sends[tuple[str, ...]]()  # original operations

    def __init__(
        self, speed: SpeedPresenter, layers: LayersPresenter, comparing: ComparePresenter
    ) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.setTabBarAutoHide(True)
        self._speed = speed
        self.speed = SpeedPage(speed)
        self.layers = LayersPage(layers)
        self.graph = GraphPage(layers)
        self.compare = ComparePage(comparing)
        self._pages = (self.speed, self.layers, self.graph, self.compare)
        names = ("Speed", "Layers", "Graph", "Compare projects")
        for page, name in zip(self._pages, names, strict=True):
            self.addTab(page, name)
        for one in (self.layers, self.graph):
            one.profile_requested.connect(self.profile_requested)
            one.keep_in_float_requested.connect(self.keep_in_float_requested)
        self.layers.layer_opened.connect(self._on_layer_opened)

    def show_project(self, view: ProjectView) -> None:
        """Show this project on every page."""
        for page in self._pages:
            page.show_project(view)

    def close_workers(self) -> None:
        """End what still runs."""
        self._speed.close()

    def _on_layer_opened(self, place: int) -> None:
        self.setCurrentWidget(self.graph)
        self.graph.graph.select(place, centre=True)
