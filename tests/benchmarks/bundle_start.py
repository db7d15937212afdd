"""Whether a bundle's window is there as soon as the checkout's: wanted, at most 1.5 times as long.

    python -m tests.benchmarks.bundle_start PROGRAM [--pairs 15]

PROGRAM is the bundle's `detection-workbench-window`. Both windows open in turns, a process each, on
an empty workspace of their own and on one screen of Xvfb, whose memory is looked at: a window is
there when something is painted in the middle of it. Prints the medians, the median ratio of the
pairs with an interval that holds it in 95% of the cases, and the machine's load before and after.
"""

from __future__ import annotations

import argparse
import mmap
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.window_start import ROOT, interval
from tests.support.unwinding import unwind_when_ended

DISPLAY = ":76"
WIDTH, HEIGHT = 1366, 768
LONGEST_S = 60
BETWEEN_LOOKS_S = 0.002


class Screen:
    """What is shown on a display of Xvfb."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory
        self._row = 4 * WIDTH

    def is_painted(self) -> bool:
        """Whether something is painted in the middle: Xvfb is black."""
        head = len(self._memory) - HEIGHT * self._row
        start = head + HEIGHT // 2 * self._row
        middle = self._memory[start : start + self._row]
        return any(middle[n] for n in range(0, len(middle), 4 * 32))


@contextmanager
def screen() -> Iterator[Screen]:
    """A black one."""
    with tempfile.TemporaryDirectory() as folder:
        size = ["-br", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-fbdir", folder]
        server = subprocess.Popen(["Xvfb", DISPLAY, *size], stderr=subprocess.DEVNULL)
        try:
            file = Path(folder, "Xvfb_screen0")
            while not file.exists() or not Path(f"/tmp/.X11-unix/X{DISPLAY[1:]}").exists():
                time.sleep(0.1)
            with file.open("rb") as shown:
                yield Screen(mmap.mmap(shown.fileno(), 0, access=mmap.ACCESS_READ))
        finally:
            server.terminate()
            server.wait()


def seconds(command: list[str], shown: Screen) -> float:
    """From the start of a program until its window is painted; ends it then."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QT_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    environment = {**kept, "DISPLAY": DISPLAY, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as workspace:
        started = time.monotonic()
        running = subprocess.Popen(
            [*command, "--workspace", workspace, "--theme", "light"],
            env=environment, cwd=workspace, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not shown.is_painted():
            if running.poll() is not None or time.monotonic() > started + LONGEST_S:
                raise SystemExit(f"{command[0]} showed no window.")
            time.sleep(BETWEEN_LOOKS_S)
        took = time.monotonic() - started
        running.send_signal(signal.SIGTERM)
        running.wait()
    while shown.is_painted():
        time.sleep(0.1)
    return took


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("--pairs", type=int, default=15)
    given = parser.parse_args()
    checkout = [sys.executable, "-P", "-m", "app"]
    bundle = [str(given.program.absolute())]
    with screen() as shown:
        for command in (checkout, bundle):
            seconds(command, shown)  # compiles it, and warms the disk cache
        before = os.getloadavg()[0]
        turns = [(seconds(checkout, shown), seconds(bundle, shown)) for _ in range(given.pairs)]
    ratios = [ours / theirs for theirs, ours in turns]
    low, high = interval(ratios)
    for name, times in zip(("checkout", "bundle"), zip(*turns, strict=True), strict=True):
        print(f"{name:<10} {1000 * statistics.median(times):6.0f} ms")
    print(f"ratio      {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})")
    print(f"{given.pairs} pairs; load {before:.1f} before, {os.getloadavg()[0]:.1f} after")


if __name__ == "__main__":
    unwind_when_ended()
    main()
