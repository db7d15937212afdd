"""What a start costs, beside what cannot be avoided: three ratios.

    python -m tests.benchmarks.window_start [--repeats 15] [--cpu] [--other CHECKOUT]

- the window, to its first paint, and a bare PySide6 window (wanted: at most 2.5);
- ``--help`` in the terminal, and bare Python that prints the same help by argparse (2);
- ``inspect`` of the sample model, and reading that model and running it once (1.5).

Each pair takes turns, a process each; the window is also opened on a workspace with projects.
Prints medians in milliseconds, and the ratio: the median of those of the pairs, with an interval
that holds it in 95% of the cases. ``--cpu`` counts processor time of the process and its children
instead, which says more while the machine has other work. With ``--other`` the same starts of
another checkout, by its own ``.venv``, take part in the turns, and its ratio is to the same bare
program.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.sample import sample

ROOT = Path(__file__).parent.parent.parent

_PAINTED = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer

class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.time(), flush=True)
            QTimer.singleShot(0, application.quit)
            application.removeEventFilter(self)
        return False
"""
_SHOWN = """
painted = Painted()
application.installEventFilter(painted)
window.show()
application.exec()
window.close()
"""
_BARE_WINDOW = (
    _PAINTED
    + """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
"""
    + _SHOWN
)
_WINDOW = (
    _PAINTED
    + """
import os
from pathlib import Path
from PySide6.QtWidgets import QApplication
try:
    from app.shell.composition import compose
    from app.kit.theme import apply_theme
except ImportError:  # another checkout, from before these were rooms
    from app.composition import compose
    from app.theme import apply_theme
application = QApplication([])
window = compose(Path(sys.argv[1], os.environ["CHECKOUT"]))  # they may not know each other's
apply_theme(application, "light")
"""
    + _SHOWN
)
_BARE_HELP = """
import argparse, sys
parser = argparse.ArgumentParser(
    epilog=sys.argv[1], formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("command", nargs="?", help="one of those below")
parser.parse_args(["--help"])
"""
_COMMAND = "import sys; from core.cli.main import main; sys.exit(main(sys.argv[1:]))"
_READ_AND_RUN = """
import sys
import numpy as np
import openvino as ov
core = ov.Core()
core.set_property({"ENABLE_MMAP": False})
model = core.read_model(sys.argv[1])
compiled = core.compile_model(model, "CPU")
compiled([np.zeros(port.shape, np.float32) for port in compiled.inputs])
"""


@dataclass(frozen=True)
class Start:
    """A program and what it is given; `painted`: it says itself when it is there."""

    name: str
    program: str
    arguments: tuple[str, ...]
    painted: bool = False

    def seconds(self, python: Path, cpu: bool) -> float:
        """How long it takes, or how much of the processors."""
        checkout = python.parent.parent.parent
        before, started = os.times(), time.time()
        done = subprocess.run(
            [python, "-c", self.program, *self.arguments],
            env={
                "CHECKOUT": python.parent.parent.parent.name,
                "QT_QPA_PLATFORM": "offscreen",
                **os.environ,
            },
            capture_output=True,
            text=True,
            check=True,
            cwd=checkout,
        )
        after, ended = os.times(), time.time()
        if cpu:
            children = after.children_user + after.children_system
            return children - before.children_user - before.children_system
        return (float(done.stdout.split()[0]) if self.painted else ended) - started


def _interval(ratios: list[float]) -> tuple[float, float]:
    """Of the median, by drawing the pairs anew."""
    dice = random.Random(0)
    drawn = sorted(statistics.median(dice.choices(ratios, k=len(ratios))) for _ in range(2000))
    return drawn[50], drawn[-51]


def _compare(bare: Start, ours: Start, pythons: dict[str, Path], given: argparse.Namespace) -> None:
    """Let the bare program and ours of each checkout take turns, and say how they compare."""
    own = Path(sys.executable)
    for python in pythons.values():
        ours.seconds(python, given.cpu)  # warms the disk cache
    turns: dict[str, list[float]] = {name: [] for name in ("bare", *pythons)}
    for _ in range(given.repeats):
        turns["bare"].append(bare.seconds(own, given.cpu))
        for name, python in pythons.items():
            turns[name].append(ours.seconds(python, given.cpu))
    for name in pythons:
        ratios = [mine / least for mine, least in zip(turns[name], turns["bare"], strict=True)]
        low, high = _interval(ratios)
        print(
            f"{ours.name + name:<40} {1000 * statistics.median(turns[name]):6.0f} ms   "
            f"{bare.name} {1000 * statistics.median(turns['bare']):6.0f} ms   "
            f"ratio {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})",
            flush=True,
        )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--other", type=Path)
    given = parser.parse_args()
    own = {"": Path(sys.executable)}
    pythons = {"": Path(sys.executable)}
    if given.other is not None:
        pythons[" of the other checkout"] = given.other.absolute() / ".venv/bin/python"
    model = str(sample().model)
    told = subprocess.run(
        [sys.executable, "-c", _COMMAND, "--help"], capture_output=True, text=True, check=True
    ).stdout
    bare_window = Start("bare window", _BARE_WINDOW, (), painted=True)
    bare_help = Start("argparse", _BARE_HELP, (told,))
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
            stored.extractall(Path(full, ROOT.name))
        _compare(bare_window, Start("window", _WINDOW, (empty,), painted=True), pythons, given)
        ours = Start("window with projects", _WINDOW, (full,), painted=True)
        _compare(bare_window, ours, own, given)  # others may not know this form
    _compare(bare_help, Start("--help", _COMMAND, ("--help",)), pythons, given)
    read = Start("reading and running", _READ_AND_RUN, (model,))
    _compare(read, Start("inspect", _COMMAND, ("inspect", model)), pythons, given)


if __name__ == "__main__":
    main()
