"""What other input sizes of a model keep and gain, in words."""

from __future__ import annotations

from collections.abc import Iterable

from core.search.candidates import Candidate, SearchState
from core.search.pareto import at_other_sizes, lossless, measured, of_last_measurement, own_size
from core.text import percent
from core.wording.candidates import candidate_label

NEARLY = 0.95  # of the accuracy, from which on the fastest one at another input size is named
_NONE_YET = "No other input size was measured yet: they come after the plans; resume the search."
_ESTIMATED = (
    "Estimated without annotations, where every difference counts as a loss: with annotated "
    "images it is measured."
)


def small_sentence(one: Candidate) -> str:
    """What is kept at another input size, and how that is known; empty at the own one."""
    if one.input_size is None or one.failure is not None or one.accuracy_kept is None:
        return ""
    if one.measured and one.kept_at_least is not None:
        known = f"Measured by annotations: at least {one.kept_at_least:.4f} by its 95% interval."
    else:
        known = _ESTIMATED
    if one.small_kept is None:
        return f"{known} There are too few small objects to judge: it is not called lossless."
    return f"{known} Of small objects, {one.small_kept:.4f} is kept."


def sizes_sentence(state: SearchState) -> str:
    """What other input sizes gain; empty where none was to be tried, or while it runs."""
    tried = measured(at_other_sizes(state.candidates))
    if not tried:
        asked = state.settings.input_sizes != "own"
        return _NONE_YET if asked and state.stopped in ("time", "cancelled") else ""
    good = _fastest(of_last_measurement([one for one in tried if lossless(one, state.settings)]))
    found = good or _fastest(of_last_measurement([one for one in tried if _kept(one) >= NEARLY]))
    how = "" if all(one.measured for one in tried) else f" {_ESTIMATED}"
    if found is None:
        most = max(tried, key=_kept)
        return (
            f"No other input size keeps {NEARLY:.0%}: the most, {candidate_label(most)}, keeps "
            f"about {percent(_kept(most), NEARLY)}.{how}"
        )
    figures = _figures(found, state)
    if good is not None:
        return f"The fastest lossless one at another input size is {figures}{how}"
    return (
        "No other input size is shown to be lossless. The fastest that keeps about "
        f"{NEARLY:.0%} or more is {figures}{how}"
    )


def _figures(found: Candidate, state: SearchState) -> str:
    """What it keeps, and its speed against the best at the own size."""
    own = _fastest(
        one for one in own_size(measured(state.candidates)) if lossless(one, state.settings)
    )
    small = "" if found.small_kept is None else f" ({found.small_kept:.1%} of small objects)"
    kept = percent(_kept(found), NEARLY, state.settings.bar)
    speed, against = _speed(found), "the parent in true f32"
    if own is not None:
        speed, against = speed / _speed(own), f"{candidate_label(own)}, the best at its own size"
    return (
        f"{candidate_label(found)}: it keeps about {kept}{small} at {speed:.2f} times "
        f"the speed of {against}."
    )


def _fastest(candidates: Iterable[Candidate]) -> Candidate | None:
    return max(candidates, key=_speed, default=None)


def _kept(one: Candidate) -> float:
    return one.accuracy_kept if one.accuracy_kept is not None else 0.0


def _speed(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0
