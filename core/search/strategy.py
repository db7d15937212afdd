"""Which plan a search tries next. Pure: it asks, and whoever runs it does the work and answers.

After NNCF's default comes what is likeliest to lose nothing: everything at once that keeps accuracy
and costs little speed, with what the processor executes in float anyway left in float. Structure
is next: what ruins a detector's INT8 is nearly always a kind of operation, not a single
one. Next are the layers that add most error for their work, where parts had to be left in float:
few of them may do; then subgraphs of the network; then layer by layer, those first whose tensors
are farthest from the parent's. In the end it takes back what a lossless plan does not need. A
search that is resumed asks the same questions again and gets the stored answers, and so arrives
where it was.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import Any

from msgspec.structs import replace

from core.models.plan import Part, QuantizationPlan
from core.optimize.parameters import SATURATING
from core.optimize.weighed import Weighed
from core.search.candidates import Reason, Stopped
from core.search.plan_changes import (
    BEHIND,
    CHEAP,
    PARTS,
    Operations,
    Parts,
    adds,
    careful,
    ignored,
    ignoring,
    leaner_plans,
    leaving,
    operations_left,
    without_errors,
)
from core.search.questions import InFloat, Question, Questions, Rank, Trial, Try, Weigh

GAIN = 0.05  # of what is lost, that a change must bring back to be kept
FASTER = 1.02  # times the throughput, from which on a plan is called faster while searching
SUBGRAPHS = 6
LEAST_LEFT = 0.03  # of the layers' errors, from which on more layers in float bring nothing
LEAST_SHARE, MOST_SHARE = 0.2, 0.5  # of the errors that a plan has, that the next one may have
CAUTION = 0.8  # of what would just do, by what was lost: estimates are uncertain
EXPLAINED = 0.2  # of what a plan was to bring back by these errors: with less, loss is elsewhere
CLOSE = 1.6  # times the errors of a lossless plan has the next one that is not
WORTH_RANKING = 0.15  # of what is lost, brought back by the layers ranked last: rank them anew


def search_plans(
    start: QuantizationPlan, parts: Parts, layers: Operations, bar: float
) -> Generator[Question, Any, Stopped]:
    """Asks for one plan after the other until nothing better is left to try; gives why it ended.

    `start` says by which images to calibrate; `parts` are those that the model has, with their
    operations; `layers` are the operations with weights, from the input to the outputs; `bar` is
    the accuracy kept from which on a plan is called lossless.
    """
    search = _Search(bar)
    best = yield from search.structure(start, parts)
    if best.kept < bar:
        best = yield from search.subgraphs(best, layers, parts)
    if best.kept < bar:
        best = yield from search.layers(best)
    if best.kept < bar:
        best = yield from search.ranges(best)
    if best.kept < bar:
        return "exhausted"
    yield from search.leaner(best)
    return "found"


class _Search:
    """The phases; each starts from a trial and ends with the best one."""

    def __init__(self, bar: float) -> None:
        self._bar = bar
        self._tried: dict[QuantizationPlan, Trial] = {}

    def structure(self, start: QuantizationPlan, parts: Parts) -> Questions:
        """Kinds of operations and parts that stay in float, each kept if it helps."""
        default = yield from self._try(start, Reason(code="nncf_default"))
        names: Operations = yield InFloat(start)
        if default.kept >= self._bar:
            return (yield from self._in_float(default, names, parts))
        plan = careful(leaving(start, names, parts), parts)
        best = yield from self._better(default, plan, Reason(code="careful"))
        if best is default:
            best = yield from self._one_by_one(default, names, parts)
        elif best.kept < self._bar:  # asymmetric ranges may be the worse ones
            symmetric = replace(best.plan, preset="performance")
            found = yield from self._try(symmetric, Reason(code="symmetric"))
            best = found if found.kept >= best.kept else best
        base = yield from self._parts(best, CHEAP, parts)
        best = yield from self._parts(base, PARTS, parts)
        if base.kept >= self._bar:
            return best
        found = yield from self.errors(base)
        if best.kept >= self._bar and found.kept >= self._bar:
            return max(best, found, key=lambda one: one.speed or 0.0)
        return max(best, found, key=lambda one: one.kept)

    def _parts(self, best: Trial, tried: Sequence[Part], parts: Parts) -> Questions:
        """One after the other in float, each kept if it helps."""
        for part in tried:
            if best.kept >= self._bar:
                break
            if adds(part, best.plan, parts):
                best = yield from self._better(best, ignoring(best.plan, part), ignored(part))
        return best

    def errors(self, best: Trial) -> Questions:
        """As few layers in float as possible, by what they add to the error of the last ones.

        What is lost grows with the errors that are left: that says how many to leave, at first
        and after each plan that still loses too much, as long as these errors are what is lost.
        Then back again, half of the way.
        """
        layers: tuple[Weighed, ...] = yield Weigh(best.plan)
        start, base, latest, left, lossy = best, best.plan, best, 1.0, 1.0
        while layers and latest.kept < self._bar and left > LEAST_LEFT:
            lossy, allowed = left, (1.0 - self._bar) / (1.0 - latest.kept)
            left *= min(max(CAUTION * allowed, LEAST_SHARE), MOST_SHARE)
            left = max(left, LEAST_LEFT)
            latest = yield from self._left(base, layers, left)
            if latest.kept >= self._bar or latest.brings_back(GAIN, best):
                best = latest
            if not latest.brings_back(EXPLAINED * (1.0 - left), start):
                break
        while best.kept >= self._bar and lossy > CLOSE * left:
            middle = math.sqrt(left * lossy)
            found = yield from self._left(base, layers, middle)
            if found.kept < self._bar:
                lossy = middle
            else:
                best, left = found, middle
        return best

    def _left(self, base: QuantizationPlan, layers: tuple[Weighed, ...], left: float) -> Questions:
        plan = without_errors(base, layers, left)
        count = len(plan.ignored_names) - len(base.ignored_names)
        return (yield from self._try(plan, Reason(code="ignored_errors", count=count)))

    def _in_float(self, best: Trial, names: Operations, parts: Parts) -> Questions:
        """What is often faster in float, which is tried in any case."""
        if parts.get("elementwise"):
            plan = ignoring(best.plan, "elementwise")
            best = yield from self._better(best, plan, ignored("elementwise"))
        plan = leaving(best.plan, names, parts)
        if plan != best.plan:
            found = yield from self._try(plan, Reason(code="executed_in_float"))
            best = found if found.kept >= best.kept else best
        return best

    def _one_by_one(self, best: Trial, names: Operations, parts: Parts) -> Questions:
        """What a careful plan has, where all of it together does not help."""
        best = yield from self._in_float(best, names, parts)
        if best.kept < self._bar:
            mixed = replace(best.plan, preset="mixed")
            best = yield from self._better(best, mixed, Reason(code="asymmetric"))
        if best.kept < self._bar and best.plan.target in SATURATING:
            whole = replace(best.plan, overflow_fix="first_layer")
            best = yield from self._better(best, whole, Reason(code="first_layer_fix"))
        if best.kept < self._bar:
            rounded = replace(best.plan, weight_rounding="least_error")
            best = yield from self._better(best, rounded, Reason(code="least_error_rounding"))
        if best.kept < self._bar and adds(BEHIND, best.plan, parts):
            plan = ignoring(best.plan, BEHIND)
            found = yield from self._try(plan, ignored(BEHIND))
            best = found if found.kept >= best.kept else best  # so little costs no speed
        return best

    def layers(self, best: Trial) -> Questions:
        """The layers that add most error, ranked anew as long as keeping some in float helps."""
        while best.kept < self._bar:
            ranked: tuple[Operations, ...] = yield Rank(best.plan)
            before = best
            best = yield from self._worst_layers(best, ranked)
            if not best.brings_back(WORTH_RANKING, before):
                break
        return best

    def _worst_layers(self, best: Trial, ranked: tuple[Operations, ...]) -> Questions:
        """Twice as many each time, until twice in a row it did not help."""
        base, count, failures = best.plan, 2, 0
        while count <= len(ranked) // 2 and failures < 2 and best.kept < self._bar:
            names = tuple(name for layer in ranked[:count] for name in layer)
            plan = replace(base, ignored_names=(*base.ignored_names, *names))
            before = best
            reason = Reason(code="ignored_layers", count=count)
            best = yield from self._better(best, plan, reason)
            failures = 0 if best is not before else failures + 1
            count *= 2
        return best

    def subgraphs(self, best: Trial, layers: Operations, parts: Parts) -> Questions:
        """Where in the network it is lost: each subgraph of it in float, then the best together.

        Errors add up as squares do: one of several alike hardly shows, two of them do.
        """
        kept = operations_left(best.plan, parts)
        free = [name for name in layers if name not in kept]
        size = -(-len(free) // SUBGRAPHS)
        if size < 1:
            return best
        tried: list[tuple[Trial, Operations]] = []
        base = best
        for place, first in enumerate(range(0, len(free), size), start=1):
            names = tuple(free[first : first + size])
            plan = replace(base.plan, ignored_names=(*base.plan.ignored_names, *names))
            reason = Reason(code="ignored_subgraph", place=place, count=SUBGRAPHS)
            found = yield from self._try(plan, reason)
            tried.append((found, names))
            best = max(best, found, key=lambda one: one.kept)
        tried.sort(key=lambda one: -one[0].kept)
        for count in range(2, SUBGRAPHS - 1):
            if best.kept >= self._bar:
                break
            names = tuple(name for _, part in tried[:count] for name in part)
            plan = replace(base.plan, ignored_names=(*base.plan.ignored_names, *names))
            reason = Reason(code="ignored_subgraphs", count=count)
            best = yield from self._better(best, plan, reason)
        return best

    def ranges(self, best: Trial) -> Questions:
        """Other ways to estimate the range of activations."""
        plan = replace(best.plan, activation_range="mean_no_outliers_min_max")
        best = yield from self._better(best, plan, Reason(code="range_without_outliers"))
        plan = replace(best.plan, activation_range="min_max")
        return (yield from self._better(best, plan, Reason(code="full_range")))

    def leaner(self, best: Trial) -> Questions:
        """Back to INT8 with what the plan can do without, if that is faster.

        What one plan needs, or gains nothing without, a plan with less in float does, too: it is
        not tried again.
        """
        needed: set[Reason] = set()
        while True:
            for plan, reason in leaner_plans(best.plan):
                if reason in needed:
                    continue
                found = yield from self._try(plan, reason)
                if found.kept >= self._bar and (found.speed or 0) > FASTER * (best.speed or 0):
                    best = found
                    break
                needed.add(reason)
            else:
                return best

    def _better(self, best: Trial, plan: QuantizationPlan, reason: Reason) -> Questions:
        found = yield from self._try(plan, reason)
        return found if found.brings_back(GAIN, best) else best

    def _try(self, plan: QuantizationPlan, reason: Reason) -> Questions:
        if plan not in self._tried:
            self._tried[plan] = yield Try(plan, reason)
        return self._tried[plan]
