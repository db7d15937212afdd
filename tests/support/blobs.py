"""A detector that needs the right colours and values, and images of what it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset8 as ops

from core.images.opencv import cv2

SIZE = 64


def blob_finder(rgb: bool, unit: bool, other: float = -1) -> ov.Model:
    """YOLOv8-shaped: finds pure red 8 x 8 squares that lie on its grid, if it is used rightly.

    Class 0 is sure of a cell whose red is high and whose blue is low, on the scale it expects.
    `other` is the weight of blue: the nearer to 1, the less wrong colours matter.
    """
    photo, strength = _strength(rgb, other)
    top = 1.0 if unit else 255.0
    # Sure at 1, unsure far beyond: values on a scale too large count for nothing.
    away = ops.abs(ops.subtract(strength, np.float32(top)))
    return _finding(photo, ops.exp(ops.multiply(away, np.float32(-4 / top))))


def saturating() -> ov.Model:
    """As a blob finder for RGB in 0..1, but with values too large it is sure of any tint of red."""
    photo, strength = _strength(rgb=True, other=-1)
    return _finding(photo, ops.clamp(ops.multiply(strength, np.float32(0.9)), 0.0, 1.0))


def _strength(rgb: bool, other: float) -> tuple[Any, Any]:
    """The image's input, and of every cell its red and `other` times its blue."""
    photo = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="images")
    pooled = ops.avg_pool(photo, [8, 8], [0, 0], [0, 0], [8, 8], True)
    red, blue = (0, 2) if rgb else (2, 0)
    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, red], weights[0, blue] = 1, other
    return photo, ops.convolution(pooled, ops.constant(weights), [1, 1], [0, 0], [0, 0], [1, 1])


def _finding(photo: Any, score: Any) -> ov.Model:
    """YOLOv8's output: the 64 cells as boxes, with these scores."""
    score = ops.reshape(score, ops.constant(np.array([1, 1, 64])), False)
    rest = ops.constant(np.full((1, 1, 20), 1e-4, np.float32))
    y, x = np.mgrid[:8, :8] * 8 + 4
    boxes = np.zeros((1, 4, 84), np.float32)
    boxes[0, 2:] = 8
    boxes[0, 0], boxes[0, 1] = (
        np.append(x.ravel(), np.full(20, 32)),
        np.append(y.ravel(), [32] * 20),
    )
    output = ops.concat([ops.constant(boxes), ops.concat([score, rest], 2)], 1)
    model = ov.Model([output], [photo], "blobs")
    model.output(0).set_names({"output0"})
    model.input(0).set_names({"images"})
    return model


def blob_images(folder: Path, grey: int = 90, number: int = 4) -> list[Path]:
    folder.mkdir()
    random = np.random.default_rng(1)
    paths = []
    for place in range(number):
        image = np.full((SIZE, SIZE, 3), grey, np.uint8)
        for _ in range(3):
            x, y = random.integers(0, 8, 2) * 8
            image[y : y + 8, x : x + 8] = (0, 0, 255)
        paths.append(folder / f"{place}.png")
        paths[-1].write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return paths


def tinted(folder: Path, squares: int) -> list[Path]:
    """Four images of cells with a hint of red or blue, and some pure red ones."""
    folder.mkdir()
    random = np.random.default_rng(2)
    paths = []
    for number in range(4):
        cells = np.full((8, 8, 3), 90, np.int64)
        cells[..., 2] += random.integers(-10, 11, (8, 8))
        for place in random.permutation(64)[:squares]:
            cells[place // 8, place % 8] = (0, 0, 255)
        image = np.repeat(np.repeat(cells, 8, axis=0), 8, axis=1).astype(np.uint8)
        paths.append(folder / f"{number}.png")
        paths[-1].write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return paths
