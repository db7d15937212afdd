"""How lists and counts are written in the sentences of remarks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

_SHOWN = 5
_FEW = 3
_LONGEST = 100  # letters of a name in a sentence
_BEGINNING = 6  # of a longer one
# What is counted, of several and of one.
_ONE = {
    "archives": "archive",
    "anchors": "anchor", "augmented images": "augmented image", "boxes": "box", "classes": "class",
    "detections": "detection", "files": "file", "images": "image",
    "layers": "layer", "names": "name",
    "operations": "operation", "queries": "query", "results": "result", "rows": "row",
    "scores": "score", "values": "value", "workers": "worker",
}  # fmt: skip
# What is said of so many, of one and of several.
_VERBS = {"are": ("is", "are"), "have": ("has", "have"), "were": ("was", "were"),
          "they": ("it", "they"), "their": ("its", "their"), "them": ("it", "them"),
          "occur": ("occurs", "occur"), "lie": ("lies", "lie")}  # fmt: skip


def counted(count: int, noun: str) -> str:
    """``1 image``, ``1,234 images``; the noun as it is of several."""
    return f"1 {_ONE[noun]}" if count == 1 else f"{count:,} {noun}"


def shortened(text: str) -> str:
    """A name or number as it is, or of a long one its beginning and how long it is."""
    if len(text) <= _LONGEST:
        return text
    kind = "digits" if text.isdecimal() else "characters"
    return f"{text[:_BEGINNING]}... ({len(text):,} {kind})"


def joined(parts: Sequence[Any]) -> str:
    """``8, 16, 32``."""
    return ", ".join(map(str, parts))


def some(names: Sequence[str]) -> str:
    """The first five, and how many more there are."""
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return joined([shortened(name) for name in names[:_SHOWN]]) + more


def few(names: Sequence[str]) -> str:
    """The first three, with dots where there are more."""
    return joined([shortened(name) for name in names[:_FEW]]) + (
        ", ..." if len(names) > _FEW else ""
    )


def listed(parts: Sequence[Any]) -> str:
    """``4, 1 and 80``."""
    *first, last = map(str, parts)
    return f"{', '.join(first)} and {last}" if first else last


def _as_counted(noun: str, count: int) -> str:
    return counted(count, noun)


def _as_said(one: str, several: str, count: int) -> str:
    return one if count == 1 else several


LISTED: dict[str, Callable[[Any], str]] = {
    **{noun: partial(_as_counted, noun) for noun in _ONE},
    **{verb: partial(_as_said, *forms) for verb, forms in _VERBS.items()},
    "joined": joined,
    "some": some,
    "few": few,
    "listed": listed,
}
"""What may stand after the colon in a sentence's places, besides what `str.format` knows."""
