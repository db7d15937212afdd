"""Classes that the optimized model finds no more: a share of all predictions does not tell them."""

from __future__ import annotations

from collections.abc import Iterable

from core.metrics.comparison.summary import ClassSummary
from core.text import visible

_FEWEST = 5  # detections of the parent: fewer are lost by chance
_SHOWN = 3


def lost_classes_words(classes: Iterable[ClassSummary]) -> tuple[str, ...]:
    """Classes of which the parent finds some, and the optimized model nothing, in a sentence.

    Those that the parent finds most often come first; nothing where there is no such class.
    """
    lost = [one for one in classes if one.parent >= _FEWEST and not one.optimized]
    lost.sort(key=lambda one: -one.parent)
    if not lost:
        return ()
    named = ", ".join(
        f"{visible(one.class_name)} ({one.parent:,} by the parent)" for one in lost[:_SHOWN]
    )
    more = f" and {len(lost) - _SHOWN:,} more" if len(lost) > _SHOWN else ""
    return (f"No longer found at all: {named}{more}.",)
