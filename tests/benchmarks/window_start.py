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
from datetime import date
from pathlib import Path
from typing import NamedTuple

from core import __version__
from core.inference.machine import this_machine
from core.sample import sample

ROOT = Path(__file__).parent.parent.parent

_PAINTED = """
import time
from PySide6.QtCore import QTimer

def watch(window):  # no filter of events: PySide would look at each, with all its types
    def paintEvent(self, event):
        super(type(self), self).paintEvent(event)
        print(time.time(), time.process_time(), flush=True)
        QTimer.singleShot(0, self.close)
    type(window).paintEvent = paintEvent

watch(window)
window.show()
application.exec()
"""
_BARE_WINDOW = (
    """
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    pass
application = QApplication([])
window = Window()
"""
    + _PAINTED
)
_WINDOW = (
    """
import os, sys
from pathlib import Path
root = Path(sys.argv[1], os.environ["CHECKOUT"])  # they may not know each other's
try:
    from app.__main__ import composed
    application, window = composed(root, "light")
except ImportError:  # another checkout, from before
    from PySide6.QtWidgets import QApplication
    from app.shell.composition import compose
    from app.kit.theme import apply_theme
    application = QApplication([])
    window = compose(root)
    apply_theme(application, "light")
"""
    + _PAINTED
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


class Checkout(NamedTuple):
    """A folder with the program, and the Python that runs it."""

    root: Path
    python: Path


OWN = Checkout(ROOT, Path(sys.executable))


@dataclass(frozen=True)
class Start:
    """A program and what it is given; `painted`: it says itself when it is there."""

    name: str
    program: str
    arguments: tuple[str, ...]
    painted: bool = False
    cold: bool = False  # with an empty cache, where no import is found again

    def seconds(self, checkout: Checkout, cpu: bool) -> float:
        """How long it takes, or how much of the processors."""
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "CHECKOUT": checkout.root.name,
            "PYTHONPATH": str(checkout.root),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
        if self.cold:
            with tempfile.TemporaryDirectory() as cache:
                return self._seconds(checkout, cpu, {**environment, "XDG_CACHE_HOME": cache})
        return self._seconds(checkout, cpu, environment)

    def _seconds(self, checkout: Checkout, cpu: bool, environment: dict[str, str]) -> float:
        before, started = os.times(), time.time()
        done = subprocess.run(
            [checkout.python, "-P", "-c", self.program, *self.arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        after, ended = os.times(), time.time()
        if self.painted:
            when, used = map(float, done.stdout.split()[:2])
            return used if cpu else when - started
        if cpu:
            children = after.children_user + after.children_system
            return children - before.children_user - before.children_system
        return ended - started


def interval(ratios: list[float]) -> tuple[float, float]:
    """Of the median, by drawing the pairs anew."""
    dice = random.Random(0)
    drawn = sorted(statistics.median(dice.choices(ratios, k=len(ratios))) for _ in range(2000))
    return drawn[50], drawn[-51]


def _compare(bare: Start, ours: Start, checkouts: dict[str, Checkout], given: Given) -> str:
    """Let the bare program and ours of each checkout take turns, and say how they compare.

    Gives the ratio of our own checkout, with its interval.
    """
    for checkout in checkouts.values():
        ours.seconds(checkout, given.cpu)  # compiles it, and warms the disk cache
    turns: dict[str, list[float]] = {name: [] for name in ("bare", *checkouts)}
    for _ in range(given.repeats):
        turns["bare"].append(bare.seconds(OWN, given.cpu))
        for name, checkout in checkouts.items():
            turns[name].append(ours.seconds(checkout, given.cpu))
    said = {}
    for name in checkouts:
        ratios = [mine / least for mine, least in zip(turns[name], turns["bare"], strict=True)]
        low, high = interval(ratios)
        said[name] = f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"
        print(
            f"{ours.name + name:<40} {1000 * statistics.median(turns[name]):6.0f} ms   "
            f"{bare.name} {1000 * statistics.median(turns['bare']):6.0f} ms   "
            f"ratio {said[name]}",
            flush=True,
        )
    return said[""]


class Given(argparse.Namespace):
    """What to measure."""

    repeats: int
    cpu: bool
    other: Path | None


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--other", type=Path)
    given = parser.parse_args(namespace=Given())
    checkouts = {"": OWN}
    if given.other is not None:
        other = given.other.absolute()
        checkouts[" of the other checkout"] = Checkout(other, other / ".venv/bin/python")
    model = str(sample().model)
    answer = subprocess.run(
        [sys.executable, "-c", _COMMAND, "--help"], capture_output=True, text=True, check=True
    ).stdout
    bare_window = Start("bare window", _BARE_WINDOW, (), painted=True)
    bare_help = Start("argparse", _BARE_HELP, (answer,))
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryDirectory() as full:
        with zipfile.ZipFile(ROOT / "tests/core/stored/0.2.0/workspace.zip") as stored:
            stored.extractall(Path(full, ROOT.name))
        ours = Start("window", _WINDOW, (empty,), painted=True)
        window = _compare(bare_window, ours, checkouts, given)
        ours = Start("window with projects", _WINDOW, (full,), painted=True)
        _compare(bare_window, ours, {"": OWN}, given)  # others may not know this form
    help_ = _compare(bare_help, Start("--help", _COMMAND, ("--help",)), checkouts, given)
    read = Start("reading and running", _READ_AND_RUN, (model,))
    found = Start("inspect", _COMMAND, ("inspect", model), cold=True)
    inspect = _compare(read, found, checkouts, given)
    _compare(read, Start("inspect again", _COMMAND, ("inspect", model)), {"": OWN}, given)
    machine = this_machine("CPU")
    processor = f"{machine.device_name}, {machine.logical_cores} cores"
    print("\nIts row in docs/starts.md:")
    print(f"| {__version__} | {date.today()} | {processor} | {window} | {help_} | {inspect} |")


if __name__ == "__main__":
    main()
