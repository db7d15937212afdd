"""Starts the window: ``python -m app [--workspace FOLDER] [MODEL]``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed; gives the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--job"]:  # in a bundle, the program is its own job process
        from core.capabilities import main as run_job

        run_job()
    if given[:1] == ["--lane"]:  # and each of the processes that a benchmark measures in
        from core.benchmark.lane import main as run_lane

        run_lane()
    if given[:1] == ["--devices"]:
        from core.benchmark.machine import main as list_devices

        list_devices()
    options = _parser().parse_args(given)
    if not _has_display():
        print(
            "There is no display to open a window on; "
            "'detection-workbench tutorial' does the same in the terminal.",
            file=sys.stderr,
        )
        return 2
    return _run(options)


def _run(options: argparse.Namespace) -> int:
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication, QMessageBox

    from app.kit.theme import apply_theme
    from app.shell.composition import compose, log_to_workspace
    from app.shell.settings import THEMES, Settings
    from core.errors import WorkbenchError
    from core.folders import default_workspace
    from core.memory import give_back_large_arrays

    give_back_large_arrays()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Detection Workbench")
    application.setDesktopFileName("detection-workbench")
    icon = Path(__file__).parent.parent / "resources" / "icons" / "detection-workbench.svg"
    application.setWindowIcon(QIcon(str(icon)))
    workspace = (options.workspace or default_workspace()).expanduser().absolute()
    try:
        window = compose(workspace)
    except WorkbenchError as error:
        QMessageBox.critical(None, "Detection Workbench", str(error))
        return 1
    log_to_workspace(window.session)
    theme = options.theme if options.theme in THEMES else Settings(workspace).theme
    apply_theme(application, theme)
    window.show()
    QTimer.singleShot(200, window.warm_up)
    if options.model is not None:
        window.asking.for_project(model=options.model.absolute())
    return application.exec()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="detection-workbench-window")
    parser.add_argument("--workspace", type=Path, help="folder for projects and results")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="for this start")
    parser.add_argument("model", type=Path, nargs="?", help="a model to make a project of")
    return parser


def _has_display() -> bool:
    if sys.platform != "linux":
        return True
    return any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    sys.exit(main())
