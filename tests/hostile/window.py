"""``python -m tests.hostile.window WORKSPACE``: the real window, off screen, looks at everything.

It goes through all projects, tabs, inner pages and reports, says what the notices say, and closes.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QTableView, QTabWidget, QWidget

from app.shell.composition import compose
from core.cli.main import FAILED, UNEXPECTED
from core.errors import WorkbenchError

if TYPE_CHECKING:
    from app.shell.main_window import MainWindow

SETTLED_MS = 60
MOST_ROWS = 12
unexpected: list[str] = []


def main() -> int:
    """Look at everything; gives the exit status."""
    root = Path(sys.argv[1])
    sys.excepthook = _remember
    application = QApplication([])
    try:
        window = compose(root)
    except WorkbenchError as error:
        print(error, file=sys.stderr)
        return FAILED
    window.show()
    window.warming.start()
    _wait()
    try:
        projects = window.parts.session.workspace.projects()
    except WorkbenchError:  # of which the window's notice tells
        projects = ()
    for project_id in [None, *(project.id for project in projects)]:
        window.parts.session.select_project(project_id)
        _walk(window)
        if text := window.notices.said:
            print(text, file=sys.stderr)
    window.close()
    _wait()
    application.processEvents()
    print("\n".join(unexpected), file=sys.stderr)
    return UNEXPECTED if unexpected else 0


def _walk(window: MainWindow) -> None:
    for place in range(window.tabs.count()):
        window.tabs.setCurrentIndex(place)
        _wait()
        page = window.tabs.currentWidget()
        for inner in page.findChildren(QTabWidget):
            for number in range(inner.count() if inner.isVisible() else 0):
                inner.setCurrentIndex(number)
                _wait()
        for table in page.findChildren(QTableView):
            _open_rows(table)


def _open_rows(table: QTableView) -> None:
    """Choose and open what a table lists; lists of reports and images are tables."""
    model = table.model()
    for row in range(min(model.rowCount(), MOST_ROWS) if table.isVisible() else 0):
        index = model.index(row, 0)
        table.setCurrentIndex(index)
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            index.data(role)
        table.doubleClicked.emit(index)
        _wait()
        _close_others()


def _close_others() -> None:
    """Windows and dialogs that were opened."""
    for widget in QApplication.topLevelWidgets():
        if widget.isVisible() and not _is_main(widget):
            widget.close()


def _is_main(widget: QWidget) -> bool:
    return type(widget).__name__ == "MainWindow"


def _wait() -> None:
    loop = QEventLoop()
    QTimer.singleShot(SETTLED_MS, loop.quit)
    loop.exec()


def _remember(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    unexpected.append("".join(traceback.format_exception(kind, error, trace)))


if __name__ == "__main__":
    sys.exit(main())
