"""Layouts with anchors: the formulas are those of the decoders of the same names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.models.decoders.anchors import PER_CELL, SCHEMES, anchors
from core.models.decoders.heads import Head
from core.models.inside.operations import (
    InputSides,
    Options,
    Pick,
    Places,
    activated,
    best_of,
    corners,
    joint_scores,
    number,
    objectness,
    part,
    reordered,
    shape_of,
    without_batch,
)

_YOLOV4 = {8: 1.2, 16: 1.1, 32: 1.05}  # how far centres reach, by stride


def anchor_deltas(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """RetinaNet and EfficientDet: scores and deltas of nine anchors a cell."""
    from openvino import opset9 as ops

    scores, deltas = _tables(outputs, sides)
    scores = activated(scores, options)
    scheme = SCHEMES[str(options["scheme"])]
    fixed = ops.constant(anchors(str(options["scheme"]), sides.width, sides.height))

    def decoded(pick: Pick) -> tuple[Any, Any]:
        boxes = pick(fixed)
        spread = ops.constant(np.array(scheme.spread, np.float32))
        delta = ops.multiply(reordered(pick(deltas), scheme.order), spread)
        size = ops.subtract(part(boxes, 2, 4), part(boxes, 0, 2))
        if scheme.corners:
            return ops.add(boxes, ops.multiply(delta, ops.concat([size, size], 1))), pick(scores)
        middle = ops.divide(ops.add(part(boxes, 0, 2), part(boxes, 2, 4)), number(2))
        centres = ops.add(middle, ops.multiply(part(delta, 0, 2), size))
        grown = ops.multiply(ops.exp(part(delta, 2, 4)), size)
        return corners(ops.concat([centres, grown], 1)), pick(scores)

    return Places(best_of(scores), decoded)


def yolo_anchors(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """YOLOv2 to YOLOv4 and raw YOLOv5 heads; the option ``anchor_list`` has the anchors."""
    from openvino import opset9 as ops

    formula, per_cell = str(options.get("formula", "v3")), int(options.get("per_cell", 3))
    heads = sorted((_head(one, options, sides) for one in outputs), key=lambda pair: pair[0].stride)
    length = heads[0][0].channels // per_cell
    lists = [ops.reshape(m, ops.constant(np.array([-1, length])), False) for _, m in heads]
    table = lists[0] if len(lists) == 1 else ops.concat(lists, 0)
    known = [
        ops.constant(one) for one in _yolo_places([head for head, _ in heads], options, formula)
    ]

    def decoded(pick: Pick) -> tuple[Any, Any]:
        rows = pick(table)
        cells, strides, growth, sizes = (pick(one) for one in known)
        centred = ops.multiply(activated(part(rows, 0, 2), options), growth)
        shift = ops.divide(ops.subtract(growth, number(1)), number(2))
        centres = ops.multiply(ops.add(ops.subtract(centred, shift), cells), strides)
        raw = part(rows, 2, 4)
        if formula == "v5":
            doubled = ops.multiply(activated(raw, options), number(2))
            grown = ops.multiply(doubled, doubled)
        else:
            grown = ops.exp(raw)
        boxes = corners(ops.concat([centres, ops.multiply(grown, sizes)], 1))
        if formula == "v2" and options.get("sigmoid"):
            likely = activated(part(rows, 4, 5), options)
            return boxes, ops.multiply(likely, ops.softmax(part(rows, 5, None), 1))
        return boxes, joint_scores(rows, options)

    return Places(objectness(table, options), decoded)


def _yolo_places(heads: Sequence[Head], options: Options, formula: str) -> tuple[Any, ...]:
    """Of every row: column and row of its cell, stride, growth, and sides of its anchor."""
    per_cell = int(options.get("per_cell", 3))
    pairs = [[float(side) for side in pair.split(",")] for pair in options["anchor_list"].split()]
    sizes = np.array(pairs, np.float32).reshape(-1, per_cell, 2)
    found: list[list[Any]] = [[], [], [], []]
    for head, own in zip(heads, sizes, strict=False):
        y, x = np.mgrid[: head.rows, : head.columns]
        cells = np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), per_cell, axis=0)
        growth = {"v4": _YOLOV4.get(head.stride, 1.0), "v5": 2.0}.get(formula, 1.0)
        alike = (head.stride, growth)
        columns = [cells, *(np.full((len(cells), 1), one) for one in alike)]
        columns.append(np.tile(own, (head.rows * head.columns, 1)))
        for values, column in zip(found, columns, strict=True):
            values.append(column)
    return tuple(np.concatenate(values).astype(np.float32) for values in found)


def _head(value: Any, options: Options, sides: InputSides) -> tuple[Head, Any]:
    """An output as a head and its values ``[H,W,channels]``."""
    from openvino import opset9 as ops

    shape = shape_of(value)
    if len(shape) == 2:  # RegionYolo gives all values in a row
        channels = int(options["channels"])
        for stride in (32, 16, 8):
            maps = (1, channels, -(-sides.height // stride), -(-sides.width // stride))
            if np.prod(maps) == np.prod(shape):
                shape = list(maps)
                value = ops.reshape(value, ops.constant(np.array(maps)), False)
                break
    head = Head.of_shape(shape, sides.width, sides.height)
    if head is None:
        raise ValueError(f"no head of cells: {shape}")
    return head, ops.transpose(value, ops.constant(np.array(head.axes)))


def _tables(outputs: Sequence[Any], sides: InputSides) -> tuple[Any, Any]:
    """Scores ``[N,C]`` and deltas ``[N,4]``, level by level."""
    from openvino import opset9 as ops

    if len(outputs) == 2:
        first, second = (without_batch(one) for one in outputs)
        turned = shape_of(first)[1] == 4 and shape_of(second)[1] != 4
        return (second, first) if turned else (first, second)
    found: tuple[list[tuple[int, Any]], ...] = ([], [])
    for output in outputs:
        head, values = _head(output, {}, sides)
        is_delta = head.channels == 4 * PER_CELL
        length = 4 if is_delta else head.channels // PER_CELL
        table = ops.reshape(values, ops.constant(np.array([-1, length])), False)
        found[is_delta].append((head.stride, table))
    scores, deltas = (
        ops.concat([table for _, table in sorted(some, key=lambda one: one[0])], 0)
        for some in found
    )
    return scores, deltas
