"""Python's garbage is collected in the window's thread, between two turns of its event loop.

By itself Python collects in whatever thread has made many objects, with all threads standing still:
a tenth of a second with all that a window is made of. And what another thread collects may be a
widget, which only the window's own may delete.
"""

from __future__ import annotations

import gc
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

_LOOK_MS = 300
_YOUNG = 2000  # objects, from which on it is worth looking through them
_ROUNDS = 10  # of young objects for one of all
_SHARE = 1000  # of the time goes into looking through all objects: one part


class Garbage(QObject):
    """Takes collecting over from Python between `start` and `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rounds = 0
        self._next_of_all = 0.0
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """From now on. What there is stays to the end, for the most part: it is not looked at."""
        gc.disable()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again."""
        if self._timer.isActive():
            self._timer.stop()
            gc.unfreeze()
        gc.enable()

    def _look(self) -> None:
        if gc.get_count()[0] < _YOUNG:
            return
        began = perf_counter()
        if self._rounds < _ROUNDS or began < self._next_of_all:
            self._rounds += 1
            gc.collect(1)
            return
        gc.collect()
        now = perf_counter()
        self._rounds, self._next_of_all = 0, now + (now - began) * _SHARE
