"""The longest gap of the window's event loop while jobs run.

Run: ``python -m tests.benchmarks.window_gaps [MODEL CALIBRATION DATASET]``; without arguments on
the sample. A 10 ms timer ticks in the window while its pages are made, then through import,
quantization, benchmark, comparison and a search of one minute with its live picture; prints the
longest gap of each, beside that of an idle window in the same session, and the most that the
window's own thread computed in one go. The target is 50 ms; beside the work of others only the
latter says whether it is reached.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.kit.theme import apply_theme
from app.shell.composition import compose
from app.shell.main_window import MainWindow
from core.importing.service import plan_import
from core.models.plan import QuantizationPlan
from core.sample import sample
from tests.benchmarks.gap_meter import GapMeter


def _wait_for_jobs(window: MainWindow) -> None:
    loop = QEventLoop()
    check = QTimer(interval=50)
    check.timeout.connect(lambda: None if window.parts.queue.state.title else loop.quit())
    check.start()
    loop.exec()


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    """Measure."""
    given = [Path(text) for text in sys.argv[1:4]]
    if not given:
        ours = sample()
        given = [ours.model, ours.calibration, ours.validation]
    model, calibration, dataset = given
    gc.disable()  # as the program does: see `app.shell.garbage`
    application = QApplication([])
    apply_theme(application, "light")
    with tempfile.TemporaryDirectory() as workspace:
        window = compose(Path(workspace))
        window.show()
        meter = GapMeter()

        def report(what: str) -> None:
            gaps = sorted(meter.gaps)
            print(
                f"{what:<28} worst gap {gaps[-1]:6.1f} ms   p99 {gaps[int(0.99 * len(gaps))]:5.1f}"
                f"   computing at most {max(meter.busy):5.1f}"
            )
            meter.reset()

        window.warming.start()
        while not window.warming.done:
            _wait(50)
        report("pages made after the start")
        _wait(3000)
        report("idle window")
        window.parts.queue.start(lambda: plan_import(window.parts.workspace, model, dataset))
        _wait_for_jobs(window)
        report("import and baseline")
        window.tabs.show_tab("optimize")
        window.parts.optimize.optimize(calibration, QuantizationPlan())
        _wait_for_jobs(window)
        report("quantization and benchmark")
        window.parts.project.compare(window.parts.session.selected or 0)
        _wait_for_jobs(window)
        report("comparison, report opened")
        window.tabs.setCurrentWidget(window.tabs.optimize)
        page = window.tabs.search
        window.tabs.optimize.methods.choose(2)
        page.form.images.set_path(calibration)
        page.form.minutes.setValue(1)
        page.start.click()
        _wait_for_jobs(window)
        report("search")
        window.close()


if __name__ == "__main__":
    main()
