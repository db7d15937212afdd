"""The child process of a job, as its parent sees it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO

import msgspec

from core.errors import IN_THE_LOG
from core.jobs.ahead import process_for
from core.jobs.events import Cancelled, Event, Failed, Joined, Keeping, Message, Succeeded
from core.jobs.job import Job, Place, tag_of
from core.unfinished import sweep_noted
from core.values import from_json, to_json

ASK_SECONDS = 0.4  # a cancelled job may stop by itself for so long
TERMINATE_SECONDS = 0.2  # and then clean up after SIGTERM for so long
POLL_SECONDS = 0.05
KEEP_SECONDS = 5.0  # for a cancelled job that stores what it has
LINGER_SECONDS = 10.0  # for a child that has told its end, to end


class ChildProcess:
    """The process of one job, and the conversation with it."""

    def __init__(
        self,
        request: Job,
        work: Path,
        log: Path | None,
        joined: Callable[[], None] = lambda: None,
    ) -> None:
        """`joined` is called in `run`, once the process has a share of the machine by itself."""
        self._joined = joined
        self._messages: queue.Queue[Message | None] = queue.Queue()
        self._sending = threading.Lock()
        self._log = log.open("ab") if log else None
        try:
            self._process, opened = process_for(tag_of(type(request)), self._log)
        except OSError:
            self._close_log()
            raise
        self.send(to_json(Place.of(work, opened)))
        self.send(to_json(request))

    def run(
        self, on_event: Callable[[Event], None], cancel: threading.Event
    ) -> Succeeded | Failed | Cancelled:
        """Pass events on until the process is gone; gives its one end."""
        assert self._process.stdout is not None
        reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        reader.start()
        end: Succeeded | Failed | Cancelled | None = None
        deadline: float | None = None
        try:
            while True:
                if cancel.is_set() and deadline is None:
                    self.send(b"cancel")
                    deadline = monotonic() + ASK_SECONDS
                if deadline is not None and monotonic() > deadline:
                    break
                try:
                    message = self._messages.get(timeout=POLL_SECONDS)
                except queue.Empty:
                    continue
                if message is None:
                    with suppress(subprocess.TimeoutExpired):  # let it tell its exit status
                        self._process.wait(TERMINATE_SECONDS)
                    break
                if isinstance(message, Succeeded | Failed | Cancelled):
                    end = message
                    deadline = monotonic() + LINGER_SECONDS
                elif isinstance(message, Keeping):
                    deadline = monotonic() + KEEP_SECONDS
                elif isinstance(message, Joined):
                    self._joined()
                else:
                    on_event(message)
        finally:
            code = self._stop()
            self._close(reader)
        if end is None:
            sweep_noted()
            return Cancelled() if cancel.is_set() else _died(code)
        return end

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            try:
                self._messages.put(from_json(line, Message))
            except msgspec.DecodeError:
                continue  # a line cut short by the end of the process
        self._messages.put(None)

    def send(self, line: bytes) -> None:
        """Say a line to the process; any thread may."""
        assert self._process.stdin is not None
        with self._sending, suppress(OSError, ValueError):  # it is gone: its end is noticed
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def _stop(self) -> int:
        """End the process, gently first, with everything it started; gives its exit status."""
        if self._process.poll() is None:
            self._signal(getattr(signal, "SIGTERM", 15))
            try:
                self._process.wait(TERMINATE_SECONDS)
            except subprocess.TimeoutExpired:
                self._signal(getattr(signal, "SIGKILL", 9))
        code = self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        return code

    def _signal(self, number: int) -> None:
        if sys.platform == "win32":
            self._process.terminate()
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _close(self, reader: threading.Thread) -> None:
        assert self._process.stdout is not None
        reader.join(timeout=1)
        self._process.stdout.close()
        self._close_log()

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()


def _died(code: int) -> Failed:
    reason = f"exit status {code}"
    if code < 0:
        try:
            reason = signal.Signals(-code).name
        except ValueError:
            reason = f"signal {-code}"
    hint = " The system may have ended it because memory ran out." if reason == "SIGKILL" else ""
    return Failed(
        what=f"The job's process ended unexpectedly ({reason}).{hint}",
        next_step=f"Nothing was changed; start the job again. {IN_THE_LOG}",
    )
