"""Performance: one page for each question about speed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent

from app.performance.compare_presenter import ComparePresenter
from app.performance.layers_presenter import LayersPresenter
from app.performance.machines_presenter import MachinesComparedPresenter
from app.performance.speed_presenter import SpeedPresenter
from app.project.tabs import ProjectTabs
from app.project_views import ProjectView

if TYPE_CHECKING:
    from app.performance.compare_page import ComparePage
    from app.performance.graph_page import GraphPage
    from app.performance.layers_page import LayersPage
    from app.performance.machines_page import MachinesPage
    from app.performance.run_on import RunOn
    from app.performance.speed_page import SpeedPage


_COMPARING = 3  # place of the first of the pages that compare what was run


class PerformanceTab(ProjectTabs):
    """The pages, each of which shows the selected project."""

    def __init__(
        self,
        speed: SpeedPresenter,
        layers: LayersPresenter,
        compare: ComparePresenter,
        machines: MachinesComparedPresenter,
    ) -> None:
        super().__init__()
        self.setTabBarAutoHide(True)
        self._speed, self._layers, self._compare = speed, layers, compare
        self._machines = machines
        self.add_place("Speed", lambda: self.speed)
        self.add_place("Layers", lambda: self.layers)
        self.add_place("Graph", lambda: self.graph)
        self.add_place("Compare projects", lambda: self.compare)
        self.add_place("Compare machines", lambda: self.machines)
        self.run_on: RunOn | None = None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.run_on is None:
            from app.performance.run_on import RunOn

            self.run_on = RunOn(self._speed, self._layers)
            self.setCornerWidget(self.run_on, Qt.Corner.TopRightCorner)
            self.currentChanged.connect(self._on_page_changed)
            self._on_page_changed(self.currentIndex())
        self.run_on.refresh()

    def show_project(self, view: ProjectView) -> None:
        super().show_project(view)
        if self.run_on is not None:
            self.run_on.refresh()

    @cached_property
    def speed(self) -> SpeedPage:
        """How fast."""
        from app.performance.speed_page import SpeedPage

        return self.placed(0, SpeedPage(self._speed))

    @cached_property
    def layers(self) -> LayersPage:
        """Which layers take the time."""
        from app.performance.layers_page import LayersPage

        page = self.placed(1, LayersPage(self._layers))
        page.layer_opened.connect(self._on_layer_opened)
        self._layers.refresh()
        return page

    @cached_property
    def graph(self) -> GraphPage:
        """The executed graph."""
        from app.performance.graph_page import GraphPage

        page = self.placed(2, GraphPage(self._layers))
        page.layer_listed.connect(self._on_layer_listed)
        self._layers.refresh()
        return page

    @cached_property
    def compare(self) -> ComparePage:
        """Runs of any projects."""
        from app.performance.compare_page import ComparePage

        return self.placed(3, ComparePage(self._compare))

    @cached_property
    def machines(self) -> MachinesPage:
        """What each machine measured."""
        from app.performance.machines_page import MachinesPage

        return self.placed(4, MachinesPage(self._machines))

    def _on_page_changed(self, place: int) -> None:
        if self.run_on is not None:
            self.run_on.show_for(place < _COMPARING)

    def _on_layer_listed(self) -> None:
        self.setCurrentWidget(self.layers)
        self.layers.details.show_layer(self._layers.selected)

    def _on_layer_opened(self) -> None:
        self.setCurrentWidget(self.graph)
        self.graph.graph.select(self._layers.selected, centre=True)
