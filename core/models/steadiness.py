"""How steady a detector is on a few images, used in one way or another.

One that is used rightly finds the same objects in an image and in its mirror image, and others
in another image. One that gets wrong colours or values finds less, or things that move about, or
the same in every image. So a way to use it is scored by the confidence that detections share
with those of the mirror image, less what they share with that of another image.

One that gets values far too large may be sure of everything, everywhere, and as sure under
mirroring: that shows in noise, of which a detector that is used rightly is hardly ever sure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.detection.boxes import Boxes
from core.detection.detections import Detections
from core.errors import InputError
from core.images.decode import read_image
from core.models.detector import Detector
from core.models.preprocessing import Preprocessing
from core.models.running import FirstRuns, noise

if TYPE_CHECKING:
    from core.models.preprocessing import Image

LIKELY = 0.1  # confidence from which on a detection counts at all
SURE = 0.3  # and from which on it counts as evidence against a convention
_MOST = 30
_GHOSTLY = 0.5  # confidence in noise, as a part of that in an image
_IMAGES = ((10.0, 4), (float("inf"), 2))  # up to so many GFLOPs, so many images


def decoded_images(images: Sequence[Path], gflops: float | None) -> list[Image]:
    """A few of the images, from all over the list, those that can be read."""
    most = next(count for largest, count in _IMAGES if (gflops or 0) <= largest)
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


def steadiness(found: Detections, others: Detections, floor: float = LIKELY) -> float:
    """Confidence that detections share with others in the same frame.

    Sum over the best pairs of one class of the lower score times intersection over union, from
    IoU .5 on; of scores from `floor` on.
    """
    first, second = _best(found, floor), _best(others, floor)
    if not len(first) or not len(second):
        return 0.0
    shared = _overlaps(first.boxes, second.boxes)
    shared *= first.class_ids[:, None] == second.class_ids[None]
    shared[shared < 0.5] = 0
    lower = np.minimum(first.scores[:, None], second.scores[None])
    return float((shared * lower).max(axis=1).sum())


class Steadiness:
    """Scores of ways to use a network, one for each image, each computed once."""

    def __init__(self, runs: FirstRuns, images: list[Image], tick: Callable[[], None]) -> None:
        self._runs = runs
        self._tick = tick
        self.images = images
        self._found: dict[tuple[Preprocessing, int], tuple[Detections, Detections]] = {}
        self._noise: dict[Preprocessing, float] = {}

    def score(self, detector: Detector, floor: float = LIKELY) -> float:
        """Steady confidence per image, on all of them."""
        return float(np.mean(self.scores(detector, len(self.images), floor)))

    def early_score(self, detector: Detector) -> float:
        """As `score`, on the first images alone."""
        return float(np.mean(self.scores(detector, min(2, len(self.images)))))

    def reaches(self, detector: Detector, wanted: float) -> bool:
        """Whether `score` is as large: looks at no more images than it takes to tell."""
        scores = [0.0] * len(self.images)
        for number in range(len(scores)):
            scores[number] = self._score(detector, number)
            if float(np.mean(scores)) >= wanted:
                return True
        return False

    def scores(self, detector: Detector, count: int, floor: float = LIKELY) -> list[float]:
        """Steady confidence in each of the first `count` images."""
        return [self._score(detector, number, floor) for number in range(count)]

    def _score(self, detector: Detector, number: int, floor: float = LIKELY) -> float:
        """Steady confidence in an image, by its number."""
        found, mirrored = self._pair(detector, number)
        own = steadiness(found, mirrored, floor)
        if len(self.images) > 1:  # with the first two each other's, later ones the first
            other = self._pair(detector, 1 if number == 0 else 0)[1]
            own -= steadiness(found, other, floor)
        return max(0.0, own)

    def sees_ghosts(self, detector: Detector) -> bool:
        """Whether it is about as sure of what it finds in noise as of what is in images."""
        seen = [self._pair(detector, number)[0] for number in range(min(2, len(self.images)))]
        usual = float(np.mean([_best(found, LIKELY).scores.sum() for found in seen]))
        return self._in_noise(detector) > max(LIKELY, _GHOSTLY * usual)

    def _in_noise(self, detector: Detector) -> float:
        """Confidence of what is found where nothing is."""
        wanted = detector.preprocessing
        if wanted not in self._noise:
            self._tick()
            (found,) = self._runs.detections(detector, noise(wanted.width, wanted.height))
            self._noise[wanted] = float(_best(found, LIKELY).scores.sum())
        return self._noise[wanted]

    def _pair(self, detector: Detector, number: int) -> tuple[Detections, Detections]:
        """What is found in an image and, turned back, in its mirror image; boxes in 0..1."""
        key = (detector.preprocessing, number)
        if key not in self._found:
            self._tick()
            image = self.images[number]
            mirror = np.ascontiguousarray(image[:, ::-1])
            size = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
            found, turned = self._runs.detections(detector, image, mirror)
            boxes = turned.boxes / size
            boxes[:, [0, 2]] = 1 - boxes[:, [2, 0]]
            self._found[key] = (
                Detections(found.boxes / size, found.scores, found.class_ids),
                Detections(boxes, turned.scores, turned.class_ids),
            )
        return self._found[key]


def _best(found: Detections, floor: float) -> Detections:
    return found.where(found.scores >= floor).best(_MOST)


def _overlaps(a: Boxes, b: Boxes) -> Boxes:
    """Intersection over union ``[N,M]`` of every two boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    sizes = [np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1) for boxes in (a, b)]
    union = sizes[0][:, None] + sizes[1][None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))
