"""Accuracy report: what changed between parent and optimized, as a table and in pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from app.presenters.report import ReportPresenter, ReportView
from app.presenters.views import ProjectView
from app.widgets import EmptyState

if TYPE_CHECKING:
    from app.tabs.report_tables import ReportTables
    from app.viewer.comparison_viewer import ComparisonViewer
    from app.viewer.scene import ViewedImage


class ReportTab(QStackedWidget):
    """Empty state, tables, and the viewer; the latter two are made when they are needed."""

    comparison_requested = Signal()

    def __init__(self, presenter: ReportPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.tables: ReportTables | None = None
        self.viewer: ComparisonViewer | None = None
        self.empty = EmptyState("", "", "Compare with parent")
        self.empty.action.clicked.connect(self.comparison_requested)
        self.addWidget(self.empty)
        presenter.report_changed.connect(self._on_report_changed)
        presenter.image_changed.connect(self._on_image_changed)

    def show_project(self, view: ProjectView) -> None:
        """Show the newest report of this project, or how to get one."""
        title, text = _nothing_yet(view)
        self.empty.title.setText(title)
        self.empty.text.setText(text)
        self.empty.action.setVisible(view.optimized and view.ready)
        self._presenter.show_report(view.report)

    def close_workers(self) -> None:
        """Join the viewer's threads."""
        if self.viewer is not None:
            self.viewer.close_workers()

    def _on_report_changed(self, view: ReportView | None) -> None:
        if view is None:
            self.setCurrentWidget(self.empty)
            return
        tables = self.make_tables()
        tables.show_report(view)
        if self.viewer is not None:
            self.viewer.set_score_threshold(view.comparison.thresholds.score)
        if self.currentWidget() is self.empty:
            self.setCurrentWidget(tables)

    def _on_image_changed(self, image: ViewedImage | None) -> None:
        if image is None:
            if self.tables is not None and self.currentWidget() is self.viewer:
                self.setCurrentWidget(self.tables)
                self.tables.table.setFocus()
            return
        viewer = self.make_viewer()
        viewer.show_image(image)
        viewer.show_thumbnails(self._presenter.thumbnails())
        viewer.prefetch(self._presenter.neighbours())
        if self.currentWidget() is not viewer:
            self.setCurrentWidget(viewer)
            viewer.setFocus()

    def make_tables(self) -> ReportTables:
        """The tables, made at the first call."""
        if self.tables is not None:
            return self.tables
        from app.tabs.report_tables import ReportTables

        self.tables = tables = ReportTables()
        tables.comparison_requested.connect(self.comparison_requested)
        tables.score_threshold_changed.connect(self._presenter.set_score_threshold)
        tables.image_requested.connect(self._presenter.show_image)
        self.addWidget(tables)
        return tables

    def make_viewer(self) -> ComparisonViewer:
        """The viewer, made at the first call."""
        if self.viewer is not None:
            return self.viewer
        from app.viewer.comparison_viewer import ComparisonViewer

        self.viewer = viewer = ComparisonViewer()
        viewer.next_requested.connect(self._on_next_requested)
        viewer.previous_requested.connect(self._on_previous_requested)
        viewer.next_difference_requested.connect(self._presenter.show_next_difference)
        viewer.image_requested.connect(self._presenter.show_image)
        viewer.score_threshold_changed.connect(self._presenter.set_score_threshold)
        viewer.back_requested.connect(self._on_back_requested)
        if self._presenter.view is not None:
            viewer.set_score_threshold(self._presenter.view.comparison.thresholds.score)
        self.addWidget(viewer)
        return viewer

    def _on_next_requested(self) -> None:
        self._presenter.show_next()

    def _on_previous_requested(self) -> None:
        self._presenter.show_next(-1)

    def _on_back_requested(self) -> None:
        self._presenter.show_image(None)


def _nothing_yet(view: ProjectView) -> tuple[str, str]:
    """Title and text of the empty state."""
    if not view.optimized:
        return "Nothing to compare", (
            "A report compares an optimized model with its parent. Optimize this project, then "
            "open the optimized one."
        )
    if not view.ready:
        return "Not made yet", view.next_step.text
    return "Not compared yet", (
        f"Run both models over the {view.dataset.images:,} images of {view.dataset.name} and see, "
        "image by image, what changed. Annotations are not needed: the parent is the reference."
    )
