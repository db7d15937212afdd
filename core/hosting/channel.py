"""What a host hears from the machine that sends, and says to it."""

from __future__ import annotations

import os
import queue
import threading
from contextlib import suppress
from time import monotonic, sleep
from typing import IO, Any

from core.machines.frames import NotOurs, greet, read_frame, write_frame
from core.machines.program import this_program
from core.machines.talk import LEASE_SECONDS, RENEW_SECONDS, Cancel, FromHome, Renew, Stop
from core.values import Value

_AHEAD = 4  # messages that wait to be read
_LOOK_SECONDS = 0.5
_END_SECONDS = 8.0  # for the work to end once nobody wants it; then this process leaves


class Channel:
    """The conversation; `unwanted` is set as soon as nobody wants the work any more.

    That is where the other side says so or is gone: its end of the pipe closed, or silent for
    `LEASE_SECONDS`. Then what goes on must end, and this process with it, within `_END_SECONDS`.
    `stopping` is set then, too, and where the work is to stop whose result is still wanted.
    """

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self.unwanted = threading.Event()
        self.stopping = threading.Event()
        self._in, self._out = incoming, outgoing
        self._heard = monotonic()
        self._saying = threading.Lock()
        self._said: queue.Queue[tuple[Any, bytes]] = queue.Queue(_AHEAD)
        with suppress(OSError):  # who is gone is noticed where it is read
            greet(outgoing, this_program())
        for work in (self._read, self._watch, self._renew):
            threading.Thread(target=work, name=work.__name__, daemon=True).start()

    def hear(self) -> tuple[Any, bytes] | None:
        """What is said next, and the bytes with it; None where nothing more is wanted."""
        while not self.unwanted.is_set():
            with suppress(queue.Empty):
                return self._said.get(timeout=_LOOK_SECONDS)
        return None

    def say(self, message: Value, data: bytes = b"") -> None:
        """Say something; who is gone hears nothing."""
        try:
            with self._saying:
                write_frame(self._out, message, data)
        except (OSError, ValueError):
            self._give_up()

    def _read(self) -> None:
        try:
            while (found := read_frame(self._in, FromHome)) is not None:
                self._heard = monotonic()
                if isinstance(found[0], Cancel):
                    break
                if isinstance(found[0], Stop):
                    self.stopping.set()
                if isinstance(found[0], Renew | Stop):
                    continue
                while not self.unwanted.is_set():
                    self._heard = monotonic()  # it waits for us
                    with suppress(queue.Full):
                        self._said.put(found, timeout=_LOOK_SECONDS)
                        break
        except (NotOurs, OSError, ValueError):
            pass
        self._give_up()

    def _watch(self) -> None:
        while not self.unwanted.wait(_LOOK_SECONDS):
            if monotonic() - self._heard > LEASE_SECONDS:
                self._give_up()

    def _renew(self) -> None:
        while not self.unwanted.wait(RENEW_SECONDS):
            self.say(Renew())

    def _give_up(self) -> None:
        if not self.unwanted.is_set():
            self.unwanted.set()
            self.stopping.set()
            threading.Thread(target=_leave, name="leave", daemon=True).start()


def _leave() -> None:
    sleep(_END_SECONDS)
    os._exit(1)
