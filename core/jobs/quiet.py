"""Timed rounds have the machine to themselves; light work runs between them, and beside all else.

Two locks in the user's cache folder, which the system lets go of where their process is killed. Who
measures holds the *quiet* alone, light work shares it. Either passes the *door* first, one at a
time: so whoever waits for the other stands there, keeps those that come later out, and can be seen.
See docs/decisions/0024.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TYPE_CHECKING, Self

from core.folders import lock_file

if TYPE_CHECKING:
    import filelock

Listen = Callable[[], object]
"""Called again and again by who waits; may raise to stop."""

PIECE_SECONDS = 1.0  # of light work, until it lets a round in
LONGEST_SECONDS = 5.0  # of turns, until a round lets light work in before it is complete
_LOOK_SECONDS = 0.1  # between two tries, each of which takes processor time


class _Pauses:
    seconds = 0.0
    standing: float | None = None  # what the clock shows for as long as it stands still


_PAUSES = _Pauses()


def working_seconds() -> float:
    """As `monotonic`, but standing still while this process waits for others' rounds or work."""
    standing = _PAUSES.standing
    return monotonic() - _PAUSES.seconds if standing is None else standing


@contextmanager
def waiting_for_others() -> Iterator[None]:
    """What passes meanwhile is no time that this process has worked."""
    before = working_seconds()
    _PAUSES.standing = before
    try:
        yield
    finally:
        _PAUSES.seconds, _PAUSES.standing = monotonic() - before, None


class _Quiet:
    """Both locks, for one thread of one process."""

    def __init__(self) -> None:
        import filelock

        self._refused = filelock.Timeout
        self._lock = filelock.ReadWriteLock(lock_file("quiet.lock"), is_singleton=False)
        self._door = filelock.FileLock(lock_file("door.lock"), thread_local=False)
        self.held = False
        self.since = 0.0

    def take(self, *, alone: bool, listen: Listen, through_door: bool = True) -> None:
        """Wait for the quiet, at the door until it is there."""
        take = self._lock.acquire_write if alone else self._lock.acquire_read
        if through_door:
            self._wait(self._door.acquire, listen)
        try:
            self._wait(take, listen)
        finally:
            if through_door:
                self._door.release()
        self.held, self.since = True, monotonic()

    def release(self) -> None:
        if self.held:
            self.held = False
            self._lock.release()

    def close(self) -> None:
        self.release()
        self._lock.close()

    def somebody_waits(self) -> bool:
        """Whether the door is taken."""
        return is_taken(self._door)

    def _wait(self, take: Callable[..., object], listen: Listen) -> None:
        """Without blocking in a lock: SQLite keeps others out while it does."""
        before = monotonic()
        while True:
            try:
                take(timeout=0)
            except self._refused:
                listen()
                sleep(_LOOK_SECONDS)
                before, passed = monotonic(), monotonic() - before
                _PAUSES.seconds += passed
            else:
                return


def is_taken(lock: filelock.BaseFileLock) -> bool:
    """Whether somebody else holds a lock that is not held here."""
    import filelock

    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return True
    lock.release()
    return False


class LightWork:
    """A share of the machine for work that is not timed, held in pieces. Of one thread.

    `waiting` is the stage while it waits.
    """

    waiting = "Paused while speed is measured"

    def __init__(self) -> None:
        self._quiet = _Quiet()

    @property
    def held(self) -> bool:
        """Whether the work may go on."""
        return self._quiet.held

    def take(self, listen: Listen) -> None:
        """Wait until nothing is timed, and keep rounds waiting from then on."""
        self._quiet.take(alone=False, listen=listen)

    def join(self, listen: Listen) -> None:
        """The same beside a process that has a share already, and keeps it until this one does."""
        self._quiet.take(alone=False, listen=listen, through_door=False)

    def breathe(self, listen: Listen) -> float:
        """Let in a round that waits, now and then; gives the seconds that this took."""
        if not self.held or monotonic() - self._quiet.since < PIECE_SECONDS:
            return 0.0
        before = monotonic()
        self._quiet.release()
        self.take(listen)
        return self._quiet.since - before

    def release(self) -> None:
        """Let rounds go on."""
        self._quiet.release()

    def close(self) -> None:
        """The same, for good."""
        self._quiet.close()


@contextmanager
def light_work() -> Iterator[None]:
    """Do something in one piece while nothing is timed."""
    share = LightWork()
    try:
        share.take(lambda: None)
        yield
    finally:
        share.close()


class TimedRounds:
    """The machine alone, for as long as the context lasts, but for what is let in between rounds.

        with TimedRounds(listen) as rounds:
            while more:
                rounds.give_way(listen)
                ...  # one round

    Attributes:
        waited: seconds that were given to others since.
    """

    def __init__(self, listen: Listen) -> None:
        """`listen` is called while light work that has begun comes to its end; it may raise."""
        self._quiet = _Quiet()
        self._listen = listen
        self._least = 0.0
        self.waited = 0.0

    def __enter__(self) -> Self:
        try:
            self._quiet.take(alone=True, listen=self._listen)
        except BaseException:
            self._quiet.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._quiet.close()

    def asked(self, least: float = 0.0) -> bool:
        """Whether light work waits, and may be let in: not before so many seconds of measuring.

        Nor before as many as the work let in last has had: so either has half of the time, at
        least.
        """
        measured = monotonic() - self._quiet.since
        return measured >= max(least, self._least) and self._quiet.somebody_waits()

    def give_way(self, listen: Listen) -> bool:
        """Let in who waits, if `asked`, and wait until that is done; gives whether it was so."""
        if not self.asked():
            return False
        before = monotonic()
        self._quiet.release()
        self._quiet.take(alone=True, listen=listen)
        self._least = self._quiet.since - before
        self.waited += self._least
        return True
