"""Which of several splits (train, val, test) is taken for what."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

_ORDER = {
    "calibration": (
        "train",
        "training",
        "trainval",
        "val",
        "valid",
        "validation",
        "test",
        "testing",
    ),
    "validation": (
        "val",
        "valid",
        "validation",
        "test",
        "testing",
        "trainval",
        "train",
        "training",
    ),
}
_WORDS = re.compile(r"[^\W\d_]+")
T = TypeVar("T")


def splits_for(role: str) -> tuple[str, ...]:
    """Names of splits, the best for `role` (``calibration`` or ``validation``) first."""
    return _ORDER[role]


def split_rank(text: str, role: str) -> int:
    """How well a file or folder suits `role` by its name, 0 the best: ``instances_val2017``."""
    words = set(_WORDS.findall(text.lower()))
    order = _ORDER[role]
    return min((order.index(word) for word in words if word in order), default=len(order))


def split_words(text: str) -> set[str]:
    """The splits that a file or folder is called after, each by its shortest name."""
    return {
        short
        for word in _WORDS.findall(text.lower())
        for short in ("train", "val", "test")
        if word in _ORDER["validation"] and word.startswith(short)
    }


def is_split(text: str) -> bool:
    """Whether a file or folder is called after a split."""
    return split_rank(text, "validation") < len(_ORDER["validation"])


def best_first(things: Iterable[tuple[str, T]], role: str) -> list[T]:
    """The things, named each, with those that suit `role` first; else in their order."""
    return [thing for _, thing in sorted(things, key=lambda named: split_rank(named[0], role))]
