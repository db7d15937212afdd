"""Puts the program together."""

from __future__ import annotations

from pathlib import Path

from app.main_window import MainWindow
from app.presenters.report import ReportPresenter
from app.presenters.session import Session
from app.settings import Settings
from app.workers.job_queue import JobQueue
from core.workbench import Workbench
from core.workspace.store import Workspace


def compose(workspace: Path) -> MainWindow:
    """The window on a workspace; raises WorkbenchError where that cannot be opened."""
    workbench = Workbench(Workspace(workspace))
    queue = JobQueue(workbench)
    session = Session(workbench, queue)
    report = ReportPresenter(workbench)
    window = MainWindow(session, report, Settings(workspace))
    for part in (queue, session, report):
        part.setParent(window)
    session.start()
    return window
