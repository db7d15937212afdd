"""Accuracy report: the library of reports, one report, two beside each other, and images."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from app.kit.boxes import down
from app.kit.widgets import EmptyState
from app.project_views import ProjectView
from app.reports.header import ReportHeader, ask_where, ask_where_limits
from app.reports.kind_page import FoldingPage, KindPage
from app.reports.kind_presenter import KindView
from app.reports.library_page import LibraryPage
from app.reports.pages import PAGES
from app.reports.presenter import Export, ReportsPresenter
from app.reports.report_library import KeptReport, VersusView

if TYPE_CHECKING:
    from app.reports.versus_page import VersusPage
    from app.viewer.comparison_viewer import ComparisonViewer
    from app.viewer.scene.scene import ViewedImage


class ReportTab(QWidget):
    """Puts the pages in their places; each is made when it is needed."""

    def __init__(self, reports: ReportsPresenter) -> None:
        super().__init__()
        self._reports = reports
        self._back_to: QWidget | None = None  # when the viewer closes
        self._focused: QWidget | None = None  # on that page, when the viewer opened
        self._kinds: dict[str, KindPage] = {}
        self._folded: Callable[[str], bool | None] = lambda name: None
        self._keep_folded: Callable[[str, bool], None] = lambda name, folded: None
        self.versus: VersusPage | None = None
        self.viewer: ComparisonViewer | None = None
        self.header = ReportHeader()
        self.header.back_requested.connect(reports.show_library)
        self.header.export_requested.connect(self._on_export_requested)
        self.library = LibraryPage(reports.own_datasets)
        self.library.start_requested.connect(self._reports.start)
        self.library.mapping_requested.connect(reports.go.map_classes)
        kept = self.library.kept
        kept.open_requested.connect(reports.open)
        kept.compare_requested.connect(reports.compare)
        kept.rename_requested.connect(reports.keeping.rename)
        kept.delete_requested.connect(reports.keeping.delete)
        kept.undo_requested.connect(reports.go.undo_delete)
        kept.limits_requested.connect(self._on_limits_requested)
        self.pages = QStackedWidget()
        self.opening = EmptyState("Opening the report…", "")
        for page in (self.library, self.opening):
            self.pages.addWidget(page)
        down(self.header, (self.pages, 1), spacing=8, margins=0, on=self)
        self.header.hide()
        reports.library_changed.connect(self.library.show_library)
        reports.machine.found.connect(self.library.show_machine)
        reports.machine.devices_changed.connect(self.library.show_devices)
        self.library.devices_wanted.connect(reports.machine.ask)
        reports.machine.ask()
        reports.shown_changed.connect(self._on_shown_changed)
        reports.opening_failed.connect(self._on_opening_failed)
        reports.versus_changed.connect(self._on_versus_changed)
        reports.walk.image_changed.connect(self._on_image_changed)

    def currentWidget(self) -> QWidget | None:
        """The page that is seen."""
        return self.pages.currentWidget()

    def remember(
        self, folded: Callable[[str], bool | None], keep_folded: Callable[[str, bool], None]
    ) -> None:
        """Where it is written down which parts beside images and tables are folded, by name.

        None where the user never chose.
        """
        self._folded, self._keep_folded = folded, keep_folded

    def show_project(self, view: ProjectView) -> None:
        """Show the newest report of this project, or how to get one."""
        self._reports.show_project(view)

    def close_workers(self) -> None:
        """Write down how reports are looked at; join all threads."""
        self._reports.close()
        for page in self._kinds.values():
            page.close_workers()
        if self.viewer is not None:
            self.viewer.close_workers()

    # Pages, made at the first call

    def page_of(self, kind: str) -> KindPage:
        """The page of a kind of report."""
        if kind not in self._kinds:
            presenter = self._reports.of_kind(kind)
            page = PAGES[kind]()[1](presenter)
            page.keep_in_float_requested.connect(self._reports.go.keep_in_float)
            page.look_requested.connect(self._reports.look_at)
            page.package_requested.connect(self._reports.go.make_package)
            presenter.report_changed.connect(partial(self._on_report_changed, page))
            if isinstance(page, FoldingPage):
                folded = self._folded("report panel")
                if folded is None:
                    page.fold_panel_by_width()
                else:
                    page.fold_panel(folded)
                page.panel_folded.connect(partial(self._keep_folded, "report panel"))
            self._kinds[kind] = page
            self.pages.addWidget(page)
        return self._kinds[kind]

    def make_versus(self) -> VersusPage:
        """Two reports beside each other."""
        if self.versus is None:
            from app.reports.versus_page import VersusPage

            self.versus = VersusPage()
            self.versus.image_requested.connect(self._reports.show_versus_image)
            self.pages.addWidget(self.versus)
        return self.versus

    def make_viewer(self) -> ComparisonViewer:
        """The viewer."""
        if self.viewer is not None:
            return self.viewer
        from app.viewer.comparison_viewer import ComparisonViewer

        self.viewer = viewer = ComparisonViewer()
        viewer.next_requested.connect(self._reports.walk.show_next)
        viewer.previous_requested.connect(self._on_previous_requested)
        viewer.next_difference_requested.connect(self._reports.walk.show_next_difference)
        viewer.box_picked.connect(self._select_row)
        viewer.image_requested.connect(self._reports.walk.show_image)
        viewer.score_threshold_changed.connect(self._reports.set_score_threshold)
        viewer.back_requested.connect(self._on_back_requested)
        for name in ("list", "strip"):
            viewer.folding.fold(name, bool(self._folded(name)))
        if self._folded("list") is None:
            viewer.folding.fold_list_by_width()
        viewer.folding.folded.connect(self._keep_folded)
        self.pages.addWidget(viewer)
        return viewer

    # What happened

    def _on_shown_changed(self, report: KeptReport | None) -> None:
        if report is not None:
            self.page_of(report.kind.id)  # before its presenter has something to show
        self.header.show_report(report, self._reports.formats)
        self._show(self.library if report is None else self.opening)

    def _on_opening_failed(self) -> None:
        if self.currentWidget() is self.opening:
            self._show(self.library)

    def _on_report_changed(self, page: KindPage, view: KindView | None) -> None:
        if view is None:
            return
        self._show_unless_looking(page)
        if self.viewer is not None and view.thresholds is not None:
            self.viewer.score.show_thresholds(view.thresholds)

    def _on_versus_changed(self, view: VersusView) -> None:
        page = self.make_versus()
        page.show_versus(view)
        self.header.show_report(None)
        self._show_unless_looking(page)

    def _on_image_changed(self, image: ViewedImage | None) -> None:
        if image is None:
            if self.currentWidget() is self.viewer and self._back_to is not None:
                self._show(self._back_to)
                self._focus_again(self._back_to)
            return
        viewer = self.make_viewer()
        viewer.show_image(image)
        viewer.show_thumbnails(self._reports.walk.thumbnails())
        viewer.feed.prefetch(self._reports.walk.neighbours())
        if self.currentWidget() is not viewer:
            self._back_to = self.currentWidget()
            self._focused = QApplication.focusWidget()
            viewer.score.show_thresholds(self._reports.thresholds)
            self._show(viewer)
            viewer.setFocus()
        self._select_row(image.number)

    def _focus_again(self, page: QWidget) -> None:
        """Have the keys where they were before the viewer was open."""
        there = self._focused is not None and page.isAncestorOf(self._focused)
        (self._focused if there and self._focused is not None else page).setFocus()

    def _select_row(self, image: int, class_id: int | None = None) -> None:
        """The table behind the viewer follows what is looked at."""
        if isinstance(self._back_to, KindPage):
            self._back_to.select_image(image, class_id)

    def _show_unless_looking(self, page: QWidget) -> None:
        """A threshold moved in the viewer changes the report, but not what is seen."""
        if self.currentWidget() is not self.viewer:
            self._show(page)

    def _show(self, page: QWidget) -> None:
        self.header.setVisible(page is not self.library and page is not self.viewer)
        self.pages.setCurrentWidget(page)

    # What the user wants

    def _on_export_requested(self, wanted: Export) -> None:
        target = ask_where(self, wanted, self._reports.suggested_name(wanted))
        if target is not None:
            self._reports.export(wanted, target)

    def _on_limits_requested(self) -> None:
        target = ask_where_limits(self)
        if target is not None:
            self._reports.write_limits(target)

    def _on_previous_requested(self) -> None:
        self._reports.walk.show_next(-1)

    def _on_back_requested(self) -> None:
        self._reports.walk.show_image(None)
