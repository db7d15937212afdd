"""Running a job: starts its child process, passes its events on, reports exactly one end."""

from __future__ import annotations

import errno
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO

import filelock
import msgspec

import core
from core.errors import WorkbenchError
from core.folders import machine_lock, make_work_folder, publish, sweep
from core.jobs.events import (
    Cancelled,
    Event,
    Failed,
    JobOutcome,
    Message,
    Progress,
    Succeeded,
    error_of,
)
from core.jobs.requests import Request
from core.jobs.results import RESULT_FILE
from core.values import from_json, to_json

ASK_SECONDS = 0.4  # a cancelled job may stop by itself for so long
TERMINATE_SECONDS = 0.2  # and then clean up after SIGTERM for so long
POLL_SECONDS = 0.05
LINGER_SECONDS = 10.0  # for a child that has told its end, to end


def run_job(
    request: Request,
    destination: Path,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
) -> JobOutcome:
    """Run a job to its end, in a process of its own; its files appear in `destination`.

    Nothing appears there unless the job succeeds. Setting `cancel` ends it within a second.
    `log` receives whatever the process writes. Waits while another job runs on this machine.
    """
    cancel = cancel or threading.Event()
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        sweep(destination.parent)
        turn = _wait_for_turn(on_event, cancel)
    except OSError as error:
        return JobOutcome("failed", error=_explain(error), log=log)
    if turn is None:
        return JobOutcome("cancelled", log=log)
    work: Path | None = None
    try:
        work = make_work_folder(destination)
        end = _Child(request, work, log).run(on_event, cancel)
        if isinstance(end, Cancelled) or cancel.is_set():
            return JobOutcome("cancelled", log=log)
        if isinstance(end, Failed):
            return JobOutcome("failed", error=error_of(end), log=log)
        publish(work, destination)
        return JobOutcome("succeeded", folder=destination, log=log)
    except OSError as error:
        return JobOutcome("failed", error=_explain(error), log=log)
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
        turn.release()


def _wait_for_turn(
    on_event: Callable[[Event], None], cancel: threading.Event
) -> filelock.BaseFileLock | None:
    """The lock that lets one job run at a time: a second one would falsify a measurement."""
    lock = filelock.FileLock(machine_lock(), thread_local=False)
    told = False
    while not cancel.is_set():
        try:
            return lock.acquire(timeout=POLL_SECONDS).lock
        except filelock.Timeout:
            if not told:
                on_event(Progress(stage="Waiting for another job on this machine"))
                told = True
    return None


class _Child:
    """The process of one job, and the conversation with it."""

    def __init__(self, request: Request, work: Path, log: Path | None) -> None:
        self._messages: queue.Queue[Message | None] = queue.Queue()
        self._log = log.open("ab") if log else None
        try:
            self._process = subprocess.Popen(
                _command(work),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log or subprocess.DEVNULL,
                env=_environment(),
                start_new_session=sys.platform != "win32",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            self._close_log()
            raise
        self._tell(to_json(request))

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
                    self._tell(b"cancel")
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
                else:
                    on_event(message)
        finally:
            code = self._stop()
            reader.join(timeout=1)
            self._process.stdout.close()
            self._close_log()
        if end is not None:
            return end
        return Cancelled() if cancel.is_set() else _died(code)

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            try:
                self._messages.put(from_json(line, Message))
            except msgspec.DecodeError:
                continue  # a line cut short by the end of the process
        self._messages.put(None)

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone; its end is noticed where messages are read
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

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()


def _command(work: Path) -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, "--job", str(work)]
    return [sys.executable, "-P", "-m", "core.jobs.child", str(work)]


def _environment() -> dict[str, str]:
    """Ours, with the engine importable, and a trace in the log where the process crashes."""
    root = str(Path(core.__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONFAULTHANDLER": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _died(code: int) -> Failed:
    reason = f"exit status {code}"
    if code < 0:
        try:
            reason = signal.Signals(-code).name
        except ValueError:
            reason = f"signal {-code}"
    hint = " The system may have ended it for want of memory." if reason == "SIGKILL" else ""
    return Failed(
        what=f"The job's process ended unexpectedly ({reason}).{hint}",
        next_step="Nothing was changed. The log has the details; start the job again.",
    )


def _explain(error: OSError) -> WorkbenchError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkbenchError("The disk is full.", "Free some space and start again.")
    where = f" ({error.filename})" if error.filename else ""
    return WorkbenchError(
        f"Files could not be written: {error.strerror or error}{where}.",
        "Check the folder's permissions and the free space.",
    )


def has_result(folder: Path) -> bool:
    """Whether a job was finished into this folder."""
    return (folder / RESULT_FILE).is_file()
