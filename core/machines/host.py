"""The process on a host that a job is sent to, seen from this machine."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import IO, Any

from core.errors import WorkbenchError
from core.machines.frames import MOST_DATA, PROTOCOL, NotOurs, greeted, read_frame, write_frame
from core.machines.program import refusal, this_program
from core.machines.ssh import started
from core.machines.talk import LEASE_SECONDS, RENEW_SECONDS, Cancel, FromHost, Refused, Renew
from core.remarks.sentences import sentence
from core.text import visible
from core.values import Value

Tick = Callable[[], None]

PATIENT_SECONDS = 60.0  # for a first word: a login may take its time
_LOOK_SECONDS = 0.1
_AHEAD = 4  # messages that wait to be sent, and that wait to be read
_END_SECONDS = 10.0  # for the process to end by itself
_LAST_SECONDS = 2.0  # to say why it ends
_HURRY_SECONDS = 0.15  # the same when nobody wants it any more
_SAID = 4096  # bytes of what the way there says last


class Host:
    """The conversation with a process that `argv` starts, on the machine called `name`.

    `tick` is called ten times a second while something is waited for, and may raise to stop.
    """

    def __init__(self, name: str, argv: Sequence[str], tick: Tick) -> None:
        """Raises WorkbenchError where it cannot be started."""
        self._name, self._tick = name, tick
        self._heard = monotonic()
        self._patience = PATIENT_SECONDS
        self._outgoing: queue.Queue[tuple[Value, bytes] | None] = queue.Queue(_AHEAD)
        self._incoming: queue.Queue[tuple[Any, bytes] | BaseException | None] = queue.Queue(_AHEAD)
        self._over = threading.Event()
        self._errors = b""
        self._process = started(argv)
        self._threads = [
            threading.Thread(target=_with, args=(work, stream), name="host", daemon=True)
            for work, stream in (
                (self._read, self._process.stdout),
                (self._write, self._process.stdin),
                (self._listen, self._process.stderr),
            )
        ]
        for one in self._threads:
            one.start()

    def say(self, message: Value, data: bytes = b"") -> None:
        """Send it, or wait until it can be sent; raises as `hear` does."""
        assert len(data) <= MOST_DATA
        while True:
            self._look()
            with suppress(queue.Full):
                self._outgoing.put((message, data), timeout=_LOOK_SECONDS)
                return

    def hear(self, *wanted: type[Value]) -> tuple[Any, bytes]:
        """What it says next, of one of these types, with the bytes that came along.

        Raises WorkbenchError where it refuses, is gone, or says something else.
        """
        while True:
            self._look()
            with suppress(queue.Empty):
                found = self._incoming.get(timeout=_LOOK_SECONDS)
                self._patience = LEASE_SECONDS
                if found is None:
                    raise self._gone()
                if isinstance(found, BaseException):
                    raise self._nonsense(found)
                said, data = found
                if isinstance(said, wanted):
                    return said, data
                if isinstance(said, Refused):
                    raise self.error(said.what, said.next_step)
                if not isinstance(said, Renew):
                    raise self._nonsense(NotOurs(f"{type(said).__name__}, which nobody asked for"))

    def error(self, what: str, next_step: str) -> WorkbenchError:
        """What the host says that it could not do."""
        return WorkbenchError(f"On {self._name}: {visible(what[:2000])}", visible(next_step[:2000]))

    def close(self, *, wanted: bool) -> None:
        """End it; where its work is not `wanted` any more, at once."""
        self._over.set()
        if not wanted:
            self._drop_what_waits()  # or there may be no room for this
            with suppress(queue.Full):
                self._outgoing.put_nowait((Cancel(), b""))
        with suppress(queue.Full):
            self._outgoing.put_nowait(None)
        try:
            self._process.wait(_END_SECONDS if wanted else _HURRY_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for one in self._threads:  # a process that still holds a pipe is not waited for
            one.join(_LOOK_SECONDS)

    def _drop_what_waits(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._outgoing.get_nowait()

    def _look(self) -> None:
        self._tick()
        if monotonic() - self._heard > self._patience:
            raise WorkbenchError(
                f"{self._name} has said nothing for {self._patience:.0f} s: the network was cut, "
                "or it stands still. What runs there ends by itself.",
                "Check the machine, and start again.",
            )

    def _gone(self) -> WorkbenchError:
        with suppress(subprocess.TimeoutExpired):  # it may have closed its end alone
            self._process.wait(_LAST_SECONDS)
        for one in self._threads:
            one.join(_LOOK_SECONDS)  # what it said last comes
        lines = visible(self._errors.decode(errors="replace").strip().rpartition("\n")[2])
        shown = f" It said: {lines[:500]}" if lines else ""
        return WorkbenchError(
            f"The program on {self._name} ended, or the way there was cut.{shown}",
            f"Check it with: machines check {self._name}.",
        )

    def _nonsense(self, error: BaseException) -> WorkbenchError:
        if isinstance(error, WorkbenchError):
            return error
        return WorkbenchError(
            f"What came from {self._name} makes no sense: {visible(str(error)[:300])}.",
            "Check that the same version of the program is there, and start again.",
        )

    def _read(self, stream: IO[bytes]) -> None:
        end: BaseException | None = None
        try:
            protocol, program = greeted(stream)
            why_not = refusal(program, this_program())
            if why_not is not None:
                end = WorkbenchError(
                    f"{self._name} cannot be used. {sentence(why_not)}",
                    f"Have the same there: machines check {self._name}.",
                )
            elif protocol != PROTOCOL:
                end = NotOurs(f"protocol {protocol}")
            while end is None and (found := read_frame(stream, FromHost)) is not None:
                self._heard = monotonic()
                if not isinstance(found[0], Renew):
                    self._put(found)
        except (NotOurs, OSError) as error:
            end = error if str(error) else None  # nothing came: it ended
        self._put(end)

    def _put(self, found: tuple[Any, bytes] | BaseException | None) -> None:
        while not self._over.is_set():
            with suppress(queue.Full):
                self._incoming.put(found, timeout=_LOOK_SECONDS)
                return

    def _write(self, stream: IO[bytes]) -> None:
        """Send what waits, and a sign of life where nothing does."""
        with suppress(OSError):  # its end is noticed where it is read
            while True:
                found: tuple[Value, bytes] | None = (Renew(), b"")
                try:
                    found = self._outgoing.get(timeout=RENEW_SECONDS)
                except queue.Empty:
                    if self._over.is_set():
                        break
                if found is None:
                    break
                write_frame(stream, *found)

    def _listen(self, stream: IO[bytes]) -> None:
        """What the way there complains of."""
        with suppress(OSError):
            while data := os.read(stream.fileno(), _SAID):
                self._errors = (self._errors + data)[-_SAID:]


def _with(work: Callable[[IO[bytes]], None], stream: IO[bytes]) -> None:
    """Work with a pipe, and close it: another thread that closed it would wait for this one."""
    try:
        work(stream)
    finally:
        with suppress(OSError):  # nobody reads what was still to be written
            stream.close()
