"""Performance: one page for each question about speed."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget

from app.performance.compare_page import ComparePage
from app.performance.compare_presenter import ComparePresenter
from app.performance.graph_page import GraphPage
from app.performance.layers_page import LayersPage
from app.performance.layers_presenter import LayersPresenter
from app.performance.speed_page import SpeedPage
from app.performance.speed_presenter import SpeedPresenter
from app.project_views import ProjectView


class PerformanceTab(QTabWidget):
    """The pages, each of which shows the selected project."""

    def __init__(
        self, speed: SpeedPresenter, layers: LayersPresenter, compare: ComparePresenter
    ) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.setTabBarAutoHide(True)
        self._speed, self._layers = speed, layers
        self.speed = SpeedPage(speed)
        self.layers = LayersPage(layers)
        self.graph = GraphPage(layers)
        self.compare = ComparePage(compare)
        self._pages = (self.speed, self.layers, self.graph, self.compare)
        names = ("Speed", "Layers", "Graph", "Compare projects")
        for page, name in zip(self._pages, names, strict=True):
            self.addTab(page, name)
        self.layers.layer_opened.connect(self._on_layer_opened)

    def show_project(self, view: ProjectView) -> None:
        """Show this project on every page."""
        for page in self._pages:
            page.show_project(view)

    def close_workers(self) -> None:
        """End what still runs."""
        self._speed.devices.close()

    def _on_layer_opened(self) -> None:
        self.setCurrentWidget(self.graph)
        self.graph.graph.select(self._layers.selected, centre=True)
