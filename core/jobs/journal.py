"""What happened in a job, for its log: what was asked, stages with their times, how it ended."""

from __future__ import annotations

import platform
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import TextIO

import msgspec

from core import __version__
from core.jobs.events import Cancelled, Failed, Keeping, LogLine, Message, Progress, Succeeded
from core.text import visible_lines

_LONGEST = 20_000  # characters of a request: one may list thousands of images


class Journal:
    """Writes lines with the time; what libraries write goes between them."""

    def __init__(self, stream: TextIO, request: bytes) -> None:
        self._stream = stream
        self._began = self._stage_began = monotonic()
        self._stage: Progress | None = None
        self._write(
            f"{datetime.now():%Y-%m-%d} Detection Workbench {__version__}, "
            f"Python {platform.python_version()}, {platform.platform()}"
        )
        self._write(f"Asked for: {_readable(request)}")

    def note(self, message: Message) -> None:
        """Write down what the job says, where it is news."""
        if isinstance(message, Progress):
            if self._stage is None or message.stage != self._stage.stage:
                self._end_stage()
                self._stage_began = monotonic()
                self._write(message.stage)
            self._stage = message
        elif isinstance(message, LogLine):
            self._write(message.text)
        elif isinstance(message, Keeping):
            self._write("Asked to stop; what was done so far is stored.")
        elif isinstance(message, Succeeded | Failed | Cancelled):
            self._end_stage(early=not isinstance(message, Succeeded))
            seconds = monotonic() - self._began
            self._write(f"{_end(message)} {seconds:.1f} s in all.")

    def _end_stage(self, *, early: bool = False) -> None:
        """Of a stage that went to its end, the last count that it gave may be one short."""
        if self._stage is not None:
            stage, self._stage = self._stage, None
            said = stage.count and (early or stage.done == stage.total)
            count = f"{stage.done} of {stage.total}, " if said else ""
            self._write(f"{stage.stage}: {count}{monotonic() - self._stage_began:.1f} s")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the log may lie on the disk that is full
            self._stream.write(f"[{datetime.now():%H:%M:%S}] {visible_lines(text)}\n")
            self._stream.flush()


def _end(message: Succeeded | Failed | Cancelled) -> str:
    if isinstance(message, Failed):
        return f"Failed: {message.what} {message.next_step}".rstrip()
    if isinstance(message, Cancelled):
        return "Cancelled."
    return "Stopped early, with what there was." if message.stopped else "Done."


def _readable(request: bytes) -> str:
    with suppress(msgspec.DecodeError):
        request = msgspec.json.format(request, indent=2)
    text = request.decode("utf-8", "replace").strip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n… {len(text):,} characters"
