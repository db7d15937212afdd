"""What an open window costs a measurement: FPS measured from it and from the terminal, in turns.

    python -m tests.benchmarks.window_share [MODEL.xml DATASET] [--pairs 5] [--seconds 5]

Without arguments on the sample. Each figure comes from a process of its own: the real window,
with its project and its job bar at work, or the command line. Prints the pairs, and the ratio of
the medians (the target is within 2 %). Takes about 20 s a pair. Without a display the window is
drawn offscreen.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from core.benchmark.service import benchmark_result, plan_benchmark
from core.importing.service import plan_import
from core.jobs.planned import run_planned
from core.sample import sample

TARGET = 0.02


def from_the_window(workspace: Path, seconds: float) -> float:
    """FPS by default at throughput, measured in a window on this workspace."""
    return _figure("--window", str(workspace), "--seconds", str(seconds))


def from_the_terminal(model: Path, seconds: float) -> float:
    """The same by the command line."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "core.cli", "benchmark", str(model), "--json"),
            *("--hint", "throughput", "--precision-hint", "default"),
            *("--narrow", "0", "--seconds", str(seconds)),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout)["runs"][0]["throughput_fps"])


def _figure(*arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.window_share", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[-1])


def measure_in_window(workspace: Path, seconds: float) -> None:
    """In a process of its own: open the window, measure, print the FPS."""
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from app.kit.theme import apply_theme
    from app.shell.composition import compose
    from core.benchmark.settings import THROUGHPUT, BenchmarkSettings

    application = QApplication([])
    apply_theme(application, "light")
    window = compose(workspace)
    window.show()
    window.warming.start()
    window.parts.session.select_project(1)
    window.tabs.setCurrentWidget(window.tabs.performance)
    settings = BenchmarkSettings(
        precision_hints=("default",),
        modes=(THROUGHPUT,),
        seconds=seconds,
        narrow=0.0,
    )
    planned = plan_benchmark(window.parts.workspace, 1, settings)
    loop = QEventLoop()
    window.parts.queue.job_ended.connect(loop.quit)
    QTimer.singleShot(500, lambda: window.parts.queue.submit(planned))
    loop.exec()
    newest = window.parts.workspace.artifacts(1, "benchmark")[0]
    print(benchmark_result(newest).runs[0].throughput_fps)
    window.close()


def main() -> int:
    """Measure in turns and print; 1 where the window costs too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("material", type=Path, nargs="*", metavar="MODEL DATASET")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--window", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.window is not None:
        measure_in_window(options.window, options.seconds)
        return 0
    ours = sample()
    model, dataset = options.material or (ours.model, ours.validation)
    figures: dict[str, list[float]] = {"window": [], "terminal": []}
    order = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        _import(workspace, model, dataset)
        sides = list(figures)
        for _ in range(options.pairs):
            order.shuffle(sides)
            for side in sides:
                figures[side].append(
                    from_the_window(workspace, options.seconds)
                    if side == "window"
                    else from_the_terminal(model, options.seconds)
                )
            print(
                ", ".join(f"{side} {values[-1]:.1f} FPS" for side, values in figures.items()),
                flush=True,
            )
    window, terminal = (statistics.median(values) for values in figures.values())
    near = abs(window / terminal - 1) <= TARGET
    print(
        f"medians {window:.1f} v. {terminal:.1f} FPS, ratio {window / terminal:.3f} "
        f"({'within' if near else 'NOT WITHIN'} {TARGET:.0%})"
    )
    return 0 if near else 1


def _import(workspace: Path, model: Path, dataset: Path) -> None:
    from core.workspace.store import Workspace

    opened = Workspace(workspace)
    run_planned(opened, plan_import(opened, model, dataset)).outcome.require()


if __name__ == "__main__":
    sys.exit(main())
