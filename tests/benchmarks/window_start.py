"""How long the window takes to its first paint, from the start of the process.

Run: ``python -m tests.benchmarks.window_start [repeats]``. Prints each start and the median; the
target is under one second on a warm machine. The baseline, named beside it, is a bare PySide6
window, measured in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

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
_BARE = (
    _PAINTED
    + """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
painted = Painted()
application.installEventFilter(painted)
window.show()
application.exec()
"""
)
_OURS = (
    _PAINTED
    + """
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.shell.composition import compose
from app.kit.theme import apply_theme
application = QApplication([])
window = compose(Path(sys.argv[1]))
apply_theme(application, "light")
painted = Painted()
application.installEventFilter(painted)
window.show()
application.exec()
window.close()
"""
)


def _seconds(program: str, workspace: str) -> float:
    started = time.time()
    done = subprocess.run(
        [sys.executable, "-c", program, workspace],
        env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[0]) - started


def main() -> None:
    """Start both programs in turns."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as workspace:
        _seconds(_OURS, workspace)  # warms the disk cache, and makes the workspace
        pairs = [(_seconds(_BARE, workspace), _seconds(_OURS, workspace)) for _ in range(repeats)]
    for bare, ours in pairs:
        print(f"bare PySide6 window {bare:.3f} s   ours {ours:.3f} s   ratio {ours / bare:.2f}")
    bare_median = statistics.median(bare for bare, _ in pairs)
    ours_median = statistics.median(ours for _, ours in pairs)
    print(f"median: bare {bare_median:.3f} s, ours {ours_median:.3f} s")


if __name__ == "__main__":
    main()
