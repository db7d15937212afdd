"""The size of a network's image input, as a plan or a search asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.errors import InputError
from core.values import Value

if TYPE_CHECKING:
    from core.models.preprocessing import Preprocessing

SMALLEST_SIDE = 32
LARGEST_SIDE = 4096
_TEXT = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
_SMALLER, _LARGER = (0.875, 0.75, 0.625, 0.5), (1.25, 1.5)  # of the sides that the model has
_STEP = 32  # pixels: the coarsest grid of most detectors


class InputSize(Value):
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        """Such as ``320x256``, width first."""
        return f"{self.width}x{self.height}"

    @staticmethod
    def of(preprocessing: Preprocessing) -> InputSize:
        """That which images are brought to."""
        return InputSize(width=preprocessing.width, height=preprocessing.height)


def input_size(text: str) -> InputSize:
    """Of ``320x256``, width first; raises InputError where it is no size."""
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise InputError(f"'{text[:40]}' is not an input size.", "Write it as 320x256.")
    size = InputSize(width=int(found[1]), height=int(found[2]))
    require_input_size(size)
    return size


def require_input_size(size: InputSize) -> None:
    """Raises InputError where a side is out of its limits."""
    if not min(size.width, size.height) >= SMALLEST_SIDE:
        raise InputError(
            f"An input of {size} is too small.", f"Choose sides of {SMALLEST_SIDE} pixels or more."
        )
    if max(size.width, size.height) > LARGEST_SIDE:
        raise InputError(
            f"An input of {size} is too large.", f"Choose sides up to {LARGEST_SIDE} pixels."
        )


def sizes_to_try(own: InputSize, *, larger: bool) -> tuple[InputSize, ...]:
    """Smaller ones, and where `larger` says so, larger ones: the largest first.

    Sides keep their proportion, in steps of 32 pixels; of an input whose own sides are no
    multiples of that, in the largest power of two that divides them.
    """
    step = _STEP
    while step > 1 and (own.width % step or own.height % step):
        step //= 2
    shares = (*reversed(_LARGER), *_SMALLER) if larger else _SMALLER
    found = dict.fromkeys(
        InputSize(width=_rounded(own.width, share, step), height=_rounded(own.height, share, step))
        for share in shares
    )
    return tuple(
        one
        for one in found
        if one != own
        and min(one.width, one.height) >= SMALLEST_SIDE
        and max(one.width, one.height) <= LARGEST_SIDE
    )


def _rounded(side: int, share: float, step: int) -> int:
    return max(1, round(side * share / step)) * step
