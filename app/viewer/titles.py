"""The line above each pane: our own words and numbers only."""

from __future__ import annotations

from app.text import counted
from app.viewer.scene import BoxStatus, Side, ViewedImage

NAMES = {Side.PARENT: "Parent", Side.OPTIMIZED: "Optimized", Side.TRUTH: "Ground truth"}

_TOLD = {
    BoxStatus.MISSED: "only here",
    BoxStatus.EXTRA: "only here",
    BoxStatus.LOST: "lost by the optimized model",
    BoxStatus.GAINED: "found by it only",
    BoxStatus.FOUND_BY_NEITHER: "found by neither",
}


def title_of(side: Side, image: ViewedImage | None) -> str:
    """Rich text: whose picture it is, how many boxes there are, and what is special about them."""
    return f"<b>{NAMES[side]}</b>&nbsp;&nbsp;{_counts(side, image)}" if image else NAMES[side]


def plain_title_of(side: Side, image: ViewedImage) -> str:
    """The same as plain text."""
    return f"{NAMES[side]}:  {_counts(side, image)}"


def _counts(side: Side, image: ViewedImage) -> str:
    overlay = image.overlay(side)
    unit = ("object", "objects") if side is Side.TRUTH else ("box", "boxes")
    counts = ((overlay.count(status), words) for status, words in _TOLD.items())
    told = [f"{count} {words}" for count, words in counts if count]
    return ", ".join([counted(len(overlay), *unit), *told])
