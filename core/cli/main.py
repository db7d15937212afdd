"""The terminal's face: ``detection-workbench COMMAND ...``. See docs/cli.md."""

from __future__ import annotations

import io
import signal
import sys
import threading
from collections.abc import Sequence

from core.cli.commands import Commands
from core.cli.parser import parser
from core.cli.rendering import show
from core.cli.terminal import Terminal
from core.errors import InputError, JobCancelled, WorkbenchError
from core.text import visible_lines
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
    terminal = Terminal(cancel, options.log)
    try:
        result = options.command(Commands(terminal.run), options)
    except JobCancelled:
        terminal.clear()
        print("Cancelled; nothing was left half-written.", file=sys.stderr)
        return INTERRUPTED
    except WorkbenchError as error:
        terminal.clear()
        print(visible_lines(str(error)), file=sys.stderr)
        return BAD_INPUT if isinstance(error, InputError) else FAILED
    except OSError as error:
        terminal.clear()
        print(visible_lines(f"A file cannot be written: {error}."), file=sys.stderr)
        return FAILED
    terminal.clear()
    if options.json:
        sys.stdout.buffer.write(to_json(options.plain(result)) + b"\n")
        sys.stdout.flush()
    else:
        show(options.render(result))
    return INTERRUPTED if cancel.is_set() else 0  # what was stopped was worth printing
