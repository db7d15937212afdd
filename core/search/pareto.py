"""What a search recommends, and the Pareto front of its candidates."""

from __future__ import annotations

from collections.abc import Sequence

from core.search.candidates import Candidate, Choice
from core.search.settings import SearchSettings
from core.search.strategy import FASTER

_CLOSE = 0.1  # more is lost than by the best: those are told apart by speed, if none is lossless


def pareto_front(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other one beats in speed or accuracy without being worse in the other.

    The fastest first. Of equal ones the smaller model stays. Only candidates of the last
    measurement are compared with each other, as far as there was one.
    """
    front: list[Candidate] = []
    for one in sorted(
        of_last_measurement(measured(candidates)),
        key=lambda c: (-_speed(c), -_kept(c), c.size_bytes),
    ):
        if not front or _kept(one) > _kept(front[-1]):
            front.append(one)
    return tuple(front)


def measured(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those whose accuracy and speed are known."""
    return [one for one in candidates if one.accuracy_kept is not None and one.speed is not None]


def fastest_lossless_parent(
    candidates: Sequence[Candidate], settings: SearchSettings
) -> Candidate | None:
    """The parent at the hint that it is fastest with and loses nothing; None without any."""
    parents = [one for one in measured(candidates) if one.making == "parent"]
    return max((one for one in parents if lossless(one, settings)), key=_speed, default=None)


def first_lossless(candidates: Sequence[Candidate], settings: SearchSettings) -> Candidate | None:
    """The INT8 plan that was the first to lose no more than the settings allow."""
    plans = (one for one in candidates if one.plan is not None and one.failure is None)
    return next((one for one in plans if lossless(one, settings)), None)


def lossless(one: Candidate, settings: SearchSettings) -> bool:
    """Whether it loses no more than the settings allow.

    At another input size the whole interval must, and small objects, which are lost first: where
    there are too few to tell, it is not called lossless.
    """
    if one.input_size is None:
        return _kept(one) >= settings.bar
    return min(one.kept_at_least or 0.0, one.small_kept or 0.0) >= settings.bar


def own_size(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those at the parent's own input size."""
    return [one for one in candidates if one.input_size is None]


def at_other_sizes(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those at other input sizes."""
    return [one for one in candidates if one.input_size is not None]


def rivals(
    candidates: Sequence[Candidate], settings: SearchSettings
) -> tuple[list[Candidate], list[Candidate]]:
    """The lossless ones that may be recommended, and those of them that are INT8."""
    known = [one for one in candidates if one.failure is None]
    good = [one for one in _at_wanted_hint(known, settings) if lossless(one, settings)]
    int8 = [one for one in good if one.plan is not None]
    return int8 if settings.allowed == "int8" else good, int8


def choose(candidates: Sequence[Candidate], settings: SearchSettings) -> Choice:
    """The fastest candidate that loses nothing.

    Speeds are compared within the last measurement that all finalists took part in, as far as
    there was one. Among those that are within the noise of the fastest, the smallest is taken.
    Where the settings name a precision, it is of those that run with it.
    """
    usable = _at_wanted_hint(measured(candidates), settings)
    int8 = _best_int8([one for one in usable if one.making == "int8"], settings)
    if settings.allowed == "int8":
        plans = [one for one in usable if one.plan is not None]
        good = [one for one in of_last_measurement(plans) if lossless(one, settings)]
        found = _fastest(good) if good else int8
    else:
        good = [one for one in of_last_measurement(usable) if lossless(one, settings)]
        found = _fastest(good) if good else int8
    return Choice(
        recommended=found.id if found else "",
        best_int8=int8.id if int8 else "",
    )


def _best_int8(plans: list[Candidate], settings: SearchSettings) -> Candidate | None:
    """The best of the last measurement; where none is lossless there, of those made since."""
    best = _best(of_last_measurement(plans), settings)
    good = [one for one in plans if lossless(one, settings)]
    return _fastest(good) if good and best and not lossless(best, settings) else best


def _at_wanted_hint(candidates: list[Candidate], settings: SearchSettings) -> list[Candidate]:
    """Those with the hint that is wanted; in f32 where the hint is f32 by another name here."""
    hint = settings.precision_hint
    if hint is None:
        return candidates
    found = [one for one in candidates if one.precision_hint == hint]
    return found or [one for one in candidates if one.precision_hint == "f32"]


def of_last_measurement(candidates: list[Candidate]) -> list[Candidate]:
    """Those of the last final measurement; all, where none of them was in one.

    Only speeds of one measurement can be compared: one looked at before may be of a busier machine.
    """
    last = max((one.measurement for one in candidates), default=0)
    return [one for one in candidates if one.measurement == last] if last else candidates


def _best(candidates: list[Candidate], settings: SearchSettings) -> Candidate | None:
    """The fastest lossless one, or else the one nearest to it."""
    good = [one for one in candidates if lossless(one, settings)]
    if good:
        return _fastest(good)
    least = min((1.0 - _kept(one) for one in candidates), default=0.0)
    near = [one for one in candidates if 1.0 - _kept(one) <= (1.0 + _CLOSE) * least]
    return max(near, key=_speed, default=None)


def _fastest(candidates: list[Candidate]) -> Candidate:
    fastest = max(candidates, key=_speed)
    equal = [one for one in candidates if _speed(one) * FASTER >= _speed(fastest)]
    return min(equal, key=lambda one: (one.size_bytes, -_speed(one))) if equal else fastest


def _speed(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0


def _kept(one: Candidate) -> float:
    return one.accuracy_kept if one.accuracy_kept is not None else -1.0
