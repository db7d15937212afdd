"""Text from files and models, made safe to hand to Qt."""

from __future__ import annotations

import html
import re

from core.text import counted
from core.text import visible as displayable

__all__ = [
    "as_markup",
    "breakable",
    "counted",
    "displayable",
    "on_a_button",
    "shortened",
    "time_text",
    "tooltip",
]


_ENDLESS = re.compile(r"[^\s/\-]{25,}")
_PIECES = re.compile(r".{1,12}")


def as_markup(text: str) -> str:
    """`text`, lines kept, for what takes rich text: it shows it letter for letter."""
    return "<br>".join(html.escape(displayable(line)) for line in text.split("\n"))


def on_a_button(text: str) -> str:
    """`text` for buttons and menus, which take a ``&`` for the sign of a key."""
    return displayable(text).replace("&", "&&")


def tooltip(text: str) -> str:
    """`text`, lines kept, as a tooltip that shows it letter for letter, never as markup."""
    if not text:
        return ""
    return f"<qt><div style='white-space:pre'>{as_markup(text)}</div></qt>"


def breakable(text: str) -> str:
    """`text` with places to break a line at in each word that is longer than any of a language."""
    return _ENDLESS.sub(lambda word: "\u200b".join(_PIECES.findall(word.group())), text)


def shortened(name: str, most: int = 80) -> str:
    """A name with its middle left out where it is longer than a sentence can hold."""
    if len(name) <= most:
        return name
    half = (most - 1) // 2
    return f"{name[:half]}…{name[-half:]}"


def time_text(seconds: float) -> str:
    """Such as ``8 s`` or ``3 min``."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
