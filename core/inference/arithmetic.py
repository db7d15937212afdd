"""What sums of 8-bit products become on this processor, and how to have them exact anywhere.

Without VNNI (or AMX, or ARM's dot products) OpenVINO's INT8 convolutions add pairs of products in
16 bits and saturate: one and the same file then finds other boxes. No property and no kernel's name
says so (``brgconv_avx512_I8`` is exact on one processor and saturates on another): a convolution
whose sum does not fit in 16 bits is computed, and its result looked at.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.errors import WorkbenchError
from core.inference.compiling import executed_precision, precision_settings
from core.inference.settings import DEFAULT_DEVICE, Arithmetic, InferenceSettings
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

_CHANNELS = 64
_WIDTH = 8
_INPUT = 255  # the largest of 8 bits: a pair of products is 64770, 16 bits hold 32767
_WEIGHT = 127


@cache
def int8_arithmetic() -> Arithmetic:
    """How this process computes INT8 convolutions, 1x1 and 3x3 ones alike.

    ``exact``; ``saturating``; or ``float`` where the CPU plugin has no INT8 kernels at all, so that
    sums are as good as exact. ``saturating``, too, where only one of the two kinds saturates.
    """
    found = {_computed(kernel) for kernel in (1, 3)}
    for one in ("saturating", "float"):
        if one in found:
            return one
    return "exact"


def runs_elsewhere(settings: InferenceSettings) -> bool:
    """Whether sums are to saturate where this process has others.

    What is asked for so runs in a process of its own: see `core.inference.limited`.
    """
    return settings.int8 == "saturating" and int8_arithmetic() != "saturating"


def _computed(kernel: int) -> Arithmetic:
    asked = {"PERFORMANCE_HINT": "LATENCY", **precision_settings("f32")}
    compiled = openvino_core().compile_model(_convolution(kernel), DEFAULT_DEVICE, asked)
    if executed_precision(compiled).name != "int8":
        return "float"
    image = np.full((1, _CHANNELS, _WIDTH, _WIDTH), _INPUT, np.float32)
    (found,) = compiled(image).values()
    inside = float(found[0, 0, _WIDTH // 2, _WIDTH // 2])
    whole = _CHANNELS * kernel * kernel * _INPUT * _WEIGHT
    if inside == whole:
        return "exact"
    if inside > whole:
        raise WorkbenchError(
            f"This processor computes an INT8 convolution wrongly: {inside:g} for {whole:g}.",
            "Compare on another machine.",
        )
    return "saturating"


def _convolution(kernel: int) -> ov.Model:
    """A convolution quantized as NNCF does it: 8 bits without sign by 8 bits with one, scale 1."""
    from openvino import Model, opset13

    image = opset13.parameter([1, _CHANNELS, _WIDTH, _WIDTH], np.float32)
    levels = [np.float32(edge) for edge in (0, 255, 0, 255)]
    quantized = opset13.fake_quantize(image, *levels, 256)
    weights = np.full((_CHANNELS, _CHANNELS, kernel, kernel), _WEIGHT, np.int8)
    stretched = opset13.multiply(opset13.convert(weights, "f32"), np.float32(1))
    pads = [kernel // 2] * 2
    result = opset13.convolution(quantized, stretched, [1, 1], pads, pads, [1, 1])
    return Model([result], [image], "sum")
