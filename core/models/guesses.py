"""Other ways to bring an image into a model, one respect at a time, and what they are called."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from core.models.detector import Detector, Unsure
from core.models.facts import NO_MEAN, NO_SCALE, UNIT_SCALE
from core.models.preprocessing import Preprocessing

IMAGENET_MEAN = (123.675, 116.28, 103.53)  # RGB, of pixels 0..255
IMAGENET_SCALE = (58.395, 57.12, 57.375)
BY_CONVENTION = frozenset({"finds_nothing", "none_tried"})
"""Codes of remarks: images were to tell how a model is used, and did not."""


def guesses(detector: Detector, axis: Unsure) -> list[Detector]:
    """The detector with every other value of this respect."""
    return [
        msgspec.structs.replace(detector, preprocessing=one)
        for one in _CANDIDATES[axis](detector.preprocessing)
    ]


def word(detector: Detector, axis: Unsure) -> str:
    """What the detector does in this respect, such as ``BGR`` or ``0..1``."""
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
    candidates = [msgspec.structs.replace(usual, mean=m, scale=s) for m, s in ranges]
    return [one for one in candidates if one != usual]


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


_CANDIDATES: dict[Unsure, Callable[[Preprocessing], list[Preprocessing]]] = {
    "values": _values,
    "colors": _colors,
    "resize": _resizes,
}
