"""A large report in the window: until it is open, until a moved threshold, a sort or a filter is
seen, how long the window is held up at most meanwhile, and the process's peak memory.

Run: ``python -m tests.benchmarks.report_window [IMAGES ...]``. Two models, 20 detections an image
each, as in `accuracy_speed`; each size in a process of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

from core.detection.detections import DetectionTable
from tests.benchmarks.accuracy_speed import TARGETS, made


def measure(images: int, folder: Path) -> None:
    """Print the figures for so many images."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from app.kit.theme import apply_theme
    from app.reports.predictions_page import PredictionsPage
    from app.reports.predictions_presenter import PredictionsPresenter
    from app.reports.report_models import ClassRowsModel
    from app.reports.walking import ImageWalk
    from app.shell.warming import MODULES
    from core.memory import give_back_large_arrays
    from core.reports.filters import RowFilter
    from core.workspace.store import Artifact

    for module in MODULES:  # as the window does, before anybody can open a report
        import_module(module)
    give_back_large_arrays()
    application = QApplication(sys.argv[:1])
    apply_theme(application, "light")
    presenter = PredictionsPresenter(ImageWalk())
    page = PredictionsPage(presenter)
    page.make_ready()
    page.resize(1100, 640)
    page.show()
    clock = _Clock()
    table = page.table
    clock.until(page.isVisible)
    rows: list[tuple[str, float, float, float, float]] = []

    def measured(name: str, action: Callable[[], object]) -> None:
        """Until the table shows what the action asks for."""
        model = table.model()
        seen: list[int] = []
        model.layoutChanged.connect(lambda: seen.append(1))
        model.modelReset.connect(lambda: seen.append(1))
        rows.append((name, *clock.timed(action, lambda: bool(seen)), _peak_mb()))

    def until_all() -> None:
        """Of a large report, images that are not looked at yet come after the estimate."""
        if presenter.view.partial:
            all_there = clock.timed(lambda: None, lambda: not presenter.view.partial)
            rows.append(("  all images", *all_there, _peak_mb()))

    artifact = Artifact(1, 1, "predictions", folder, "now")
    measured("open", lambda: presenter.show_report(artifact))
    until_all()
    for score in (0.2, 0.25, 0.35):
        measured("move", partial(presenter.set_score_threshold, score))
    until_all()
    clock.rest(1.0)  # the interval is being computed, and has to give way
    measured("move after rest", partial(presenter.set_score_threshold, 0.22))
    until_all()
    for column in (3, 0):
        measured("sort", partial(table.sortByColumn, column, Qt.SortOrder.AscendingOrder))
    for text in ("99", "1", ""):
        chosen = RowFilter(name=text, statuses=("missed",))
        measured("filter", partial(presenter.set_filter, chosen))
    shown = clock.timed(page.open_image.click, lambda: True)
    rows.append(("show images", *shown, _peak_mb()))
    page.table.setModel(
        page.findChildren(ClassRowsModel)[0]
    )  # so that it is the one that is waited for
    measured("advanced", page.advanced.click)
    measured("move, advanced", lambda: presenter.set_score_threshold(0.4))
    print(f"{images} images, targets {TARGETS.get(images)} (open, move, sort/filter, MB)")
    for name, seconds, gap, busy, peak in rows:
        print(
            f"  {name:<16} {seconds:7.3f} s; one turn of the window at most {1000 * gap:5.0f} ms, "
            f"{1000 * busy:5.0f} ms of them computing; peak memory {peak:.0f} MB"
        )
    page.close()
    presenter.close()


class _Clock:
    """Turns the event loop, and notes its longest turn: by the clock, and its own computing."""

    def __init__(self) -> None:
        self._gap = self._busy = 0.0

    def until(self, there: Callable[[], bool], seconds: float = 600) -> None:
        """Turn the loop until it is there."""
        from PySide6.QtWidgets import QApplication

        end = time.perf_counter() + seconds
        while not there():
            self._turn(QApplication.processEvents)
            time.sleep(0.0005)
            if time.perf_counter() > end:
                raise SystemExit("That did not come.")

    def timed(
        self, action: Callable[[], object], there: Callable[[], bool]
    ) -> tuple[float, float, float]:
        """Seconds until it is there; the longest turn until it is painted, too."""
        self.rest(0.05)
        self._gap = self._busy = 0.0
        start = time.perf_counter()
        self._turn(action)
        self.until(there)
        taken = time.perf_counter() - start
        self.rest(0.2)
        return taken, self._gap, self._busy

    def rest(self, seconds: float) -> None:
        """Turn the loop for so long."""
        end = time.perf_counter() + seconds
        self.until(lambda: time.perf_counter() > end)

    def _turn(self, action: Callable[[], object]) -> None:
        clock, own = time.perf_counter(), time.thread_time()
        action()
        self._gap = max(self._gap, time.perf_counter() - clock)
        self._busy = max(self._busy, time.thread_time() - own)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _write(images: int, folder: Path) -> None:
    from core.jobs.job import RESULT_FILE
    from core.metrics.accuracy.verdict import Grounds
    from core.metrics.comparison.comparison import Thresholds, compare
    from core.reports.predictions.kind import PredictionsResult
    from core.values import write_json
    from tests.support.runs import IN_F32, IN_INT8

    parent, optimized = made(images)
    parent.save(folder / "parent.npz")
    optimized.save(folder / "optimized.npz")
    none = DetectionTable.build([], [], [], parent.class_names)
    result = PredictionsResult(
        parent="p",
        optimized="o",
        dataset="d",
        dataset_root=folder,
        parent_executed=IN_F32,
        optimized_executed=IN_INT8,
        thresholds=Thresholds(),
        summary=compare(none, none).summary,
        grounds=Grounds(kept=None),
        problems=(),
        created="now",
    )
    write_json(folder / RESULT_FILE, result)


def main() -> None:
    """Measure the sizes that are named, or both."""
    sizes = [int(text) for text in sys.argv[1:]] or list(TARGETS)
    spawn = multiprocessing.get_context("spawn")
    for images in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for work in (_write, measure):
                child = spawn.Process(target=work, args=(images, Path(folder)))
                child.start()
                child.join()
                if child.exitcode:
                    raise SystemExit(child.exitcode)


if __name__ == "__main__":
    main()
