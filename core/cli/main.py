"""The terminal's face: ``detection-workbench COMMAND ...``. See docs/cli.md."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from core.cli.commands import Commands
from core.cli.parser import parser
from core.errors import InputError, JobCancelled, WorkbenchError
from core.jobs.events import Event, LogLine, Progress
from core.jobs.job import Job
from core.jobs.runner import run_job
from core.values import to_json

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files and classes may be any
        sys.stdout.reconfigure(errors="backslashreplace")
    options = parser().parse_args(arguments)
    cancel = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: cancel.set())
    terminal = _Terminal(cancel, options.log)
    try:
        result = options.command(Commands(terminal.run), options)
    except JobCancelled:
        terminal.clear()
        print("Cancelled; nothing was left half-written.", file=sys.stderr)
        return INTERRUPTED
    except WorkbenchError as error:
        terminal.clear()
        print(error, file=sys.stderr)
        return BAD_INPUT if isinstance(error, InputError) else FAILED
    except OSError as error:
        terminal.clear()
        print(f"A file cannot be written: {error}.", file=sys.stderr)
        return FAILED
    terminal.clear()
    if options.json:
        sys.stdout.buffer.write(to_json(result) + b"\n")
        sys.stdout.flush()
    else:
        print(options.tell(result))
    return INTERRUPTED if cancel.is_set() else 0  # what was stopped was worth printing


class _Terminal:
    """Runs jobs with their progress on standard error, if that is a terminal."""

    def __init__(self, cancel: threading.Event, log: Path | None) -> None:
        self._cancel = cancel
        self._log = log
        self._shown = 0

    def run(self, request: Job, destination: Path) -> Path:
        """Run a job into `destination`; raises its error, or JobCancelled."""
        outcome = run_job(
            request, destination, on_event=self._show, cancel=self._cancel, log=self._log
        )
        if outcome.state == "cancelled":
            raise JobCancelled
        return outcome.require()

    def clear(self) -> None:
        """Wipe the progress line."""
        if self._shown:
            print("\r" + " " * self._shown + "\r", end="", file=sys.stderr, flush=True)
            self._shown = 0

    def _show(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self.clear()
            print(event.text, file=sys.stderr)
        elif isinstance(event, Progress) and sys.stderr.isatty():
            line = event.stage
            if event.total:
                line += f" {event.done}/{event.total}"
            if event.seconds_left is not None:
                line += f", {event.seconds_left:.0f} s left"
            print("\r" + line.ljust(self._shown), end="", file=sys.stderr, flush=True)
            self._shown = len(line)
