"""Computing for the window in a thread of its own: of each kind of task only the latest counts."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.workers.waiting_thread import WaitingThread
from core.errors import WorkbenchError

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
    for meanwhile, or it was dropped. Errors that the user can act on are given to `failed`; all
    others, too, as a sentence.
    """

    failed = Sends[WorkbenchError]()

    def __init__(self, parent: QObject | None = None, *, reads: bool = False) -> None:
        """`reads`: its tasks read what is stored, one of them in the whole program at a time.

        Python computes in one thread at a time: each more that wants to holds the window up.
        """
        super().__init__(parent)
        self._turns: AbstractContextManager[object] = _READING if reads else nullcontext()
        self._numbers: dict[str, int] = {}
        self._deliver: dict[str, Deliver] = {}
        self._thread: _ComputingThread | None = None

    def ask(self, key: str, task: Task, deliver: Deliver, *, now: bool = False) -> None:
        """Do `task` and hand its result to `deliver`; `now`: here, before this returns.

        It begins when the window has done what it is at, which would take longer beside it. `now`
        is for what takes less time than an image on the screen. `task` must not touch anything
        that the window changes.
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
            self._thread = _ComputingThread(self._turns)
            self._thread.done.connect(self._on_done)
            self._thread.start()
        self._thread.put(asked)
        QTimer.singleShot(0, self._begin)

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

    def _begin(self) -> None:
        if self._thread is not None:
            self._thread.begin()

    def _on_done(self, done: _Done) -> None:
        if done.asked.number != self._numbers[done.asked.key]:
            return
        if done.error is not None:
            self.failed.emit(done.error)
        else:
            self._deliver[done.asked.key](done.result)


class _ComputingThread(WaitingThread):
    done = Sends[_Done]()

    def __init__(self, turns: AbstractContextManager[object]) -> None:
        super().__init__("computer")
        self._turns = turns
        self._waiting: OrderedDict[str, _Asked] = OrderedDict()
        self._begun = False

    def put(self, asked: _Asked) -> None:
        with self.changing():
            self._waiting[asked.key] = asked  # one that waits gives up its place to the newer
            self._begun = False

    def begin(self) -> None:
        with self.changing():
            self._begun = True

    def is_wanted(self) -> bool:
        return self.stopping or bool(self._waiting)

    def drop(self, key: str) -> None:
        with self.changing():
            self._waiting.pop(key, None)

    def run(self) -> None:
        while (asked := self._next()) is not None:
            with self._turns:
                done = _do(asked)
            if not self.stopping:
                self.done.emit(done)
            del done, asked  # or a report that is closed would stay in memory

    def _next(self) -> _Asked | None:
        with self.waited_for(lambda: self._begun and self._waiting) as wanted:
            return self._waiting.popitem(last=False)[1] if wanted else None


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
