"""Augmented images: the same things, seen a little differently."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from core.values import Value

Image = NDArray[np.uint8]
MAX_COPIES = 100


class Augmentation(Value):
    """Which augmented images of each image are made beside it; none of them by default.

    Attributes:
        horizontal_flip, vertical_flip: a mirrored image.
        erase: share 0..1 of the image that a rectangle of noise covers at most; 0 is off.
        noise: standard deviation of noise, as a share 0..1 of the full range; 0 is off.
        brightness: largest change, as a share 0..1 of the full range; 0 is off.
        contrast: largest change of the distance from the mean grey, as a share 0..1; 0 is off.
        color: largest change of the saturation, as a share 0..1; 0 is off.
        copies: how many augmented images of each kind that is drawn by lot (all but the flips).
        seed: decides what is drawn.
    """

    horizontal_flip: bool = False
    vertical_flip: bool = False
    erase: float = 0.0
    noise: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    color: float = 0.0
    copies: int = 1
    seed: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds that are on, in a fixed order."""
        flips = [kind for kind in ("horizontal_flip", "vertical_flip") if getattr(self, kind)]
        return (*flips, *(kind for kind in _DRAWN if getattr(self, kind) > 0))

    @property
    def augmented(self) -> int:
        """How many images are made of each one."""
        flips = self.horizontal_flip + self.vertical_flip
        return flips + (len(self.kinds) - flips) * min(max(self.copies, 1), MAX_COPIES)


def augmented_images(
    image: Image, augmentation: Augmentation, number: int
) -> Iterator[tuple[str, Image]]:
    """Name and pixels of each variant of a BGR image.

    The seed and `number`, the image's, alone decide what is drawn, whatever is on besides.
    """
    if augmentation.horizontal_flip:
        yield "flipped-horizontally", np.ascontiguousarray(image[:, ::-1])
    if augmentation.vertical_flip:
        yield "flipped-vertically", np.ascontiguousarray(image[::-1])
    copies = min(max(augmentation.copies, 1), MAX_COPIES)
    for order, (kind, (name, make)) in enumerate(_DRAWN.items()):
        strength = getattr(augmentation, kind)
        if strength <= 0:
            continue
        for copy in range(copies):
            random = np.random.default_rng([augmentation.seed, number, order, copy])
            made = make(image, min(strength, 1.0), random)
            yield name if copies == 1 else f"{name}-{copy + 1}", made


def _erase(image: Image, share: float, random: np.random.Generator) -> Image:
    """Noise over a rectangle of a quarter of the share to all of it, of an aspect of 1:3 to 3:1."""
    height, width = image.shape[:2]
    area = random.uniform(share / 4, share) * height * width
    aspect = np.exp(random.uniform(-np.log(3), np.log(3)))
    wide = int(min(width, max(1, round(np.sqrt(area * aspect)))))
    high = int(min(height, max(1, round(area / wide))))
    left = int(random.integers(0, width - wide + 1))
    top = int(random.integers(0, height - high + 1))
    result = image.copy()
    result[top : top + high, left : left + wide] = random.integers(
        0, 256, (high, wide, 3), np.uint8
    )
    return result


def _noise(image: Image, strength: float, random: np.random.Generator) -> Image:
    noise = random.standard_normal(image.shape, np.float32) * np.float32(255 * strength)
    return _rounded(image + noise)


def _brightness(image: Image, strength: float, random: np.random.Generator) -> Image:
    return _rounded(image + np.float32(random.uniform(-strength, strength) * 255))


def _contrast(image: Image, strength: float, random: np.random.Generator) -> Image:
    mean = np.float32(image.mean())
    factor = np.float32(1 + random.uniform(-strength, strength))
    return _rounded((image - mean) * factor + mean)


def _color(image: Image, strength: float, random: np.random.Generator) -> Image:
    """More or less saturation: each pixel's distance from its own grey."""
    grey = image @ np.array([0.114, 0.587, 0.299], np.float32)
    factor = np.float32(1 + random.uniform(-strength, strength))
    return _rounded((image - grey[:, :, None]) * factor + grey[:, :, None])


def _rounded(values: NDArray[np.float32]) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


_DRAWN: dict[str, tuple[str, Callable[[Image, float, np.random.Generator], Image]]] = {
    "erase": ("erased", _erase),
    "noise": ("noisy", _noise),
    "brightness": ("brightness", _brightness),
    "contrast": ("contrast", _contrast),
    "color": ("color", _color),
}
