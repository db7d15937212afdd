"""How lists and counts are written in the sentences of remarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_SHOWN = 5
_FEW = 3


def images(count: int) -> str:
    """``1 image``, ``1,234 images``."""
    return "1 image" if count == 1 else f"{count:,} images"


def files(count: int) -> str:
    """``1 file``, ``1,234 files``."""
    return "1 file" if count == 1 else f"{count:,} files"


def joined(parts: Sequence[Any]) -> str:
    """``8, 16, 32``."""
    return ", ".join(map(str, parts))


def some(names: Sequence[str]) -> str:
    """The first five, and how many more there are."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return joined(names[:_SHOWN]) + more


def few(names: Sequence[str]) -> str:
    """The first three, with dots where there are more."""
    return joined(names[:_FEW]) + (", ..." if len(names) > _FEW else "")


def listed(parts: Sequence[Any]) -> str:
    """``4, 1 and 80``."""
    *first, last = map(str, parts)
    return f"{', '.join(first)} and {last}" if first else last


LISTED: dict[str, Callable[[Any], str]] = {
    "images": images,
    "files": files,
    "joined": joined,
    "some": some,
    "few": few,
    "listed": listed,
}
"""What may stand after the colon in a sentence's places, besides what `str.format` knows."""
