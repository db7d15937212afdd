"""Text from files and models, made safe to hand to Qt."""

from __future__ import annotations

import html
import re

_UNSHOWABLE = re.compile(r"[\ud800-\udfff\x00-\x1f\x7f]")


def displayable(text: str) -> str:
    """`text` on one line that Qt accepts: bytes that are no UTF-8, and controls, become U+FFFD."""
    return text if text.isprintable() else _UNSHOWABLE.sub("\ufffd", text)


def tooltip(text: str) -> str:
    """`text`, lines kept, as a tooltip that shows it letter for letter, never as markup."""
    lines = (html.escape(displayable(line)) for line in text.split("\n"))
    return f"<qt><div style='white-space:pre'>{'<br>'.join(lines)}</div></qt>"


def counted(count: int, one: str, many: str) -> str:
    """``1 box``, ``2 boxes``."""
    return f"{count} {one if count == 1 else many}"


def time_text(seconds: float) -> str:
    """Such as ``8 s`` or ``3 min``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
