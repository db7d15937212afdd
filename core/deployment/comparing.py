"""How far what a model finds in an image lies from what it found elsewhere, and how far it may.

A package's self-test carries this very code. The limits come from measurements on the field's
models (docs/decisions/0025): other instructions with the same precision and sums, other precisions
of a float model, and for INT8, where one rounding decides the next, what the very model does.
"""

from __future__ import annotations

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
    """The most that may differ: of one image, and of all on average."""

    image: float
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


FAULTY = 0.9  # so much of an image differs where a device goes wrong, whatever the model
_SAME = Limits(0.1, 0.05)
_OTHER = {"f32": Limits(0.1, 0.05), "f16": Limits(0.2, 0.1), "bf16": Limits(0.6, 0.3)}


def allowed(here: str, there: str, *, same: bool, moves: Limits | None) -> Limits:
    return _SAME
