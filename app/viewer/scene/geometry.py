"""Pan and zoom as pure functions: a view and an event in, the next view out.

Screen coordinates are logical pixels from a pane's top left; image coordinates are pixels of the
original image. A view is the same for panes of any size: it fixes what lies in their middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MAX_SCALE = 32.0
MARGIN = 6.0  # so that boxes along the image's edge are seen whole
_BOX_SHARE = 0.5  # of the pane, for a box that is zoomed to

Size = tuple[float, float]  # width, height
Point = tuple[float, float]


@dataclass(frozen=True)
class View:
    """Where a pane looks.

    Attributes:
        scale: logical screen pixels for each image pixel.
        centre: the image point in the middle of the pane.
    """

    scale: float
    centre: Point

    def to_screen(self, point: Point, pane: Size) -> Point:
        """Where an image point lies in a pane of this size."""
        return (
            (point[0] - self.centre[0]) * self.scale + pane[0] / 2,
            (point[1] - self.centre[1]) * self.scale + pane[1] / 2,
        )

    def to_image(self, point: Point, pane: Size) -> Point:
        """The image point under a point of a pane of this size."""
        return (
            (point[0] - pane[0] / 2) / self.scale + self.centre[0],
            (point[1] - pane[1] / 2) / self.scale + self.centre[1],
        )

    def boxes_to_screen(self, boxes: NDArray[np.float32], pane: Size) -> NDArray[np.float64]:
        """Boxes x1 y1 x2 y2 ``[N,4]`` of the image, as they lie in a pane of this size."""
        centre = np.array(self.centre * 2)
        middle = np.array(pane * 2) / 2
        on_screen: NDArray[np.float64] = (boxes.astype(np.float64) - centre) * self.scale + middle
        return on_screen


def fitted(image: Size, pane: Size) -> View:
    """The whole image, as large as the pane allows."""
    width, height = max(pane[0] - 2 * MARGIN, 1), max(pane[1] - 2 * MARGIN, 1)
    scale = min(width / max(image[0], 1), height / max(image[1], 1))
    return View(min(max(scale, 1e-6), MAX_SCALE), (image[0] / 2, image[1] / 2))


def zoomed(view: View, image: Size, pane: Size, factor: float, at: Point) -> View | None:
    """Zoomed by `factor` with the image point under `at` kept there; None means: fits.

    It ends at `MAX_SCALE` inwards, and outwards at the whole image or at its own size.
    """
    fit = fitted(image, pane).scale
    scale = min(view.scale * factor, MAX_SCALE)
    if factor < 1 and scale <= fit * 1.001 and (fit <= 1 or view.scale > fit > scale):
        return None
    scale = max(scale, min(fit, 1.0))
    under = view.to_image(at, pane)
    ratio = view.scale / scale
    centre = (
        under[0] + (view.centre[0] - under[0]) * ratio,
        under[1] + (view.centre[1] - under[1]) * ratio,
    )
    return _kept_near(View(scale, centre), image)


def panned(view: View, image: Size, dx: float, dy: float) -> View:
    """Moved by screen pixels; the middle of the pane never leaves the image."""
    centre = (view.centre[0] - dx / view.scale, view.centre[1] - dy / view.scale)
    return _kept_near(replace(view, centre=centre), image)


def showing(view: View, image: Size, pane: Size, box: Sequence[float]) -> View:
    """The view if a box x1 y1 x2 y2 of the image is seen whole, else moved to its middle.

    Where the box is larger than the pane, it is zoomed out until the box fits.
    """
    left, top = view.to_image((0, 0), pane)
    right, bottom = view.to_image(pane, pane)
    x1, y1, x2, y2 = box
    if left <= x1 and top <= y1 and x2 <= right and y2 <= bottom:
        return view
    return _kept_near(View(min(view.scale, _scale_of(pane, box, 1.0)), _middle(box)), image)


def zoomed_to(image: Size, pane: Size, box: Sequence[float]) -> View:
    """A box in the middle of the pane, with as much again around it."""
    scale = _scale_of(pane, box, _BOX_SHARE)
    least = min(fitted(image, pane).scale, 1.0)
    return _kept_near(View(min(max(scale, least), MAX_SCALE), _middle(box)), image)


def _scale_of(pane: Size, box: Sequence[float], share: float) -> float:
    """That at which the box takes this share of the pane's width or height."""
    width, height = max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0)
    return share * min(pane[0] / width, pane[1] / height)


def _middle(box: Sequence[float]) -> Point:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def _kept_near(view: View, image: Size) -> View:
    x = min(max(view.centre[0], 0.0), image[0])
    y = min(max(view.centre[1], 0.0), image[1])
    return replace(view, centre=(x, y))
