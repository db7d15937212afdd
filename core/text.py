"""Text that is shown to people: foreign names (of files, classes, projects), counts, times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

# Controls (a terminal obeys ESC), what reverses or overrides the direction of the text around it,
# the line ends that only Unicode knows, halves of surrogate pairs (bytes that are not UTF-8), and
# the two that are no characters, which XML refuses.
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\ufffd"
_MOST_DIGITS = 7  # behind the point


def visible(text: str) -> str:
    """`text` on one line, fit for terminal, HTML and window: what none may obey becomes U+FFFD."""
    return text if text.isprintable() else _UNSHOWABLE.sub(REPLACEMENT, text)


def visible_lines(text: str) -> str:
    """`visible`, line by line: the ends of lines are kept."""
    return "\n".join(visible(line) for line in text.split("\n"))


def counted(count: int, one: str, many: str = "") -> str:
    """``1 box``, ``1,234 boxes``; without `many`, an s makes it."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def significant(value: float, digits: int) -> str:
    """So many significant digits; all of a large number: ``0.0123``, ``19290``, not 1.93e+04."""
    return f"{value:.0f}" if abs(value) >= 10**digits - 0.5 else f"{value:.{digits}g}"


def percent(share: float, *limits: float) -> str:
    """``97.9%``; ``97.96%`` where fewer digits would put it on the other side of a limit.

    `share` and the `limits` that it is judged by are in 0..1.
    """

    return f"{100 * share:.{digits_beside(share, limits, 3) - 2}f}%"


def digits_beside(value: float, limits: Iterable[float], fewest: int) -> int:
    """How many digits behind the point leave a value on its side of each limit."""

    def side(value: float, limit: float) -> int:
        return (value > limit) - (value < limit)

    limits = tuple(limits)
    digits = fewest
    while digits < _MOST_DIGITS and any(
        side(round(value, digits), limit) != side(value, limit) for limit in limits
    ):
        digits += 1
    return digits


def whole_number(text: object, most: int) -> int | None:
    """What digits say, if it is at most so many; None of everything else.

    Python refuses to convert thousands of digits, which a stranger's file may have.
    """
    digits = str(text)
    if not (digits.isascii() and digits.isdecimal()):
        return None
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) <= len(str(most)) and int(digits) <= most else None


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


def in_minutes(seconds: float) -> str:
    """Such as ``40 s`` or ``3 min 05 s``."""
    whole = round(seconds)
    return f"{whole} s" if whole < 90 else f"{whole // 60} min {whole % 60:02} s"
