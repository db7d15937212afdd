"""Puts the program together."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from types import TracebackType

from app.kit.notice import Notice, cut_off
from app.shell.main_window import MainWindow
from app.shell.parts import Parts

_LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
_TURN_SECONDS = 0.0005  # of a thread that reads, while the window waits to go on


def compose(root: Path) -> MainWindow:
    """The window on a workspace; raises WorkbenchError where that cannot be opened."""
    sys.setswitchinterval(_TURN_SECONDS)
    parts = Parts(root)
    window = MainWindow(parts)
    parts.setParent(window)
    parts.session.start()
    for sentence in parts.settings.pending_notices:
        parts.notices.post(cut_off(sentence))
    if parts.settings.pending_notices:
        parts.settings.pending_notices = ()
    window.place.restore()
    return window


def log_to_workspace(parts: Parts) -> None:
    """Warnings and the unexpected go to a log in the workspace; of the latter the user is told.

    Where that can only be looked at they go to standard error.
    """
    path: Path | None = parts.workspace.logs / "window.log"
    try:
        logging.basicConfig(filename=path, level=logging.INFO, format=_LINE)
    except OSError:
        path = None
        logging.basicConfig(level=logging.INFO, format=_LINE)

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        logging.getLogger("app").critical("unexpected", exc_info=(kind, error, trace))
        sentence = f"Unexpected error: {error}. Your projects are not touched."
        parts.notices.post(Notice(sentence, failed=True, log=path))

    sys.excepthook = report
