"""Small solid objects as signed distance fields, rendered to sprites with cast shadows.

World units: an object's bounding sphere has radius about 1; z points up and the
object rests on the ground z = 0.  Points are float32 arrays ``[3, N]``; colours are
``[3, N]`` linear-light BGR in 0..1.

Length: as it ran when the sample model was trained; a change could be checked only by training
again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Distance = Callable[[F32], F32]
Paint = Callable[[F32], F32]

CLASS_NAMES = (
    "mug", "ball", "book", "bottle", "die", "key", "leaf", "coin", "pencil", "screw",
)  # fmt: skip
SPRITE_RADIUS = 96
"""Pixels per world unit at which sprites are rendered."""


@dataclass(frozen=True)
class View:
    """One camera and one light; everything in a scene shares both."""

    elevation: float
    """Camera angle above the ground, radians."""
    light: F32
    """Unit vector towards the light."""
    ambient: float
    """Share of light that comes from everywhere."""


@dataclass
class Solid:
    """An object before posing: where its surface is, what colour, how shiny."""

    distance: Distance
    paint: Paint
    gloss: float = 0.25
    shininess: float = 30.0
    metal: float = 0.0
    poses: tuple[str, ...] = ("upright",)
    recolour: bool = True
    """May the scene shift this object's hue?"""


@dataclass
class Sprite:
    """A rendered object: premultiplied BGRA and shadow strength, at halving sizes."""

    label: int
    """Index into CLASS_NAMES, or -1 for a distractor."""
    recolour: bool
    extent: float
    """Longest side of the object's own box in pixels at level 0."""
    thickness: float
    """Pixels it covers over its longest side: how thin it is seen, whichever way it lies."""
    anchor: tuple[float, float]
    """Centre of the object's own box, pixels at level 0."""
    levels: list[tuple[U8, U8]]


# --- distances -------------------------------------------------------------------------


def _length2(a: F32, b: F32) -> F32:
    return np.sqrt(a * a + b * b)


def _box(p: F32, half: tuple[float, float, float], rounding: float = 0.03) -> F32:
    q = np.abs(p) - (np.asarray(half, np.float32)[:, None] - np.float32(rounding))
    outside = np.maximum(q, 0)
    inside = np.minimum(q.max(0), 0)
    result: F32 = np.sqrt(np.einsum("ij,ij->j", outside, outside)) + inside - np.float32(rounding)
    return result


def _cylinder(p: F32, radius: float, half: float, rounding: float = 0.02) -> F32:
    """Along z."""
    side = _length2(p[0], p[1]) - np.float32(radius - rounding)
    end = np.abs(p[2]) - np.float32(half - rounding)
    outside = _length2(np.maximum(side, 0), np.maximum(end, 0))
    value: F32 = outside + np.minimum(np.maximum(side, end), 0) - np.float32(rounding)
    return value


def _torus(p: F32, major: float, minor: float, axis: int = 2) -> F32:
    a, b = [index for index in range(3) if index != axis]
    ring = _length2(p[a], p[b]) - np.float32(major)
    return _length2(ring, p[axis]) - np.float32(minor)


def _moved(p: F32, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> F32:
    return p - np.asarray([[x], [y], [z]], np.float32)


def _smooth_union(a: F32, b: F32, blend: float) -> F32:
    h = np.maximum(blend - np.abs(a - b), 0) / np.float32(blend)
    value: F32 = np.minimum(a, b) - h * h * np.float32(blend * 0.25)
    return value


def _hexagon(a: F32, b: F32, radius: float) -> F32:
    """Distance to a hexagonal prism's side, ``radius`` to the flats."""
    a, b = np.abs(a), np.abs(b)
    return np.maximum(a * np.float32(0.866) + b * np.float32(0.5), b) - np.float32(radius)


# --- colours ---------------------------------------------------------------------------


def _colour(rng: np.random.Generator, dull: float = 0.0) -> F32:
    """A random linear-light BGR colour ``[3, 1]``; ``dull`` 0..1 greys it."""
    hue, saturation = rng.uniform(0, 180), rng.uniform(0.25, 0.95) * (1 - dull)
    value = rng.uniform(0.35, 0.95)
    pixel = np.array([[[hue * 2, saturation, value]]], np.float32)
    bgr = cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR).reshape(3, 1)
    return np.power(np.asarray(bgr, np.float32), np.float32(2.2))


def _near(rng: np.random.Generator, bgr: tuple[float, float, float], spread: float = 0.12) -> F32:
    base = np.asarray(bgr, np.float32)[:, None]
    varied = base * rng.uniform(1 - spread, 1 + spread, (3, 1)) * rng.uniform(0.75, 1.15)
    return np.clip(varied, 0.01, 0.97).astype(np.float32)


def _white(rng: np.random.Generator) -> F32:
    return _near(rng, (0.72, 0.77, 0.8), 0.06)


def _dark(rng: np.random.Generator) -> F32:
    return _near(rng, (0.03, 0.03, 0.03), 0.3)


def _metal(rng: np.random.Generator) -> F32:
    tones = ((0.30, 0.55, 0.75), (0.62, 0.64, 0.66), (0.22, 0.36, 0.62), (0.38, 0.4, 0.42))
    return _near(rng, tones[int(rng.integers(len(tones)))], 0.08)


def _mix(mask: npt.NDArray[np.bool_], yes: F32, no: F32) -> F32:
    return np.where(mask[None], yes, no).astype(np.float32)


def _plain(colour: F32) -> Paint:
    return lambda p: np.broadcast_to(colour, p.shape).astype(np.float32)


def _rotation(rng: np.random.Generator) -> F32:
    """A random rotation matrix ``[3, 3]``."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    if np.linalg.det(q) < 0:
        q[:, 0] = -q[:, 0]
    return np.asarray(q, np.float32)


# --- the ten kinds ---------------------------------------------------------------------


def _mug(rng: np.random.Generator) -> Solid:
    radius, half = float(rng.uniform(0.46, 0.6)), float(rng.uniform(0.5, 0.66))
    taper = float(rng.uniform(-0.12, 0.16))
    grip, thick = float(rng.uniform(0.26, 0.36)), float(rng.uniform(0.06, 0.1))
    outer, band, inner = _colour(rng), _colour(rng), _white(rng)
    low, high = np.sort(rng.uniform(-0.8, 0.8, 2)) * half
    banded, same_inside = rng.random() < 0.5, rng.random() < 0.4

    def distance(p: F32) -> F32:
        widen = 1 + np.float32(taper) * p[2]
        q = np.stack([p[0] / widen, p[1] / widen, p[2]])
        body = _cylinder(q, radius, half, 0.05)
        handle = _torus(_moved(p, x=radius + 0.02) * np.asarray([[1.0], [1.0], [0.85]], np.float32),
                        grip, thick, axis=1)  # fmt: skip
        hollow = _cylinder(_moved(q, z=0.12), radius - 0.075, half + 0.02, 0.05)
        joined = _smooth_union(body, handle, 0.06)
        return np.maximum(joined, -hollow) * np.float32(0.85)

    def paint(p: F32) -> F32:
        inside = (_length2(p[0], p[1]) < (radius - 0.05) * (1 + taper * p[2])) & (p[2] > 0.1 - half)
        stripe = (p[2] > low) & (p[2] < high) & (_length2(p[0], p[1]) < radius * 1.25)
        result = _mix(stripe, band, outer) if banded else np.repeat(outer, p.shape[1], 1)
        return result if same_inside else _mix(inside, inner, result)

    return Solid(distance, paint, 0.35, 45.0, poses=("upright",) * 5 + ("side",))


def _ball(rng: np.random.Generator) -> Solid:
    first, second, third = _colour(rng), _colour(rng), _white(rng)
    turn = _rotation(rng)
    style, sectors = int(rng.integers(5)), int(rng.integers(2, 5))
    spots = rng.normal(size=(14, 3)).astype(np.float32)
    spots /= np.linalg.norm(spots, axis=1, keepdims=True)

    def paint(p: F32) -> F32:
        q = turn @ (p / 0.85)
        if style == 0:
            return np.repeat(first, p.shape[1], 1)
        if style == 1:
            wedge = np.floor((np.arctan2(q[1], q[0]) / np.pi + 1) * sectors).astype(int) % 2 == 0
            return _mix(np.abs(q[2]) > 0.95, third, _mix(wedge, first, third))
        if style == 2:
            seam = np.abs(q[2] - 0.55 * np.sin(2 * np.arctan2(q[1], q[0]))) < 0.07
            return _mix(seam, third, first)
        if style == 3:
            return _mix((spots @ q).max(0) > 0.93, second, third)
        return _mix(np.abs(q[2]) < 0.22, second, first)

    def distance(p: F32) -> F32:
        value: F32 = np.sqrt(np.einsum("ij,ij->j", p, p)) - np.float32(0.85)
        return value

    return Solid(distance, paint, float(rng.uniform(0.05, 0.5)), 40.0)


def _book(rng: np.random.Generator) -> Solid:
    hx, hy = float(rng.uniform(0.5, 0.62)), float(rng.uniform(0.68, 0.8))
    hz = float(rng.uniform(0.07, 0.2))
    cover, ink, art = _colour(rng), _colour(rng), _colour(rng)
    paper = _near(rng, (0.5, 0.66, 0.72), 0.08)
    bars = rng.uniform(-0.8, 0.8, (3, 2)).astype(np.float32)
    heights = rng.uniform(0.04, 0.12, 3)
    picture = rng.uniform(-0.5, 0.5, 2)
    framed = rng.random() < 0.4

    def distance(p: F32) -> F32:
        pages = _box(_moved(p, x=-0.02), (hx - 0.04, hy - 0.05, hz - 0.02), 0.01)
        shell = np.abs(p[2]) - np.float32(hz - 0.025)
        outer = _box(p, (hx, hy, hz), 0.02)
        covers = np.maximum(outer, -np.maximum(shell, np.float32(-hx + 0.05) - p[0]))
        value: F32 = np.minimum(pages, covers)
        return value

    def paint(p: F32) -> F32:
        lines = 0.75 + 0.25 * np.sin(p[2:3] * 180).astype(np.float32)
        leaves = (np.abs(p[2]) < hz - 0.03) & (p[0] > 0.04 - hx)
        u, v = p[0] / hx, p[1] / hy
        face = np.repeat(cover, p.shape[1], 1)
        if framed:
            face = _mix((np.abs(u) > 0.8) | (np.abs(v) > 0.86), ink, face)
        drawn = (np.abs(u - picture[0]) < 0.35) & (np.abs(v - picture[1]) < 0.25)
        face = _mix(drawn, art, face)
        for (x, y), height in zip(bars, heights, strict=True):
            face = _mix((np.abs(u - 0.3 * x) < 0.45) & (np.abs(v - y) < height), ink, face)
        return _mix(leaves, paper * lines, face)

    return Solid(distance, paint, 0.15, 20.0, poses=("upright", "upright", "side", "end"))


def _bottle(rng: np.random.Generator) -> Solid:
    radius, neck = float(rng.uniform(0.26, 0.36)), float(rng.uniform(0.085, 0.13))
    shoulder = float(rng.uniform(0.0, 0.3))
    glass = _near(rng, ((0.06, 0.22, 0.08), (0.03, 0.1, 0.25), (0.5, 0.45, 0.4))[rng.integers(3)])
    if rng.random() < 0.45:
        glass = _colour(rng)
    label, print_, cap = _colour(rng, 0.3), _colour(rng), _colour(rng)
    low, high = float(rng.uniform(-0.75, -0.5)), float(rng.uniform(-0.2, shoulder - 0.05))
    labelled = rng.random() < 0.7

    def distance(p: F32) -> F32:
        half = (shoulder + 0.95) / 2
        body = _cylinder(_moved(p, z=half - 0.95), radius, half, 0.08)
        pipe = _cylinder(_moved(p, z=0.45), neck, 0.45, 0.02)
        lid = _cylinder(_moved(p, z=0.87), neck + 0.03, 0.09, 0.02)
        return np.minimum(_smooth_union(body, pipe, 0.35), lid)

    def paint(p: F32) -> F32:
        result = np.repeat(glass, p.shape[1], 1)
        if labelled:
            result = _mix((p[2] > low) & (p[2] < high), label, result)
            middle = (low + high) / 2
            result = _mix((np.abs(p[2] - middle) < 0.09) & (np.abs(p[0]) < radius * 0.8),
                          print_, result)  # fmt: skip
        return _mix(p[2] > 0.77, cap, result)

    return Solid(distance, paint, 0.7, 70.0, poses=("upright", "upright", "side"))


_PIPS = {
    1: [(0, 0)], 2: [(-1, -1), (1, 1)], 3: [(-1, -1), (0, 0), (1, 1)],
    4: [(-1, -1), (-1, 1), (1, -1), (1, 1)],
    5: [(-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)],
    6: [(-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)],
}  # fmt: skip


def _die(rng: np.random.Generator) -> Solid:
    half, rounding = 0.56, float(rng.uniform(0.06, 0.2))
    body, pip = (_white(rng), _dark(rng)) if rng.random() < 0.6 else (_colour(rng), _white(rng))
    order = rng.permutation(3)
    swap = rng.random(3) < 0.5
    size = float(rng.uniform(0.1, 0.14))

    def paint(p: F32) -> F32:
        marked = np.zeros(p.shape[1], bool)
        for axis in range(3):
            a, b = p[(axis + 1) % 3], p[(axis + 2) % 3]
            for side in (-1, 1):
                value = int(order[axis]) + 1
                if (side > 0) != swap[axis]:
                    value = 7 - value
                on_face = p[axis] * side > half - 0.06
                for x, y in _PIPS[value]:
                    marked |= on_face & (_length2(a - 0.29 * x, b - 0.29 * y) < size)
        return _mix(marked, pip, body)

    return Solid(lambda p: _box(p, (half, half, half), rounding), paint, 0.35, 50.0)


def _key(rng: np.random.Generator) -> Solid:
    head, thick = float(rng.uniform(0.26, 0.36)), float(rng.uniform(0.035, 0.06))
    hole, square = float(rng.uniform(0.08, 0.14)), rng.random() < 0.35
    shaft = float(rng.uniform(0.06, 0.09))
    teeth = [(float(x), float(rng.uniform(0.05, 0.16))) for x in (0.35, 0.5, 0.65, 0.8)]
    colour = _metal(rng)
    plastic = _colour(rng) if rng.random() < 0.3 else colour

    def distance(p: F32) -> F32:
        at_head = _moved(p, x=-0.6)
        bow = (
            _box(at_head, (head, head, thick * 1.3), 0.05)
            if square
            else _cylinder(at_head, head, thick * 1.3, 0.02)
        )
        bow = np.maximum(bow, -_cylinder(_moved(p, x=-0.6 - head * 0.45), hole, 1.0))
        result = np.minimum(bow, _box(_moved(p, x=0.25), (0.68, shaft, thick), 0.015))
        for x, depth in teeth:
            tooth = _box(_moved(p, x=x, y=-shaft - depth / 2), (0.055, depth, thick * 0.8), 0.01)
            result = np.minimum(result, tooth)
        return result

    def paint(p: F32) -> F32:
        groove = (np.abs(p[1]) < 0.018) & (p[0] > -0.2)
        result = _mix(p[0] < -0.6 + head, plastic, colour)
        return result * np.where(groove, np.float32(0.45), np.float32(1))[None]

    return Solid(distance, paint, 0.6, 60.0, metal=0.75, recolour=False)


def _leaf(rng: np.random.Generator) -> Solid:
    width, fullness = float(rng.uniform(0.3, 0.5)), float(rng.uniform(0.65, 1.1))
    serrated = float(rng.uniform(0, 0.05))
    teeth = float(rng.uniform(18, 40))
    bend, cup = float(rng.uniform(-0.22, 0.22)), float(rng.uniform(-0.3, 0.5))
    lobed, lobes = rng.random() < 0.35, int(rng.choice([5, 7]))
    tones = ((0.05, 0.32, 0.1), (0.04, 0.42, 0.5), (0.03, 0.15, 0.5), (0.05, 0.12, 0.25))
    base = _near(rng, tones[int(rng.integers(4))], 0.25)
    other = _near(rng, tones[int(rng.integers(4))], 0.25)
    blotch = rng.uniform(-0.6, 0.6, 2).astype(np.float32)

    def outline(p: F32) -> F32:
        if lobed:
            r = _length2(p[0], p[1])
            angle = np.arctan2(p[1], p[0])
            rim = 0.5 + 0.32 * np.abs(np.cos(angle * lobes / 2)) ** 1.5
            rim = rim * (1 - 0.45 * np.exp(-((np.abs(angle) - np.pi) ** 2) * 6))
            blade = (r - rim.astype(np.float32)) * np.float32(0.55)
        else:
            u = np.clip((p[0] + 0.75) / 1.6, 0, 1)
            edge = np.sin(np.pi * u**0.8).clip(0, 1) ** fullness * width
            edge = edge + serrated * np.abs(np.sin(teeth * p[0])) * (edge > 0.02)
            blade = np.abs(p[1]) - edge.astype(np.float32)
            blade = np.maximum(blade, np.abs(p[0] - 0.05) - 0.8) * np.float32(0.6)
        stalk = np.maximum(np.abs(p[1]) - np.float32(0.022), np.abs(p[0] + 0.7) - np.float32(0.28))
        value: F32 = np.minimum(blade, stalk)
        return value

    def distance(p: F32) -> F32:
        surface = bend * p[0] ** 2 + cup * p[1] ** 2 + 0.03 * np.sin(6 * p[0] + 4 * p[1])
        sheet = np.abs(p[2] - surface.astype(np.float32)) - np.float32(0.02)
        value: F32 = np.maximum(outline(p), sheet * np.float32(0.75))
        return value

    def paint(p: F32) -> F32:
        rib = np.abs(p[1]) < 0.018
        side = np.abs(np.mod(p[0] - np.abs(p[1]) * 0.9, 0.2) - 0.1) < 0.013
        far = np.clip(1.4 * _length2(p[0] - blotch[0], p[1] - blotch[1]), 0, 1)[None]
        result = base * far + other * (1 - far)
        value: F32 = (result * np.where(rib | side, np.float32(1.7), np.float32(1))[None]).clip(
            0, 1
        )
        return value

    return Solid(distance, paint, 0.15, 15.0, recolour=False)


def _coin(rng: np.random.Generator) -> Solid:
    thick = float(rng.uniform(0.045, 0.085))
    colour = _metal(rng)
    centre = _metal(rng) if rng.random() < 0.3 else colour
    stamp = np.zeros((128, 128), np.uint8)
    text = str(rng.choice(["1", "2", "5", "10", "20", "50"]))
    cv2.putText(stamp, text, (64 - 22 * len(text), 86), cv2.FONT_HERSHEY_DUPLEX, 2.0, 255, 5)
    for _ in range(int(rng.integers(1, 4))):
        x, y = (int(v) for v in rng.integers(35, 93, 2))
        cv2.ellipse(stamp, (x, y), (int(rng.integers(6, 22)), 6), float(rng.uniform(0, 180)),
                    0, 360, 160, 2)  # fmt: skip
    relief = cv2.GaussianBlur(stamp, (0, 0), 1.2).astype(np.float32) / 255
    # Light from one side makes the stamp read as relief rather than as print.
    relief = relief - np.roll(relief, (2, 2), (0, 1))
    ridges = int(rng.integers(40, 90))

    def paint(p: F32) -> F32:
        r = _length2(p[0], p[1])
        column = np.clip(p[0] * 70 + 64, 0, 127).astype(int)
        row = np.clip(-p[1] * 70 + 64, 0, 127).astype(int)
        tone = 1 + 0.9 * relief[row, column]
        tone = np.where(np.abs(r - 0.78) < 0.02, 0.55, tone)
        beads = np.abs(np.sin(np.arctan2(p[1], p[0]) * ridges))
        tone = np.where(r > 0.86, 0.55 + 0.45 * beads, tone)
        result = _mix(r < 0.58, centre, colour)
        return np.clip(result * tone[None], 0, 1).astype(np.float32)

    return Solid(
        lambda p: _cylinder(p, 0.9, thick, 0.02), paint, 0.6, 50.0,
        metal=0.7, poses=("upright",) * 5 + ("side",), recolour=False,
    )  # fmt: skip


def _pencil(rng: np.random.Generator) -> Solid:
    radius = float(rng.uniform(0.085, 0.13))
    end = float(rng.uniform(0.55, 0.95))
    cone = radius * float(rng.uniform(2.2, 3.2))
    paint_, ferrule = _colour(rng), _near(rng, (0.5, 0.6, 0.66))
    rubber, wood = _near(rng, (0.35, 0.3, 0.75)), _near(rng, (0.3, 0.5, 0.68))
    lead = paint_ if rng.random() < 0.4 else _dark(rng)
    erased = rng.random() < 0.6
    slope = radius / cone
    scale = 1 / float(np.hypot(1, slope))

    def distance(p: F32) -> F32:
        side = _hexagon(p[1], p[2], radius)
        caps = np.abs(p[0]) - np.float32(0.97)
        tip = _length2(p[1], p[2]) - (np.float32(0.97) - p[0]) * np.float32(slope)
        value: F32 = np.maximum(np.maximum(side, caps), tip * np.float32(scale))
        return value

    def paint(p: F32) -> F32:
        bare = _length2(p[1], p[2]) < radius * 0.985
        result = _mix((p[0] > 0.97 - cone * 1.02) & bare, wood, paint_)
        result = _mix(p[0] > 0.97 - cone * 0.33, lead, result)
        if erased:
            result = _mix(p[0] < -end + 0.12, ferrule, result)
            result = _mix(p[0] < -end, rubber, result)
        return result

    return Solid(distance, paint, 0.3, 40.0)


def _screw(rng: np.random.Generator) -> Solid:
    head, height = float(rng.uniform(0.22, 0.34)), float(rng.uniform(0.07, 0.14))
    shank, pitch = float(rng.uniform(0.1, 0.15)), float(rng.uniform(0.1, 0.17))
    kind, cross = int(rng.integers(3)), rng.random() < 0.6
    smooth_until = float(rng.uniform(-0.7, -0.2))
    colour = _metal(rng)
    if rng.random() < 0.25:
        colour = _dark(rng) * 2

    def distance(p: F32) -> F32:
        q = np.stack([p[1], p[2], p[0]])
        angle = np.arctan2(p[2], p[1])
        thread = np.sin(p[0] * np.float32(2 * np.pi / pitch) + angle)
        thread = np.where(p[0] > smooth_until, thread, np.float32(-0.5)) * np.float32(0.028)
        taper = np.clip((np.float32(0.97) - p[0]) * np.float32(3.0), 0, 1)
        rod = np.maximum(
            _length2(p[1], p[2]) - (np.float32(shank) + thread) * taper,
            np.abs(p[0]) - np.float32(0.95),
        ) * np.float32(0.6)
        top = _moved(q, z=-0.95 + height)
        if kind == 0:
            cap = np.maximum(_hexagon(q[0], q[1], head * 0.88), np.abs(top[2]) - np.float32(height))
        elif kind == 1:
            cap = _cylinder(top, head, height, 0.05)
        else:
            cone = _length2(q[0], q[1]) - (np.float32(head) - (p[0] + 0.95) * np.float32(0.9))
            cap = np.maximum(cone * np.float32(0.74), np.abs(top[2]) - np.float32(height * 1.2))
        if kind > 0:
            deep = np.maximum(p[0] + np.float32(0.95 - 0.05), -p[0] - 2)
            slot = np.maximum(np.maximum(np.abs(p[1]) - 0.035, np.abs(p[2]) - head * 0.7), deep)
            if cross:
                other = np.maximum(np.abs(p[2]) - 0.035, np.abs(p[1]) - head * 0.7)
                slot = np.minimum(slot, np.maximum(other, deep))
            cap = np.maximum(cap, -slot.astype(np.float32))
        value: F32 = np.minimum(rod, cap)
        return value

    return Solid(
        distance, _plain(colour), 0.6, 50.0, metal=0.8,
        poses=("upright",) * 3 + ("on_head",), recolour=False,
    )  # fmt: skip


# --- things that are none of the ten ---------------------------------------------------


def _ring(rng: np.random.Generator, first: F32, _: F32) -> Solid:
    minor = float(rng.uniform(0.07, 0.22))
    return Solid(lambda p: _torus(p, 0.95 - minor, minor), _plain(first), 0.5, 50.0)


def _tin(rng: np.random.Generator, first: F32, second: F32) -> Solid:
    half = float(rng.uniform(0.4, 0.75))
    return Solid(
        lambda p: _cylinder(p, 0.5, half, 0.04),
        lambda p: _mix(np.abs(p[2]) < half - 0.09, first, second),
        0.6, 40.0, metal=0.2, poses=("upright", "side"),
    )  # fmt: skip


def _carton(rng: np.random.Generator, first: F32, _: F32) -> Solid:
    card = _near(rng, (0.16, 0.32, 0.5)) if rng.random() < 0.6 else first
    x, y, z = (float(v) for v in rng.uniform(0.3, 0.62, 3))
    tape = np.asarray([[0.35], [0.5], [0.6]], np.float32)
    return Solid(
        lambda p: _box(p, (x, y, z), 0.02),
        lambda p: _mix(np.abs(p[1]) < 0.08, tape, card),
        0.08, 10.0,
    )  # fmt: skip


def _pebble(rng: np.random.Generator, _: F32, __: F32) -> Solid:
    squash = rng.uniform(0.45, 0.85, 3).astype(np.float32)[:, None]
    phase = rng.uniform(0, 6, 3)
    grey = _near(rng, (0.25, 0.3, 0.33), 0.25)
    speck = float(rng.uniform(20, 50))

    def distance(p: F32) -> F32:
        q = p / squash
        waves = np.sin(3 * p[0] + phase[0]) * np.sin(3 * p[1] + phase[1])
        waves = waves * np.sin(4 * p[2] + phase[2]) * 0.07
        result: F32 = (np.sqrt((q * q).sum(0)) - 1 + waves).astype(np.float32)
        return result * np.float32(squash.min() * 0.85)

    def paint(p: F32) -> F32:
        specks = 0.8 + 0.3 * np.sin(speck * p[0]) * np.sin(speck * p[1])
        value: F32 = (grey * specks[None]).astype(np.float32)
        return value

    return Solid(distance, paint, 0.05, 10.0, recolour=False)


def _stick(rng: np.random.Generator, _: F32, __: F32) -> Solid:
    bark = _near(rng, (0.08, 0.14, 0.22), 0.3)
    bow = float(rng.uniform(-0.25, 0.25))
    thick = float(rng.uniform(0.05, 0.11))

    def distance(p: F32) -> F32:
        q = np.stack([p[1] + bow * p[0] ** 2 + 0.02 * np.sin(9 * p[0]), p[2], p[0]])
        return _cylinder(q, thick, 0.95, 0.04) * np.float32(0.8)

    return Solid(distance, _plain(bark), 0.05, 10.0, recolour=False)


def _nut(rng: np.random.Generator, _: F32, __: F32) -> Solid:
    def distance(p: F32) -> F32:
        body = np.maximum(_hexagon(p[0], p[1], 0.75), np.abs(p[2]) - np.float32(0.3))
        value: F32 = np.maximum(body, np.float32(0.42) - _length2(p[0], p[1]))
        return value

    return Solid(distance, _plain(_metal(rng)), 0.6, 50.0, metal=0.8, recolour=False)


def _cone(rng: np.random.Generator, first: F32, second: F32) -> Solid:
    slope = float(rng.uniform(0.45, 0.7))

    def distance(p: F32) -> F32:
        side = _length2(p[0], p[1]) - (np.float32(0.8) - p[2]) * np.float32(slope)
        value: F32 = np.maximum(side * np.float32(0.8), np.abs(p[2]) - np.float32(0.78))
        return value

    return Solid(distance, lambda p: _mix(np.sin(p[2] * 9) > 0.3, second, first), 0.3, 30.0)


def _crumpled_paper(rng: np.random.Generator, _: F32, __: F32) -> Solid:
    paper = _white(rng)
    turn = _rotation(rng)

    def distance(p: F32) -> F32:
        q = turn @ p
        folds = 0.09 * (np.abs(np.sin(5 * q[0] + 2 * q[1])) + np.abs(np.sin(6 * q[1] - 4 * q[2])))
        value: F32 = ((np.sqrt((p * p).sum(0)) - 0.6 - folds) * 0.6).astype(np.float32)
        return value

    return Solid(distance, _plain(paper), 0.02, 5.0)


_OTHERS = (_ring, _tin, _carton, _pebble, _stick, _nut, _cone, _crumpled_paper)


def _distractor(rng: np.random.Generator) -> Solid:
    first, second = _colour(rng, 0.2), _colour(rng, 0.4)
    return _OTHERS[int(rng.integers(len(_OTHERS)))](rng, first, second)


_MAKERS = (_mug, _ball, _book, _bottle, _die, _key, _leaf, _coin, _pencil, _screw)


# --- rendering -------------------------------------------------------------------------


def _pose_matrix(pose: str, yaw: float) -> F32:
    """World from object: lay the object down if asked, then turn it about z."""
    tilts = {
        "upright": np.eye(3),
        "side": np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]]),
        "end": np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]),
        "on_head": np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]]),
    }
    c, s = np.cos(yaw), np.sin(yaw)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return np.asarray(turn @ tilts[pose], np.float32)


def _lowest(distance: Distance) -> float:
    """Height of the object's lowest point, found by probing a coarse grid."""
    ticks = np.linspace(-1, 1, 21, dtype=np.float32)
    for height in np.linspace(-1.02, 0.0, 52, dtype=np.float32):
        x, y = np.meshgrid(ticks, ticks)
        p = np.stack([x.ravel(), y.ravel(), np.full(x.size, height, np.float32)])
        if float(distance(p).min()) < 0.035:
            return float(height) + 0.01
    return 0.0


_STEPS = 56
"""Steps after which a ray that still has met nothing is given up."""


def _march(
    distance: Distance, origin: F32, directions: F32, start: F32, stop: F32
) -> tuple[F32, F32]:
    """Walk rays to the surface: for each ray the closest approach and where it is."""
    count = directions.shape[1]
    nearest = np.full(count, 9.0, np.float32)
    where = start.copy()
    index = np.arange(count)
    t, rays, end = start.copy(), directions, stop
    for _ in range(_STEPS):
        d = distance(origin[:, None] + rays * t)
        better = d < nearest[index]
        chosen = index[better]
        nearest[chosen] = d[better]
        where[chosen] = t[better]
        t = t + np.maximum(d, np.float32(0.003))
        going = (d > 0.002) & (t < end)
        if not going.any():
            break
        index, t, rays, end = index[going], t[going], rays[:, going], end[going]
    return nearest, where


def _lit(distance: Distance, points: F32, light: F32, sharpness: float, steps: int = 14) -> F32:
    """Share 0..1 of the light that reaches each point, with soft edges."""
    result = np.ones(points.shape[1], np.float32)
    # Only points whose way to the light passes the bounding sphere can be in shadow.
    along = light @ points
    off = np.einsum("ij,ij->j", points, points) - along * along
    index = np.flatnonzero((off < 1.3) & (along < 1.1))
    t = np.full(index.size, 0.03, np.float32)
    for _ in range(steps):
        if not index.size:
            break
        d = distance(points[:, index] + light[:, None] * t)
        result[index] = np.minimum(result[index], np.clip(sharpness * d / t + 0.15, 0, 1))
        t = t + np.clip(d, 0.03, 0.3)
        going = (result[index] > 0.02) & (t < 2.6)
        index, t = index[going], t[going]
    return result


def _surroundings(directions: F32, seed: float) -> F32:
    """What a mirror would show: bright sky with soft windows above a darker floor."""
    up = np.clip(directions[2] * 0.6 + 0.45, 0.05, 1)
    window = np.sin(3 * directions[0] + seed) * np.sin(4 * directions[1] + 2 * seed)
    value: F32 = (up + 0.6 * np.clip(window, 0, 1) ** 2 * (directions[2] > 0)).astype(np.float32)
    return value


@dataclass
class _Posed:
    """An object as it stands in the world, and the camera that looks at it."""

    solid: Solid
    inverse: F32
    """Object from world, ``[3, 3]``."""
    eye: F32
    up: F32
    """The image's upward direction in the world, ``[3]``."""

    def distance(self, points: F32) -> F32:
        """Signed distance of world points."""
        return self.solid.distance(self.inverse @ points)

    def rays(self, stride: int) -> tuple[F32, int]:
        """Unit directions ``[3, n*n]`` through every stride-th pixel, and n."""
        ticks = np.arange(-_REACH, _REACH, stride / SPRITE_RADIUS, dtype=np.float32)
        x, y = np.meshgrid(ticks, -ticks)
        target = np.stack([x.ravel(), self.up[1] * y.ravel(), self.up[2] * y.ravel()])
        toward = target - self.eye[:, None]
        return (toward / np.linalg.norm(toward, axis=0)).astype(np.float32), len(ticks)


_REACH = 1.75
"""World units from a sprite's centre to its edge; leaves room for the shadow."""
_SHADOW_STRIDE = 4
"""The shadow is smooth, so one pixel in sixteen is enough."""


def _surface(posed: _Posed, directions: F32) -> tuple[npt.NDArray[np.intp], F32, F32]:
    """Rays that meet the object: their indices ``[K]``, the points, their coverage 0..1."""
    # Rays that miss the bounding sphere cannot hit the object.
    middle = -(posed.eye @ directions)
    miss = np.float32(posed.eye @ posed.eye) - middle * middle
    candidates = np.flatnonzero(miss < 1.15)
    spread = np.sqrt(1.15 - miss[candidates])
    start, stop = middle[candidates] - spread, middle[candidates] + spread
    nearest, where = _march(posed.distance, posed.eye, directions[:, candidates], start, stop)
    coverage = np.clip(1.15 - nearest / np.float32(0.8 / SPRITE_RADIUS), 0, 1)
    seen = coverage > 0
    index = candidates[seen]
    return index, posed.eye[:, None] + directions[:, index] * where[seen], coverage[seen]


def _normals(distance: Distance, points: F32) -> F32:
    step = np.float32(0.006)
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32)
    normals = np.zeros_like(points)
    for corner in corners:
        normals += corner[:, None] * distance(points + corner[:, None] * step)
    value: F32 = normals / (np.linalg.norm(normals, axis=0) + np.float32(1e-6))
    return value


def _shaded(
    posed: _Posed, view: View, points: F32, toward: F32, floor: float, rng: np.random.Generator
) -> tuple[F32, float]:
    """Displayed colour ``[3, K]`` of surface points, and how sharp shadows are here."""
    solid = posed.solid
    normals = _normals(posed.distance, points)
    albedo = solid.paint(posed.inverse @ points)
    sharpness = float(rng.uniform(5, 14))
    lit = _lit(posed.distance, points + normals * np.float32(0.03), view.light, sharpness)
    # Hollows and the part near the ground see less of the sky.
    open_ = posed.distance(points + normals * np.float32(0.16)) / np.float32(0.16)
    open_ = np.clip(open_, 0.15, 1) * np.clip((points[2] - floor) * 1.5 + 0.45, 0.4, 1)
    facing = np.clip(view.light @ normals, 0, 1) * lit
    sky = 0.65 + 0.35 * normals[2]
    half = view.light[:, None] - toward
    half /= np.linalg.norm(half, axis=0)
    glint = np.clip(np.einsum("ij,ij->j", half, normals), 0, 1) ** solid.shininess * lit
    mirrored = toward - 2 * np.einsum("ij,ij->j", toward, normals) * normals
    mirror = _surroundings(mirrored, float(rng.uniform(0, 6)))
    fresnel = 0.04 + 0.5 * (1 - np.clip(-np.einsum("ij,ij->j", toward, normals), 0, 1)) ** 4
    diffuse = (view.ambient * sky * open_ + (1 - view.ambient) * 1.25 * facing) * (
        1 - 0.75 * solid.metal
    )
    colour = albedo * diffuse[None]
    colour += albedo * (solid.metal * mirror * open_)[None]
    colour += solid.gloss * (0.8 * glint + fresnel * mirror * open_ * (1 - solid.metal))[None]
    # From linear light to what a display expects.
    return (np.clip(colour, 0, 1) ** np.float32(1 / 2.2)).astype(np.float32), sharpness


def _cast_shadow(posed: _Posed, view: View, floor: float, sharpness: float, size: int) -> F32:
    """How dark the object makes the ground, 0..1, ``[size, size]``."""
    ground, count = posed.rays(_SHADOW_STRIDE)
    reach = (np.float32(floor) - posed.eye[2]) / ground[2]
    spots = posed.eye[:, None] + ground * reach
    brightness = _lit(posed.distance, spots, view.light, sharpness, 12)
    contact = np.clip(posed.distance(spots) / np.float32(0.28) + 0.25, 0, 1)
    dark = (1 - brightness) * (1 - view.ambient) * 0.95 + (1 - contact) * view.ambient * 0.8
    shadow = np.clip(dark, 0, 0.92).reshape(count, count).astype(np.float32)
    fade = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / 8, 0, 1)
    shadow *= (fade[:, None] * fade[None]).astype(np.float32)
    return np.asarray(cv2.resize(shadow, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


def _cut(label: int, recolour: bool, image: U8, shadow: F32) -> Sprite:
    """Crop a rendered object to what it and its shadow use; add the smaller copies."""
    solid_part = image[..., 3] > 127
    rows, columns = np.flatnonzero(solid_part.any(1)), np.flatnonzero(solid_part.any(0))
    used = solid_part | (shadow > 0.03)
    used_rows, used_columns = np.flatnonzero(used.any(1)), np.flatnonzero(used.any(0))
    top, left = int(used_rows[0]), int(used_columns[0])
    crop = np.s_[top : int(used_rows[-1]) + 1, left : int(used_columns[-1]) + 1]
    extent = float(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1)
    anchor = ((columns[0] + columns[-1]) / 2 - left, (rows[0] + rows[-1]) / 2 - top)
    thickness = float(np.count_nonzero(solid_part)) / extent
    colour, dark = image[crop].copy(), (shadow[crop] * 255).astype(np.uint8)
    levels = [(colour, dark)]
    for _ in range(3):
        height, width = colour.shape[:2]
        half = (max(1, width // 2), max(1, height // 2))
        colour = np.asarray(cv2.resize(colour, half, interpolation=cv2.INTER_AREA), np.uint8)
        dark = np.asarray(cv2.resize(dark, half, interpolation=cv2.INTER_AREA), np.uint8)
        levels.append((colour, dark))
    return Sprite(label, recolour, extent, thickness, anchor, levels)


def render_sprite(label: int, view: View, rng: np.random.Generator) -> Sprite:
    """Render one random object of class ``label`` (-1: a distractor) under ``view``."""
    solid = _distractor(rng) if label < 0 else _MAKERS[label](rng)
    pose = str(rng.choice(solid.poses))
    matrix = _pose_matrix(pose, float(rng.uniform(0, 2 * np.pi)))
    c, s = np.cos(view.elevation), np.sin(view.elevation)
    eye = np.array([0, -c, s], np.float32) * np.float32(rng.uniform(4.5, 9.0))
    posed = _Posed(solid, np.ascontiguousarray(matrix.T), eye, np.array([0, s, c], np.float32))
    floor = _lowest(posed.distance)
    directions, size = posed.rays(1)
    index, points, coverage = _surface(posed, directions)
    shade, sharpness = _shaded(posed, view, points, directions[:, index], floor, rng)
    image = np.zeros((size * size, 4), np.float32)
    image[index, :3] = (shade * coverage).T
    image[index, 3] = coverage
    pixels = np.clip(image.reshape(size, size, 4) * 255 + 0.5, 0, 255).astype(np.uint8)
    shadow = _cast_shadow(posed, view, floor, sharpness, size)
    return _cut(label, solid.recolour, pixels, shadow)
