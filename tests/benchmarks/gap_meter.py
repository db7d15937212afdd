"""How long the window's event loop was held up."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer

TICK_MS = 10


class GapMeter:
    """Remembers the times between two ticks of a timer, beyond its interval.

    `gaps` are what a user waits, `busy` what the window's own thread computed meanwhile: on a
    machine that is busy with other things the first are longer. Both in ms.
    """

    def __init__(self) -> None:
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.gaps: list[float] = []
        self.busy: list[float] = []
        self.reset()
        self._timer.start()

    def reset(self) -> None:
        """Start anew."""
        self.gaps.clear()
        self.busy.clear()
        self._last, self._computed = time.perf_counter(), time.thread_time()

    def _tick(self) -> None:
        now, computed = time.perf_counter(), time.thread_time()
        self.gaps.append((now - self._last) * 1000 - TICK_MS)
        self.busy.append((computed - self._computed) * 1000)
        self._last, self._computed = now, computed
