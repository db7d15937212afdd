"""Trying what the file does not tell on a few images of the user's.

A trial may not overrule what is known: the usual way of a layout is given up only for one that is
better by a wide margin, by what it is sure of and by everything that it finds, and that sees
nothing in noise. Measured on draws of four photos: see tests/benchmarks/trials_of_field_models.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.models.adjusting import OVERRIDDEN
from core.models.detector import Detector, Unsure
from core.models.guesses import guesses, word
from core.models.running import FirstRuns
from core.models.steadiness import LIKELY, SURE, Steadiness, decoded_images
from core.remarks.remark import Remark, remark

SIDE_BY_SIDE = 2  # images that runs for a trial look at: one and its mirror image
# A guess that conventions speak against is taken for one this much better. Colours matter less
# than values: a wrong order costs a sixth of the confidence.
MARGINS: dict[Unsure, float] = {"values": 2.0, "colors": 1.4, "resize": 2.0}
MARGINS_OF_FEW = {1: 2.0, 2: 1.4}  # times that, by the number of images: few may mislead
HOPELESS = 0.6  # a guess this much worse on the first two images is not tried on more
_ENOUGH = 0.3  # confidence per image from which on images tell anything
_COMPARED = frozenset({"other_better", "usual_better", "other_not_enough", "no_difference"})
_CERTAIN = 1.0  # sure confidence per image from which on they tell against a convention


def try_out(
    detector: Detector,
    unsure: Sequence[Unsure],
    runs: FirstRuns,
    images: Sequence[Path],
    gflops: float | None = None,
    tick: Callable[[str], None] = lambda stage: None,
) -> Detector:
    """The detector with the preprocessing that does best on `images`, and a reason that says so.

    `tick` gets the stage at every guess, and may raise to stop.
    """
    decoded = decoded_images(images, gflops)
    open_axes = [axis for axis in unsure if guesses(detector, axis)]
    if not open_axes or not images:
        return detector
    if not decoded:
        return _by_convention(detector, open_axes, 0)
    trial = _Trial(runs, decoded, lambda: tick("Trying it on your images"))
    best, outcomes = _climb(detector, unsure, trial)
    if trial.score(best) < _ENOUGH and {"values", "colors"} <= set(unsure):
        # Neither helps without the other: values once more, in the other order of colours.
        (turned,) = guesses(detector, "colors")
        other, of_other = _climb(turned, ("values",), trial)
        if trial.beats(other, detector, "values"):
            best, outcomes = other, of_other
    if trial.score(best) < _ENOUGH:
        return _by_convention(detector, open_axes, len(decoded))
    tried = remark("tried", images=len(decoded))
    outcome = tuple(reason for one in outcomes for reason in one.reasons)
    gained = 0.05 if best == detector and all(one.agrees for one in outcomes) else 0.0
    return msgspec.structs.replace(
        best,
        reasons=(*detector.reasons, tried, *outcome),
        confidence=round(min(0.99, detector.confidence + gained), 3),
    )


def _by_convention(detector: Detector, axes: Sequence[Unsure], images: int) -> Detector:
    """The detector as it is, with a reason that says that no image spoke for it."""
    code = "finds_nothing" if images else "none_tried"
    reason = remark(code, images=images, taken=[word(detector, axis) for axis in axes])
    return msgspec.structs.replace(
        detector, reasons=(*detector.reasons, reason), confidence=detector.confidence * 0.9
    )


@dataclass(frozen=True)
class TriedValues:
    """How a detector does on a few images, and with another range of values.

    `finds_nothing` is whether it finds next to nothing as it is used; `better` is what does better,
    if anything does.
    """

    images: int
    finds_nothing: bool
    better: BetterValues | None = None


@dataclass(frozen=True)
class BetterValues:
    """A detector that does better with other values; both are steady confidence per image."""

    detector: Detector
    confidence: float
    own: float


def try_values(
    detector: Detector,
    runs: FirstRuns,
    images: Sequence[Path],
    gflops: float | None = None,
    tick: Callable[[], None] = lambda: None,
) -> TriedValues | None:
    """Whether the detector does better with other mean and scale; None without an image.

    Others are not tried again where an import has compared them on images.
    """
    decoded = decoded_images(images, gflops)
    if not decoded:
        return None
    trial = _Trial(runs, decoded, tick)
    others = [] if _values_compared(detector) else trial.sober(guesses(detector, "values"))
    best = max(others, key=trial.early_score, default=None)
    better = None
    if best is not None and trial.beats(best, detector, "values"):
        better = BetterValues(best, trial.score(best), trial.score(detector))
    return TriedValues(len(decoded), not trial.reaches(detector, _ENOUGH), better)


def _values_compared(detector: Detector) -> bool:
    """Whether `try_out` has compared the mean and scale of the detector with others."""
    own = word(detector, "values")
    return OVERRIDDEN not in detector.reasons and any(
        one.code in _COMPARED and own in (one.facts.get("usual"), one.facts.get("other"))
        for one in detector.reasons
    )


@dataclass(frozen=True)
class _Outcome:
    """In one respect: what came of it, and whether that speaks for what is usual."""

    reasons: tuple[Remark, ...]
    agrees: bool


class _Trial(Steadiness):
    """Decides between ways to use a network."""

    def sober(self, ways: Sequence[Detector]) -> list[Detector]:
        """Those that are not as sure of noise as of images."""
        return [one for one in ways if not self.sees_ghosts(one)]

    def beats(self, guess: Detector, usual: Detector, axis: Unsure) -> bool:
        """Whether the guess does better by the margin, in most of the images, and soberly."""
        few = min(2, len(self.images))
        if sum(self.scores(guess, few)) < HOPELESS * sum(self.scores(usual, few)):
            return False
        every = len(self.images)
        pairs = zip(self.scores(guess, every), self.scores(usual, every), strict=True)
        margin = MARGINS[axis] * MARGINS_OF_FEW.get(every, 1.0)
        better = all(
            self.score(guess, floor) > margin * self.score(usual, floor) for floor in (LIKELY, SURE)
        )
        most = sum(a > b for a, b in pairs) > every / 2
        certain = self.score(guess, SURE) >= _CERTAIN
        sober = axis != "values" or not self.sees_ghosts(guess)
        return better and most and certain and sober


def _climb(
    detector: Detector, unsure: Sequence[Unsure], trial: _Trial
) -> tuple[Detector, list[_Outcome]]:
    """The best way in one respect after the other, and what came of each."""
    outcomes = []
    for axis in unsure:
        detector, outcome = _better(detector, axis, trial)
        outcomes.append(outcome)
    return detector, outcomes


def _better(detector: Detector, axis: Unsure, trial: _Trial) -> tuple[Detector, _Outcome]:
    """The detector or the best other way in this respect, and what came of trying them."""
    every = guesses(detector, axis)
    sober = trial.sober(every) if axis == "values" else every
    ghosts = tuple(
        remark("sure_of_noise", way=word(one, axis)) for one in every if one not in sober
    )
    if not sober:
        return detector, _Outcome(ghosts, agrees=True)
    best = max(sober, key=trial.early_score)
    usual, found = trial.early_score(detector), trial.early_score(best)
    if found >= HOPELESS * usual:
        likely = [one for one in sober if trial.early_score(one) >= HOPELESS * usual]
        best = max(likely, key=trial.score)
        usual, found = trial.score(detector), trial.score(best)
    better = trial.beats(best, detector, axis)
    equal = f"{found:.2f}" == f"{usual:.2f}"
    code = "usual_better" if found <= usual else "other_not_enough"
    compared = remark(
        "other_better" if better else "no_difference" if equal else code,
        usual=word(detector, axis),
        other=word(best, axis),
        best=max(usual, found),
        worst=min(usual, found),
    )
    agrees = not better and not equal and found <= usual
    return best if better else detector, _Outcome((compared, *ghosts), agrees)
