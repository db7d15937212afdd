"""Standard streams that may be closed or full: what is said there never decides how a command ends.

Whoever closes standard error, or sends it to a full disk, wants no messages; the command works
all the same, and its exit status is what it came to.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress


def settle_streams() -> None:
    """The first thing that a program of its own does."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # or the next file that is opened is taken for it, also by our processes
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = _Unheard(io.FileIO(2, "w", closefd=False), "utf-8", write_through=True)
    elif isinstance(sys.stderr, io.TextIOWrapper):
        own = sys.stderr
        encoding, errors, line, at_once = (
            own.encoding, own.errors, own.line_buffering, own.write_through,
        )  # fmt: skip
        sys.stderr = _Unheard(
            own.detach(), encoding, errors, line_buffering=line, write_through=at_once
        )


class _Unheard(io.TextIOWrapper):
    """A stream whose text is lost where it cannot be written."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()
