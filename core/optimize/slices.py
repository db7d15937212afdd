"""Slices in strides before a convolution, which the convolution can take by itself.

Some networks (YOLOX, YOLOv5) begin by cutting the image into its even and odd rows and columns and
stacking those as channels. OpenVINO does that value by value. A convolution with larger steps and
a larger kernel, whose weights are the same ones in other places, computes the same without it.
This file needs numpy and OpenVINO alone: a recipe brings it along.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

_SLICING = ("Slice", "StridedSlice")
_QUANTIZER = "FakeQuantize"
_TO_WEIGHTS = ("Convert", "Multiply")
_WEIGHTS = ("f64", "f32", "f16", "i8", "u8")  # that numpy has as they are
_COUNTED = 2**24  # numbers that float32 counts


def fold_slices(model: ov.Model, core: ov.Core) -> int:
    """Have convolutions take what slices in strides give them; how many do.

    None of a network where two operations have the same name: it tells them apart.
    """
    operations = model.get_ordered_ops()
    if len({op.get_friendly_name() for op in operations}) < len(operations):
        return 0
    found = [_found(op) for op in operations if op.get_type_name() == "Convolution"]
    return sum(_folded(one, model, core) for one in found if one is not None)


@dataclass(frozen=True, eq=False)
class _Found:
    """A convolution that reads slices of `source`, stacked.

    They are quantized before they are `stacked`, or after it, or both, or not at all.
    """

    convolution: Any
    weights: Any
    before: Any
    after: Any
    stacked: Any
    source: Any


def _found(convolution: Any) -> _Found | None:
    read = convolution.input_value(0).get_node()
    after = read if read.get_type_name() == _QUANTIZER else None
    stacked = after.input_value(0).get_node() if after else read
    if stacked.get_type_name() != "Concat" or stacked.get_attributes()["axis"] not in (1, -3):
        return None
    ways = [_way(value) for value in stacked.input_values()]
    (source, quantizers), weights = ways[0], _weights(convolution)
    same = all(_same(one, source) for one, _ in ways) and not _same(source, stacked.input_value(0))
    alone = all(_readers(one) == 1 for one in (read, stacked))
    if weights is None or not same or not alone or not _plain(convolution):
        return None
    ranges = {tuple(map(_range, found)) for _, found in ways}
    if len(ranges) > 1 or len(quantizers) > 1:
        return None
    if None in ranges.pop() or (after is not None and _range(after) is None):
        return None
    shapes = source.get_partial_shape(), stacked.output(0).get_partial_shape()
    if any(one.is_dynamic or len(one) != 4 or one[0] != 1 for one in shapes):
        return None
    before = quantizers[0] if quantizers else None
    return _Found(convolution, weights, before, after, stacked, source)


def _way(value: Any) -> tuple[Any, list[Any]]:
    """What is sliced, and the quantizers on the way."""
    quantizers = []
    while value.get_node().get_type_name() in (*_SLICING, _QUANTIZER):
        node = value.get_node()
        if node.get_type_name() == _QUANTIZER:
            quantizers.append(node)
        elif not all(_is_constant(one) for one in node.input_values()[1:]):
            break  # where it is cut is computed, too
        value = node.input_value(0)
    return value, quantizers


def _is_constant(value: Any) -> bool:
    return bool(value.get_node().get_type_name() == "Constant")


def _range(quantizer: Any) -> tuple[float, ...] | None:
    """Its one range and number of steps; None where it has several, as for each channel."""
    limits = [quantizer.input_value(place).get_node() for place in range(1, 5)]
    if any(one.get_type_name() != "Constant" or one.get_data().size != 1 for one in limits):
        return None
    values = (float(one.get_data().ravel()[0]) for one in limits)
    return (*values, float(quantizer.get_attributes()["levels"]))


def _same(one: Any, other: Any) -> bool:
    names = (value.get_node().get_friendly_name() for value in (one, other))
    return len(set(names)) == 1 and bool(one.get_index() == other.get_index())


def _readers(node: Any) -> int:
    return len(node.output(0).get_target_inputs())


def _weights(convolution: Any) -> Any:
    """The constant, which may have 8 bits and a scale for each output; None where it is another."""
    node = convolution.input_value(1).get_node()
    while node.get_type_name() in _TO_WEIGHTS and _readers(node) == 1:
        if node.get_type_name() == "Multiply":
            scale = list(node.input_value(1).get_shape())
            each = len(scale) == 4 and int(np.prod(scale[1:])) == 1
            if not each and int(np.prod(scale)) != 1:
                return None
        node = node.input_value(0).get_node()
    if node.get_type_name() != "Constant" or _readers(node) != 1:
        return None
    return node if node.get_element_type().get_type_name() in _WEIGHTS else None


def _plain(convolution: Any) -> bool:
    facts = convolution.get_attributes()
    padded = str(facts["auto_pad"]).lower() in ("explicit", "valid", "notset")
    return padded and list(facts["dilations"]) == [1, 1]


def _folded(found: _Found, model: ov.Model, core: ov.Core) -> bool:
    places = _places(found, model, core)
    if places is None:
        return False
    (down, right), channels, rows, columns = places
    old = found.weights.get_data()
    outputs, _, high, wide = old.shape
    most = found.source.get_shape()[1]
    new = np.zeros((outputs, most, high * down, wide * right), old.dtype)
    for channel, (of, row, column) in enumerate(zip(channels, rows, columns, strict=True)):
        new[:, of, row::down, column::right] = old[:, channel]
    constant = ov.opset13.constant(ov.Tensor(new))
    constant.set_friendly_name(found.weights.get_friendly_name())
    for reader in found.weights.output(0).get_target_inputs():
        reader.replace_source_output(constant.output(0))
    value = found.source
    if found.before is not None:
        limits = [found.before.input_value(place) for place in range(1, 5)]
        levels = found.before.get_attributes()["levels"]
        value = ov.opset13.fake_quantize(value, *limits, levels).output(0)
    (found.after or found.convolution).input(0).replace_source_output(value)
    _step(found.convolution, (down, right))
    model.validate_nodes_and_infer_types()
    return True


def _step(convolution: Any, by: tuple[int, int]) -> None:
    """Make its steps and padding so many times as large."""
    facts = convolution.get_attributes()
    valid = str(facts["auto_pad"]).lower() == "valid"
    for name in ("strides", "pads_begin", "pads_end"):
        values = [0, 0] if valid and name != "strides" else facts[name]
        times = [int(one * factor) for one, factor in zip(values, by, strict=True)]
        convolution.set_attribute(name, times)


_Places = tuple[tuple[int, int], NDArray[Any], NDArray[Any], NDArray[Any]]


def _places(found: _Found, model: ov.Model, core: ov.Core) -> _Places | None:
    """By how many rows and columns the slices step, and where each stacked channel comes from.

    It is found by stacking numbers instead of an image; None where they come out otherwise.
    """
    shape, given = found.source.get_shape(), found.stacked.output(0).get_shape()
    if np.prod(shape) > _COUNTED or any(shape[axis] % given[axis] for axis in (2, 3)):
        return None
    down, right = (shape[axis] // given[axis] for axis in (2, 3))
    numbers = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    seen = _stacked(found, model, core, numbers)[0].astype(np.int64)
    first = seen[:, 0, 0]
    channels, rest = np.divmod(first, shape[2] * shape[3])
    rows, columns = np.divmod(rest, shape[3])
    once = len(set(first.tolist())) == len(first)
    if down * right < 2 or (rows >= down).any() or (columns >= right).any() or not once:
        return None
    each = zip(channels, rows, columns, strict=True)
    wanted = [numbers[0, of, row::down, column::right] for of, row, column in each]
    return ((down, right), channels, rows, columns) if np.array_equal(seen, wanted) else None


def _stacked(
    found: _Found, model: ov.Model, core: ov.Core, numbers: NDArray[np.float32]
) -> NDArray[Any]:
    """What the slices make of these numbers, computed by a copy of them."""
    copies = {op.get_friendly_name(): op for op in model.clone().get_ops()}
    stacked = copies[found.stacked.get_friendly_name()]
    parameter = ov.opset13.parameter(list(numbers.shape), np.float32)
    pending = [(stacked, place) for place in range(stacked.get_input_size())]
    while pending:
        op, place = pending.pop()
        value = op.input_value(place)
        while value.get_node().get_type_name() == _QUANTIZER:
            value = value.get_node().input_value(0)
        if value.get_node().get_type_name() in _SLICING:
            pending.append((value.get_node(), 0))
        elif _same(value, found.source):
            value = parameter.output(0)
        op.input(place).replace_source_output(value)
    part = ov.Model([ov.opset13.result(stacked.output(0))], [parameter])
    settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
    return np.asarray(core.compile_model(part, "CPU", settings)(numbers)[0])
