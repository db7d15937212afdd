"""The terminal's face: ``detection-workbench COMMAND ...``. See docs/cli.md."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

from core.errors import InputError, JobCancelled, UnexpectedError, WorkbenchError

if TYPE_CHECKING:
    from core.cli.terminal import Terminal

FAILED, BAD_INPUT = 1, 2
UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h
BY_SIGNAL = 128  # and its number: as a program has that a signal ends
NOBODY_READS = BY_SIGNAL + 13  # SIGPIPE
_PIECE = 2**20  # bytes
_IN_MEMORY = 16 * 2**20  # of JSON; more waits in a temporary file
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, kill, and a terminal that was closed


class _Ending:
    """Whether the system asked the program to end, and with which signal first.

    Until a command runs there is nothing to end in order: the system itself ends the program.
    """

    def __init__(self) -> None:
        self.cancel = threading.Event()
        self.status = 0
        self._handle(signal.SIG_DFL)

    def begin(self) -> None:
        """From now on a signal is noted, and the command ends in order."""
        self._handle(self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.status = self.status or BY_SIGNAL + number
        self.cancel.set()

    @staticmethod
    def _handle(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
        for name in _ENDING:
            number = getattr(signal, name, None)
            # What nohup or a shell in the background lets us outlive, we outlive.
            if number is not None and (
                name == "SIGINT" or signal.getsignal(number) != signal.SIG_IGN
            ):
                signal.signal(number, handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    ending = _Ending()  # before anything else is imported
    if isinstance(sys.stdout, io.TextIOWrapper):  # names of files and classes may be any
        sys.stdout.reconfigure(errors="backslashreplace")
    if arguments is None:  # a program of its own
        from core.cli.streams import settle_streams

        settle_streams()
        faulthandler.enable()
        gc.disable()  # until a command runs: next to nothing of what is imported is garbage
        atexit.register(gc.freeze)  # or Python looks through all of it at its end
    given = sys.argv[1:] if arguments is None else arguments
    return _guarded(lambda: _run(given, ending))


def _run(arguments: Sequence[str], ending: _Ending) -> int:
    from core.cli.ahead import jobs_ahead

    jobs = jobs_ahead(arguments)
    if not jobs:
        return _command(arguments, ending)
    from core.jobs.ahead import begun_ahead
    from core.processes import end_helpers_with_us

    ending.begin()  # there is something to end from now on
    end_helpers_with_us()
    with begun_ahead(jobs):
        return _command(arguments, ending)


def _command(arguments: Sequence[str], ending: _Ending) -> int:
    from core.cli.parser import parse

    command, options = parse(arguments)
    from core.cli.rendering import show
    from core.cli.terminal import Terminal
    from core.processes import end_helpers_with_us
    from core.text import visible_lines
    from core.unfinished import sweep_everywhere

    ending.begin()
    end_helpers_with_us()
    sweep_everywhere()
    terminal = Terminal(ending.cancel, options.log, " ".join(arguments), command.shown_by)
    try:
        terminal.require_log()
        gc.enable()
        result = command.run(terminal.run, options)
        shown = _as_json(command.plain(result)) if options.json else command.render(result)
    except JobCancelled as cancelled:
        terminal.clear()
        said = str(cancelled) or "Cancelled; nothing was left half-written."
        print(visible_lines(said), file=sys.stderr)
        return ending.status or FAILED  # a window asked for it
    except Exception as error:  # the process's boundary: the user gets a sentence
        terminal.clear()
        explained = _explained(error, terminal)
        print(visible_lines(str(explained)), file=sys.stderr)
        return _status(explained)
    terminal.clear()
    if isinstance(shown, str | list):
        show(shown)
    else:
        with shown:
            while piece := shown.read(_PIECE):
                sys.stdout.buffer.write(piece)
    sys.stdout.flush()
    # what was stopped was worth printing
    return ending.status or command.status(result)


def _as_json(plain: Any) -> IO[bytes]:
    """A file with JSON, which may be more than memory should hold; it goes when it is closed."""
    from tempfile import SpooledTemporaryFile

    from core.documents.plain_files import write_plain

    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # who shows it closes it
    write_plain(file, plain, readable=False)
    file.seek(0)
    return file


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
