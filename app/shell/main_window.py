"""The window: puts the parts in their places and connects them. It decides nothing."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.kit.notice import Notice
from app.kit.text import displayable
from app.kit.theme import GAP, MARGIN, apply_theme
from app.kit.widgets import DATASET_FILES, PathField, dropped_path, dropped_paths
from app.optimize.presenter import OptimizePresenter
from app.optimize.tab import OptimizeTab
from app.performance.compare_presenter import ComparePresenter
from app.performance.layers_presenter import LayersPresenter
from app.performance.speed_presenter import SpeedPresenter
from app.performance.tab import PerformanceTab
from app.project.dataset_check import DatasetCheckPresenter
from app.project.tab import ProjectTab
from app.project_views import Action, ProjectRow, ProjectView
from app.reports.presenter import ReportsPresenter
from app.reports.tab import ReportTab
from app.search.page import SearchPage
from app.search.presenter import SearchPresenter
from app.shell.asking import TITLE, Asking
from app.shell.closing import Closing
from app.shell.job_bar import JobBar
from app.shell.notices import NoticeBar, open_path
from app.shell.project_tree import ProjectTree
from app.shell.session import Session
from app.shell.settings import THEMES, Settings
from app.shell.start_page import StartPage
from app.transfer.handing_over import HandingOver
from core.datasets.source import may_be_dataset
from core.errors import WorkbenchError
from core.images.listing import IMAGE_SUFFIXES
from core.models.sources import holds_model


class MainWindow(QMainWindow):
    """Project tree on the left, tabs on the right, the job bar below."""

    def __init__(
        self,
        session: Session,
        reports: ReportsPresenter,
        optimize: OptimizePresenter,
        layers: LayersPresenter,
        compare: ComparePresenter,
        search: SearchPresenter,
        speed: SpeedPresenter,
        settings: Settings,
    ) -> None:
        super().__init__()
        self.session = session
        self.asking = Asking(self, session)
        self.closing = Closing(self, session.queue)
        self._settings = settings
        self._view: ProjectView | None = None
        self.dataset_check = DatasetCheckPresenter(session.workspace, self)
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.resize(1280, 800)
        self.tree = ProjectTree()
        self.start_page = StartPage()
        self.project_tab = ProjectTab()
        self.optimize_tab = OptimizeTab(optimize)
        self.search_page = SearchPage(search)
        self.optimize_tab.add_method(
            "Search",
            "Many plans and precisions, to find the fastest one that loses nothing.",
            self.search_page,
        )
        self.performance_tab = PerformanceTab(speed, layers, compare)
        self.report_tab = ReportTab(reports)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.project_tab, "Project")
        self.tabs.addTab(self.optimize_tab, "Optimize")
        self.tabs.addTab(self.performance_tab, "Performance")
        self.tabs.addTab(self.report_tab, "Accuracy report")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.tabs)
        self.notices = NoticeBar()
        self.job_bar = JobBar()
        self._lay_out()
        self._build_menus()
        reports.noticed.connect(self.notices.show_notice)
        layers.keep_in_float_requested.connect(self._on_keep_in_float_requested)
        for presenter in (optimize, layers, compare, search, speed):
            presenter.failed.connect(self._on_failed)
        self._connect()
        if settings.geometry is not None:
            self.restoreGeometry(settings.geometry)

    def warm_up(self) -> None:
        """Make what the tabs will need, once the window stands: not in the middle of a job."""
        self.performance_tab.speed.charts()
        self.search_page.chart()
        self.report_tab.warm_up()
        self._on_dataset_created()
        import_module("app.importing.dialog")

    # Building

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, GAP, 0, 0)
        column.setSpacing(GAP)
        told = QHBoxLayout()
        told.setContentsMargins(MARGIN, 0, MARGIN, 0)
        told.addWidget(self.notices)
        column.addLayout(told)
        column.addWidget(self.pages, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.tree)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([260, 1020])
        splitter.setChildrenCollapsible(False)
        whole = QWidget()
        box = QVBoxLayout(whole)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(splitter, 1)
        box.addWidget(self.job_bar)
        self.setCentralWidget(whole)

    def _build_menus(self) -> None:
        file = self.menuBar().addMenu("&File")
        new = file.addAction("&New project…", self._on_new_requested)
        new.setShortcut(QKeySequence(QKeySequence.StandardKey.New))
        file.addAction("Open Model Zoo &catalogue…", self.asking.for_catalogue_model)
        file.addAction("Open the &sample project", self.session.open_sample)
        file.addAction("Create a &dataset…", self._on_new_dataset_requested)
        file.addAction("&Start page", self._on_start_page_requested)
        file.addSeparator()
        self.handing_over = HandingOver(self, self.session, file)
        file.addSeparator()
        file.addAction("Open the &workspace folder", self._on_workspace_requested)
        file.addSeparator()
        leave = file.addAction("&Quit", self.close)
        leave.setShortcut(QKeySequence(QKeySequence.StandardKey.Quit))
        view = self.menuBar().addMenu("&View")
        self._themes = QActionGroup(self)
        for theme in THEMES:
            action = view.addAction(f"{theme.capitalize()} theme")
            action.setCheckable(True)
            action.setData(theme)
            action.setChecked(theme == self._settings.theme)
            self._themes.addAction(action)
        self._themes.triggered.connect(self._on_theme_chosen)
        help_menu = self.menuBar().addMenu("&Help")
        help_menu.addAction("&Log of the last job", self._on_log_requested)
        help_menu.addAction("&About", self.asking.tell_about)

    def _connect(self) -> None:
        session = self.session
        session.projects_changed.connect(self._on_projects_changed)
        session.project_shown.connect(self._on_project_shown)
        session.noticed.connect(self.notices.show_notice)
        session.report_ready.connect(self._on_report_ready)
        session.model_downloaded.connect(self.asking.for_project)
        session.dataset_created.connect(self._on_dataset_created)
        session.queue.state_changed.connect(self.job_bar.show_state)
        self.tree.project_selected.connect(session.select_project)
        self.tree.new_requested.connect(self._on_new_requested)
        self.tree.delete_requested.connect(self.asking.before_deleting)
        self.tree.rename_requested.connect(self.asking.for_name)
        self.start_page.sample_requested.connect(session.open_sample)
        self.start_page.open_requested.connect(self._on_new_requested)
        self.start_page.catalogue_requested.connect(self.asking.for_catalogue_model)
        self.start_page.project_requested.connect(session.select_project)
        self.project_tab.action_requested.connect(self._on_action_requested)
        self.project_tab.correction_requested.connect(self._on_correction_requested)
        self.project_tab.dataset_card.image_requested.connect(open_path)
        self.project_tab.dataset_card.mapping_requested.connect(self.asking.for_class_mapping)
        self.optimize_tab.optimize_requested.connect(self.dataset_check.stop)
        self.optimize_tab.optimize_requested.connect(session.optimize)
        self.optimize_tab.calibration.changed.connect(self._on_calibration_shown)
        self.tabs.currentChanged.connect(self._on_calibration_shown)
        self.dataset_check.noted.connect(self.optimize_tab.show_dataset_note)
        self.report_tab.keep_in_float_requested.connect(self._on_keep_in_float_requested)
        self.report_tab.mapping_requested.connect(self.asking.for_class_mapping)
        self.job_bar.cancel_requested.connect(session.queue.cancel_current)
        self.job_bar.log_requested.connect(self._on_log_requested)

    # What happened

    def _on_projects_changed(self, rows: tuple[ProjectRow, ...]) -> None:
        self.tree.show_projects(rows, self.session.selected)
        self.start_page.show_projects(rows)

    def _on_project_shown(self, view: ProjectView | None) -> None:
        changed = (view and view.project.id) != (self._view and self._view.project.id)
        self._view = view
        self.tree.show_selected(view.project.id if view else None)
        self.handing_over.show_project(view)
        if view is None:
            self.setWindowTitle(TITLE)
            self.pages.setCurrentWidget(self.start_page)
            return
        self.setWindowTitle(displayable(f"{view.title} – {TITLE}"))
        for tab in (self.project_tab, self.optimize_tab, self.performance_tab, self.report_tab):
            tab.show_project(view)
        self.search_page.show_project(view)
        if changed and self.tabs.currentWidget() is self.optimize_tab and view.optimized:
            self.tabs.setCurrentWidget(self.project_tab)
        self.pages.setCurrentWidget(self.tabs)

    def _on_report_ready(self) -> None:
        self.tabs.setCurrentWidget(self.report_tab)

    def _on_failed(self, error: WorkbenchError) -> None:
        self.notices.show_notice(Notice(str(error), failed=True))

    # What the user wants

    def _on_action_requested(self, action: Action) -> None:
        if self._view is None:
            return
        if action == "optimize":
            self.tabs.setCurrentWidget(self.optimize_tab)
        elif action == "benchmark":
            self.session.start_benchmark(self._view.project.id)
        elif action == "compare":
            self._on_comparison_requested()
        elif action == "images":
            self.tabs.setCurrentWidget(self.report_tab)
        elif action == "child":
            self.session.select_project(self._view.child_id)

    def _on_keep_in_float_requested(self, operations: tuple[str, ...]) -> None:
        self.optimize_tab.keep_in_float(operations)
        self.tabs.setCurrentWidget(self.optimize_tab)

    def _on_comparison_requested(self) -> None:
        if self._view is not None:
            self.session.start_comparison(self._view.project.id)

    def _on_new_requested(self) -> None:
        self.asking.for_project()

    def _on_new_dataset_requested(self) -> None:
        self.asking.for_dataset()

    def _on_dataset_created(self) -> None:
        offers = self.session.own_datasets()
        for field in self.findChildren(PathField):
            if field.files == DATASET_FILES:
                field.set_offers(offers)

    def _on_calibration_shown(self) -> None:
        if self._view is not None and self.tabs.currentWidget() is self.optimize_tab:
            chosen = self.optimize_tab.calibration.path
            self.dataset_check.check(chosen, "calibration", self._view.project.dataset)

    def _on_correction_requested(self) -> None:
        if self._view is not None:
            self.asking.for_correction(self._view.project.id)

    def _on_start_page_requested(self) -> None:
        self.session.select_project(None)

    def _on_workspace_requested(self) -> None:
        open_path(self.session.workspace.root)

    def _on_log_requested(self) -> None:
        open_path(self.session.log)

    def _on_theme_chosen(self) -> None:
        theme = self._themes.checkedAction().data()
        self._settings.theme = theme
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, theme)
            self.session.refresh()

    # Qt

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = dropped_paths(event)
        if not paths:
            return
        path = paths[0]
        event.acceptProposedAction()
        if len(paths) > 1 or path.suffix.lower() in IMAGE_SUFFIXES:
            self.asking.for_dataset(paths)
        elif holds_model(path) or (path.is_file() and not may_be_dataset(path)):
            self.asking.for_project(model=path)
        else:
            self.asking.for_project(dataset=path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closing.may_close():
            event.ignore()
            return
        self._settings.geometry = self.saveGeometry()
        from app.importing.presenter import ExaminePresenter

        for dialog in self.findChildren(QDialog):
            dialog.done(0)
        for presenter in self.findChildren(ExaminePresenter):
            presenter.close()
        self.dataset_check.close()
        self.session.queue.close()
        self.project_tab.dataset_card.close_workers()
        self.performance_tab.close_workers()
        self.report_tab.close_workers()
        super().closeEvent(event)
