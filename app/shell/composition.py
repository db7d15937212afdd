"""Puts the program together."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType

from app.kit.notice import Notice
from app.optimize.presenter import OptimizePresenter
from app.performance.compare_presenter import ComparePresenter
from app.performance.layers_presenter import LayersPresenter
from app.performance.speed_presenter import SpeedPresenter
from app.reports.presenter import ReportsPresenter
from app.search.presenter import SearchPresenter
from app.shell.main_window import MainWindow
from app.shell.session import Session
from app.shell.settings import Settings
from app.workers.job_queue import JobQueue
from core.workspace.store import Workspace


def compose(root: Path) -> MainWindow:
    """The window on a workspace; raises WorkbenchError where that cannot be opened."""
    workspace = Workspace(root)
    queue = JobQueue(workspace)
    session = Session(workspace, queue)
    reports = ReportsPresenter(workspace, queue)
    optimize = OptimizePresenter(workspace, queue)
    layers = LayersPresenter(workspace, queue)
    search = SearchPresenter(workspace, queue)
    compare = ComparePresenter(workspace)
    speed = SpeedPresenter(workspace, queue)
    window = MainWindow(session, reports, optimize, layers, compare, search, speed, Settings(root))
    for part in (queue, session, reports, optimize, layers, compare, search, speed):
        part.setParent(window)
    session.start()
    return window


def log_to_workspace(session: Session) -> None:
    """Warnings and the unexpected go to a log in the workspace; of the latter the user is told."""
    path = session.workspace.logs / "window.log"
    logging.basicConfig(
        filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("app").critical("unexpected", exc_info=(kind, error, trace))
        sentence = f"Something went wrong that should not: {error}. Your projects are not touched."
        session.noticed.emit(Notice(sentence, failed=True, log=path))

    sys.excepthook = tell
