"""What sums of 8-bit products become on this processor: figures of INT8 models hang on it.

Without VNNI (or AMX, or ARM's dot products) OpenVINO's INT8 convolutions add pairs of products in
16 bits and saturate: one and the same file then finds other boxes. No property and no kernel's name
says so (``brgconv_avx512_I8`` is exact on one processor and saturates on another): a convolution
whose sum does not fit in 16 bits is computed, and its result looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Generic, Literal, TypeVar

import numpy as np
from openvino import Model, opset13

from core.inference.compiling import compile_for, executed_precision

Arithmetic = Literal["exact", "saturating"]
T = TypeVar("T")

_CHANNELS, _WIDTH = 64, 8
_INPUT, _WEIGHT = 255, 127  # the largest of 8 bits: a pair of products is 64770, 16 bits hold 32767


@dataclass(frozen=True)
class ByArithmetic(Generic[T]):
    """A figure that INT8 arithmetic decides: its value on each kind of processor."""

    exact: T
    saturating: T

    @property
    def here(self) -> T:
        """The value on the processor that runs the test."""
        return self.exact if int8_arithmetic() == "exact" else self.saturating


@cache
def int8_arithmetic() -> Arithmetic:
    """How this process computes INT8 convolutions, 1x1 and 3x3 ones alike."""
    found = {_computed(kernel) for kernel in (1, 3)}
    assert len(found) == 1, "1x1 and 3x3 convolutions differ: figures need a third kind"
    return found.pop()


def _computed(kernel: int) -> Arithmetic:
    compiled = compile_for(_convolution(kernel), "f32", "LATENCY")
    assert executed_precision(compiled).name == "int8", "the convolution does not run in INT8"
    image = np.full((1, _CHANNELS, _WIDTH, _WIDTH), _INPUT, np.float32)
    (found,) = compiled(image).values()
    inside = float(found[0, 0, _WIDTH // 2, _WIDTH // 2])
    products = _CHANNELS * kernel * kernel
    if inside == products * _INPUT * _WEIGHT:
        return "exact"
    assert inside < products * _INPUT * _WEIGHT, f"neither exact nor saturated: {inside}"
    return "saturating"


def _convolution(kernel: int) -> Model:
    """A convolution quantized as NNCF does it: 8 bits without sign by 8 bits with one, scale 1."""
    image = opset13.parameter([1, _CHANNELS, _WIDTH, _WIDTH], np.float32)
    levels = [np.float32(edge) for edge in (0, 255, 0, 255)]
    quantized = opset13.fake_quantize(image, *levels, 256)
    weights = np.full((_CHANNELS, _CHANNELS, kernel, kernel), _WEIGHT, np.int8)
    stretched = opset13.multiply(opset13.convert(weights, "f32"), np.float32(1))
    pads = [kernel // 2] * 2
    result = opset13.convolution(quantized, stretched, [1, 1], pads, pads, [1, 1])
    return Model([result], [image], "sum")
