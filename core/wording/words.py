"""Words that several capabilities share."""

from __future__ import annotations

from core.inference.compiling import PrecisionHint

HINTS: dict[PrecisionHint, str] = {
    "f32": "true f32",
    "default": "default",
    "bf16": "bf16",
    "f16": "f16",
}


def precision(hint: PrecisionHint, executed: str) -> str:
    """What was asked for, and what it ran in: ``true f32``, ``default (bf16)``."""
    return HINTS[hint] if hint == executed else f"{HINTS[hint]} ({executed})"


def counted(number: int, one: str, many: str = "") -> str:
    """Such as ``1 run`` and ``2 runs``."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def letter(place: int) -> str:
    """What the first, second, ... of several things is called for short: A, B, ..."""
    return chr(ord("A") + place)
