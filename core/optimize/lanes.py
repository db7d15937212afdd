"""In which order OpenVINO adds up a channel for its mean, which the processor decides.

Its kernel has as many partial sums as a register holds floats (16 with AVX-512, 8 with AVX2), each
of every sixteenth or eighth pixel. Fours of them are added to each other, then the four that are
left; then what is left over, pixel by pixel; then the division. Nobody promises that: it is looked
at here, by a network of one operation.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.runtime import openvino_core

_QUAD = 4  # partial sums that are added to four others at once
_KNOWN = (16, 8, 4)
_CHANNELS, _PIXELS, _SEED = 64, 101, 0


@cache
def lanes_here() -> int:
    """How many partial sums a mean has here; as with AVX-512 where it is none of those known."""
    from openvino import Model
    from openvino import opset13 as ops

    given = ops.parameter([1, _CHANNELS, _PIXELS], np.float32)
    model = Model([ops.reduce_mean(given, [0, 2], False)], [given])
    settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
    request = openvino_core().compile_model(model, "CPU", settings).create_infer_request()
    values = np.random.default_rng(_SEED).normal(size=(_CHANNELS, _PIXELS)).astype(np.float32)
    request.infer([values[None]])
    found = request.get_output_tensor().data
    return next((one for one in _KNOWN if np.array_equal(_mean(values.T, one), found)), _KNOWN[0])


def total_of(lanes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sum of partial sums ``[lanes, C]``, as many as a power of two from four on."""
    quads = lanes.reshape(-1, _QUAD, lanes.shape[1])
    while len(quads) > 1:
        quads = quads[0::2] + quads[1::2]
    first, second, third, fourth = quads[0]
    return np.asarray((first + second) + (third + fourth))


def _mean(pixels: NDArray[np.float32], lanes: int) -> NDArray[np.float32]:
    """Of ``[pixels, C]``, with so many partial sums."""
    sums = np.zeros((lanes, pixels.shape[1]), np.float32)
    whole = len(pixels) - len(pixels) % lanes
    for start in range(0, whole, lanes):
        sums += pixels[start : start + lanes]
    total = total_of(sums)
    for pixel in pixels[whole:]:
        total = total + pixel
    return np.asarray(total / np.float32(len(pixels)))
