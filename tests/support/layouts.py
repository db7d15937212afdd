"""Networks that find known boxes in every image, one for each output layout.

The numbers are constants, plus nothing times the image. Boxes are in pixels of the input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset8 as ops

from tests.support.models import SIZE, Known, nothing

Array = NDArray[Any]
Box = tuple[float, float, float, float]


def emitting(
    outputs: dict[str, Array],
    shape: Sequence[int] = (1, 3, SIZE, SIZE),
    kind: type[np.generic] = np.float32,
    swish: int = 0,
    mish: bool = False,
) -> ov.Model:
    """A network with these outputs; `swish` and `mish` are operations that recognition sees."""
    image = ops.parameter(list(shape), kind, name="image")
    zero = _zero(image, shape)
    if swish:
        one = ops.reshape(zero, ops.constant(np.array([1])), False)
        branches = [ops.swish(ops.add(one, np.float32(number))) for number in range(swish)]
        mean = ops.reduce_mean(ops.concat(branches, 0), [0], False)
        zero = ops.multiply(mean, np.float32(0))
    if mish:
        zero = ops.multiply(ops.mish(zero), np.float32(0))
    return _model([_plus(value, zero) for value in outputs.values()], [image], list(outputs))


def joined(parts: Sequence[Array], axis: int, name: str = "output") -> ov.Model:
    """A network with one output that the graph joins from these parts."""
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    return _model([ops.concat([_plus(part, zero) for part in parts], axis)], [image], [name])


def joined_scaled(parts: Sequence[Array], scale: float) -> ov.Model:
    """As `joined` along the rows, the first part scaled by the graph."""
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    first, *rest = (_plus(part, zero) for part in parts)
    rows = [ops.multiply(first, np.float32(scale)), *rest]
    return _model([ops.concat(rows, 2)], [image], ["outputs"])


def joined_exponential(places: Array, sizes: Array, others: Sequence[Array]) -> ov.Model:
    """As `joined` along the rows; the graph takes the exponential of the logarithms of `sizes`."""
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    rest = [_plus(part, zero) for part in others]
    rows = [_plus(places, zero), ops.exp(_plus(np.log(sizes), zero)), *rest]
    return _model([ops.concat(rows, 2)], [image], ["output"])


def joined_maps(maps: Sequence[Sequence[Array]], table: bool, axis: int = 3) -> ov.Model:
    """Maps ``[1,H,W,C]``, each joined from its parts; or a table of all their cells.

    `axis` is 1 for maps ``[1,C,H,W]``.
    """
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    made = [ops.concat([_plus(part, zero) for part in parts], axis) for parts in maps]
    if table:
        length = sum(part.shape[3] for part in maps[0])
        made = [ops.reshape(one, ops.constant([1, -1, length]), False) for one in made]
        made = [ops.concat(made, 1)]
    return _model(made, [image], [f"output{number}" for number in range(len(made))])


def without_batch(model: ov.Model) -> ov.Model:
    """The network with outputs that have no batch axis, such as ``[84,8400]``."""
    return _reshaped(model, lambda value: ops.squeeze(value, np.int64(0)))


def with_another_axis(model: ov.Model) -> ov.Model:
    """The network with outputs that have a batch axis more, such as ``[1,1,84,8400]``."""
    return _reshaped(model, lambda value: ops.unsqueeze(value, np.int64(0)))


def with_heads(model: ov.Model, channels: int, first: bool) -> ov.Model:
    """The network with raw maps of three strides as outputs too, before or after its own."""
    (image,) = model.get_parameters()
    value = model.outputs[0].get_node().input_value(0)
    names = [model.outputs[0].get_any_name(), "p3", "p4", "p5"]
    value.set_names(set())
    zero = _zero(image, (1, 3, SIZE, SIZE))
    sides = [SIZE // stride for stride in (8, 16, 32)]
    heads = [_plus(np.ones((1, channels, side, side)), zero) for side in sides]
    outputs = [value.get_node(), *heads]
    if first:
        return _model([*heads, value.get_node()], [image], [*names[1:], names[0]])
    return _model(outputs, [image], names)


def _reshaped(model: ov.Model, change: Callable[[Any], Any]) -> ov.Model:
    outputs, names = [], []
    for port in model.outputs:
        shape = port.get_partial_shape()
        batched = len(shape) > 1 and shape[0].is_static and shape[0].get_length() == 1
        value = port.get_node().input_value(0)
        names.append(port.get_any_name())
        value.set_names(set())
        outputs.append(change(value) if batched else value.get_node())
    return _model(outputs, model.get_parameters(), names)


def open_count(outputs: dict[str, Array]) -> ov.Model:
    """As `emitting`, with a number of rows that only the run tells."""
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    rows = len(next(iter(outputs.values())))
    stop = ops.convert(ops.add(zero, np.float32(rows)), "i64")
    one, start = ops.constant(np.array([1])), ops.constant(np.array([0]))
    stop = ops.reshape(stop, one, False)
    made = [ops.slice(ops.constant(v), start, stop, one, start) for v in outputs.values()]
    return _model(made, [image], list(outputs))


def sized(found: Sequence[Known], queries: int = 100) -> ov.Model:
    """DETR with a second input: boxes in 0..1 that the graph scales to the size it is told."""
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="images")
    sizes = ops.parameter([1, 2], np.int64, name="orig_target_sizes")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    table = listed(found, queries)
    scale = ops.convert(ops.concat([sizes, sizes], 1), "f32")
    scale = ops.reshape(scale, ops.constant(np.array([1, 1, 4])), False)
    boxes = ops.multiply(_plus(table["boxes"] / SIZE, zero), scale)
    labels = ops.convert(_plus(table["labels"].astype(np.float32), zero), "i64")
    scores = _plus(table["scores"], zero)
    return _model([labels, boxes, scores], [image, sizes], ["labels", "boxes", "scores"])


def region_yolo(tables: Sequence[Array], anchors: Sequence[float], classes: int) -> ov.Model:
    """Raw heads ``[1,3*(5+C),H,W]`` through RegionYolo, largest stride first."""
    image = ops.parameter([1, 3, SIZE, SIZE], np.float32, name="image")
    zero = _zero(image, (1, 3, SIZE, SIZE))
    made = []
    for number, table in enumerate(reversed(tables)):
        mask = [3 * (2 - number) + place for place in range(3)]
        made.append(
            ops.region_yolo(_plus(table, zero), 4, classes, 3, False, mask, 1, 3, list(anchors))
        )
    return _model(made, [image], [f"region{number}" for number in range(len(made))])


def listed(found: Sequence[Known], rows: int, first_label: int = 0) -> dict[str, Array]:
    """``boxes [1,rows,4]``, ``scores [1,rows]`` and ``labels [1,rows]``, best first."""
    boxes = np.zeros((1, rows, 4), np.float32)
    scores = np.zeros((1, rows), np.float32)
    labels = np.full((1, rows), first_label, np.int64)
    for row, one in enumerate(found):
        boxes[0, row], scores[0, row] = one.box, one.score
        labels[0, row] = one.class_id + first_label
    return {"boxes": boxes, "labels": labels, "scores": scores}


def dense(found: Sequence[Known], rows: int, classes: int = 3) -> tuple[Array, Array]:
    """Boxes ``[rows,4]`` all over the image and scores ``[rows,classes]``; known ones first."""
    random = np.random.default_rng(0)
    corner = random.uniform(0, SIZE - 12, (rows, 2))
    boxes = np.concatenate([corner, corner + random.uniform(4, 12, (rows, 2))], axis=1)
    scores = np.full((rows, classes), 1e-4)
    for row, one in enumerate(found):
        boxes[row] = one.box
        scores[row, one.class_id] = one.score
    return boxes.astype(np.float32), scores.astype(np.float32)


def centres(boxes: Array) -> Array:
    """Corners as cx cy w h."""
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    return np.concatenate([middle, boxes[..., 2:] - boxes[..., :2]], axis=-1).astype(np.float32)


def logit(values: Array | float) -> Array:
    """The inverse of the sigmoid, in -20..20."""
    inside = np.clip(np.asarray(values, np.float64), 2e-9, 1 - 2e-9)
    return np.asarray(np.log(inside / (1 - inside)))


def yolo_heads(
    found: Sequence[Known],
    anchors: Sequence[tuple[float, float]],
    classes: int = 3,
    growth: Sequence[float] = (1.0, 1.0, 1.0),
    squared: bool = False,
) -> list[Array]:
    """Raw heads ``[1,3,5+C,H,W]`` at strides 8, 16, 32; the boxes go to the heads in turns.

    `growth` and `squared` are those of YOLOv4's and YOLOv5's formulas.
    """
    heads = []
    for level, stride in enumerate((8, 16, 32)):
        cells = SIZE // stride
        table = np.full((1, 3, 5 + classes, cells, cells), -12.0)
        table[:, :, :4] = 0
        for one in [one for place, one in enumerate(found) if place % 3 == level]:
            cx, cy, width, height = centres(np.array(one.box))
            x, y = int(cx // stride), int(cy // stride)
            inside = np.array([cx / stride - x, cy / stride - y])
            inside = (inside + (growth[level] - 1) / 2) / growth[level]
            sides = np.array([width, height]) / anchors[3 * level]
            row = table[0, 0, :, y, x]
            row[:2] = logit(inside)
            row[2:4] = logit(np.sqrt(sides) / 2) if squared else np.log(sides)
            row[4], row[5 + one.class_id] = 20, logit(one.score)
        heads.append(table.astype(np.float32))
    return heads


def distances(found: Sequence[Known], strides: Sequence[int], half: bool, bins: int = 8) -> Any:
    """Scores ``[N,3]`` and distance logits ``[N,4*bins]`` of cells at these strides."""
    scores, logits = [], []
    for level, stride in enumerate(strides):
        cells = -(-SIZE // stride)
        table = np.full((cells * cells, 4 * bins), -30.0)
        table[:, ::bins] = 0
        likely = np.full((cells * cells, 3), 1e-5)
        here = [place % 2 == level if half else level == 0 for place in range(len(found))]
        for one in [one for one, chosen in zip(found, here, strict=True) if chosen]:
            cx, cy, *_ = centres(np.array(one.box))
            x, y = int(cx // stride), int(cy // stride)
            point = (np.array([x, y]) + (0.5 if half else 0)) * stride
            away = np.concatenate([point - one.box[:2], np.array(one.box[2:]) - point]) / stride
            row = np.full((4, bins), -30.0)
            for side, distance in enumerate(away):
                low = int(distance)
                assert 0 <= distance <= bins - 1
                row[side, low] = np.log(1 - (distance - low))
                if distance > low:
                    row[side, low + 1] = np.log(distance - low)
            table[y * cells + x] = row.reshape(-1)
            likely[y * cells + x, one.class_id] = one.score
        scores.append(likely.astype(np.float32))
        logits.append(table.astype(np.float32))
    return scores, logits


def _zero(image: Any, shape: Sequence[int]) -> Any:
    """Zero, of no dimensions."""
    value = ops.convert(image, "f32")
    if len(shape) == 4 and shape[1] == 3:
        return ops.reduce_mean(nothing(value), [0, 1, 2, 3], False)
    axes = list(range(len(shape)))
    return ops.multiply(ops.reduce_mean(value, axes, False), np.float32(0))


def _plus(value: Array, zero: Any) -> Any:
    if value.dtype.kind == "f":
        return ops.add(ops.constant(value.astype(np.float32)), zero)
    return ops.convert(
        ops.add(ops.constant(value.astype(np.float32)), zero),
        value.dtype.name[0] + value.dtype.name[-2:],
    )


def _model(outputs: list[Any], inputs: list[Any], names: list[str]) -> ov.Model:
    model = ov.Model(outputs, inputs, "known")
    for port, name in zip(model.outputs, names, strict=True):
        port.set_names({name})
    for port in model.inputs:
        port.set_names({port.get_node().get_friendly_name()})
    model.validate_nodes_and_infer_types()
    return model
