"""How long the import dialog takes to answer, and the longest gap of the window meanwhile.

Run: ``python -m tests.benchmarks.import_dialog [MODEL DATASET]``; without arguments on the sample.
Prints how long it takes until the model is known, until the first boxes stand, and from a choice
to the boxes that follow it: of the layout (no inference), of the preprocessing (an inference) and
of another image; the medians of some. The target for a choice is 300 ms beyond the inference,
and 50 ms for a gap of the window.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.importing.dialog import NewProjectDialog
from app.importing.presenter import ExaminePresenter
from app.kit.theme import apply_theme
from app.shell.composition import compose
from core.sample import sample
from tests.benchmarks.gap_meter import GapMeter

TIMES = 8


def _until(done: Callable[[], bool]) -> float:
    """Milliseconds until it is so."""
    started = time.perf_counter()
    loop = QEventLoop()
    check = QTimer(interval=2)
    check.timeout.connect(lambda: loop.quit() if done() else None)
    check.start()
    loop.exec()
    return (time.perf_counter() - started) * 1000


def _answered(presenter: ExaminePresenter) -> bool:
    image = presenter.images.view
    return image is not None and image.current and image.overlay is not None


def _after(presenter: ExaminePresenter, choose: Callable[[int], None]) -> tuple[float, float]:
    """Median milliseconds from a choice to its boxes, and of the process's own work for it."""
    delays, own = [], []
    for number in range(TIMES):
        choose(number)
        delays.append(_until(lambda: _answered(presenter)))
        shown = presenter.images.view
        assert shown is not None
        own.append(shown.seconds * 1000)
    return statistics.median(delays), statistics.median(own)


def main() -> None:
    """Measure."""
    given = [Path(text) for text in sys.argv[1:3]] or [sample().model, sample().validation]
    application = QApplication([])
    apply_theme(application, "light")
    with tempfile.TemporaryDirectory() as workspace:
        window = compose(Path(workspace))
        window.show()
        window.warming.start()
        _until(lambda: window.warming.done)
        meter = GapMeter()
        started = time.perf_counter()
        window.asking.for_project(*given)
        dialog = window.findChild(NewProjectDialog)
        assert dialog is not None
        presenter = dialog.presenter
        _until(lambda: presenter.view.stage in ("known", "refused"))
        print(f"known after {time.perf_counter() - started:.2f} s: {presenter.view.stage}")
        _until(lambda: _answered(presenter))
        print(f"first boxes after {time.perf_counter() - started:.2f} s")
        print(f"longest gap so far {max(meter.gaps):.0f} ms")
        meter.reset()
        choices = presenter.view.offered.choices if presenter.view.offered else ()
        option = next((one for one in choices if one.key == "nms_iou"), None)
        rows: dict[str, Callable[[int], None]] = {
            "preprocessing": lambda n: presenter.change(pad_value=n + 1, mean=(n + 1.0,) * 3),
            "picture": lambda n: presenter.images.show_image(1),
        }
        if option is not None:
            rows["layout"] = lambda n: presenter.set_option("nms_iou", 0.3 + n / 100)
        for name, choose in rows.items():
            delay, own = _after(presenter, choose)
            print(f"{name}: {delay:.0f} ms to the boxes, {own:.0f} ms of it the process's work")
        print(f"longest gap {max(meter.gaps):.0f} ms")
        dialog.reject()
        window.close()


if __name__ == "__main__":
    main()
