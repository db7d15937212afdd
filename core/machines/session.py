"""What one job has on a worker: a process that works for it, and a folder.

It runs inside the worker, in its threads. It ends when the job says so, when the job's connection
is gone, when nothing was heard of the job for `LEASE_SECONDS`, and with the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from core.folders import temporary_folder
from core.helpers import HelperProcess
from core.unfinished import sweep_noted
from core.values import Value

LEASE_SECONDS = 20.0
_LOOK_SECONDS = 0.5
_LISTEN_SECONDS = 0.1
_GONE = "the process that worked there ended by itself, or was ended"
_ATTEND_SECONDS = 0.2


class NoSession(Exception):
    """The worker knows nothing of the job: it was started anew, gave up, or is out of reach."""


class HelperGone(Exception):
    """The process that worked for the job ended by itself."""


class Session:
    """The process `helper`, begun with `setup`; `answers` is the type of what it says."""

    def __init__(self, number: str, helper: str, answers: Any) -> None:
        self.number = number
        self._asking, self._ending = threading.Lock(), threading.Lock()
        self._turn = threading.Condition()
        self._asked, self._answered = 0, 0  # questions
        self._ended = threading.Event()
        self._heard = monotonic()
        self._place = temporary_folder()
        self.folder: Path = self._place.__enter__()
        self._process: HelperProcess[Any] = HelperProcess(helper, answers)
        threading.Thread(target=self._watch, name=f"session {number[:8]}", daemon=True).start()

    def renew(self) -> None:
        """The job is still there."""
        self._heard = monotonic()

    @property
    def ended(self) -> bool:
        """Whether nothing works for the job any more."""
        return self._ended.is_set()

    def ask(self, question: Value, listen: Callable[[], None]) -> Any:
        """What the process answers; it has the next question while it is at this one.

        It answers in the order in which it is asked. `listen` is called ten times a second, and may
        raise to stop: then the session is over. Raises HelperGone, NoSession.
        """
        with self._asking:
            if self.ended:
                raise NoSession
            number, self._asked = self._asked, self._asked + 1
            self._process.send(question)
        try:
            self._wait_for_turn(number, listen)
            answer = self._process.answer(listen)
            if answer is None:
                raise NoSession if self.ended else HelperGone(_GONE)
        except BaseException:
            self.end()
            raise
        with self._turn:
            self._answered += 1
            self._turn.notify_all()
        return answer

    def _wait_for_turn(self, number: int, listen: Callable[[], None]) -> None:
        """Until all questions before the one of this number are answered; raises NoSession."""
        while True:
            listen()
            with self._turn:
                if self.ended:
                    raise NoSession
                if self._answered == number or self._turn.wait_for(
                    lambda: self._answered == number, _LISTEN_SECONDS
                ):
                    return

    def end(self) -> None:
        """End the process, and remove the folder."""
        with self._ending:
            if self.ended:
                return
            self._ended.set()
        self._process.close()
        self._place.__exit__(None, None, None)

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            if monotonic() - self._heard > LEASE_SECONDS:
                self.end()


_SESSIONS: dict[str, Session] = {}
_CHANGING = threading.Lock()


def begin(number: str, helper: str, answers: Any) -> Session:
    """A new session of this number, in place of one that is there."""
    sweep_noted()  # of workers that were killed
    end(number)
    session = Session(number, helper, answers)
    with _CHANGING:
        _SESSIONS[number] = session
    return session


def session_of(number: str) -> Session:
    """The session of this number; raises NoSession."""
    with _CHANGING:
        found = _SESSIONS.get(number)
    if found is None or found.ended:
        raise NoSession
    return found


def renew(number: str) -> None:
    """The job of this number is still there."""
    with _CHANGING:
        if number in _SESSIONS:
            _SESSIONS[number].renew()


def end(number: str) -> None:
    """The job of this number needs nothing more. Returns at once."""
    with _CHANGING:
        found = _SESSIONS.pop(number, None)
    if found is not None:
        threading.Thread(target=found.end, name="end", daemon=True).start()


def attend(number: str) -> None:
    """End the session of this number as soon as nobody waits for this call any more."""
    from distributed import secede

    listen = still_wanted()
    secede()  # type: ignore[no-untyped-call]  # it takes no thread from the work
    session = session_of(number)
    try:
        while not session.ended:
            listen()
            sleep(_ATTEND_SECONDS)
    finally:
        end(number)


def still_wanted() -> Callable[[], None]:
    """What raises NoSession once nobody waits for the Dask task that this thread is at."""
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()

    def listen() -> None:
        task = worker.state.tasks.get(key)
        if task is None or task.state not in _BUSY or worker.status.name not in _AT_WORK:
            raise NoSession

    return listen


_BUSY = ("executing", "long-running")
_AT_WORK = ("running", "paused")
