"""Seeded generator of photograph-like scenes with ten kinds of small objects.

    python -m sample.scenes --seed 7 --count 64 --output DIR

writes ``DIR/images/*.jpg`` and ``DIR/annotations.json`` (COCO).  The same seed gives
the same scenes; NumPy and OpenCV are all it needs.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .objects import CLASS_NAMES, F32, U8, Sprite, View, render_sprite

__all__ = ["CLASS_NAMES", "Annotation", "Scene", "SceneGenerator", "write_coco"]

VIEW_ELEVATIONS = (24.0, 33.0, 42.0, 51.0, 60.0, 70.0, 80.0, 88.0)
"""Camera angles above the ground, degrees."""


@dataclass(frozen=True)
class Amount:
    """A kind of scene by how full it is."""

    until: float
    """Scenes are of this kind up to this share of all (the kinds' shares add up)."""
    objects: tuple[int, int]
    """Fewest, and one more than most."""
    sides: tuple[float, float]
    """Usual longest sides, pixels at 300x300."""


@dataclass(frozen=True)
class Difficulty:
    """How hard scenes are to read."""

    min_visible: float
    """Share of an object that must be visible; a scene never hides an object further."""
    amounts: tuple[Amount, ...]
    distractors: tuple[int, int]
    """One more than most, and one more again for every so many objects."""
    clustered: float
    """Share of scenes whose objects lie in a heap."""
    margin: float
    """Objects' centres keep this share of the frame from its edge."""
    smallest: tuple[float, float]
    """Shortest longest side of compact and of thin objects, pixels at 300x300."""
    patches: float
    """Share of scenes lit through leaves or blinds."""
    defocus: float
    """Largest blur, pixels."""
    moving: float
    """Share of scenes with motion blur."""
    noise: float
    """Largest usual sensor noise, grey levels."""
    calm: float
    """Share of scenes without extra noise."""


CROWDED = Difficulty(
    min_visible=0.35,
    amounts=(
        Amount(0.06, (0, 1), (20.0, 100.0)),
        Amount(0.38, (1, 4), (48.0, 215.0)),
        Amount(0.78, (4, 10), (36.0, 135.0)),
        Amount(1.0, (10, 21), (32.0, 90.0)),
    ),
    distractors=(3, 3),
    clustered=0.3,
    margin=0.03,
    smallest=(24.0, 46.0),
    patches=0.15,
    defocus=1.5,
    moving=0.15,
    noise=8.0,
    calm=0.8,
)
"""Small, heaped, noisy: the first part of the training."""

STANDARD = Difficulty(
    min_visible=0.5,
    amounts=(
        Amount(0.06, (0, 1), (20.0, 100.0)),
        Amount(0.38, (1, 4), (80.0, 220.0)),
        Amount(0.82, (3, 8), (64.0, 150.0)),
        Amount(1.0, (8, 14), (50.0, 90.0)),
    ),
    distractors=(2, 4),
    clustered=0.15,
    margin=0.08,
    smallest=(34.0, 64.0),
    patches=0.08,
    defocus=1.1,
    moving=0.07,
    noise=5.0,
    calm=0.9,
)
"""What the sample shows, and what the detector is measured on."""
FRAME_SIZES = ((480, 360), (480, 360), (512, 384), (480, 320), (400, 400), (384, 480))
"""Width and height of the photographs, pixels."""


@dataclass
class Annotation:
    """One object: class index and the tight box of its visible part, pixels."""

    label: int
    box: tuple[int, int, int, int]
    """Left, top, width, height."""
    area: int
    """Visible pixels."""
    full_area: int
    """Pixels it would have if nothing hid it and the frame did not end."""


@dataclass
class Scene:
    """A finished photograph ``[H, W, 3]`` (BGR) and what is in it."""

    image: U8
    annotations: list[Annotation]
    visible: npt.NDArray[np.int16]
    """Per pixel the position in ``annotations``, or -1; ``[H, W]``."""


# --- backgrounds -----------------------------------------------------------------------

_TEXTURE = 512


def _octaves(rng: np.random.Generator, size: int, first: int, count: int, decay: float) -> F32:
    """Smooth noise ``[size, size]`` in about -1..1 that wraps at no edge."""
    total = np.zeros((size, size), np.float32)
    weight, cells = 1.0, first
    for _ in range(count):
        coarse = rng.uniform(-1, 1, (min(cells, size), min(cells, size))).astype(np.float32)
        fine = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
        total += np.float32(weight) * np.asarray(fine, np.float32)
        weight, cells = weight * decay, cells * 2
    return total / np.float32(max(1e-3, float(np.abs(total).max())))


def _tone(rng: np.random.Generator, saturation: float = 0.5) -> F32:
    """A random BGR colour ``[3]``, 0..255."""
    pixel = np.array(
        [[[rng.uniform(0, 360), rng.uniform(0, saturation), rng.uniform(0.2, 0.92)]]], np.float32
    )
    result: F32 = np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR), np.float32).reshape(3)
    return result * np.float32(255)


def _blend(mask: F32, low: F32, high: F32) -> F32:
    clipped = np.clip(mask, 0, 1)[..., None]
    return low * (1 - clipped) + high * clipped


def _wood(rng: np.random.Generator) -> F32:
    y, x = np.mgrid[0:_TEXTURE, 0:_TEXTURE].astype(np.float32) / np.float32(_TEXTURE)
    planks = int(rng.integers(1, 9))
    row = np.floor(y * planks)
    shift = rng.uniform(0, 9, planks + 1).astype(np.float32)[row.astype(int)]
    warp = _octaves(rng, _TEXTURE, 3, 4, 0.5)
    rings = np.sin((y * 9 + shift + 0.35 * warp + 0.25 * np.sin(x * 3 + shift)) * 14)
    streak = cv2.resize(rng.uniform(-1, 1, (_TEXTURE, 16)).astype(np.float32), (_TEXTURE, _TEXTURE))
    light = np.array([rng.uniform(60, 150), rng.uniform(110, 185), rng.uniform(150, 225)])
    dark = light * rng.uniform(0.5, 0.8)
    grain = 0.5 + 0.3 * rings + 0.3 * streak
    image = _blend(grain, dark.astype(np.float32), light.astype(np.float32))
    image *= (0.9 + 0.1 * np.sin(shift * 3))[..., None]
    seam = np.abs(y * planks - row - 0.5) > 0.5 - 0.012 * planks / 2
    image[seam & (planks > 1)] *= 0.4
    return image


def _fabric(rng: np.random.Generator) -> F32:
    y, x = np.mgrid[0:_TEXTURE, 0:_TEXTURE].astype(np.float32)
    pitch = float(rng.uniform(4, 10))
    weave = np.sin(x * 6.283 / pitch) * np.sin(y * 6.283 / pitch)
    image = _blend(0.5 + 0.35 * weave, _tone(rng) * 0.75, _tone(rng))
    if rng.random() < 0.6:
        width = float(rng.uniform(30, 110))
        stripe = (np.sin(x * 6.283 / width) > rng.uniform(-0.5, 0.8)).astype(np.float32)
        if rng.random() < 0.5:
            stripe = (stripe + (np.sin(y * 6.283 / width) > 0)) / 2
        image = image * (1 - 0.6 * stripe[..., None]) + 0.6 * stripe[..., None] * _tone(rng, 0.8)
    return image * (1 + 0.18 * _octaves(rng, _TEXTURE, 3, 3, 0.5))[..., None]


def _terrain(rng: np.random.Generator) -> F32:
    height = _octaves(rng, _TEXTURE, int(rng.integers(4, 24)), 6, float(rng.uniform(0.55, 0.85)))
    grain = rng.normal(0, 0.15, height.shape).astype(np.float32)
    slope = height - np.roll(height, (2, 2), (0, 1))
    image = _blend(0.5 + 0.6 * height + grain, _tone(rng), _tone(rng))
    value: F32 = image * np.clip(1 + float(rng.uniform(0.5, 3)) * slope, 0.4, 1.6)[..., None]
    return value


def _tiles(rng: np.random.Generator) -> F32:
    y, x = np.mgrid[0:_TEXTURE, 0:_TEXTURE].astype(np.float32)
    side = float(rng.uniform(50, 170))
    row = np.floor(y / side)
    offset = side / 2 * (row % 2) if rng.random() < 0.4 else np.float32(0)
    column = np.floor((x + offset) / side)
    first, second = _tone(rng), _tone(rng)
    pick = (row * 7 + column * 3) % 5 / 5 if rng.random() < 0.5 else (row + column) % 2
    image = _blend(pick.astype(np.float32), first, 0.6 * first + 0.4 * second)
    image *= (1 + 0.12 * _octaves(rng, _TEXTURE, 12, 4, 0.7))[..., None]
    gap = float(rng.uniform(1.5, 4))
    joint = (np.mod(y, side) < gap) | (np.mod(x + offset, side) < gap)
    image[joint] = _tone(rng, 0.15) * 0.8
    return image


def _smooth(rng: np.random.Generator) -> F32:
    mask = 0.5 + 0.5 * _octaves(rng, _TEXTURE, 2, 2, 0.5)
    image = _blend(mask, _tone(rng), _tone(rng))
    return image + rng.normal(0, 3, image.shape).astype(np.float32)


def _marble(rng: np.random.Generator) -> F32:
    warp = _octaves(rng, _TEXTURE, 4, 5, 0.6)
    veins = 1 - np.abs(np.sin(6 * warp + 4 * _octaves(rng, _TEXTURE, 3, 3, 0.5))) ** 0.4
    return _blend(veins, _tone(rng, 0.2), _tone(rng, 0.4))


def _print(rng: np.random.Generator) -> F32:
    """Paper with lines of text, rules and pictures: many small edges."""
    image = np.empty((_TEXTURE, _TEXTURE, 3), np.uint8)
    image[:] = np.clip(_tone(rng, 0.15) + 60, 0, 245).astype(np.uint8)
    y = 6
    while y < _TEXTURE:
        size = float(rng.uniform(0.3, 0.9))
        ink = tuple(float(v) for v in _tone(rng) * 0.4)
        words = "".join(rng.choice(list("abcdefghij klmnop rstuv "), 60))
        cv2.putText(image, words, (int(rng.integers(-20, 30)), y), cv2.FONT_HERSHEY_SIMPLEX,
                    size, ink, 1, cv2.LINE_AA)  # fmt: skip
        y += int(16 + 22 * size)
        if rng.random() < 0.15:
            x0, high = int(rng.integers(0, 400)), int(rng.integers(30, 90))
            far = (x0 + int(rng.integers(60, 220)), y + high)
            cv2.rectangle(image, (x0, y), far, tuple(float(v) for v in _tone(rng, 0.9)), -1)
            y += high + 10
    return image.astype(np.float32)


def _clutter(rng: np.random.Generator) -> F32:
    """Overlapping flat shapes, as of a craft table."""
    image = _terrain(rng) if rng.random() < 0.5 else _smooth(rng)
    image = np.ascontiguousarray(np.clip(image, 0, 255).astype(np.uint8))
    for _ in range(int(rng.integers(8, 40))):
        colour = tuple(float(v) for v in _tone(rng, 0.9))
        x, y = (int(v) for v in rng.integers(0, _TEXTURE, 2))
        kind = int(rng.integers(4))
        if kind == 0:
            corners = rng.integers(-70, 70, (int(rng.integers(3, 7)), 2)) + np.array([x, y])
            cv2.fillPoly(image, [cv2.convexHull(corners.astype(np.int32))], colour, cv2.LINE_AA)
        elif kind == 1:
            axes = (int(rng.integers(4, 60)), int(rng.integers(4, 60)))
            cv2.ellipse(image, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, colour,
                        int(rng.choice([-1, 3, 8])), cv2.LINE_AA)  # fmt: skip
        elif kind == 2:
            path = np.cumsum(rng.normal(0, 26, (9, 2)), 0) + np.array([x, y])
            cv2.polylines(image, [path.astype(np.int32)], False, colour,
                          int(rng.integers(2, 9)), cv2.LINE_AA)  # fmt: skip
        else:
            box = cv2.boxPoints(((x, y), tuple(rng.uniform(10, 130, 2)), float(rng.uniform(0, 90))))
            cv2.fillPoly(image, [box.astype(np.int32)], colour, cv2.LINE_AA)
    return np.asarray(image, np.float32)


_GROUNDS = (_wood, _wood, _fabric, _terrain, _terrain, _tiles, _smooth, _marble, _print, _clutter)


# --- composing -------------------------------------------------------------------------


@dataclass
class _Placed:
    """A sprite and where it goes, pixels."""

    sprite: Sprite
    reach: float
    """Longest side."""
    centre: tuple[float, float]


@dataclass
class _Canvas:
    """A scene under construction."""

    image: F32
    """``[H, W, 3]``, BGR, 0..255."""
    owner: npt.NDArray[np.int16]
    """Which object a pixel shows, ``[H, W]``; -1 is none."""
    labels: list[int]
    """Class of each object."""
    full: list[int]
    """Pixels each object would have if nothing hid it."""


def _random_views(rng: np.random.Generator, count: int) -> list[View]:
    views = []
    for index in range(count):
        elevation = VIEW_ELEVATIONS[index % len(VIEW_ELEVATIONS)] + float(rng.uniform(-3, 3))
        turn = float(rng.uniform(0, 2 * np.pi))
        height = np.radians(float(rng.uniform(32, 75)))
        light = np.array(
            [np.cos(turn) * np.cos(height), np.sin(turn) * np.cos(height), np.sin(height)],
            np.float32,
        )
        views.append(View(float(np.radians(elevation)), light, float(rng.uniform(0.25, 0.6))))
    return views


def _hue_matrix(rng: np.random.Generator) -> F32:
    """A BGR colour transform ``[3, 3]`` that turns the hue and keeps greys grey."""
    angle = float(rng.uniform(-np.pi, np.pi))
    c, s = np.cos(angle), np.sin(angle) / np.sqrt(3)
    third = (1 - c) / 3
    matrix = np.full((3, 3), third) + np.eye(3) * c
    matrix += s * np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
    value: F32 = matrix.astype(np.float32)
    return value


class SceneGenerator:
    """Renders a stock of object sprites for one seed, then composes scenes from it.

    ``views`` camera-and-light pairs each get ``per_class`` sprites of every kind.
    ``scene(i)`` depends on the seed and ``i`` only, so any part of a series can be
    made again, in any order.
    """

    def __init__(
        self,
        seed: int,
        views: int = 16,
        per_class: int = 6,
        grounds: int = 40,
        difficulty: Difficulty = STANDARD,
    ) -> None:
        self._seed = seed
        self._difficulty = difficulty
        rng = np.random.default_rng([seed, 1])
        self._views = _random_views(rng, views)
        self._sprites: list[list[Sprite]] = []
        self._others: list[list[Sprite]] = []
        for index, view in enumerate(self._views):
            stock = np.random.default_rng([seed, 2, index])
            labels = np.repeat(np.arange(len(CLASS_NAMES)), per_class)
            self._sprites.append([render_sprite(int(label), view, stock) for label in labels])
            self._others.append([render_sprite(-1, view, stock) for _ in range(per_class * 3)])
        self._grounds = []
        for _ in range(grounds):
            make = _GROUNDS[int(rng.integers(len(_GROUNDS)))]
            self._grounds.append(np.clip(make(rng), 0, 255).astype(np.uint8))
        self._grain = rng.normal(0, 1, (640, 640, 3)).astype(np.float32)

    def scene(self, index: int) -> Scene:
        """Compose scene ``index`` of this seed."""
        rng = np.random.default_rng([self._seed, 3, index])
        size = FRAME_SIZES[int(rng.integers(len(FRAME_SIZES)))]
        which = int(rng.integers(len(self._views)))
        view = self._views[which]
        nobody = np.full((size[1], size[0]), -1, np.int16)
        canvas = _Canvas(self._ground(rng, size, view), nobody, [], [])
        # Only seen straight from above may the whole image be turned.
        overhead = view.elevation > np.radians(75)
        roll = float(rng.uniform(-180, 180)) if overhead else float(rng.uniform(-7, 7))
        for placed in self._plan(rng, which, size):
            _paste(rng, canvas, placed, roll, self._difficulty.min_visible)
        return _finish(self._photograph(rng, canvas.image), canvas)

    def _ground(self, rng: np.random.Generator, size: tuple[int, int], view: View) -> F32:
        """The bare ground seen in perspective, ``[H, W, 3]``."""
        width, height = size
        texture = self._grounds[int(rng.integers(len(self._grounds)))]
        half = float(rng.uniform(90, 250))
        depth = half * height / width / max(0.5, float(np.sin(view.elevation)))
        narrow = 1 - 0.35 * float(np.cos(view.elevation))
        corners = np.array(
            [[-half, -depth], [half, -depth], [half * narrow, depth], [-half * narrow, depth]]
        )
        turn = float(rng.uniform(0, 2 * np.pi))
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        source = (corners @ spin.T + rng.uniform(100, 400, 2)).astype(np.float32)
        target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        warp = cv2.getPerspectiveTransform(source, target)
        flat = cv2.warpPerspective(texture, warp, size, flags=cv2.INTER_LINEAR,
                                   borderMode=cv2.BORDER_REFLECT_101)  # fmt: skip
        image = np.asarray(flat, np.float32)
        if rng.random() < 0.3:
            image = np.asarray(cv2.transform(image, _hue_matrix(rng)), np.float32)
        if rng.random() < 0.3 and view.elevation < np.radians(55):
            image = self._wall(rng, image)
        return np.clip(image, 4, 250)

    def _wall(self, rng: np.random.Generator, image: F32) -> F32:
        """Put a blurred wall behind the ground's far edge."""
        height, width = image.shape[:2]
        texture = self._grounds[int(rng.integers(len(self._grounds)))]
        blurred = cv2.GaussianBlur(
            np.asarray(cv2.resize(texture, (width, height))), (0, 0), float(rng.uniform(1.5, 6))
        )
        edge = float(rng.uniform(0.06, 0.26)) * height
        tilt = float(rng.uniform(-0.04, 0.04))
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        near = np.clip((y - edge - tilt * x) / np.float32(3) + 0.5, 0, 1)
        contact = 1 - 0.4 * np.exp(-np.abs(y - edge - tilt * x) / np.float32(0.05 * height))
        mixed = _blend(near, np.asarray(blurred, np.float32) * 0.85, image)
        return np.asarray(mixed * contact[..., None], np.float32)

    def _plan(self, rng: np.random.Generator, which: int, size: tuple[int, int]) -> list[_Placed]:
        """Which sprite goes where, back to front."""
        width, height = size
        difficulty = self._difficulty
        share = rng.random()
        amount = next(kind for kind in difficulty.amounts if share < kind.until)
        # An empty scene draws nothing here; a draw would change what every seed gives.
        count = int(rng.integers(*amount.objects)) if amount.objects[1] > 1 else 0
        low, high = amount.sides
        most, objects_per_extra = difficulty.distractors
        extra = int(rng.integers(0, most + count // objects_per_extra))
        # Sizes are meant at the detector's 300x300, which squeezes the image.
        scale = float(np.sqrt(width * height)) / 300.0
        base = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        clustered = rng.random() < difficulty.clustered
        middle = rng.uniform(0.3, 0.7, 2)
        placed = []
        for position in range(count + extra):
            stock = self._sprites[which] if position < count else self._others[which]
            sprite = stock[int(rng.integers(len(stock)))]
            wish = base * float(np.exp(rng.normal(0, 0.35)))
            # Thin objects need more length to leave anything of their width.
            floor = difficulty.smallest[0 if sprite.thickness > 0.35 * sprite.extent else 1]
            reach = float(np.clip(wish, floor, 225.0)) * scale
            if clustered:
                x, y = (middle + rng.normal(0, 0.17, 2)) * [width, height]
            else:
                margin = difficulty.margin
                x, y = rng.uniform(margin, 1 - margin, 2) * [width, height]
            placed.append(_Placed(sprite, reach, (float(x), float(y))))
        return sorted(placed, key=lambda item: item.centre[1])

    def _photograph(self, rng: np.random.Generator, image: F32) -> U8:
        """Light, lens, sensor and JPEG: turn the clean image into a snapshot."""
        height, width = image.shape[:2]
        coarse = rng.uniform(0.72, 1.2, (int(rng.integers(2, 5)), 3)).astype(np.float32)
        field = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC))
        if rng.random() < self._difficulty.patches:
            # Light through leaves or blinds: patches with soft edges.
            patches = rng.uniform(-1, 1, (int(rng.integers(4, 12)), int(rng.integers(4, 12))))
            patch = cv2.resize(patches.astype(np.float32), (width, height),
                               interpolation=cv2.INTER_CUBIC)  # fmt: skip
            field = field * np.clip(1 + 1.6 * np.asarray(patch), 0.6, 1.15)
        y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        vignette = 1 - float(rng.uniform(0, 0.3)) * (x * x + y * y) / 2
        warmth = float(rng.normal(0, 0.09))
        balance = np.array([1 - warmth, 1 + float(rng.normal(0, 0.025)), 1 + warmth])
        exposure = float(np.exp(rng.normal(0.05, 0.2)))
        gain = (field * vignette * exposure).astype(np.float32)
        image = image * gain[..., None] * balance.astype(np.float32)
        contrast, black = float(rng.uniform(0.78, 1.15)), float(rng.uniform(0, 18))
        image = (image - 118) * np.float32(contrast) + np.float32(118 + black - 6)
        draw = rng.random()
        if draw < 0.45:
            blur = float(rng.uniform(0.4, self._difficulty.defocus))
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), blur))
        elif draw < 0.45 + self._difficulty.moving:
            image = _motion_blur(rng, image)
        grain_y, grain_x = (int(v) for v in rng.integers(0, 640 - 512, 2))
        grain = self._grain[grain_y : grain_y + height, grain_x : grain_x + width]
        if rng.random() < 0.5:
            grain = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.7)) * 1.8
        strength = float(rng.uniform(0.5, self._difficulty.noise))
        strength *= 1 if rng.random() < self._difficulty.calm else 1.8
        shot = np.sqrt(np.clip(image, 16, 255) / 128)
        image = image + np.float32(strength) * shot * grain
        final = np.clip(image, 0, 255).astype(np.uint8)
        quality = int(rng.integers(45, 96))
        _, packed = cv2.imencode(".jpg", final, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _warped(placed: _Placed, roll: float) -> tuple[U8, U8, int, int]:
    """The sprite at its size and angle, its shadow, and the left and top it goes to."""
    sprite = placed.sprite
    factor = placed.reach / sprite.extent
    level = int(np.clip(np.floor(np.log2(1 / factor)), 0, len(sprite.levels) - 1))
    colour, shadow = sprite.levels[level]
    factor *= 2.0**level
    # Pixel centres move by half a pixel with every halving.
    anchor = [(value + 0.5) / 2.0**level - 0.5 for value in sprite.anchor]
    turn = cv2.getRotationMatrix2D((anchor[0], anchor[1]), roll, factor)
    rows, columns = colour.shape[:2]
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]])
    moved = corners @ turn.T
    low, high = np.floor(moved.min(0)) - 1, np.ceil(moved.max(0)) + 1
    left = round(placed.centre[0] + low[0] - anchor[0])
    top = round(placed.centre[1] + low[1] - anchor[1])
    extent = (int(high[0] - low[0]), int(high[1] - low[1]))
    turn[:, 2] -= low
    return (
        np.asarray(cv2.warpAffine(colour, turn, extent), np.uint8),
        np.asarray(cv2.warpAffine(shadow, turn, extent), np.uint8),
        left,
        top,
    )


def _hides_too_much(canvas: _Canvas, covered: npt.NDArray[np.int16], min_visible: float) -> bool:
    """Would losing these pixels (their owners, ``[K]``) hide an object too far?"""
    hidden = np.bincount(covered[covered >= 0], minlength=len(canvas.full))
    if not np.any(hidden):
        return False
    visible = np.bincount(canvas.owner[canvas.owner >= 0], minlength=len(canvas.full)) - hidden
    # A little above the stated share, so that rounding cannot push it below.
    return bool(np.any(visible < (min_visible + 0.02) * np.asarray(canvas.full)))


def _paste(
    rng: np.random.Generator, canvas: _Canvas, placed: _Placed, roll: float, min_visible: float
) -> None:
    """Draw a sprite unless it would leave the frame or hide something too far."""
    sprite = placed.sprite
    colour, shadow, left, top = _warped(placed, roll)
    height, width = canvas.owner.shape
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + colour.shape[1], width), min(top + colour.shape[0], height)
    total = int(np.count_nonzero(colour[..., 3] > 127))
    if x1 <= x0 or y1 <= y0 or total < 40:
        return
    part = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    colour, shadow = colour[part], shadow[part]
    solid = colour[..., 3] > 127
    area = np.s_[y0:y1, x0:x1]
    owners = canvas.owner[area]
    if np.count_nonzero(solid) < 0.5 * total or _hides_too_much(canvas, owners[solid], min_visible):
        return
    paint = colour[..., :3].astype(np.float32)
    alpha = colour[..., 3:].astype(np.float32) / np.float32(255)
    if sprite.recolour and rng.random() < 0.6:
        paint = np.asarray(cv2.transform(paint, _hue_matrix(rng)), np.float32)
    paint = np.clip(paint * rng.uniform(0.8, 1.12, 3).astype(np.float32), 0, 255)
    dimmed = 1 - shadow[..., None].astype(np.float32) * np.float32(0.82 / 255)
    canvas.image[area] = canvas.image[area] * dimmed * (1 - alpha) + paint
    # Distractors hide pixels but are nobody's.
    owners[solid] = -1 if sprite.label < 0 else len(canvas.labels)
    if sprite.label >= 0:
        canvas.labels.append(sprite.label)
        canvas.full.append(total)


def _motion_blur(rng: np.random.Generator, image: F32) -> F32:
    length, angle = int(rng.integers(3, 8)), float(rng.uniform(0, np.pi))
    kernel = np.zeros((9, 9), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    for step in np.linspace(-1, 1, 33):
        x, y = 4 + reach * step
        kernel[round(y), round(x)] += 1
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.float32)


def _finish(image: U8, canvas: _Canvas) -> Scene:
    """Box what is left visible of each object."""
    annotations: list[Annotation] = []
    visible = np.full_like(canvas.owner, -1)
    for index, label in enumerate(canvas.labels):
        mask = canvas.owner == index
        if not mask.any():
            continue
        left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
        visible[mask] = len(annotations)
        area = int(np.count_nonzero(mask))
        box = (left, top, width, height)
        annotations.append(Annotation(label, box, area, canvas.full[index]))
    return Scene(image, annotations, visible)


def scenes(seed: int, count: int, views: int = 16, per_class: int = 6) -> Iterator[Scene]:
    """The first ``count`` scenes of a seed."""
    generator = SceneGenerator(seed, views, per_class)
    for index in range(count):
        yield generator.scene(index)


def write_coco(
    series: Iterator[Scene], folder: Path, annotations_file: Path | None, quality: int = 85
) -> None:
    """Write JPEG files to ``folder`` and, if a file is named, their COCO annotations."""
    folder.mkdir(parents=True, exist_ok=True)
    images: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    for index, scene in enumerate(series):
        name = f"scene-{index + 1:03d}.jpg"
        cv2.imwrite(str(folder / name), scene.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        height, width = scene.image.shape[:2]
        images.append({"id": index + 1, "file_name": name, "width": width, "height": height})
        for item in scene.annotations:
            boxes.append(
                {
                    "id": len(boxes) + 1,
                    "image_id": index + 1,
                    "category_id": item.label + 1,
                    "bbox": list(item.box),
                    "area": item.area,
                    "iscrowd": 0,
                    "segmentation": [],
                }
            )
    if annotations_file is None:
        return
    categories = [{"id": index + 1, "name": name} for index, name in enumerate(CLASS_NAMES)]
    content = {"images": images, "annotations": boxes, "categories": categories}
    annotations_file.parent.mkdir(parents=True, exist_ok=True)
    annotations_file.write_text(json.dumps(content, separators=(",", ":")) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--views", type=int, default=16)
    parser.add_argument("--per-class", type=int, default=6)
    parser.add_argument("--quality", type=int, default=85)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--without-annotations", action="store_true")
    options = parser.parse_args()
    annotations = None if options.without_annotations else options.output / "annotations.json"
    series = scenes(options.seed, options.count, options.views, options.per_class)
    write_coco(series, options.output / "images", annotations, options.quality)


if __name__ == "__main__":
    main()
