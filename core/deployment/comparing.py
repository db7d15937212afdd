"""How far what a model finds in an image lies from what it found elsewhere, and how far it may.

A package's self-test carries this very code. The limits come from measurements on the field's
models (docs/decisions/0025): of a float model by its precision, and of INT8, where one rounding
decides the next, by what the very model does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST = 0.1  # of scores: what is less sure comes and goes
SAME_PLACE = 0.5  # overlap
LEAST = 0.5  # of the scores of an image together: with less in it, little is certain


@dataclass(frozen=True)
class Seen:
    """Detections in an image: float ``[K, 4]`` as x1, y1, x2, y2, float ``[K]``, int ``[K]``."""

    boxes: NDArray[np.floating]
    scores: NDArray[np.floating]
    classes: NDArray[np.integer]


@dataclass(frozen=True)
class Limits:
    """The most that may differ: of each image, and of all on average."""

    images: tuple[float, ...]
    mean: float


def difference(then: Seen, now: Seen) -> float:
    """The share of both lists' detections that the other one does not have, in 0..1.

    Detections weigh what their scores are above `LOWEST`. Two of a class at one place share the
    smaller weight, as far as they overlap. An image in which little is found does not differ much.
    """
    first, second = _weights(then), _weights(now)
    overlaps = _overlaps(then.boxes, now.boxes)
    overlaps[then.classes[:, None] != now.classes[None]] = 0
    free, shared = np.ones(len(second), bool), 0.0
    for one in np.argsort(-then.scores, kind="stable"):
        places = np.where(free, overlaps[one], 0)
        if len(places) and places.max() >= SAME_PLACE:
            other = int(places.argmax())
            free[other] = False
            shared += float(2 * min(first[one], second[other]) * places[other])
    weight = float(first.sum() + second.sum())
    return max(0.0, weight - shared) / max(weight, LEAST)


def _weights(seen: Seen) -> NDArray[np.floating]:
    return np.asarray(np.clip(seen.scores - LOWEST, 0, None))


def _overlaps(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.floating]:
    """Intersection over union ``[Ka, Kb]``."""
    sides = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = np.clip(sides, 0, None).prod(-1)
    areas = [(one[:, 2:] - one[:, :2]).prod(-1) for one in (a, b)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-9))


_FAULTY = 0.95  # more of an image is wholly wrong, whatever the model
_MOST = 0.7  # more on average is, too: the field's models differ by less
_FLOAT = {"f32": (0.05, 0.02), "f16": (0.2, 0.1), "bf16": (0.7, 0.3)}  # of an image, on average
_MEANS = 2  # of INT8: so many times what differs on average, and more of an image, and on average
_IMAGE = 0.3
_MEAN = 0.05


def allowed(here: str, there: str, images: int) -> Limits:
    """Of a float model, by the precision that runs here and the one that it is compared with.

    The coarser of both counts; what is not known may be as coarse as bfloat16.
    """
    image, mean = max(_FLOAT.get(one, _FLOAT["bf16"]) for one in (here, there))
    return Limits((image,) * images, mean)


def allowed_int8(moves: Sequence[Sequence[float]], images: int) -> Limits:
    """Of an INT8 model: `moves` are how each image differs between two runs that round otherwise.

    A value on the edge of two steps falls on the other side on the next processor, too, and so on
    from layer to layer; how far that goes hangs on the model and on the image. Without any runs to
    know it by, only what is wholly wrong is too much.
    """
    if not moves:
        return Limits((_FAULTY,) * images, _MOST)
    mean = _MEANS * max(float(np.mean(one)) for one in moves)
    each = (max(one) + mean + _IMAGE for one in zip(*moves, strict=True))
    return Limits(tuple(min(_FAULTY, one) for one in each), min(_MOST, mean + _MEAN))
