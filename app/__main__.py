"""Starts the window: ``python -m app [--workspace FOLDER] [MODEL]``."""

from __future__ import annotations

import gc
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from app.shell.main_window import MainWindow

_ICON = "resources/icons/detection-workbench.svg"
_BEFORE_QT = ("core.models.stored", "core.jobs.planned")
"""What the first picture needs of the core, with all that it imports. PySide reads the source of
every module that is imported after itself, in search of switches that nobody uses here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed; gives the exit status."""
    _leave_at_once_on_interrupt()  # before anything is imported, which takes long
    from core.processes import (
        HELPER_FLAG,
        end_helpers_with_us,
        multiply_in_one_thread,
        run_helper,
    )

    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == [HELPER_FLAG]:
        run_helper(given[1:])
        return 0
    options = _parser().parse_args(given)
    from app.shell.crash import CrashTrace

    trace = CrashTrace()
    end_helpers_with_us()
    multiply_in_one_thread()
    status = _start(options)
    trace.end()
    return status


def _start(options: argparse.Namespace) -> int:
    if not _has_display():
        print(
            "There is no display to open a window on; "
            "'detection-workbench tutorial' does the same in the terminal.",
            file=sys.stderr,
        )
        return 2
    return _run(options)


def _leave_at_once_on_interrupt() -> None:
    """Until there is a window that closes in order, Ctrl-C ends the program: nothing has begun.

    The system itself does so. An exception of Python's would surface in the middle of a library
    that is being loaded, which aborts or goes on; a handler of Python's would not run meanwhile.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run(options: argparse.Namespace) -> int:
    from core.errors import WorkbenchError

    try:
        application, window = composed(options.workspace, options.theme)
    except WorkbenchError as error:
        from app.kit.widgets import alert

        alert(None, "Detection Workbench", str(error))
        return 1
    from PySide6.QtCore import QTimer

    window.show()
    window.warming.start()
    QTimer.singleShot(0, window.report_crash)
    if sys.platform == "darwin":
        from app.shell.opening import OpenedFiles

        OpenedFiles(application, window.asking.for_given)
    if options.model is not None:  # later: a window closed before the event loop would not end it
        given = options.model.absolute()
        QTimer.singleShot(0, lambda: window.asking.for_given(given))
    return application.exec()


def composed(workspace: Path | None, theme: str) -> tuple[QApplication, MainWindow]:
    """The window as a start makes it, before it is shown.

    Raises WorkbenchError where the workspace (None: the one that is preferred) cannot be opened.
    """
    gc.disable()  # next to nothing that a start makes is garbage; later, see `app.shell.garbage`
    for module in _BEFORE_QT:
        import_module(module)
    from app.kit.theme import apply_theme
    from app.shell.closing import Signals
    from app.shell.composition import compose, log_to_workspace
    from app.shell.proxy import use_proxy
    from app.shell.settings import THEMES, Settings, preferred_workspace
    from core.memory import give_back_large_arrays
    from core.unfinished import sweep_everywhere

    sweep_everywhere()
    give_back_large_arrays()
    application = _application()
    root = (workspace or preferred_workspace()).expanduser().absolute()
    window = compose(root)
    log_to_workspace(window.parts)
    use_proxy(window.parts.settings.preferences.proxy)
    apply_theme(application, theme if theme in THEMES else Settings(root).theme)
    Signals(window, window.closing)
    return application, window


def _application() -> QApplication:
    from pathlib import Path

    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Detection Workbench")
    application.setDesktopFileName("detection-workbench")
    application.setWindowIcon(QIcon(str(Path(__file__).parent.parent / _ICON)))
    return application


def _parser() -> argparse.ArgumentParser:
    import argparse
    from pathlib import Path

    parser = argparse.ArgumentParser(prog="detection-workbench-window")
    parser.add_argument("--workspace", type=Path, help="folder for projects and results")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="for this start")
    parser.add_argument("model", type=Path, nargs="?", help="a model or a project file to open")
    return parser


def _has_display() -> bool:
    import os

    if sys.platform != "linux":
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(main())
