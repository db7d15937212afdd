"""Trying what the file does not tell on a few pictures of the user's.

A detector that is used rightly finds the same objects in a picture and in its mirror image, and
others in another picture. One that gets wrong colours or values finds less, or things that move
about, or the same in every picture. So every guess is scored by the confidence that detections
share with those of the mirror image, less what they share with that of another picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from core.detection.boxes import Boxes
from core.detection.detections import Detections
from core.errors import InputError
from core.images.decode import read_image
from core.models.detector import Detector, Unsure
from core.models.facts import NO_MEAN, NO_SCALE, UNIT_SCALE
from core.models.preprocessing import Image, Preprocessing
from core.models.running import FirstRuns

MARGIN = 1.2  # a guess that conventions speak for is given up for one this much better
MARGINS_OF_FEW = {1: 2.0, 2: 1.5}  # the same by the number of pictures: few may mislead
HOPELESS = 0.6  # a guess this much worse on the first two pictures is not tried on more
PICTURES = ((10.0, 4), (float("inf"), 2))  # up to so many GFLOPs, so many pictures
_ENOUGH = 0.3  # confidence per picture from which on pictures tell anything
_LIKELY = 0.1
_MOST = 30

IMAGENET_MEAN = (123.675, 116.28, 103.53)  # RGB, of pixels 0..255
IMAGENET_SCALE = (58.395, 57.12, 57.375)


def try_out(
    detector: Detector,
    unsure: Sequence[Unsure],
    runs: FirstRuns,
    images: Sequence[Path],
    gflops: float | None = None,
    told: Callable[[str], None] = lambda stage: None,
) -> Detector:
    """The detector with the preprocessing that does best on `images`, and a reason that says so.

    `told` hears of every guess, and may raise to stop.
    """
    guesses = {axis: _VARIANTS[axis](detector.preprocessing) for axis in unsure}
    pictures = _read(images, next(count for most, count in PICTURES if (gflops or 0) <= most))
    if not pictures or not any(guesses.values()):
        return detector
    trial = _Trial(runs, pictures, lambda: told("Trying it on your pictures"))
    best, reasons = _climb(detector, unsure, trial)
    if trial.score(best) < _ENOUGH and {"values", "colors"} <= set(unsure):
        # Neither helps without the other: values once more, in the other order of colours.
        (turned,) = _colors(detector.preprocessing)
        other = msgspec.structs.replace(detector, preprocessing=turned)
        other, told_of_other = _climb(other, ("values",), trial)
        if trial.score(other) >= _ENOUGH:
            best, reasons = other, told_of_other
    many = len(pictures) > 1
    count = f"{len(pictures)} of your pictures" if many else "one of your pictures"
    if trial.score(best) < _ENOUGH:
        reason = f"In {count} it finds next to nothing, so that they do not tell more."
        return msgspec.structs.replace(
            detector, reasons=(*detector.reasons, reason), confidence=detector.confidence * 0.9
        )
    mirrored = "their mirror images" if many else "its mirror image"
    summary = f"Tried on {count} and {mirrored}: {'; '.join(filter(None, reasons))}."
    gained = 0.05 if best == detector else 0.0
    return msgspec.structs.replace(
        best,
        reasons=(*detector.reasons, summary),
        confidence=round(min(0.99, detector.confidence + gained), 3),
    )


@dataclass(frozen=True)
class TriedValues:
    """How a detector does on a few pictures, and with another range of values.

    `own` and `best` are steady confidence per picture; `other` is None where none does better.
    """

    own: float
    best: float
    other: Detector | None
    pictures: int

    @property
    def finds_nothing(self) -> bool:
        """Whether it finds next to nothing as it is used."""
        return self.own < _ENOUGH


def try_values(
    detector: Detector,
    runs: FirstRuns,
    images: Sequence[Path],
    gflops: float | None = None,
    told: Callable[[], None] = lambda: None,
) -> TriedValues | None:
    """Whether the detector does better with other mean and scale; None without a picture."""
    pictures = _read(images, next(count for most, count in PICTURES if (gflops or 0) <= most))
    if not pictures:
        return None
    trial = _Trial(runs, pictures, told)
    own = trial.score(detector)
    guesses = [
        msgspec.structs.replace(detector, preprocessing=one)
        for one in _values(detector.preprocessing)
    ]
    best = max(guesses, key=trial.early_score, default=None)
    if best is None or not trial.beats(best, detector):
        return TriedValues(own, own, None, len(pictures))
    return TriedValues(own, trial.score(best), best, len(pictures))


def _climb(
    detector: Detector, unsure: Sequence[Unsure], trial: _Trial
) -> tuple[Detector, list[str]]:
    """The best variant in one respect after the other, and the figures in words."""
    reasons = []
    for axis in unsure:
        detector, reason = _better(detector, axis, _VARIANTS[axis](detector.preprocessing), trial)
        reasons.append(reason)
    return detector, reasons


def steadiness(found: Detections, others: Detections) -> float:
    """Confidence that detections share with others in the same frame.

    Sum over the best pairs of one class of the lower score times intersection over union, from
    IoU .5 on.
    """
    first, second = _best(found), _best(others)
    if not len(first) or not len(second):
        return 0.0
    shared = _overlaps(first.boxes, second.boxes)
    shared *= first.class_ids[:, None] == second.class_ids[None]
    shared[shared < 0.5] = 0
    lower = np.minimum(first.scores[:, None], second.scores[None])
    return float((shared * lower).max(axis=1).sum())


class _Trial:
    """Scores of guesses, one for each picture, each computed once."""

    def __init__(self, runs: FirstRuns, pictures: list[Image], told: Callable[[], None]) -> None:
        self._runs = runs
        self._told = told
        self._pictures = pictures
        self._found: dict[tuple[Preprocessing, int], tuple[Detections, Detections]] = {}

    def score(self, detector: Detector) -> float:
        """Steady confidence per picture, on all of them."""
        return float(np.mean(self._scores(detector, len(self._pictures))))

    def beats(self, guess: Detector, usual: Detector) -> bool:
        """Whether the guess does better by the margin, and in most of the pictures."""
        few = min(2, len(self._pictures))
        early, known = self._scores(guess, few), self._scores(usual, few)
        if sum(early) < HOPELESS * sum(known):
            return False
        every = len(self._pictures)
        wins = [
            a > b
            for a, b in zip(self._scores(guess, every), self._scores(usual, every), strict=True)
        ]
        margin = MARGINS_OF_FEW.get(every, MARGIN)
        better = self.score(guess) > max(_ENOUGH, margin * self.score(usual))
        return better and sum(wins) > every / 2

    def early_score(self, detector: Detector) -> float:
        """As `score`, on the first pictures alone."""
        return float(np.mean(self._scores(detector, min(2, len(self._pictures)))))

    def _scores(self, detector: Detector, count: int) -> list[float]:
        scores = []
        for number in range(count):
            found, mirrored = self._pair(detector, number)
            own = steadiness(found, mirrored)
            if len(self._pictures) > 1:  # with the first two each other's, later ones the first
                own -= steadiness(found, self._pair(detector, 1 if number == 0 else 0)[1])
            scores.append(max(0.0, own))
        return scores

    def _pair(self, detector: Detector, number: int) -> tuple[Detections, Detections]:
        """What is found in a picture and, turned back, in its mirror image; boxes in 0..1."""
        key = (detector.preprocessing, number)
        if key not in self._found:
            self._told()
            picture = self._pictures[number]
            mirror = np.ascontiguousarray(picture[:, ::-1])
            size = np.array([picture.shape[1], picture.shape[0]] * 2, np.float32)
            found = self._runs.detections(detector, picture)
            turned = self._runs.detections(detector, mirror)
            boxes = turned.boxes / size
            boxes[:, [0, 2]] = 1 - boxes[:, [2, 0]]
            self._found[key] = (
                Detections(found.boxes / size, found.scores, found.class_ids),
                Detections(boxes, turned.scores, turned.class_ids),
            )
        return self._found[key]


def _better(
    detector: Detector, axis: Unsure, variants: list[Preprocessing], trial: _Trial
) -> tuple[Detector, str]:
    """The detector or the best variant of it, and the figures in words."""
    if not variants:
        return detector, ""
    guesses = [msgspec.structs.replace(detector, preprocessing=variant) for variant in variants]
    best = max(guesses, key=trial.early_score)
    known, usual = _word(detector, axis), trial.early_score(detector)
    found = trial.early_score(best)
    if found >= HOPELESS * usual:
        best = max(
            (g for g in guesses if trial.early_score(g) >= HOPELESS * usual), key=trial.score
        )
        usual, found = trial.score(detector), trial.score(best)
    figures = f"({max(usual, found):.2f} against {min(usual, found):.2f})"
    if trial.beats(best, detector):
        return best, f"{_word(best, axis)} does better than {known} {figures}"
    if found > usual:
        return detector, (
            f"{_word(best, axis)} does better than the usual {known}, but not enough {figures}"
        )
    return detector, f"{known} does better than {_word(best, axis)} {figures}"


def _word(detector: Detector, axis: Unsure) -> str:
    wanted = detector.preprocessing
    if axis == "colors":
        return wanted.color_order.upper()
    if axis == "resize":
        return wanted.resize.replace("_", " ")
    return wanted.values_in_words()


def _values(usual: Preprocessing) -> list[Preprocessing]:
    if usual.element_type == "u8":
        return []
    mean, scale = IMAGENET_MEAN, IMAGENET_SCALE
    if usual.color_order == "bgr":
        mean, scale = mean[::-1], scale[::-1]
    ranges = [
        (NO_MEAN, NO_SCALE),
        (NO_MEAN, UNIT_SCALE),
        (mean, scale),
        ((127.5,) * 3, (127.5,) * 3),
    ]
    if (usual.mean, usual.scale) not in ranges:
        ranges.insert(0, (usual.mean, usual.scale))
    variants = [msgspec.structs.replace(usual, mean=m, scale=s) for m, s in ranges]
    return [one for one in variants if one != usual]


def _colors(usual: Preprocessing) -> list[Preprocessing]:
    other = "rgb" if usual.color_order == "bgr" else "bgr"
    return [
        msgspec.structs.replace(
            usual, color_order=other, mean=usual.mean[::-1], scale=usual.scale[::-1]
        )
    ]


def _resizes(usual: Preprocessing) -> list[Preprocessing]:
    kinds = ("stretch", "letterbox", "letterbox_top_left")
    return [msgspec.structs.replace(usual, resize=k) for k in kinds if k != usual.resize]


_VARIANTS: dict[Unsure, Callable[[Preprocessing], list[Preprocessing]]] = {
    "values": _values,
    "colors": _colors,
    "resize": _resizes,
}


def _read(images: Sequence[Path], most: int) -> list[Image]:
    """A few of the pictures, from all over the list, those that can be read."""
    step = max(1, len(images) // most)
    found: list[Image] = []
    for path in images[::step]:
        try:
            found.append(read_image(path))
        except InputError:
            continue
        if len(found) == most:
            break
    return found


def _best(found: Detections) -> Detections:
    return found.where(found.scores >= _LIKELY).best(_MOST)


def _overlaps(a: Boxes, b: Boxes) -> Boxes:
    """Intersection over union ``[N,M]`` of every two boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    sizes = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1) for boxes in (a, b)]
    union = sizes[0][:, None] + sizes[1][None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
