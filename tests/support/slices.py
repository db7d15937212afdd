"""Programs that have the machine in turns: all are begun, and all but one are stopped by signals.

A machine's speed drifts from one minute to the next. Programs that have a slice of a few seconds
each, again and again, have the same share of that drift, and can be compared more closely than it
moves. POSIX alone, and Linux where bytes are counted.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import psutil

_MARK = "DETECTION_WORKBENCH_SLICES"
_LOOK_SECONDS = 0.02
_GONE_SECONDS = 10.0
_GUARD = "import sys\nfrom tests.support.slices import kill\nsys.stdin.read()\nkill(sys.argv[1])\n"


def marked(mark: str, others: Collection[int] = ()) -> list[psutil.Process]:
    """All processes that were begun with this mark, by whomever, but for those `others`."""
    found = []
    for number in psutil.pids():
        with suppress(psutil.Error):
            if number not in others and _mark_of(one := psutil.Process(number)) == mark:
                found.append(one)
    return found


def _mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(_MARK)
    except (psutil.Error, OSError):  # of another user, or gone
        return None


def kill(mark: str) -> None:
    """End them all: those that are stopped, too, and those that are begun meanwhile."""
    until = monotonic() + _GONE_SECONDS
    while (found := marked(mark)) and monotonic() < until:
        for one in found:
            with suppress(psutil.Error):
                one.kill()
        sleep(_LOOK_SECONDS)


class Sliced:
    """A program that runs for slices: `seconds` is the time that it had, its own clock.

    What it starts belongs to it. It is stopped until its first slice is given.
    """

    def __init__(self, name: str, command: Sequence[str], folder: Path) -> None:
        self.name, self.seconds = name, 0.0
        self._mark = f"{os.getpid()} {os.urandom(8).hex()}"
        environment = {**os.environ, _MARK: self._mark}
        self._guard = subprocess.Popen(
            [sys.executable, "-c", _GUARD, self._mark],
            stdin=subprocess.PIPE,
            start_new_session=True,  # a Ctrl+C is not for it
        )
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{name}.log").open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self.log = folder / f"{name}.log"
        self._known = [psutil.Process(self._process.pid)]
        self._others: set[int] = set()
        self._stop()

    @property
    def ended(self) -> bool:
        """Whether the program is over."""
        return self._process.poll() is not None

    @property
    def processes(self) -> list[psutil.Process]:
        """All that belong to it, as of its last slice."""
        return list(self._known)

    def slice(self, seconds: float, look: Callable[[], object] = lambda: None) -> float:
        """Let it run for so long, or to its end; gives how long it ran.

        `look` is called again and again meanwhile; the program's clock goes on.
        """
        before, begun = self.seconds, monotonic()
        _signal(self._known, signal.SIGCONT)
        while not self.ended and monotonic() < begun + seconds:
            sleep(_LOOK_SECONDS)
            self.seconds = before + monotonic() - begun
            look()
        self.seconds = before + monotonic() - begun
        self._stop()
        return self.seconds - before

    def _stop(self) -> None:
        """Stop all that belongs to it, and what was begun until then."""
        _signal(self._known, signal.SIGSTOP)
        while True:
            known = {one.pid for one in self._known}
            there = set(psutil.pids())
            new = marked(self._mark, known | self._others)
            _signal(new, signal.SIGSTOP)
            self._known = [one for one in (*self._known, *new) if one.is_running()]
            self._others = there - {one.pid for one in self._known}
            if not new:
                break
        until = monotonic() + _GONE_SECONDS
        while any(map(_runs, self._known)) and monotonic() < until:
            sleep(_LOOK_SECONDS / 10)

    def close(self) -> None:
        """End all of it."""
        kill(self._mark)
        self._process.wait()
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()


def _runs(process: psutil.Process) -> bool:
    """Whether it is still to notice that it is stopped, as on a busy machine."""
    with suppress(psutil.Error):
        return process.status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    return False


def _signal(processes: Sequence[psutil.Process], number: int) -> None:
    """At once: what is asked of each before would be asked while those before it run."""
    for one in [process.pid for process in processes]:
        with suppress(ProcessLookupError):
            os.kill(one, number)


@contextmanager
def closing(programs: Sequence[Sliced]) -> Iterator[Sequence[Sliced]]:
    """Ends all of them, whatever happens meanwhile."""
    try:
        yield programs
    finally:
        for one in programs:
            one.close()


def orders(names: Sequence[str], chance: random.Random) -> Iterator[list[str]]:
    """The names, in an order drawn anew each time; of none the turn comes much later than before.

    So nobody waits for more turns of others than there are names.
    """
    order = chance.sample(list(names), len(names))
    while True:
        yield order
        before = order
        while any(n - before.index(name) > 1 for n, name in enumerate(order)) or order is before:
            order = chance.sample(list(names), len(names))
