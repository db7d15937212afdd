"""By the ground truth: the thresholds of the best F1 of both models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np

from core.detection.joining import Both
from core.metrics.accuracy.judging import judge
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.bootstrap import Draws, Interval, draw_images
from core.metrics.comparison.by_parts import numbered
from core.metrics.matching.chunks import in_order
from core.metrics.matching.thresholds import ScoreThresholds
from core.metrics.operating_point.choosing import best_f1
from core.metrics.operating_point.figures import Drawn, Figures, drawn_figures, less_changed
from core.metrics.operating_point.found import Found, Mask
from core.values import Value


class ModelF1(Value):
    """One model: its threshold of the best F1, and the other half of the images at it.

    `curve` is F1 at thresholds 0, .01, ... 1, on the half that the threshold is chosen on;
    `unchanged` the other half at the parent's usual threshold.
    """

    score: float
    figures: Figures
    unchanged: Figures
    curve: tuple[float, ...]


class BestF1(Value):
    """Both models, with an IoU of .50 and all classes together.

    `difference` is the optimized model's F1 less the parent's, each at its own best threshold.
    """

    parent: ModelF1
    optimized: ModelF1
    difference: Interval


def best_f1_of(
    truth: GroundTruth, parts: Callable[[], Iterable[Both]], near: float, chosen: Mask
) -> BestF1 | None:
    """Thresholds chosen on the images `chosen`, bool ``[I]``, and judged on the others.

    `parts` gives both models' detections each time it is called, the images one after the other.
    None where one half has no object, or a model finds nothing in the first.
    """
    objects = truth.table.image_indices
    if not (chosen[objects].any() and (~chosen)[objects].any()):
        return None
    draws = draw_images(int((~chosen).sum()))
    both = (
        _model(_found(truth, parts(), 0), near, chosen, draws),
        _model(_found(truth, parts(), 1), near, chosen, draws),
    )
    if both[0] is None or both[1] is None:
        return None
    (first, first_drawn), (second, second_drawn) = both[0], both[1]
    difference = less_changed(first_drawn, second_drawn)
    return BestF1(parent=first, optimized=second, difference=difference)


def _found(truth: GroundTruth, parts: Iterable[Both], which: Literal[0, 1]) -> Found:
    """The detections of one model, the first or the second of each part, with the objects."""

    def judged(some: tuple[int, Both]) -> Found:
        first, both = some
        own = truth.part(range(first, first + len(both[0])))
        return Found.of_truth(judge(own, both[which])).behind(first)

    return Found.joined(list(in_order(judged, numbered(parts))))


def _model(found: Found, near: float, chosen: Mask, draws: Draws) -> tuple[ModelF1, Drawn] | None:
    steps = found.where(chosen).steps
    if not len(steps):
        return None
    score = best_f1(steps, near)
    drawn, unchanged = (
        drawn_figures(found, ScoreThresholds(score=one), ~chosen, draws) for one in (score, near)
    )
    counts = [steps.at(one) for one in np.linspace(0, 1, 101).round(2).tolist()]
    curve = tuple(2 * hits / max(1, steps.wanted + seen) for seen, hits, _ in counts)
    model = ModelF1(score=score, figures=drawn.figures, unchanged=unchanged.figures, curve=curve)
    return model, drawn
