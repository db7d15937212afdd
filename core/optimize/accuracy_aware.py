"""Quantize, and put back into float what costs most, until no more is lost than is allowed.

After everything has been quantized once, the layers are ranked by the error that each adds to its
tensors. The fewest of the first ones that must stay in float are found by halving, quantizing anew
each time; then whole kinds of layers and parts of them are quantized again that need not stay so.
Each attempt is a plan of its own: the model that comes out is the one that its plan makes, whenever
it is run again. NNCF's own loop can choose the layers instead: docs/decisions/0008.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

import msgspec

from core.inference.limited import LimitedDetector
from core.inference.loading import input_tensors, load_images
from core.metrics.tensors.layers import WEIGHTED
from core.metrics.tensors.tensor_distance import TensorMeter
from core.models.detector import Detector
from core.models.plan import AccuracyOutcome, AccuracyTarget, QuantizationPlan
from core.models.stored import read_network
from core.optimize.clock import Clock, StepLeft
from core.optimize.evaluating import Evaluator, Split
from core.optimize.nncf_control import AccuracyControl, OutOfTimeError, quantized_operations
from core.optimize.quantizing import Quantized, quantize
from core.targets.target import LOOKING, Judged, for_target, judged

_RANKING_IMAGES = 8
_NNCF_SHARE = 0.6  # of the time that is left, for NNCF's accuracy control
_CLOSE = 32  # the fewest layers are looked for to within so small a part of them


@dataclass(frozen=True, eq=False)
class Found:
    """The model, the plan that makes it, and what it keeps of the accuracy."""

    quantized: Quantized
    plan: QuantizationPlan
    outcome: AccuracyOutcome


@dataclass(eq=False)
class _Attempt:
    """A model with these layers in float, by their places in the ranking."""

    kept: tuple[int, ...]
    plan: QuantizationPlan
    quantized: Quantized
    metric: float


@dataclass(frozen=True, eq=False)
class Subject:
    """The parent, how it is used, and the images."""

    xml: Path
    detector: Detector
    images: Split


def quantize_within(
    subject: Subject, target: AccuracyTarget, folder: Path, step: StepLeft
) -> Found:
    """A model of `subject` made by its plan that keeps to `target`, or comes closest to it.

    `folder` takes a temporary file. `step` may raise to stop. Raises InputError as `quantize`
    and `Evaluator` do.
    """
    plan = for_target(msgspec.structs.replace(subject.images.plan, accuracy=None))
    clock = Clock(target, step)
    with LimitedDetector() as limited:
        how = judged(plan.target, limited, lambda: clock.step(LOOKING, 0, None))
        evaluator = Evaluator(
            subject.xml,
            subject.detector,
            subject.images.evaluated,
            target,
            clock.step,
            how.runs,
            limited,
        )
        return _attempted(_Work(subject, plan, evaluator, clock, how), folder)


def _attempted(work: _Work, folder: Path) -> Found:
    """What is found by attempts."""
    first = work.attempt(())
    if not work.reached(first) and not work.chosen_by_nncf(first) and not work.over:
        work.rank(first, folder)
        work.fewest()
    return work.found()


class _Work:
    """The attempts, and which of them is best."""

    def __init__(
        self,
        subject: Subject,
        plan: QuantizationPlan,
        evaluator: Evaluator,
        clock: Clock,
        how: Judged,
    ) -> None:
        self._how = how
        self._subject, self._plan = subject, plan
        self._evaluator, self._clock = evaluator, clock
        self._ranking: tuple[tuple[str, tuple[str, ...]], ...] = ()  # kind, operations to keep
        self._nncf_stopped_after: float | None = None
        self._ended_early: Literal["", "time", "attempts"] = ""
        self._first: _Attempt | None = None
        self._best: _Attempt | None = None

    @property
    def over(self) -> bool:
        """Whether no other attempt is possible; asked where there is something left to try."""
        if self._clock.over:
            self._ended_early = self._clock.used_up
        return self._clock.over

    def reached(self, attempt: _Attempt) -> bool:
        """Whether it loses no more than is allowed."""
        return self._evaluator.parent - attempt.metric <= self._clock.target.max_drop

    def attempt(self, kept: Sequence[int]) -> _Attempt:
        """Quantize with these layers in float, and measure."""
        began = monotonic()
        names = [name for place in kept for name in self._ranking[place][1]]
        names = [*dict.fromkeys((*self._plan.ignored_names, *names))]
        plan = msgspec.structs.replace(self._plan, ignored_names=tuple(names))
        subject, clock = self._subject, self._clock
        quantized = quantize(
            subject.xml, subject.detector, subject.images.calibration, plan, clock.step
        )
        made = _Attempt(tuple(kept), plan, quantized, self._evaluator.measure(quantized.model))
        clock.attempts += 1
        clock.longest = max(clock.longest, monotonic() - began)
        self._remember(made)
        return made

    def chosen_by_nncf(self, first: _Attempt) -> bool:
        """Whether NNCF's accuracy control was asked for, and ended in its share of the time."""
        clock, subject = self._clock, self._subject
        if clock.target.choosing != "nncf" or self.over:
            return False
        until = clock.seconds + _NNCF_SHARE * clock.left
        control = AccuracyControl(
            self._evaluator, clock.target, clock.step, lambda: clock.seconds > until
        )
        model = read_network(subject.xml)
        quantized = first.quantized.model
        try:
            names = control.put_back(
                model, quantized, subject.detector, subject.images.calibration, self._plan
            )
        except OutOfTimeError:
            self._nncf_stopped_after = round(clock.seconds, 1)
            return False
        others = (name for name in quantized_operations(quantized) if name not in names)
        self._ranking = tuple(("", (name,)) for name in (*names, *others))
        if names:
            self.attempt(range(len(names)))
        return True

    def rank(self, attempt: _Attempt, folder: Path) -> None:
        """Order the layers by the error that they add in the model that is all quantized."""
        import openvino as ov

        stage = "Ranking the layers"
        subject = self._subject
        images = subject.images.calibration
        chosen = images.subset(min(_RANKING_IMAGES, self._plan.subset_size), self._plan.seed)
        self._clock.step(stage, 0, None)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            path = Path(temporary) / "all.xml"
            ov.save_model(attempt.quantized.model, path, compress_to_fp16=False)
            meter = TensorMeter(subject.xml, path)
        loaded = load_images(images, chosen, subject.detector)
        for done, tensors in enumerate(input_tensors(loaded, []), start=1):
            meter.add(tensors)
            self._clock.step(stage, done, len(chosen))
            if self._clock.over:
                break
        self._ranking = tuple((layer.kind, layer.operations) for layer in meter.report().layers)

    def fewest(self) -> None:
        """Halve the interval in which the fewest layers lie that do, then leave out needless ones.

        An attempt may do worse than one with fewer layers, but seldom by much.
        """
        low, high = 0, len(self._ranking)
        while high - low > max(1, len(self._ranking) // _CLOSE) and not self.over:
            middle = (low + high) // 2
            if self.reached(self.attempt(range(middle))):
                high = middle
            else:
                low = middle
        if high == len(self._ranking) and not self.over:
            self.attempt(range(high))
        if self._best is not None and self.reached(self._best):
            self._leave_out()

    def _leave_out(self) -> None:
        """Quantize again what need not be in float: whole kinds, then ever smaller chunks.

        Convolutions first, for they gain most from INT8.
        """
        kinds = {self._ranking[place][0] for place in self._chosen}
        for kind in sorted(kinds, key=lambda one: (one not in WEIGHTED, one)):
            self._without({p for p in self._chosen if self._ranking[p][0] == kind})
        size = len(self._chosen) // 2
        while size >= max(1, len(self._ranking) // (2 * _CLOSE)) and not self.over:
            for chunk in _chunks(self._chosen, size):
                self._without(chunk)
            size //= 2

    @property
    def _chosen(self) -> tuple[int, ...]:
        return self._best.kept if self._best is not None else ()

    def _without(self, places: Set[int]) -> None:
        """Try the best attempt without these; it is the best from then on if it does."""
        left = [place for place in self._chosen if place not in places]
        if 0 < len(left) < len(self._chosen) and not self.over:
            self.attempt(left)

    def found(self) -> Found:
        """The best attempt, and what it comes to."""
        best, first = self._best, self._first
        assert best is not None and first is not None
        clock, evaluator = self._clock, self._evaluator
        outcome = AccuracyOutcome(
            target=clock.target,
            parent=evaluator.parent,
            quantized=first.metric,
            optimized=best.metric,
            reached=self.reached(best),
            images=len(evaluator.dataset.images),
            dataset=evaluator.dataset.name,
            held_out=self._subject.images.held_out,
            layers_in_float=len(best.kept),
            layers=len(self._ranking),
            attempts=clock.attempts,
            seconds=round(clock.seconds, 1),
            ended_early=self._ended_early,
            nncf_stopped_after=self._nncf_stopped_after,
            arithmetics=self._how.arithmetics,
            not_judged=self._how.not_judged,
        )
        return Found(best.quantized, best.plan, outcome)

    def _remember(self, made: _Attempt) -> None:
        self._first = self._first or made
        best = self._best
        if best is None:
            self._best = made
        elif self.reached(made):
            if not self.reached(best) or len(made.kept) <= len(best.kept):
                self._best = made
        elif not self.reached(best) and made.metric > best.metric:
            self._best = made
        drop = self._evaluator.parent - (self._best or made).metric
        self._clock.prefix = f"Attempt {self._clock.attempts + 1}, drop {drop:.3f} so far"


def _chunks(places: Sequence[int], size: int) -> Iterator[frozenset[int]]:
    """The last ones first: they add least error, and are needed least."""
    for end in range(len(places), 0, -size):
        yield frozenset(places[max(0, end - size) : end])
