"""Moments as lists show them."""

from __future__ import annotations

from datetime import datetime


def moment(created: str) -> str:
    """A time in ISO form in the user's own time, to the minute; what is none as it is."""
    try:
        return f"{datetime.fromisoformat(created).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return created
