"""How long the window's event loop was held up."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer

TICK_MS = 10


class GapMeter:
    """Remembers the longest time between two ticks of a timer, beyond its interval."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._last = time.perf_counter()
        self.gaps: list[float] = []
        self._timer.start()

    def reset(self) -> None:
        """Start anew."""
        self.gaps.clear()
        self._last = time.perf_counter()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000 - TICK_MS)
        self._last = now
