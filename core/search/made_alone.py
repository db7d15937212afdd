"""What is recommended is made once more by itself, as its recipe makes it.

Plans of a search share statistics. Which tensors are watched decides what OpenVINO fuses, and so
perhaps the last bit of a range: then a recipe would make other weights than the search did.
"""

from __future__ import annotations

from collections.abc import Callable

from core.search.candidates import Activity, Candidate, SearchState, title_of
from core.search.kept import evaluated
from core.search.record import Doing, Record
from core.search.workshop import Workshop


def make_alone(
    record: Record, workshop: Workshop, doing: Doing, elsewhere: Callable[[Candidate], float]
) -> None:
    """The INT8 plans that are chosen; where another network comes of one, it is judged anew.

    Then another plan may be chosen, which is made alone, too. `elsewhere` says what a plan in f32
    keeps at most at other hints.
    """
    done: set[str] = set()
    while (one := _chosen(record.state, done)) is not None:
        assert one.plan is not None
        done.add(one.model)
        doing(Activity(doing="making", title=title_of("int8", one.number), plan=one.plan))
        if workshop.alone(one.model, one.plan):
            _judge(record, workshop, one.model, elsewhere)


def _chosen(state: SearchState, done: set[str]) -> Candidate | None:
    """At another input size a plan has statistics of its own anyway."""
    for identity in (state.choice.recommended, state.choice.best_int8):
        one = state.candidate(identity)
        if one is None or one.plan is None or one.model in done:
            continue
        if one.input_size is None:
            return one
    return None


def _judge(
    record: Record, workshop: Workshop, model: str, elsewhere: Callable[[Candidate], float]
) -> None:
    """Every candidate of that model, that in f32 first; its speed is the same."""
    at_most = 1.0
    own = [one for one in record.state.candidates if one.model == model]
    for one in sorted(own, key=lambda one: one.precision_hint != "f32"):
        found = evaluated(workshop, record.state.arithmetics, one, at_most)
        if one.precision_hint == "f32":
            at_most = elsewhere(found)
        known = record.state.candidates
        record.write(candidates=tuple(found if each.id == one.id else each for each in known))
