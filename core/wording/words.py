"""Words that several capabilities share."""

from __future__ import annotations

from core.inference.settings import PrecisionHint
from core.inference.words import HINTS

_LONG_NAME = 36


def precision(hint: PrecisionHint, executed: str) -> str:
    """What was asked for, and what it ran in: ``true f32``, ``default (bf16)``."""
    return HINTS[hint] if hint == executed else f"{HINTS[hint]} ({executed})"


def when(started: str) -> str:
    """Such as ``2026-01-02 10:00 UTC``, of a time as results have it."""
    return f"{started[:16].replace('T', ' ')} UTC"


def short_name(name: str) -> str:
    """A layer's name; of a long one, its end, by which layers differ."""
    return name if len(name) <= _LONG_NAME else f"…{name[-_LONG_NAME:]}"


def letter(place: int) -> str:
    """What the first, second, ... of several things is called for short: A, B, ..."""
    return chr(ord("A") + place)
