"""What a worker of a machine says of itself, and removes: called there, by Dask."""

from __future__ import annotations

from core.machines.cache import ContentCache
from core.machines.condition import Condition, condition


def describe() -> Condition:
    """What it is."""
    return condition()


def clear(number: str) -> int:
    """Remove what was sent for the machine of this number; gives how many bytes that were."""
    return ContentCache(number, 0).clear()
