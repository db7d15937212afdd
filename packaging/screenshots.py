"""Screenshots of the finished tutorial and of a search, taken from the running program.

    python packaging/screenshots.py OUTPUT [--theme dark] [--size 1366x768]
        [--material MODEL CALIBRATION DATASET] [--workspace FOLDER] [--search-minutes M]
        [--seconds S]

Runs the tutorial and a search in the window (on the sample, unless material is named; not again if
the workspace holds them already) and writes one PNG a page into OUTPUT. Needs a display: on a
machine without one, set ``QT_QPA_PLATFORM=offscreen``, or
``xvfb-run -s "-screen 0 1920x1080x24" python packaging/screenshots.py ...``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from app.kit.theme import GAP, apply_theme
from app.project import presenter
from app.reports.predictions_page import PredictionsPage
from app.shell.composition import compose
from app.shell.main_window import MainWindow
from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.sample import sample

SETTLE_MS = 600  # for layout, the decoding thread and the window manager
SEARCH_METHOD = 2  # place of the search among the methods of the Optimize tab
PAGES = ("project", "optimize", "performance", "report")


def main() -> int:
    """Take them; gives the exit status."""
    options = _parser().parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    apply_theme(application, options.theme)
    if options.seconds:
        presenter.BASELINE_SECONDS = presenter.COMPARISON_SECONDS = options.seconds
    with tempfile.TemporaryDirectory() as temporary:
        window = compose(options.workspace or Path(temporary))
        window.resize(*options.size)
        window.show()
        window.warming.start()
        _wait(SETTLE_MS)
        _take(window, options.output / "start.png")
        if not window.parts.workspace.projects():
            _walk(window, options.material)
        newest = window.parts.workspace.projects()[-1]
        window.parts.session.select_project(newest.id)
        for place, name in enumerate(PAGES):
            window.tabs.setCurrentIndex(place)
            _take(window, options.output / f"{name}.png")
        page = window.tabs.report.page_of("predictions")
        assert isinstance(page, PredictionsPage)
        page.open_image.click()
        _take(window, options.output / "viewer.png")
        if options.search_minutes:
            _search(window, options.search_minutes)
            _take(window, options.output / "search.png")
        window.close()
    return 0


def _walk(window: MainWindow, material: list[Path] | None) -> None:
    """The tutorial, from the import to the report."""
    if material is None:
        ours = sample()
        material = [ours.model, ours.calibration, ours.validation]
    model, calibration, dataset = material
    window.parts.queue.start(lambda: plan_import(window.parts.workspace, model, dataset))
    _wait_for_jobs(window)
    window.tabs.show_tab("optimize")
    window.parts.optimize.optimize(calibration, QuantizationPlan())
    _wait_for_jobs(window)
    window.parts.project.compare(window.parts.session.selected or 0)
    _wait_for_jobs(window)
    if window.notices.isVisible():
        raise SystemExit(window.notices.said)


def _search(window: MainWindow, minutes: int) -> None:
    """Bring the parent's search page to its result; search first where none has ended."""
    window.parts.session.select_project(window.parts.workspace.projects()[0].id)
    window.tabs.setCurrentWidget(window.tabs.optimize)
    window.tabs.optimize.methods.choose(SEARCH_METHOD)
    page = window.tabs.search
    _wait(SETTLE_MS)
    if not page.result.isVisible():
        page.form.minutes.setValue(minutes)
        page.start.click()
        _wait_for_jobs(window)
        _wait(SETTLE_MS)
    area: QWidget | None = page
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    inner = None if area is None else area.widget()
    if area is not None and inner is not None:
        top = page.result.mapTo(inner, QPoint()).y()
        area.verticalScrollBar().setValue(top - GAP)


def _take(window: MainWindow, path: Path) -> None:
    _wait(SETTLE_MS)
    shot = window.screen().grabWindow(window.winId())
    if shot.isNull():  # the offscreen platform has no screen to take it from
        shot = window.grab()
    if not shot.save(str(path)):
        raise SystemExit(f"{path} cannot be written.")


def _wait_for_jobs(window: MainWindow) -> None:
    while window.parts.queue.state.title:
        _wait(50)


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _size(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Screenshots of the finished tutorial.")
    parser.add_argument("output", type=Path)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", type=_size, default=(1366, 768), metavar="WxH")
    parser.add_argument("--material", type=Path, nargs=3)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument(
        "--search-minutes", type=int, default=0, metavar="M", help="search so long; 0: no search"
    )
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="of each benchmark, in place of the usual ones"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
