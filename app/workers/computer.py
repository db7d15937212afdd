"""Computing for the window in a thread of its own: of each kind of task only the latest counts."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from shiboken6 import isValid

from app.kit.signals import Sends
from app.workers.waiting_thread import WaitingThread
from app.workers.window_first import WindowFirst
from core.errors import WorkbenchError
from core.giving_way import giving_way

Task = Callable[[], Any]
Deliver = Callable[[Any], None]

_log = logging.getLogger(__name__)
_READING = threading.Lock()


@dataclass(frozen=True)
class _Asked:
    """A task; `number` tells the latest of its kind from those before it."""

    key: str
    number: int
    task: Task


@dataclass(frozen=True)
class _Done:
    asked: _Asked
    result: Any = None
    error: WorkbenchError | None = None


class Computer(QObject):
    """Does one task after the other, so that the window never waits for one.

    The results are delivered in the window's thread, unless a later task of the same key was asked
    for meanwhile, it was dropped, or who wanted it is gone. Errors that the user can act on are
    given to `failed`; all others, too, as a sentence.
    """

    failed = Sends[WorkbenchError]()

    def __init__(self, parent: QObject | None = None, *, reads: bool = False) -> None:
        """`reads`: its tasks read what is stored, one of them in the whole program at a time."""
        super().__init__(parent)
        self._one_at_a_time: AbstractContextManager[object] = _READING if reads else nullcontext()
        self._numbers: dict[str, int] = {}
        self._deliver: dict[str, Deliver] = {}
        self._thread: _ComputingThread | None = None

    def ask(self, key: str, task: Task, deliver: Deliver, *, now: bool = False) -> None:
        """Do `task` and hand its result to `deliver`; `now`: here, before this returns.

        It begins when the window has done what it is at, which would take longer beside it, and
        gives way to it where it reads (`core.giving_way`). `now` is for what takes less time than
        an image on the screen. `task` must not touch anything that the window changes.
        """
        asked = _Asked(key, self._numbers.get(key, 0) + 1, task)
        self._numbers[key] = asked.number
        self._deliver[key] = deliver
        if now:
            if self._thread is not None:
                self._thread.drop(key)
            self._on_done(_do(asked))
            return
        if self._thread is None:
            self._thread = _ComputingThread(self._one_at_a_time)
            self._thread.done.connect(self._on_done)
            self._thread.start()
        self._thread.put(asked)

    def drop(self, key: str) -> None:
        """Forget the task of this key: its result is not delivered."""
        self._numbers[key] = self._numbers.get(key, 0) + 1
        if self._thread is not None:
            self._thread.drop(key)

    def is_wanted(self) -> bool:
        """Whether something waits, for the sake of which a long task should give up.

        May be asked from the task.
        """
        return self._thread is not None and self._thread.is_wanted()

    def close(self) -> None:
        """Wait for what is being computed, and forget the rest; the next task starts again."""
        if self._thread is not None:
            thread, self._thread = self._thread, None
            thread.done.disconnect(self._on_done)
            thread.stop()

    def _on_done(self, done: _Done) -> None:
        if done.asked.number != self._numbers[done.asked.key]:
            return
        deliver = self._deliver.pop(done.asked.key)
        if done.error is not None:
            self.failed.emit(done.error)
        elif not _is_gone(getattr(deliver, "__self__", None)):
            deliver(done.result)


def _is_gone(receiver: object) -> bool:
    """Whether that was a part of the window, which has been removed meanwhile."""
    return isinstance(receiver, QObject) and not isValid(receiver)


class _ComputingThread(WaitingThread):
    done = Sends[_Done]()

    def __init__(self, one_at_a_time: AbstractContextManager[object]) -> None:
        super().__init__("computer")
        self._one_at_a_time = one_at_a_time
        self._window_first = WindowFirst()
        self._waiting: OrderedDict[str, _Asked] = OrderedDict()

    def put(self, asked: _Asked) -> None:
        with self.changing():
            self._waiting[asked.key] = asked  # one that waits gives up its place to the newer

    def is_wanted(self) -> bool:
        return self.stopping or bool(self._waiting)

    def drop(self, key: str) -> None:
        with self.changing():
            self._waiting.pop(key, None)

    def stop(self) -> None:
        self._window_first.end()
        super().stop()

    def run(self) -> None:
        while self._waited():
            with self._one_at_a_time, giving_way(self._window_first.give_way):
                self._window_first.give_way()
                asked = self._next()
                if asked is None:  # it was dropped meanwhile
                    continue
                done = _do(asked)
            if not self.stopping:
                self.done.emit(done)
            del done, asked  # or a report that is closed would stay in memory

    def _waited(self) -> bool:
        """As soon as something is asked; False where the thread is to end instead."""
        with self.waited_for(lambda: self._waiting) as wanted:
            return wanted

    def _next(self) -> _Asked | None:
        with self.changing():
            return self._waiting.popitem(last=False)[1] if self._waiting else None


def _do(asked: _Asked) -> _Done:
    try:
        return _Done(asked, asked.task())
    except WorkbenchError as error:
        return _Done(asked, error=error)
    except OSError as error:
        from core.refusals import explained

        _log.exception("computing %s", asked.key)
        return _Done(asked, error=explained(error))
    except Exception as error:  # the thread's boundary: the window must hear of it
        _log.exception("computing %s", asked.key)
        sentence = WorkbenchError(f"Something could not be computed: {error}.", "The log says why.")
        return _Done(asked, error=sentence)
