"""The window: puts the parts in their places and connects them. It decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.kit.notice import Notice
from app.kit.text import displayable
from app.kit.theme import GAP
from app.kit.widgets import dropped_paths
from app.project_views import ProjectRow, ProjectView
from app.shell.asking import TITLE, Asking
from app.shell.closing import Closing
from app.shell.dropping import Drop, DropHint, meaning
from app.shell.job_bar import JobBar
from app.shell.menus import Menus, Ways
from app.shell.notices import Toasts, open_path
from app.shell.parts import Parts
from app.shell.place import Place
from app.shell.project_tree import ProjectTree
from app.shell.start_page import StartPage
from app.shell.tabs import Tabs
from app.shell.warming import Warming

if TYPE_CHECKING:
    from app.jobs.panel import JobsPanel
    from app.project.standing import Standing
    from app.workers.queued import QueuedJob
    from core.scorecard.score import Source


_AFTER_PAINTING_MS = 300  # until is read where the models stand, and what lies in the trash

_FOLLOW_MS = 1000  # until others' changes are looked for: the first paint needs none of it


class MainWindow(QMainWindow):
    """Project tree on the left, tabs on the right, the job bar below."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts = parts
        self.closing = Closing(self, parts.queue)
        self._view: ProjectView | None = None
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.asking = Asking(self, parts)
        self.tree = ProjectTree()
        self.start_page = StartPage()
        self.job_bar = JobBar()
        self.tabs = Tabs(parts)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.tabs)
        self._lay_out()
        ways = Ways(self.notices.take_focus, self.toggle_jobs, self.tabs.current_tab)
        self.menus = Menus(self, parts, self.asking, self.tree, ways)
        self._connect()
        self.warming = Warming(self.tabs, self)
        self._follow = QTimer(self, singleShot=True, interval=_FOLLOW_MS)
        self._follow.timeout.connect(lambda: self.parts.following)
        self._follow.start()
        self.place = Place(self, parts, self.tabs, self.splitter)

    # Building

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, GAP, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.pages, 1)
        self.notices = Toasts(right)
        self.splitter = splitter = QSplitter(Qt.Orientation.Horizontal)
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
        self.drop_hint = DropHint(whole)

    def _connect(self) -> None:
        session, queue, go = self.parts.session, self.parts.queue, self.parts.navigation
        session.projects_changed.connect(self._on_projects_changed)
        session.project_shown.connect(self._on_project_shown)
        session.results_changed.connect(self._read_standing)
        self.parts.notices.posted.connect(self.notices.show_notice)
        self.notices.log_requested.connect(self.asking.show_log)
        go.show_tab.connect(self.tabs.show_tab)
        self.tabs.currentChanged.connect(lambda: session.look_at(self.tabs.current_tab()))
        go.show_search.connect(self.tabs.show_search)
        go.keep_in_float.connect(self._on_keep_in_float_wanted)
        go.open_file.connect(open_path)
        go.make_package.connect(self.menus.transfer.ask_for_package)
        go.show_source.connect(self._on_source_wanted)
        go.compare_projects.connect(self._on_comparison_wanted)
        self._painted = QTimer(self, singleShot=True, interval=_AFTER_PAINTING_MS)
        self._painted.timeout.connect(self._on_painted)
        QTimer.singleShot(0, self._painted, self._painted.start)  # once the window runs
        queue.state_changed.connect(self.job_bar.show_state)
        self.tree.project_selected.connect(session.select_project)
        self.tree.new_requested.connect(self.asking.for_project)
        self.tree.trash_requested.connect(self.asking.show_trash)
        self.tree.renamed.connect(session.rename_project)
        self.parts.keeping.trash_counted.connect(self.tree.show_trash)
        self.notices.undo_requested.connect(self.parts.keeping.restore)
        self.start_page.sample_requested.connect(session.open_sample)
        self.start_page.open_requested.connect(self.asking.for_project)
        self.start_page.catalogue_requested.connect(self.asking.for_catalogue_model)
        self.start_page.project_requested.connect(session.select_project)
        self.job_bar.cancel_requested.connect(queue.cancel_current)
        self.job_bar.log_requested.connect(self.menus.open_log)
        self.job_bar.jobs_requested.connect(self.toggle_jobs)
        self.job_bar.stay_requested.connect(self.closing.stay)
        self.closing.waiting_changed.connect(self.job_bar.show_closing)
        self.closing.waiting_changed.connect(self._on_closing_waits)
        self.closing.ended_unseen.connect(self._on_ended_unseen)
        queue.job_changed.connect(self._on_job_changed)

    @cached_property
    def jobs(self) -> JobsPanel:
        """The panel of all jobs; it is made when it is first wanted."""
        from app.jobs.panel import JobsPanel

        panel = JobsPanel(self.parts.jobs, self)
        panel.log_requested.connect(self.asking.show_log)
        panel.hide()
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, panel)
        return panel

    def toggle_jobs(self) -> None:
        """Show the jobs panel, or hide it."""
        self.jobs.setVisible(not self.jobs.isVisible())

    # What happened

    def _on_projects_changed(self, rows: tuple[ProjectRow, ...]) -> None:
        self.tree.show_projects(rows, self.parts.session.selected)
        self.start_page.show_projects(rows)
        self._read_standing()

    def _read_standing(self) -> None:
        if "standing" in vars(self.parts.project):
            self.parts.project.standing.refresh()

    def _on_painted(self) -> None:
        """Read where the models stand, and what is in the trash: the first picture has neither."""
        session, keeping = self.parts.session, self.parts.keeping
        session.results_changed.connect(keeping.count_trash)
        keeping.count_trash()
        standing = self.parts.project.standing
        standing.changed.connect(self._on_standing_changed)
        self._on_standing_changed(standing.standing)  # a page may have had it read already
        standing.refresh()

    def _on_standing_changed(self, standing: Standing) -> None:
        self.tree.show_standing(standing.short)

    def _on_project_shown(self, view: ProjectView | None) -> None:
        changed = (view and view.project.id) != (self._view and self._view.project.id)
        self._view = view
        self.tree.show_selected(view.project.id if view else None)
        self.parts.transfer.show_project(view)
        if view is None:
            self.setWindowTitle(TITLE)
            self.tabs.forget_project()
            self.pages.setCurrentWidget(self.start_page)
            return
        self.setWindowTitle(displayable(f"{view.title} – {TITLE}"))
        if changed and view.optimized:
            self.tabs.leave("optimize")
        self.tabs.show_project(view)
        self.pages.setCurrentWidget(self.tabs)

    def _on_closing_waits(self, waiting: bool) -> None:
        if waiting:
            self.showMinimized()

    def _on_ended_unseen(self, sentence: str) -> None:
        settings = self.parts.settings
        settings.pending_notices = (*settings.pending_notices, sentence)

    def _on_job_changed(self, job: QueuedJob) -> None:
        preferred = self.parts.preferred.now
        notable = preferred.notifies and job.seconds >= preferred.notable_seconds
        if notable and not self.isActiveWindow():
            from app.shell.desktop import notify_desktop

            notify_desktop(self, job)

    def report_crash(self) -> None:
        """Say that the program crashed last time, if it did."""
        from app.shell.crash import new_crash

        path = new_crash()
        if path is not None:
            sentence = "The program crashed last time. The log shows where it was."
            self.parts.notices.post(Notice(sentence, failed=True, log=path))

    # What the pages ask for

    def _on_keep_in_float_wanted(self, operations: tuple[str, ...]) -> None:
        self.tabs.show_tab("optimize")
        self.tabs.optimize.keep_in_float(operations)

    def _on_source_wanted(self, source: Source) -> None:
        from app.shell.sources import show_source

        show_source(self.parts, self.tabs, source)

    def _on_comparison_wanted(self, project_ids: tuple[int, ...]) -> None:
        from app.shell.sources import compare_projects

        compare_projects(self.parts, self.tabs, project_ids)

    # Qt

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab: pages, and parts of them, are made later than the bar of jobs below them."""
        from app.kit.tab_order import next_as_read

        following = next_as_read(self, self.focusWidget(), next)
        if following is None:
            return super().focusNextPrevChild(next)
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        following.setFocus(reason)
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = dropped_paths(event)
        if paths:
            event.acceptProposedAction()
            self.drop_hint.show_drop(self._meaning(paths))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drop_hint.hide()
        paths = dropped_paths(event)
        if not paths:
            return
        event.acceptProposedAction()
        drop = self._meaning(paths)
        if drop.kind == "calibration":
            self.tabs.optimize.calibration.set_path(drop.paths[0])
        else:
            self.asking.for_dropped(drop)

    def _meaning(self, paths: Sequence[Path]) -> Drop:
        optimizing = self.tabs.current_tab() == "optimize" and self.tabs.current_made
        shown = self.pages.currentWidget() is self.tabs
        return meaning(paths, calibrates=optimizing and shown)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.closing.may_close():
            event.ignore()
            return
        self.place.keep_geometry()
        self._follow.stop()
        self.warming.close()
        self.asking.close()
        self.parts.close()
        self.tabs.close_workers()
        super().closeEvent(event)
