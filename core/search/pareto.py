"""What a search recommends, and which candidates nothing beats."""

from __future__ import annotations

from collections.abc import Sequence

from core.search.candidates import Candidate, Choice, SearchSettings
from core.search.strategy import FASTER

_CLOSE = 0.1  # more is lost than by the best: those are told apart by speed, if none is lossless


def pareto_front(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that no other one beats in speed or agreement without being worse in the other.

    The fastest first. Of equal ones the smaller model stays. Only candidates of the last
    measurement are compared with each other, as far as there was one.
    """
    measured = [one for one in candidates if one.speed is not None and one.agreement is not None]
    front: list[Candidate] = []
    for one in sorted(
        _last_session(measured), key=lambda c: (-_speed(c), -_agreement(c), c.size_bytes)
    ):
        if not front or _agreement(one) > _agreement(front[-1]):
            front.append(one)
    return tuple(front)


def choose(candidates: Sequence[Candidate], settings: SearchSettings) -> Choice:
    """The fastest candidate that loses nothing, and why.

    Speeds are compared within the last measurement that all finalists took part in, as far as
    there was one. Among those that are within the noise of the fastest, the smallest is taken.
    """
    usable = [one for one in candidates if one.agreement is not None and one.speed is not None]
    int8 = _best(_last_session([one for one in usable if one.making == "int8"]), settings)
    if settings.allowed == "int8":
        found = int8
    else:
        lossless = [one for one in _last_session(usable) if _lossless(one, settings)]
        found = _fastest(lossless) if lossless else int8
    return Choice(
        recommended=found.id if found else "",
        best_int8=int8.id if int8 else "",
        sentence=_sentence(found, int8, usable, settings),
    )


def _last_session(candidates: list[Candidate]) -> list[Candidate]:
    last = max((one.session for one in candidates), default=0)
    return [one for one in candidates if one.session == last] if last else candidates


def _best(candidates: list[Candidate], settings: SearchSettings) -> Candidate | None:
    """The fastest lossless one, or else the one nearest to it."""
    lossless = [one for one in candidates if _lossless(one, settings)]
    if lossless:
        return _fastest(lossless)
    least = min((1.0 - _agreement(one) for one in candidates), default=0.0)
    near = [one for one in candidates if 1.0 - _agreement(one) <= (1.0 + _CLOSE) * least]
    return max(near, key=_speed, default=None)


def _fastest(candidates: list[Candidate]) -> Candidate:
    fastest = max(candidates, key=_speed)
    equal = [one for one in candidates if _speed(one) * FASTER >= _speed(fastest)]
    return min(equal, key=lambda one: (one.size_bytes, -_speed(one))) if equal else fastest


def _lossless(one: Candidate, settings: SearchSettings) -> bool:
    return _agreement(one) >= settings.bar


def _speed(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0


def _agreement(one: Candidate) -> float:
    return one.agreement if one.agreement is not None else -1.0


def _sentence(
    found: Candidate | None,
    int8: Candidate | None,
    usable: list[Candidate],
    settings: SearchSettings,
) -> str:
    if found is None:
        return "No candidate could be measured."
    parents = [one for one in usable if one.making == "parent" and _lossless(one, settings)]
    said = [_judged(found, settings)]
    if parents:
        said.append(_against_parent(found, int8, max(parents, key=_speed), settings))
    return " ".join(filter(None, said))


def _judged(found: Candidate, settings: SearchSettings) -> str:
    figures = (
        f"keeps about {_agreement(found):.1%} of the parent's accuracy and runs at "
        f"{_speed(found):.2f} times the parent's speed in true f32"
    )
    if _lossless(found, settings):
        of = "INT8 plan" if settings.allowed == "int8" else "setting"
        return f"{found.label} is the fastest lossless {of}: it {figures}."
    return (
        f"No INT8 plan stays within a loss of {settings.loss:.1%}. The nearest, {found.label}, "
        f"{figures}."
    )


def _against_parent(
    found: Candidate, int8: Candidate | None, parent: Candidate, settings: SearchSettings
) -> str:
    """How the best INT8 plan does against the parent at its best lossless setting."""
    if int8 is None:
        return ""
    if not _lossless(int8, settings):
        if found.id == int8.id and settings.allowed == "int8":
            return f"The parent's best lossless setting is {parent.label}."
        return f"No INT8 plan is lossless; the nearest keeps about {_agreement(int8):.1%}."
    ratio = _speed(int8) / _speed(parent)
    if ratio < FASTER:
        return (
            f"No lossless INT8 plan is faster here than {parent.label}: the best, {int8.label}, "
            f"has {ratio:.2f} times its speed. On a processor without that precision it may be."
        )
    return f"That is {ratio:.2f} times {parent.label}." if found.id == int8.id else ""
