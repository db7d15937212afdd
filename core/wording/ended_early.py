"""What a list of projects warns of: what ended before all was tried.

The window's first picture shows it, so that it imports little.
"""

from __future__ import annotations

from pathlib import Path

from core.models.plan import AccuracyOutcome
from core.values import Value, read_json

Warned = tuple[str, str]
"""A few words and a sentence; both empty where all is well."""


def ended_early_sentence(outcome: AccuracyOutcome) -> str:
    """That it ended before all was tried, and what that means; else empty."""
    if not outcome.ended_early:
        return ""
    what = "time" if outcome.ended_early == "time" else "number of attempts"
    means = "fewer layers in float may do" if outcome.reached else "not all was tried"
    return f"It ended early, its {what} used up: {means}."


def warned_of_outcome(outcome: AccuracyOutcome) -> Warned:
    """Of a model that was made by *Accuracy-aware*."""
    if outcome.ended_early:
        return "ended early", f"Accuracy-aware. {ended_early_sentence(outcome)}"
    if outcome.reached:
        return "", ""
    return "accuracy not reached", "Accuracy-aware did not reach its target: the model loses more."


class _Candidate(Value):
    making: str


class _Search(Value):
    """As much of a search's record as says whether it tried an INT8 plan."""

    stopped: str = ""
    candidates: tuple[_Candidate, ...] = ()


def warned_of_search(record: Path) -> Warned:
    """Of a search that has ended, by its record; raises as `core.values.read_json` does."""
    search = read_json(record, _Search)
    if not search.stopped or any(one.making == "int8" for one in search.candidates):
        return "", ""
    return "no INT8 plan tried", before_int8_sentence(search.stopped)


def before_int8_sentence(stopped: str) -> str:
    """Why a search ended that tried no INT8 plan; empty where it is the usual reason."""
    return _BEFORE_INT8.get(stopped, "")


_BEFORE_INT8 = {
    "time": "The time was used up before any INT8 plan was tried; it can be resumed with more.",
    "cancelled": "Cancelled before any INT8 plan was tried; it can be resumed.",
}
