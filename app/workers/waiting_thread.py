"""A thread that waits until something is asked of it, and ends with the program."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QThread


class WaitingThread(QThread):
    """Base of the threads that outlive a single task: what they wait for changes under one lock."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._condition = threading.Condition()
        self._stopping = False
        # A QThread that still runs when the interpreter ends aborts the process.
        self._at_exit = _stopper(weakref.ref(self))
        atexit.register(self._at_exit)

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end; any thread may ask."""
        return self._stopping

    def stop(self) -> None:
        """End it, and wait until what it is at is done."""
        with self.changing():
            self._stopping = True
        self.wait()
        atexit.unregister(self._at_exit)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Change what it waits for; it looks at that afterwards."""
        with self._condition:
            yield
            self._condition.notify()

    @contextmanager
    def waited_for(self, wanted: Callable[[], object]) -> Iterator[bool]:
        """In the thread, under the lock: as soon as `wanted`; False where it is to end instead."""
        with self._condition:
            self._condition.wait_for(lambda: self._stopping or wanted())
            yield not self._stopping


def _stopper(thread: weakref.ref[WaitingThread]) -> Callable[[], None]:
    def stop() -> None:
        running = thread()
        if running is not None:
            running.stop()

    return stop
