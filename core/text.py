"""Text that is shown to people: foreign names (of files, classes, projects), counts, times."""

from __future__ import annotations

import re
from datetime import datetime

# Controls (a terminal obeys ESC), what reverses or overrides the direction of the text around it,
# the line ends that only Unicode knows, halves of surrogate pairs (bytes that are not UTF-8), and
# the two that are no characters, which XML refuses.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"


def visible(text: str) -> str:
    """`text` on one line, fit for terminal, HTML and window: what none may obey becomes U+FFFD."""
    return text if text.isprintable() else _UNSHOWABLE.sub(REPLACEMENT, text)


def visible_lines(text: str) -> str:
    """`visible`, line by line: the ends of lines are kept."""
    return "\n".join(visible(line) for line in text.split("\n"))


def counted(count: int, one: str, many: str = "") -> str:
    """``1 box``, ``1,234 boxes``; without `many`, an s makes it."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def when(started: str) -> str:
    """Such as ``2026-01-02 11:00``, in the user's own time, of a time as results have it.

    What is no time stays as it is. For screens; files have `when_utc`.
    """
    try:
        return f"{datetime.fromisoformat(started).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return started


def when_utc(started: str) -> str:
    """Such as ``2026-01-02 10:00 UTC``: for files, which are read elsewhere, too."""
    return f"{started[:16].replace('T', ' ')} UTC"
