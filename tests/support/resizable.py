"""A detector whose network takes any input size, and that finds what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
from openvino import opset8 as ops

from tests.support.blobs import SIZE


def red_finder(size: int = SIZE) -> ov.Model:
    """YOLOX-shaped, fully convolutional: finds pure red cells of 8 x 8 pixels of its input.

    Rows ``[1,N,6]`` of the strides 8, 16 and 32; only those of the first are ever sure.
    """
    photo = ops.parameter([1, 3, size, size], np.float32, name="images")
    heads = [_head(photo, stride, sure=stride == 8) for stride in (8, 16, 32)]
    rows = ops.transpose(ops.concat(heads, 2), [0, 2, 1])
    model = ov.Model([rows], [photo], "reds")
    model.output(0).set_names({"output"})
    model.input(0).set_names({"images"})
    return model


def _head(photo: Any, stride: int, *, sure: bool) -> Any:
    """Raw values of a grid, ``[1,6,cells]``: boxes of the cells, objectness, one class."""
    pooled = ops.avg_pool(photo, [stride] * 2, [0, 0], [0, 0], [stride] * 2, True)
    weights = np.zeros((6, 3, 1, 1), np.float32)
    bias = np.array([0.5, 0.5, 0, 0, -6, 0], np.float32).reshape(1, 6, 1, 1)
    if sure:
        weights[4, :, 0, 0] = (-12 / 255, -12 / 255, 12 / 255)  # BGR
        bias[0, 5] = 6
    found = ops.add(
        ops.convolution(pooled, ops.constant(weights), [1, 1], [0, 0], [0, 0], [1, 1]), bias
    )
    boxes, likely = (
        ops.slice(found, np.array([a]), np.array([b]), np.array([1]), np.array([1]))
        for a, b in ((0, 4), (4, 6))
    )
    return ops.reshape(ops.concat([boxes, ops.sigmoid(likely)], 1), [1, 6, -1], False)
