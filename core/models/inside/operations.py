"""Steps of decoders as OpenVINO operations: all tables are float32."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Pick = Callable[..., Any]
"""The likely rows of a table, ``pick(table)``, or its likely columns, ``pick(table, 1)``."""

Options = Mapping[str, Any]


@dataclass(frozen=True)
class InputSides:
    """Of the network's input, in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Places:
    """What a head has to say about each of its N places.

    Attributes:
        likely: ``[N]``, objectness or the best score.
        decoded: boxes ``[M,4]``, x1 y1 x2 y2 in pixels of the input, and scores ``[M,C]`` of the
            places that are picked.
    """

    likely: Any
    decoded: Callable[[Pick], tuple[Any, Any]]


def without_batch(value: Any) -> Any:
    """``[1,N,L]`` as ``[N,L]``."""
    from openvino import opset9 as ops

    return ops.squeeze(value, ops.constant(np.array([0])))


def shape_of(value: Any) -> list[int]:
    """The static shape of an operation's first output."""
    return [int(side) for side in value.output(0).get_shape()]


def part(value: Any, first: int, last: int | None, axis: int = 1) -> Any:
    """``value[first:last]`` along `axis`."""
    from openvino import opset9 as ops

    ends = np.iinfo(np.int64).max if last is None else last
    numbers = (first, ends, 1, axis)
    return ops.slice(value, *(ops.constant(np.array([one], np.int64)) for one in numbers))


def reordered(table: Any, order: tuple[int, ...]) -> Any:
    """``table[:, order]``."""
    from openvino import opset9 as ops

    return ops.gather(table, ops.constant(np.array(order)), ops.constant(np.int64(1)))


def number(value: float) -> Any:
    """A constant, float32."""
    from openvino import opset9 as ops

    return ops.constant(np.float32(value))


def activated(scores: Any, options: Options) -> Any:
    """Scores in 0..1, of logits where the options say that they are."""
    from openvino import opset9 as ops

    return ops.sigmoid(scores) if options.get("sigmoid") else scores


def objectness(table: Any, options: Options) -> Any:
    """``[N]``, of rows that have it after the box."""
    from openvino import opset9 as ops

    return activated(ops.squeeze(part(table, 4, 5), ops.constant(np.array([1]))), options)


def joint_scores(rows: Any, options: Options) -> Any:
    """``[M,C]``, objectness times class, of rows that have both after the box."""
    from openvino import opset9 as ops

    likely = activated(part(rows, 4, None), options)
    return ops.multiply(part(likely, 0, 1), part(likely, 1, None))


def best_of(scores: Any, axis: int = 1) -> Any:
    """``[N]``, the best score of each place."""
    from openvino import opset9 as ops

    return ops.reduce_max(scores, ops.constant(np.array([axis])), False)


def corners(boxes: Any) -> Any:
    """x1 y1 x2 y2 of boxes given as centre and sides."""
    from openvino import opset9 as ops

    centres, half = part(boxes, 0, 2), ops.divide(part(boxes, 2, 4), number(2))
    return ops.concat([ops.subtract(centres, half), ops.add(centres, half)], 1)


def in_pixels(boxes: Any, options: Options, sides: InputSides) -> Any:
    """Boxes in pixels of the input, whatever the option ``coordinates`` says they are."""
    from openvino import opset9 as ops

    if options.get("coordinates") != "unit":
        return boxes
    scale = np.array([sides.width, sides.height] * 2, np.float32)
    return ops.multiply(boxes, ops.constant(scale))
