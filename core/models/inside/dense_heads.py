"""Layouts with one box a row: the formulas are those of the decoders of the same names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.models.decoders.grids import grid
from core.models.inside.operations import (
    InputSides,
    Options,
    Pick,
    Places,
    activated,
    best_of,
    corners,
    in_pixels,
    joint_scores,
    number,
    objectness,
    part,
    reordered,
    shape_of,
    without_batch,
)


def yolov5(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """Rows of box, objectness and classes."""
    table = without_batch(outputs[0])

    def decoded(pick: Pick) -> tuple[Any, Any]:
        rows = pick(table)
        boxes = in_pixels(corners(part(rows, 0, 4)), options, sides)
        return boxes, joint_scores(rows, options)

    return Places(objectness(table, options), decoded)


def yolox(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """As `yolov5`; boxes may be offsets from a grid."""
    from openvino import opset9 as ops

    table = without_batch(outputs[0])

    def decoded(pick: Pick) -> tuple[Any, Any]:
        rows = pick(table)
        boxes = part(rows, 0, 4)
        if options.get("grid"):
            cells, strides = (pick(ops.constant(one)) for one in cell_grid(options, sides))
            centres = ops.multiply(ops.add(part(boxes, 0, 2), cells), strides)
            grown = ops.multiply(ops.exp(part(boxes, 2, 4)), strides)
            boxes = ops.concat([centres, grown], 1)
        return corners(boxes), joint_scores(rows, options)

    return Places(objectness(table, options), decoded)


def yolov8(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """Columns, or rows, of box and classes."""
    from openvino import opset9 as ops

    table = without_batch(outputs[0])
    along, across = (0, 1) if options.get("rows") else (1, 0)

    def decoded(pick: Pick) -> tuple[Any, Any]:
        rows = pick(table, along)
        if along:
            rows = ops.transpose(rows, ops.constant(np.array([1, 0])))
        boxes = in_pixels(corners(part(rows, 0, 4)), options, sides)
        return boxes, activated(part(rows, 4, None), options)

    best = best_of(part(table, 4, None, axis=across), across)
    return Places(activated(best, options), decoded)


def box_scores(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """Boxes, and the scores of all classes."""
    from openvino import opset9 as ops

    boxes = without_batch(outputs[int(options.get("boxes", 0))])
    scores = without_batch(outputs[int(options.get("scores", 1))])
    background = str(options.get("background", "none"))
    if background == "none":
        scores = activated(scores, options)
    elif options.get("sigmoid"):
        scores = ops.softmax(scores, 1)
    first, last = {"none": (0, None), "first": (1, None), "last": (0, -1)}[background]
    scores = part(scores, first, last)

    def decoded(pick: Pick) -> tuple[Any, Any]:
        found, given = pick(boxes), options.get("corners", "xyxy")
        if given == "cxcywh":
            found = corners(found)
        elif given == "yxyx":
            found = reordered(found, (1, 0, 3, 2))
        return in_pixels(found, options, sides), pick(scores)

    return Places(best_of(scores), decoded)


def distributions(outputs: Sequence[Any], options: Options, sides: InputSides) -> Places:
    """Distances to the sides of a box as distributions."""
    from openvino import opset9 as ops

    bins = int(options.get("bins", 8))
    scores, logits = _scores_and_logits([without_batch(one) for one in outputs], 4 * bins)
    scores = activated(scores, options)
    middle = number(0.5 if options.get("half", True) else 0.0)

    def decoded(pick: Pick) -> tuple[Any, Any]:
        cells, strides = (pick(ops.constant(one)) for one in cell_grid(options, sides))
        each = ops.reshape(pick(logits), ops.constant(np.array([-1, 4, bins])), False)
        values = ops.constant(np.arange(bins, dtype=np.float32))
        weighted = ops.multiply(ops.softmax(each, 2), values)  # a MatMul would be in bfloat16
        mean = ops.reduce_sum(weighted, ops.constant(np.array([2])), False)
        distances = ops.multiply(mean, strides)
        points = ops.multiply(ops.add(cells, middle), strides)
        near = ops.subtract(points, part(distances, 0, 2))
        return ops.concat([near, ops.add(points, part(distances, 2, 4))], 1), pick(scores)

    return Places(best_of(scores), decoded)


def cell_grid(options: Options, sides: InputSides) -> tuple[Any, Any]:
    """Column and row ``[N,2]`` and stride ``[N,1]`` of every cell."""
    coarse = int(options.get("largest", 32)) == 64
    return grid(sides.width, sides.height, (8, 16, 32, 64) if coarse else (8, 16, 32))


def _scores_and_logits(tables: Sequence[Any], length: int) -> tuple[Any, Any]:
    """Class scores ``[N,C]`` and logits ``[N,length]``, smallest stride first."""
    from openvino import opset9 as ops

    if len(tables) == 1:
        classes = shape_of(tables[0])[1] - length
        return part(tables[0], 0, classes), part(tables[0], classes, None)
    logits = [one for one in tables if shape_of(one)[1] == length]
    scores = [one for one in tables if shape_of(one)[1] != length]
    if not scores:  # as many classes as logits: the outputs' order tells
        half = len(tables) // 2
        scores, logits = list(tables[:half]), list(tables[half:])
    for some in (scores, logits):
        some.sort(key=shape_of, reverse=True)
    return ops.concat(scores, 0), ops.concat(logits, 0)
