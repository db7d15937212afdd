"""When a thread may compute: between two turns of the window's event loop, a moment each time."""

from __future__ import annotations

import threading
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends

_MOMENT_SECONDS = 0.003  # a small part of what the window may take to answer
_LONGEST_SECONDS = 0.25  # that a thread waits: what holds the window for longer is no reason


class WindowFirst(QObject):
    """Asks the window's event loop whether it has nothing else to do. Made in its thread.

    Python computes in one thread at a time: a thread that goes on while the window paints holds it
    up at every call between Python and Qt.
    """

    _asked = Sends[()]()

    def __init__(self) -> None:
        super().__init__()
        self._granted = threading.Event()
        self._granted.set()
        self._ended = False
        self._until = 0.0
        # What is asked in the middle of a turn is granted after what that turn has painted.
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._granted.set)
        self._asked.connect(self._later.start)

    def give_way(self) -> None:
        """In the thread: wait, if its moment is over, until the window is done with what it is at.

        Comes back at once after `end`.
        """
        if self._ended or perf_counter() < self._until or not self._granted.is_set():
            return
        self._granted.clear()
        self._asked.emit()
        if not self._ended:  # without an answer it goes on, and asks again once one has come
            self._granted.wait(_LONGEST_SECONDS)
        self._until = perf_counter() + _MOMENT_SECONDS

    def end(self) -> None:
        """Let the thread go on without asking: the window waits for it."""
        self._ended = True
        self._granted.set()
