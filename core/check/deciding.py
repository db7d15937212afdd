"""Whether a figure meets its limit: judged by the figure's interval, not by the figure alone.

A limit is met where the whole interval is on its side, and missed where the whole interval is on
the other. In between, nothing is decided, and it is said how much more would have to be measured:
an interval narrows with the square root of what it is measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from msgspec.structs import replace

from core.check.limits import KINDS, LimitName, Side
from core.metrics.comparison.bootstrap import FEWEST_IMAGES, Interval
from core.metrics.speed.figures import MIN_ROUNDS
from core.models.plan import Arithmetic
from core.values import Value

State = Literal["passed", "failed", "undecided"]
Sample = Literal["images", "rounds", "file"]
Doubt = Literal["interval", "too_few", "nothing_found", "not_judged"]

FEWEST: dict[Sample, int] = {"images": FEWEST_IMAGES, "rounds": MIN_ROUNDS, "file": 1}
"""Below that, an interval looks narrower than it is: it comes from what was measured alone."""

MOST = 1_000_000  # images or rounds: so near to its limit, a figure is not decided by more of them


@dataclass(frozen=True)
class Figure:
    """What was measured.

    Attributes:
        interval: the figure and its 95% interval; a file's size has one without width.
        sample: what the interval is over.
        count: how many of those.
        seconds: that measuring them was given; None where time does not make more of them.
        nothing_found: whether there was nothing to measure by: the parent detects nothing.
        by_annotations: whether the accuracy kept was measured by them, and not estimated.
    """

    interval: Interval
    sample: Sample
    count: int
    seconds: float | None = None
    nothing_found: bool = False
    by_annotations: bool = False


class Computed(Value):
    """How what a figure is of was computed.

    `precision` is of what is not in INT8, "" where the device does not say; `arithmetic` of INT8
    sums, None where nothing is quantized or it is not known.
    """

    device: str
    precision: str
    arithmetic: Arithmetic | None


class Decision(Value):
    """One limit, the figure, and what follows.

    Attributes:
        limit, side, allowed: the figure is to be `at_least` or `at_most` what is `allowed`.
        figure: with its 95% interval.
        sample, count: what that is over, and how many there were.
        state: ``passed``, ``failed`` or ``undecided``.
        doubt: why nothing is decided; None where it is.
        needed: how many images or rounds would decide, if the figure stays where it is; None where
            it is decided, or so near to its limit that no number would.
        needed_seconds: for how long to measure, for so many rounds.
        computed: how the figure was, of one that depends on that; None for size and speed.
        by_annotations: whether the accuracy kept was measured by them, and not estimated.
    """

    limit: LimitName
    side: Side
    allowed: float
    figure: Interval
    sample: Sample
    count: int
    state: State
    doubt: Doubt | None = None
    needed: int | None = None
    needed_seconds: float | None = None
    computed: Computed | None = None
    by_annotations: bool = False


def decide(
    limit: LimitName, allowed: float, figure: Figure, computed: Computed | None = None
) -> Decision:
    """Judge a figure by its limit."""
    side = KINDS[limit].side
    state, doubt = _state(side, allowed, figure)
    needed, seconds = _needed(allowed, figure, doubt), figure.seconds
    return Decision(
        limit=limit,
        side=side,
        allowed=allowed,
        figure=figure.interval,
        sample=figure.sample,
        count=figure.count,
        state=state,
        doubt=doubt,
        needed=needed,
        needed_seconds=None if not needed or not seconds else seconds * needed / figure.count,
        computed=computed,
        by_annotations=figure.by_annotations,
    )


def worst(decisions: Sequence[Decision]) -> Decision:
    """Of one limit judged in several ways: the one that decides, for all must be met."""
    order: tuple[State, ...] = ("failed", "undecided", "passed")

    def rank(one: Decision) -> tuple[int, float]:
        room = one.figure.value - one.allowed
        return order.index(one.state), room if one.side == "at_least" else -room

    return min(decisions, key=rank)


def others(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Those that do not decide, for another way is worse."""
    names = dict.fromkeys(one.limit for one in decisions)
    deciding = [worst([one for one in decisions if one.limit == name]) for name in names]
    return tuple(one for one in decisions if not any(one is other for other in deciding))


def unjudged(one: Decision) -> Decision:
    """What is met wherever it could be tried, where not everything could: it is not decided."""
    return replace(one, state="undecided", doubt="not_judged") if one.state == "passed" else one


def overall(decisions: tuple[Decision, ...]) -> State:
    """Failed where one limit is missed, else undecided where one is, else passed."""
    states = {one.state for one in decisions}
    return "failed" if "failed" in states else "undecided" if "undecided" in states else "passed"


def _state(side: Side, allowed: float, figure: Figure) -> tuple[State, Doubt | None]:
    if figure.nothing_found:
        return "undecided", "nothing_found"
    if figure.count < FEWEST[figure.sample]:
        return "undecided", "too_few"
    low, high = figure.interval.low, figure.interval.high
    if side == "at_most":  # the same question, seen from the other side
        allowed, low, high = -allowed, -high, -low
    if low >= allowed:
        return "passed", None
    return ("failed", None) if high < allowed else ("undecided", "interval")


def _needed(allowed: float, figure: Figure, doubt: Doubt | None) -> int | None:
    """How many images or rounds would bring the end of the interval to the limit."""
    found, fewest = figure.interval, FEWEST[figure.sample]
    if doubt not in ("interval", "too_few"):
        return None
    distance = abs(found.value - allowed)
    reach = found.value - found.low if found.value > allowed else found.high - found.value
    if reach > distance * MOST:
        return None if doubt == "interval" else fewest
    narrower = (reach / distance) ** 2 if distance else 0.0
    needed = max(ceil(figure.count * narrower), figure.count + 1, fewest)
    return needed if needed <= MOST else None
