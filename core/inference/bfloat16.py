"""Whether this processor computes in bfloat16 when it is asked to.

One with AVX-512 does, also without instructions for it: it rounds, and multiplies in float32.
That is slow, so that its default is float32; what is found is what a processor with bfloat16
finds, but for the order of sums. Others leave the hint unheard.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.inference.compiling import executed_precision, precision_settings
from core.inference.settings import DEFAULT_DEVICE
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

_CHANNELS = 64
_WIDTH = 8
_INPUT = 1 + 2**-9  # between two numbers of bfloat16, which are 2^-7 apart there: 1 is the nearer


@cache
def computes_bf16() -> bool:
    """Whether a convolution that is asked for in bfloat16 is executed in it, and rounds so."""
    asked = {"PERFORMANCE_HINT": "LATENCY", **precision_settings("bf16")}
    try:
        compiled = openvino_core().compile_model(_convolution(), DEFAULT_DEVICE, asked)
    except RuntimeError:  # no kernel for it
        return False
    if executed_precision(compiled).name != "bf16":
        return False
    image = np.full((1, _CHANNELS, _WIDTH, _WIDTH), _INPUT, np.float32)
    (found,) = compiled(image).values()
    return float(found[0, 0, _WIDTH // 2, _WIDTH // 2]) == _CHANNELS


def _convolution() -> ov.Model:
    """It adds up the channels of a pixel."""
    from openvino import Model, opset13

    image = opset13.parameter([1, _CHANNELS, _WIDTH, _WIDTH], np.float32)
    weights = opset13.constant(np.ones((_CHANNELS, _CHANNELS, 1, 1), np.float32))
    result = opset13.convolution(image, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    return Model([result], [image], "sum")
