"""Models of other tasks whose outputs begin as those of detectors: points, rotated boxes, masks.

A row with more values than a box and objectness has not always more classes. Scores lie in 0..1;
an angle or the coefficients of a mask do not, and the x and y of points follow the box over the
image. They are told by their values in one run, and masks by the maps that they are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.detection.labels import numbered_labels
from core.errors import InputError
from core.models.facts import Facts
from core.models.unknown import unknown_outputs

if TYPE_CHECKING:
    from core.models.decoders.base import Outputs
    from core.models.decoders.registry import Claim
    from core.models.detector import Detector

Rows = NDArray[np.float32]

_ROUNDED = 0.05  # what quantization may add to a score of 0 or 1
_FOLLOWING = 0.8  # correlation with the box's centre
_FEW_POINTS = 2
_FEW_ROWS = 48
_MASKS = range(8, 257)  # maps that masks are made of
_NOTHING_THERE = 0.05  # median objectness of a network that was trained
_MOSTLY_NOTHING = -1.5  # the same as a logit, with room for images that are full
_UNDECIDED = (0.25, 0.85)  # a median "probability" that a class hardly has
_AT_ONCE = 2.5  # sum of the classes' medians: that many classes are not likely at once

_BINS = 180  # classes that YOLOv5-OBB has for the angle, one a degree
_OF_AERIAL = (1, 15, 16, 18)  # classes of what is mostly found with rotated boxes: one, or DOTA's
_ALIKE = 0.6  # correlation of the scores of one degree and the next
_UNLIKE = 0.3  # what it has more than with a degree far away

POINTS = "beside boxes it finds points, as models of poses or of faces with landmarks do"
ANGLES = "it finds rotated boxes; a row has an angle too"
MASKS = "it segments; beside boxes it gives masks"
OTHERS = "beside a box and scores, its rows have {count} values that are not scores"
_NEXT = "Choose the model of its family that detects upright boxes and nothing else."


def other_task(what: str, name: str) -> InputError:
    """The refusal of the model `name`; `what` is one of the sentences above."""
    return InputError(f"{name} was made for another task: {what}.", _NEXT)


def refuse_masks(facts: Facts, name: str) -> None:
    """Raises InputError where a table of rows has coefficients for the maps of another output.

    `name` is what it calls the model.
    """
    height, width = facts.image_input.height, facts.image_input.width
    for output in facts.outputs:
        sides = output.shape
        if len(sides) != 4 or None in sides:
            continue
        _, first, second, third = (side or 0 for side in sides)
        for maps, rows, columns in ((first, second, third), (third, first, second)):
            fine = rows * 8 > height and columns * 8 > width
            if maps in _MASKS and fine and _has_rows_with(facts, maps):
                raise other_task(MASKS, name)


def require_detection(
    claim: Claim, facts: Facts, outputs: Outputs, detector: Detector, name: str
) -> None:
    """Raises InputError where the values of one run are not those of a detector.

    `detector` is what the claim makes of the network that `name` is called.
    """
    decoder, seen = claim
    rows = decoder.score_rows(outputs, seen)
    if rows is None:
        return
    table, first = rows
    if len(outputs) == 1 and outputs[0].ndim > 3 and first > 4:
        refuse_features(table, facts, name)
    refuse_other_rows(table, first, facts.outputs[0].parts(table.shape[1]), name)
    if detector.class_names == numbered_labels(seen.class_count):
        refuse_angle_classes(table, first, name)


def refuse_features(rows: Rows, facts: Facts, name: str) -> None:
    """Raises InputError where what would be raw objectness finds something in many places.

    Nothing but a number that five divides tells one map of features from YOLOv2's.
    """
    if np.median(rows[:, 4]) > _MOSTLY_NOTHING:
        unknown = unknown_outputs(facts)
        raise InputError(f"{name} is not recognized. {unknown.what}", unknown.next_step)


def refuse_other_rows(rows: Rows, first: int, parts: Sequence[int], name: str) -> None:
    """Raises InputError where the values from column `first` on are not all scores of classes.

    `rows` are float ``[N,L]`` of one image, a box cx cy w h in the first four columns; before
    `first` there may be objectness. `parts` are the sizes that the graph joins a row from, ()
    where it does not tell them. `name` is what the error calls the model.
    """
    rows = rows[np.isfinite(rows).all(axis=1)]
    if len(rows) < _FEW_ROWS or rows.shape[1] <= first:
        return
    values = rows[:, first:]
    if _following(values, rows[:, :2]).sum() >= 2 * _FEW_POINTS:
        raise other_task(POINTS, name)
    outside = (values.min(axis=0) < -_ROUNDED) | (values.max(axis=0) > 1 + _ROUNDED)
    scored = rows[:, 4]
    if scored.min() < -_ROUNDED or scored.max() > 1 + _ROUNDED:
        if first > 4 and _undecided(scored, values):
            raise other_task(POINTS, name)
        return  # logits: nothing tells them from other values
    if outside.any():
        raise other_task(_of_what(outside, parts), name)


def refuse_angle_classes(rows: Rows, first: int, name: str) -> None:
    """Raises InputError where the last 180 of many classes without a name are angles.

    `rows` and `first` are as of `refuse_other_rows`. Scores of neighbouring angles rise and fall
    together, of distant ones they do not; where that does not show, the number of classes tells.
    """
    classes = rows.shape[1] - first
    if classes <= _BINS or first != 5:
        return
    if classes - _BINS in _OF_AERIAL or _are_angles(rows[:, -_BINS:]):
        raise InputError(
            f"{name} was made for another task: it finds rotated boxes. Of its {classes} classes "
            f"the last {_BINS} are taken for angles, as YOLOv5-OBB has them.",
            f"{_NEXT} If they are classes, put a labels.txt with their names beside it: {classes}.",
        )


def _are_angles(scores: Rows) -> bool:
    scores = scores[np.isfinite(scores).all(axis=1)]
    if len(scores) < _FEW_ROWS or not scores.std(axis=0).all():
        return False
    shared = np.corrcoef(scores.T)
    near, far = (np.median(np.diag(np.roll(shared, by, axis=1))) for by in (1, _BINS // 2))
    return bool(near > _ALIKE and near - far > _UNLIKE)


def _of_what(outside: NDArray[np.bool_], parts: Sequence[int]) -> str:
    """What the columns are that go beyond 0..1: their number tells, or the graph's."""
    places = np.flatnonzero(outside)
    count = int(places[-1] - places[0]) + 1
    if len(parts) > 1 and parts[-1] >= len(places):
        count = parts[-1]
    if count == 1 and outside[-1]:
        return ANGLES
    if count == 32:
        return MASKS
    if count >= 2 * _FEW_POINTS and (count % 3 == 0 or count % 2 == 0):
        return POINTS
    return OTHERS.format(count=count)


def _undecided(objectness: Rows, logits: Rows) -> bool:
    """Of raw heads: points are offsets around 0, and nowhere are so many classes likely at once."""
    with np.errstate(over="ignore"):
        likely = 1 / (1 + np.exp(-np.median(logits, axis=0)))
        nothing = 1 / (1 + np.exp(-np.median(objectness))) < _NOTHING_THERE
    unsure = likely[(likely > _UNDECIDED[0]) & (likely < _UNDECIDED[1])]
    return bool(nothing and len(unsure) >= 2 * _FEW_POINTS and unsure.sum() >= _AT_ONCE)


def _following(values: Rows, centres: Rows) -> NDArray[np.bool_]:
    """Which columns are larger where the centre is further right, or further down."""
    spread = values.std(axis=0)
    places = centres.std(axis=0)
    if not places.all():
        return np.zeros(values.shape[1], bool)
    apart = values - values.mean(axis=0)
    away = centres - centres.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.abs(apart.T @ away) / len(values) / spread[:, None] / places[None]
    return np.asarray((np.nan_to_num(shared) > _FOLLOWING).any(axis=1))


def _has_rows_with(facts: Facts, maps: int) -> bool:
    tables = [o.shape for o in facts.outputs if len(o.shape) == 3]
    return any(maps + 4 < (side or 0) for shape in tables for side in shape[1:])
