"""How far detections lie apart, and how far they may: on lists whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.deployment.comparing import Seen, allowed, allowed_int8, difference

BOX = (0.0, 0.0, 100.0, 100.0)


def seen(*rows: tuple[tuple[float, float, float, float], float, int]) -> Seen:
    boxes, scores, classes = zip(*rows, strict=True) if rows else ((), (), ())
    return Seen(
        np.array(boxes, float).reshape(-1, 4), np.array(scores, float), np.array(classes, int)
    )


@pytest.mark.parametrize(
    ("now", "share"),
    [
        (seen((BOX, 0.9, 1)), 0.0),
        (seen(), 1.0),
        (seen((BOX, 0.9, 2)), 1.0),  # another class
        (seen(((0, 0, 100, 40), 0.9, 1)), 1.0),  # another place
        (seen(((0, 0, 100, 80), 0.9, 1)), 0.2),  # moved
        (seen((BOX, 0.5, 1)), 1 - 2 * 0.4 / (0.8 + 0.4)),  # less sure
        (seen((BOX, 0.9, 1), (BOX, 0.11, 2)), 0.01 / (2 * 0.8 + 0.01)),  # one comes at the edge
        (seen((BOX, 0.9, 1), ((300, 0, 400, 100), 0.9, 1)), 1 / 3),  # one more
    ],
)
def test_what_differs_is_weighed_by_the_scores(now: Seen, share: float) -> None:
    then = seen((BOX, 0.9, 1))
    assert difference(then, now) == pytest.approx(share)
    assert difference(now, then) == pytest.approx(share)


def test_an_image_with_hardly_anything_in_it_does_not_differ_much() -> None:
    assert difference(seen((BOX, 0.15, 1)), seen()) == pytest.approx(0.1)
    assert difference(seen(), seen()) == 0


def test_float_models_are_allowed_what_the_coarser_precision_does() -> None:
    same, half, brain = (allowed("f32", one, 2) for one in ("f32", "f16", "bf16"))
    assert len(same.images) == 2
    assert same.images < half.images < brain.images
    assert same.mean < half.mean < brain.mean
    assert allowed("bf16", "f16", 2) == allowed("", "f32", 2) == brain


def test_an_int8_model_is_allowed_what_it_does_itself_image_by_image() -> None:
    steady, moving = allowed_int8([[0.0, 0.0]], 2), allowed_int8([[0.0, 0.2], [0.1, 0.1]], 2)
    assert steady.images == (0.3, 0.3)
    assert moving.images == pytest.approx((0.1 + 0.2 + 0.3, 0.2 + 0.2 + 0.3))
    assert (steady.mean, moving.mean) == pytest.approx((0.05, 0.25))
    unknown, chaos = allowed_int8([], 2), allowed_int8([[0.9, 0.9]], 2)
    assert unknown == chaos
    assert max(unknown.images) < 1, "an image that is wholly wrong is found out"
