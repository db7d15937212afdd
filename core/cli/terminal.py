"""Runs jobs from the terminal, with their progress on standard error if that is a terminal."""

from __future__ import annotations

import atexit
import os
import stat
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.failure_log import begin_log, keep_log
from core.errors import (
    IN_THE_LOG,
    InputError,
    JobCancelled,
    WorkbenchError,
    unexpected,
)
from core.jobs.events import Event, LogLine, Progress
from core.jobs.job import Job
from core.jobs.registry import Announcement, Ended
from core.jobs.runner import run_job
from core.jobs.turn import Turn
from core.loading import load_ahead
from core.text import visible, visible_lines
from core.unfinished import remove

if TYPE_CHECKING:
    from rich.table import Table as RichTable

_WIDE = 30  # characters of the bar
_ADD_A_LOG = "Add --log FILE for the details."  # where not even the user's cache takes one
_LOOK = 0.5  # seconds between two looks whether a window asks for the end
_PAUSE = 0.1  # seconds between two drawings of one stage; the machine is there for the job


class Terminal:
    """Runs jobs, one after the other."""

    def __init__(
        self, cancel: threading.Event, log: Path | None, line: str, shown_by: Sequence[str] = ()
    ) -> None:
        """`line` is what the user typed, as windows show it; `shown_by` as in `Command`."""
        self._cancel = cancel
        self._line = line
        self._named_log = log
        self._own_log: Path | None = None
        self._bar: _Bar | None = None
        self._announcement: Announcement | None = None
        self._ended = Ended(state="cancelled")  # unless the job says otherwise
        self._said: set[str] = set()
        self._shown_by = shown_by

    def run(self, request: Job, destination: Path) -> Path:
        """Run a job into `destination`; raises its error, or JobCancelled."""
        with self._announced() as announcement:
            began = time.monotonic()

            def on_event(event: Event) -> None:
                if isinstance(event, Progress):
                    waits = event.stage == Turn.waiting
                    announcement.say("waiting" if waits else "running", event)
                self._show(event)

            outcome = run_job(
                request,
                destination,
                on_event=on_event,
                cancel=self._cancel,
                log=self._log(),
                on_start=lambda: load_ahead(self._shown_by),
            )
            self._shown_by = ()
            error = outcome.error and self._pointing(outcome.error)
            if error is None:
                self._forget_log()
            self._ended = Ended(
                state=outcome.state,
                seconds=time.monotonic() - began,
                message=str(error or ""),
                log=self._named_log or (self._own_log if error else None),
            )
        if outcome.state == "cancelled":
            raise JobCancelled
        if error:
            raise error
        return outcome.require()

    def _log(self) -> Path | None:
        """What the processes write to; a file of ours where the user named none."""
        if self._named_log is None and self._own_log is None:
            self._own_log = begin_log()
        return self._named_log or self._own_log

    def _forget_log(self) -> None:
        if self._own_log is not None:
            remove(self._own_log)
            self._own_log = None

    def _pointing(self, error: WorkbenchError) -> WorkbenchError:
        """The same, where it points to a log that the user did not name: to its file, now kept."""
        if self._named_log or IN_THE_LOG not in error.next_step:
            self._forget_log()
            return error
        way_out = _ADD_A_LOG
        if self._own_log is not None:
            with suppress(OSError):
                self._own_log = keep_log(self._own_log)
                way_out = f"{self._own_log} has the details."
        return type(error)(error.what, error.next_step.replace(IN_THE_LOG, way_out))

    @contextmanager
    def _announced(self) -> Iterator[Announcement]:
        """Windows see the job meanwhile, and may ask for its end.

        All jobs of a command are one to them, which goes on with each.
        """
        if self._announcement is None:
            self._announcement = Announcement(self._line, "terminal", Path.cwd())
        else:
            self._announcement.say("waiting")
        announcement, over = self._announcement, threading.Event()
        self._ended = Ended(state="cancelled")

        def look() -> None:
            while not over.wait(_LOOK):
                if announcement.cancel_wanted:
                    self._cancel.set()
                    return

        threading.Thread(target=look, name="cancel", daemon=True).start()
        try:
            yield announcement
        finally:
            over.set()
            if announcement.cancel_wanted:  # since the last look: its next job is not to begin
                self._cancel.set()
            announcement.end(self._ended)

    def require_log(self) -> None:
        """Raises InputError where the log cannot be appended to: before any work."""
        log = self._named_log
        if log is None:
            return
        try:
            if not _may_be_log(log):
                raise InputError(f"{log} is not a regular file.", "Specify a file for --log.")
            log.parent.mkdir(parents=True, exist_ok=True)
            log.open("ab").close()
        except OSError as error:
            raise InputError(
                f"{log} cannot be written: {error.strerror or error}.",
                "Specify another file for --log.",
            ) from error

    def unexpected(self, error: Exception) -> WorkbenchError:
        """What to say of an exception that nothing explains; its trace goes to the log."""
        log = self._log()
        if log is not None:
            with suppress(OSError), log.open("a", encoding="utf-8") as file:
                traceback.print_exception(error, file=file)
        return self._pointing(unexpected(error, IN_THE_LOG))

    def clear(self) -> None:
        """Wipe the progress away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _show(self, event: Event) -> None:
        if isinstance(event, LogLine):
            if event.text in self._said:  # of another job of the same command
                return
            self._said.add(event.text)
            self.clear()
            print(visible_lines(event.text), file=sys.stderr)
        elif isinstance(event, Progress) and sys.stderr.isatty():
            if self._bar is None:
                self._bar = _Bar()
            self._bar.show(event)


def _may_be_log(path: Path) -> bool:
    """Whether writing there does not wait: a file, a device such as ``/dev/null``, or our own
    output, as ``/dev/stderr`` is. A pipe waits for whoever reads it."""
    if not path.exists():
        return True
    status = path.stat()
    if stat.S_ISREG(status.st_mode) or stat.S_ISCHR(status.st_mode):
        return True
    for descriptor in (1, 2):
        with suppress(OSError):
            if os.path.samestat(status, os.fstat(descriptor)):
                return True
    return False


class _Bar:
    """One line: stage, bar, done of total, time left.

    It is drawn when the job says something: a clock of its own would disturb what is measured.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._stage = ""
        self._drawn = 0.0
        self._live = Live(
            console=Console(stderr=True, markup=False, highlight=False, emoji=False),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        atexit.register(self._live.stop)  # it hides the cursor

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        last = progress.done == progress.total
        if progress.stage == self._stage and not last and now - self._drawn < _PAUSE:
            return
        self._stage, self._drawn = progress.stage, now
        self._live.update(_line(progress), refresh=True)

    def close(self) -> None:
        self._live.stop()
        atexit.unregister(self._live.stop)


def _line(progress: Progress) -> RichTable:
    from rich.progress_bar import ProgressBar
    from rich.table import Table as RichTable
    from rich.text import Text

    line = RichTable.grid(padding=(0, 1))
    cells: list[Text | ProgressBar] = [
        Text(visible(progress.stage), no_wrap=True, overflow="ellipsis")
    ]
    if progress.total:
        bar = ProgressBar(progress.total, progress.done, width=_WIDE, complete_style="blue")
        cells += [bar, Text(progress.count)]
    if progress.seconds_left is not None:
        cells.append(Text(f"{_time(progress.seconds_left)} left"))
    line.add_row(*cells)
    return line


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02} min"
