"""The network that NNCF collects statistics with, made faster without changing one bit of them.

NNCF adds reductions beside most layers. Together they cost several times what the network itself
does, and have equals that do not:

- The largest absolute value is found by writing the absolute values of the whole tensor first.
  It is also the larger of the maximum and the negated minimum, of which NNCF wants the minimum
  anyway. These are exact in floating point.
- The mean of each channel is taken after a reshape to ``[1, C, H * W]``. Convolutions compute
  channels-last, so that the whole tensor is transposed in memory for it. Here the sum is taken
  where the values lie, in the very order in which OpenVINO's kernel adds them: partial sums
  (`core.optimize.lanes`) in the network, the rest in `core.optimize.statistics_rest`.
- OpenVINO computes a network in the order of its outputs. What NNCF adds comes after the network's
  own, so that every tensor is kept until the end, and read from memory again. Here all statistics
  leave in one row, in the order of their tensors: each is reduced while it is in the cache.

The order of additions is a property of the kernel, not of its interface. So nobody may rely on this
network without comparing it with NNCF's on an image: see `core.optimize.calibration`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.optimize.lanes import lanes_here
from core.optimize.statistics_rest import ROW, Extremes, Means, Rest, Statistic

if TYPE_CHECKING:
    import openvino as ov

_LONGEST = 2**16  # values of a statistic that are copied into the row
_TOGETHER = 32  # parts in one output: compiling takes longer with many more, or many less
_TYPES: dict[str, type[Any]] = {"f16": np.float16, "f32": np.float32}  # that go into it


AddUp = Callable[[Any, int], Any]
"""Adds up as many lines of values from the first to the last, as nobody promises."""


def faster(model: ov.Model, wanted: frozenset[str], add_up: AddUp) -> tuple[ov.Model, Rest]:
    """A copy of NNCF's network with the statistics of these names, the same for less work."""
    model = model.clone()
    row = _Row(model)
    largest = _without_absolute_values(model)
    means = sorted(_means(model), key=lambda one: one.left)
    sums = [_sums(mean, row, add_up) for mean in means]
    for mean in means:
        (target,) = mean.port.get_target_inputs()
        model.remove_result(target.get_node())
    kept = _taken_out(model, wanted, row)
    starts = row.leave(model)
    rest = Rest(wanted)
    if kept:
        rest.extremes = _extremes(kept, largest, starts)
    if means:
        rest.means = _finished(means, sums, starts)
    model.validate_nodes_and_infer_types()
    return model, rest


class _Row:
    """The output of all small statistics."""

    def __init__(self, model: ov.Model) -> None:
        self._depth = {op.get_friendly_name(): n for n, op in enumerate(model.get_ordered_ops())}
        self._parts: list[tuple[int, Any]] = []

    def add(self, port: Any, source: Any) -> int:
        """Values that are computed of an output `source`; gives their number among the parts."""
        self._parts.append((self._depth.get(source.get_node().get_friendly_name(), 0), port))
        return len(self._parts) - 1

    def leave(self, model: ov.Model) -> dict[int, int]:
        """Make them outputs of the network; gives where each part begins in all of them."""
        from openvino import opset13 as ops

        order = sorted(range(len(self._parts)), key=lambda part: self._parts[part][0])
        ports = [self._parts[part][1] for part in order]
        others = model.get_results()
        for start in range(0, len(ports), _TOGETHER):
            some = [_along_channels(port) for port in ports[start : start + _TOGETHER]]
            piece = ops.concat(some, 1).output(0)
            piece.set_names({f"{ROW} from {start}"})
            model.add_results([ops.result(piece)])
        for result in others:  # behind them, because outputs are computed in their order
            model.remove_result(result)
            model.add_results([result])
        sizes = [math.prod(port.get_shape()) for port in ports]
        return dict(zip(order, accumulate(sizes, initial=0), strict=False))


def _along_channels(port: Any) -> Any:
    """Its values as f32 in the shape ``[1, N, 1, 1]``."""
    from openvino import opset13 as ops

    if port.get_element_type().get_type_name() != "f32":
        port = ops.convert(port, "f32").output(0)
    shape = [1, math.prod(port.get_shape()), 1, 1]
    return port if list(port.get_shape()) == shape else ops.reshape(port, shape, False)


def _source(op: Any) -> tuple[str, int]:
    value = op.input_value(0)
    return value.get_node().get_friendly_name(), value.get_index()


def _constant(value: Any) -> list[int] | None:
    node = value.get_node()
    return node.get_data().ravel().tolist() if node.get_type_name() == "Constant" else None


def _without_absolute_values(model: ov.Model) -> dict[str, str]:
    """max |x| as max x, to become max(max x, -min x); the names of maxima and their minima."""
    smallest = {
        _source(op): op for op in model.get_ordered_ops() if op.get_type_name() == "ReduceMin"
    }
    found: dict[str, str] = {}
    for op in model.get_ordered_ops():
        if op.get_type_name() != "ReduceMax":
            continue
        absolute = op.input_value(0).get_node()
        low = smallest.get(_source(absolute)) if absolute.get_type_name() == "Abs" else None
        axes = _constant(op.input_value(1))
        if low is None or axes is None or _constant(low.input_value(1)) != axes:
            continue
        names, minima = op.output(0).get_names(), low.output(0).get_names()
        only = len(names) == len(minima) == 1 and all(map(_only_results, (op, low)))
        if only and _fits(op.output(0)) and minima.isdisjoint(found.values()):
            op.input(0).replace_source_output(absolute.input_value(0))
            found[next(iter(names))] = next(iter(minima))
    return found


def _only_results(op: Any) -> bool:
    kinds = [target.get_node().get_type_name() for target in op.output(0).get_target_inputs()]
    return kinds == ["Result"]


def _fits(port: Any) -> bool:
    """Whether it goes into the row."""
    shape = port.get_partial_shape()
    known = port.get_element_type().get_type_name() in _TYPES and shape.is_static
    return known and 0 < math.prod(shape.to_shape()) <= _LONGEST


def _taken_out(model: ov.Model, wanted: frozenset[str], row: _Row) -> list[_Kept]:
    """Take the outputs out that go into the row, and those that nobody wants."""
    kept = []
    for result in model.get_results():
        port = result.input_value(0)
        names = wanted.intersection(port.get_names())
        if names and not _fits(port):
            continue
        model.remove_result(result)
        if names:
            op = port.get_node()
            source = op.input_value(0) if op.get_input_size() else port
            kept.append(_Kept(tuple(names), port, row.add(port, source)))
    return kept


@dataclass(frozen=True, eq=False)
class _Kept:
    """A statistic that goes into the row as it is, as this part of it."""

    names: tuple[str, ...]
    port: Any
    part: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return tuple(self.port.get_shape())


def _extremes(kept: Sequence[_Kept], largest: dict[str, str], starts: dict[int, int]) -> Extremes:
    """In an order where maxima that are to become absolute, and their minima, come first."""
    by_name = {name: one for one in kept for name in one.names}
    high = [one for name in largest if (one := by_name.get(name)) is not None]
    low = [by_name[largest[name]] for name in largest if name in by_name]
    first = {one.part for one in (*high, *low)}
    order = [*high, *low, *(one for one in kept if one.part not in first)]
    return Extremes(
        np.concatenate([starts[one.part] + np.arange(math.prod(one.shape)) for one in order]),
        sum(math.prod(one.shape) for one in high),
        _statistics((one.names, one.shape, one.port) for one in order),
    )


def _statistics(
    each: Iterable[tuple[tuple[str, ...], tuple[int, ...], Any]],
) -> list[Statistic]:
    """Of statistics with these names, shapes and outputs, one behind the other."""
    found: list[Statistic] = []
    end = 0
    for names, shape, port in each:
        start, end = end, end + math.prod(shape)
        kind = _TYPES[port.get_element_type().get_type_name()]
        found.append(Statistic(names, slice(start, end), shape, kind))
    return found


@dataclass(frozen=True, eq=False)
class _Mean:
    """An operation ``mean(reshape(x, [1, C, H * W]), [0, 2])``, by its output, and its x."""

    port: Any
    value: Any
    channels: int
    pixels: int
    lanes: int

    @property
    def left(self) -> int:
        """Pixels that are not in the partial sums."""
        return self.pixels % self.lanes


def _means(model: ov.Model) -> list[_Mean]:
    """Not of images of few pixels: there is nothing to gain."""
    found, lanes = [], lanes_here()
    for op in model.get_ordered_ops():
        if op.get_type_name() != "ReduceMean" or _constant(op.input_value(1)) != [0, 2]:
            continue
        reshape = op.input_value(0).get_node()
        if reshape.get_type_name() != "Reshape" or not _only_results(op):
            continue
        value = reshape.input_value(0)
        shape = value.get_partial_shape()
        if shape.is_dynamic or len(shape) != 4:
            continue
        batch, channels, height, width = shape.to_shape()
        pixels = height * width
        reshaped = reshape.get_output_partial_shape(0).to_shape()
        known = op.get_output_element_type(0).get_type_name() in _TYPES
        if reshaped == [1, channels, pixels] and batch == 1 and pixels >= 4 * lanes and known:
            found.append(_Mean(op.output(0), value, channels, pixels, lanes))
    return found


def _sums(mean: _Mean, row: _Row, add_up: AddUp) -> list[int]:
    """Parts of the row: the partial sums ``[lanes, C]``, ``[pixels, C]`` of what is left over."""
    from openvino import opset13 as ops

    rows = ops.reshape(
        ops.transpose(ops.convert(mean.value, "f32"), [0, 2, 3, 1]),
        [mean.pixels, mean.channels],
        False,
    )
    body, over = rows.output(0), []
    if mean.left:
        body, *over = ops.variadic_split(rows, 0, [mean.pixels - mean.left, mean.left]).outputs()
    lines = mean.pixels // mean.lanes
    summed = add_up(ops.reshape(body, [lines, mean.lanes * mean.channels], False), lines)
    return [row.add(part, mean.value) for part in (summed.output(0), *over)]


def by_product(values: Any, lines: int) -> Any:
    """``[lines, N]`` added up by a matrix product with ones: twice as fast as a reduction."""
    from openvino import opset13 as ops

    return ops.matmul(np.ones((1, lines), np.float32), values, False, False)


def by_reduction(values: Any, lines: int) -> Any:
    """``[lines, N]`` added up."""
    from openvino import opset13 as ops

    return ops.reduce_sum(values, [0], False)


def _finished(
    means: Sequence[_Mean], sums: Sequence[Sequence[int]], starts: dict[int, int]
) -> Means:
    """Of means in the order of what is left over, and of their parts of the row."""

    def places(part: int, count: int, channels: int) -> NDArray[np.intp]:
        return starts[part] + np.arange(count * channels).reshape(count, channels)

    both = list(zip(means, sums, strict=True))
    lanes = [places(parts[0], mean.lanes, mean.channels) for mean, parts in both]
    left = [
        np.concatenate([places(parts[-1], count, mean.channels) for mean, parts in group], axis=1)
        for count, group in groupby(both, key=lambda one: one[0].left)
    ]
    channels = [mean.channels for mean in means]
    pixels = np.array([mean.pixels for mean in means], np.float32)
    return Means(
        np.concatenate(lanes, axis=1),
        left,
        np.repeat(pixels, channels),
        _statistics((tuple(one.port.get_names()), (one.channels,), one.port) for one in means),
    )
