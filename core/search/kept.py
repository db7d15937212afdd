"""What a candidate keeps of the parent's accuracy, in each arithmetic that its target may have."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from core.inference.settings import Arithmetic
from core.search.candidates import Candidate
from core.search.workshop import Workshop


def evaluated(
    workshop: Workshop, arithmetics: Sequence[Arithmetic], candidate: Candidate, at_most: float
) -> Candidate:
    """The candidate with what it keeps in the worst arithmetic, but no more than `at_most`."""
    if candidate.input_size is not None:
        return _at_size(workshop, arithmetics, candidate, at_most)
    hint, kept = candidate.precision_hint, workshop.accuracy_kept
    each: dict[Arithmetic, float] = {}
    if candidate.plan is not None:  # other models have no INT8 sums
        each = {one: kept(candidate.model, hint, one) for one in arithmetics}
    worst = min(each.values(), default=None)
    if worst is None:
        worst = kept(candidate.model, hint)
    return replace(candidate, accuracy_kept=min(worst, at_most), kept_in=each)


def _at_size(
    workshop: Workshop, arithmetics: Sequence[Arithmetic], candidate: Candidate, at_most: float
) -> Candidate:
    """At another input size also what it keeps of small objects, and how sure both are."""
    ways: Sequence[Arithmetic | None] = arithmetics if candidate.plan is not None else ()
    hint, kept = candidate.precision_hint, workshop.kept_at_size
    found = [kept(candidate.model, hint, one) for one in ways or (None,)]
    small = [one.small for one in found if one.small is not None]
    worst = min(found, key=lambda one: one.share)
    return replace(
        candidate,
        accuracy_kept=min(worst.share, at_most),
        kept_at_least=min(worst.at_least, at_most),
        kept_in={
            one: each.share for one, each in zip(ways, found, strict=False) if one is not None
        },
        small_kept=min(small) if len(small) == len(found) else None,
        measured=worst.measured,
    )
