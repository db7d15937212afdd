"""What numbers may be: for fields of a form, and for values that come from files and flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.errors import InputError

_LONGEST = 20  # characters of a number that are shown


class Limits(NamedTuple):
    """What a number is called, and the least and the greatest that it may be."""

    title: str
    low: float
    high: float


def require_within(owner: object, limits: Mapping[str, Limits], what: str) -> None:
    """Raises InputError where a number of `owner`, called `what`, is out of its limits."""
    for field, (title, low, high) in limits.items():
        value = getattr(owner, field)
        if not low <= value <= high:  # nan is in no limits
            raise InputError(
                f"The {what}'s {title} is {_shown(value)}.",
                f"Choose one from {_shown(low)} to {_shown(high)}.",
            )


def _shown(value: float) -> str:
    """A number as the user wrote it; one of hundreds of digits is cut off."""
    text = str(value) if isinstance(value, int) else f"{value:g}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
