"""The tabs of the selected project."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from app.project.navigation import Tab
from app.project.tabs import ProjectTabs
from app.shell.parts import Parts

if TYPE_CHECKING:
    from app.optimize.plan_form import PlanForm
    from app.optimize.tab import OptimizeTab
    from app.performance.tab import PerformanceTab
    from app.project.tab import ProjectTab
    from app.reports.tab import ReportTab
    from app.search.page import SearchPage

_PLACES: tuple[Tab, ...] = get_args(Tab)


class Tabs(ProjectTabs):
    """One tab for each step with a project."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts
        self.add_place("Project", lambda: self.project)
        self.add_place(
            "Optimize",
            lambda: parts.optimize,
            lambda: self.plan_form,
            lambda: self.search,
            lambda: self.optimize_form,
            lambda: self.optimize,
        )
        self.add_place("Performance", lambda: parts.speed, lambda: self.performance)
        self.add_place("Accuracy report", lambda: parts.reports, lambda: self.report)

    @cached_property
    def project(self) -> ProjectTab:
        """What the project is, and what to do next."""
        from app.project.tab import ProjectTab

        return self.placed(0, ProjectTab(self._parts.project))

    @cached_property
    def plan_form(self) -> PlanForm:
        """The largest part of the tab that optimizes, which takes as long as its rest."""
        from app.optimize.plan_form import PlanForm

        return PlanForm()

    @cached_property
    def optimize_form(self) -> OptimizeTab:
        """The tab that optimizes, before it has its place and the search."""
        from app.optimize.tab import OptimizeTab

        return OptimizeTab(self._parts.optimize, self.plan_form)

    @cached_property
    def optimize(self) -> OptimizeTab:
        """Ways to quantize it, searching among them."""
        tab = self.optimize_form
        tab.add_method(
            "Search",
            "Many plans and precisions, to find the fastest one that loses nothing.",
            self.search,
        )
        return self.placed(1, tab)

    @cached_property
    def search(self) -> SearchPage:
        """The search's page in the tab that optimizes."""
        from app.search.page import SearchPage

        return self.joined(SearchPage(self._parts.search))

    @cached_property
    def performance(self) -> PerformanceTab:
        """How fast it is, and why."""
        from app.performance.tab import PerformanceTab

        parts = self._parts
        return self.placed(
            2, PerformanceTab(parts.speed, parts.layers, parts.comparing, parts.on_machines)
        )

    @cached_property
    def report(self) -> ReportTab:
        """What it detects, beside its parent."""
        from app.reports.tab import ReportTab

        tab = ReportTab(self._parts.reports)
        tab.remember(self._parts.settings.folded, self._parts.settings.keep_folded)
        return self.placed(3, tab)

    def make_all(self) -> Iterator[object]:
        """Every page, the likely ones first; each step takes a moment."""
        yield self.project
        yield self.search
        yield self._parts.optimize
        yield self.plan_form
        yield self.optimize_form
        yield self.optimize
        yield self.performance
        yield self.performance.speed
        yield self.performance.speed.charts()
        yield self.performance.speed.charts().latencies
        yield self.search.chart()
        yield self._parts.reports
        yield self.report
        yield self.report.page_of("predictions")
        yield self.report.page_of("predictions").make_ready()
        yield self.performance.layers
        yield self.performance.graph
        yield self.performance.compare
        yield self.report.page_of("annotations")
        yield self.report.page_of("tensor-distance")
        yield self.report.page_of("operating-point")
        yield self.report.page_of("two-ways")
        yield self.report.make_versus()
        yield self.report.make_viewer()

    def current_tab(self) -> Tab:
        """The one in front."""
        return _PLACES[self.currentIndex()]

    def show_tab(self, tab: Tab) -> None:
        """Bring a tab to the front."""
        self.setCurrentIndex(_PLACES.index(tab))

    def show_search(self) -> None:
        """Bring the search to the front, among the ways to optimize."""
        self.show_tab("optimize")
        self.optimize.methods.choose_page(self.search)

    def leave(self, tab: Tab) -> None:
        """Bring the first tab to the front where this one is there."""
        if self.currentIndex() == _PLACES.index(tab):
            self.setCurrentIndex(0)

    def close_workers(self) -> None:
        """End what still runs for the tabs that there are."""
        made = vars(self)
        if "project" in made:
            self.project.dataset_card.close_workers()
            self.project.notes_card.save()
        if "report" in made:
            self.report.close_workers()
