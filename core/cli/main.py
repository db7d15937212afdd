"""The terminal's face: ``detection-workbench COMMAND ...``. See docs/cli.md."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.cli.parser import parse
from core.errors import (
    InputError,
    JobCancelled,
    UnexpectedError,
    WorkbenchError,
)

if TYPE_CHECKING:
    from core.cli.terminal import Terminal

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h
NOBODY_READS = 141  # as a program has that SIGPIPE ends
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, kill, and a terminal that was closed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files and classes may be any
        sys.stdout.reconfigure(errors="backslashreplace")
    given = sys.argv[1:] if arguments is None else arguments
    return _guarded(lambda: _run(given))


def _run(arguments: Sequence[str]) -> int:
    cancel = threading.Event()
    for name in _ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: cancel.set())
    command, options = parse(arguments)
    from core.cli.rendering import show
    from core.cli.terminal import Terminal
    from core.processes import end_helpers_with_us
    from core.text import visible_lines
    from core.unfinished import sweep_everywhere
    from core.values import to_json

    end_helpers_with_us()
    sweep_everywhere()
    terminal = Terminal(cancel, options.log)
    try:
        terminal.require_log()
        result = command.run(terminal.run, options)
        shown = to_json(command.plain(result)) if options.json else command.render(result)
    except JobCancelled:
        terminal.clear()
        print("Cancelled; nothing was left half-written.", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:  # the process's boundary: the user gets a sentence
        terminal.clear()
        explained = _explained(error, terminal)
        print(visible_lines(str(explained)), file=sys.stderr)
        return _status(explained)
    terminal.clear()
    if isinstance(shown, bytes):
        sys.stdout.buffer.write(shown + b"\n")
    else:
        show(shown)
    sys.stdout.flush()
    # what was stopped was worth printing
    return INTERRUPTED if cancel.is_set() else command.status(result)


def _explained(error: Exception, terminal: Terminal) -> WorkbenchError:
    if isinstance(error, WorkbenchError):
        return error
    if isinstance(error, OSError):
        from core.refusals import explained

        return explained(error)
    return terminal.unexpected(error)


def _status(error: WorkbenchError) -> int:
    if isinstance(error, UnexpectedError):
        return UNEXPECTED
    return BAD_INPUT if isinstance(error, InputError) else FAILED


def _guarded(run: Callable[[], int]) -> int:
    """`run`, where whoever reads standard output may be gone, or its disk may be full."""
    try:
        try:
            return run()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return NOBODY_READS
    except ValueError as error:
        if sys.stdout is not None and not sys.stdout.closed:
            raise
        return _say_output(error)
    except OSError as error:  # files of ours are told of before: this is standard output
        status = _say_output(error.strerror or error)
        _forget_output()
        return status
    except AttributeError:
        if sys.stdout is not None:
            raise
        return FAILED  # it was closed from the beginning


def _say_output(why: object) -> int:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(
            f"Standard output cannot be written: {why}. Send it to another place.",
            file=sys.stderr,
        )
    return FAILED


def _forget_output() -> None:
    """Or Python tries once more at exit, and complains."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
