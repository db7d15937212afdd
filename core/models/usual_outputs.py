"""Outputs in an unusual form, put into the usual one: a row a box, in one table, in place.

Exporters leave tables on their side, give boxes and scores of one table apart, or leave every
stride's map by itself. What they mean is the same, so the graph is given the operations that
its exporter left out, and the decoders know one form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.models.decoders.heads import Head
from core.models.facts import Facts, Output

if TYPE_CHECKING:
    import openvino as ov

_STRIDES = ((8, 16, 32), (8, 16, 32, 64), (16, 32))
_BOX = 4
_FEWEST_ROWS = 64  # a shorter side is not taken for the boxes of a table
# What one cell's values are joined from, in their order: a box, objectness and the classes, of one
# box or of three that share their classes (Yolo-FastestV2).
_JOINED = ((4, 1), (12, 3))


def with_usual_outputs(model: ov.Model, facts: Facts) -> bool:
    """Put the outputs into the usual form where they have another; says whether any was changed."""
    changed = _without_choice(model, facts.outputs)
    outputs = tuple(output for output in facts.outputs if not _is_choice(output))
    if all(len(output.shape) == 4 and output.shape[-1] == _BOX for output in outputs):
        return changed
    if _joined_maps(model, facts, outputs) or _upright_tables(model, facts, outputs):
        changed = True
    if changed:
        model.validate_nodes_and_infer_types()
    return changed


def _is_choice(output: Output) -> bool:
    """``[n,3]`` of integers: image, class and number of the boxes that ONNX's NMS has chosen."""
    return (
        output.element_type.startswith("i")
        and output.shape[-1:] == (3,)
        and (len(output.shape) == 2 or output.shape[0] == 1)
    )


def _without_choice(model: ov.Model, outputs: Sequence[Output]) -> bool:
    """Leave out what NMS has chosen where boxes and scores are there: they tell it, too."""
    chosen = [output for output in outputs if _is_choice(output)]
    if len(chosen) != 1 or len(outputs) != 3:
        return False
    model.remove_result(chosen[0].node)
    model.validate_nodes_and_infer_types()
    return True


def _upright_tables(model: ov.Model, facts: Facts, outputs: Sequence[Output]) -> bool:
    """Tables with their rows along the last axis are turned; those of one row each are joined."""
    tables = [_as_table(output) for output in outputs]
    sides = [set(table) for table in tables if table]
    rows = max(set.intersection(*sides), default=0) if len(sides) == len(outputs) else 0
    if rows < _FEWEST_ROWS:
        return False
    changed = False
    values = []
    for output, (first, _) in zip(outputs, tables, strict=True):
        value = output.node.input_value(0)
        if len(output.shape) == 4:
            value, changed = _with(value, "squeeze", [2]), True
        if first != rows:
            value, changed = _with(value, "transpose", [0, 2, 1]), True
        values.append(value)
    lengths = [second if first == rows else first for first, second in tables]
    order = _order(lengths)
    cells = [boxes * facts.cells(*strides) for strides in _STRIDES for boxes in (1, 3)]
    if len(outputs) == 3 and order is not None and rows in cells:
        _replace(model, outputs, [_concat([values[place] for place in order], 2)])
        return True
    if changed:
        _replace(model, outputs, values)
    return changed


def _as_table(output: Output) -> tuple[int, int]:
    """The two sides of ``[1,A,B]``, or of boxes ``[1,A,1,4]``; () as zeros where it is neither."""
    shape = output.shape
    if len(shape) == 4 and shape[2:] == (1, _BOX):
        shape = (shape[0], shape[1], _BOX)
    if len(shape) != 3 or shape[0] != 1 or not shape[1] or not shape[2]:
        return (0, 0)
    return (shape[1], shape[2])


def _joined_maps(model: ov.Model, facts: Facts, outputs: Sequence[Output]) -> bool:
    """Maps of every stride, whole or in pieces: one table of all cells, or one map a stride."""
    width, height = facts.image_input.width, facts.image_input.height
    by_stride: dict[int, list[tuple[Head, Output]]] = defaultdict(list)
    for output in outputs:
        head = Head.of_shape(output.shape, width, height, output.index)
        if head is None or head.anchors:
            return False
        by_stride[head.stride].append((head, output))
    strides = tuple(sorted(by_stride))
    lengths = {tuple(head.channels for head, _ in by_stride[stride]) for stride in strides}
    if strides not in _STRIDES or len(lengths) != 1:
        return False
    parts = lengths.pop()
    if len(parts) == 1:
        shapes = {output.parts(parts[0])[:2] for output in outputs}
        order: tuple[int, ...] | None = (0,)
        table = shapes == {(4, 1)}
        if not table:
            return False
    else:
        order = _order(parts)
        table = order is not None and parts[order[0]] == _BOX
    if order is None:
        return False
    maps = []
    for stride in strides:
        pieces = [_channels_last(*by_stride[stride][place]) for place in order]
        maps.append(_concat(pieces, 3) if len(pieces) > 1 else pieces[0])
    if table:
        maps = [_with(one, "reshape", [1, -1, sum(parts)]) for one in maps]
        maps = [_concat(maps, 1)]
    _replace(model, outputs, maps)
    return True


def _order(lengths: Sequence[int]) -> tuple[int, ...] | None:
    """Which of three pieces are the box, objectness and classes; None where lengths do not tell."""
    if len(lengths) != 3:
        return None
    for box, objectness in _JOINED:
        if lengths.count(box) == 1 and objectness in lengths:
            first, second = lengths.index(box), lengths.index(objectness)
            return (first, second, ({0, 1, 2} - {first, second}).pop())
    return None


def _channels_last(head: Head, output: Output) -> Any:
    return _with(output.node.input_value(0), "transpose", list(head.axes))


def _with(value: Any, kind: str, numbers: Sequence[int]) -> Any:
    from openvino import opset8 as ops

    constant = ops.constant(np.array(numbers, np.int64))
    if kind == "reshape":
        return ops.reshape(value, constant, False).output(0)
    made = ops.transpose if kind == "transpose" else ops.squeeze
    return made(value, constant).output(0)


def _concat(values: Sequence[Any], axis: int) -> Any:
    from openvino import opset8 as ops

    return ops.concat(list(values), axis).output(0)


def _replace(model: ov.Model, outputs: Sequence[Output], values: Sequence[Any]) -> None:
    """Give the model `values` in place of these outputs; as many keep their names."""
    from openvino import opset8 as ops

    for place, value in enumerate(values):
        names = outputs[place].node.output(0).get_names()
        if value.get_node() is not outputs[place].node.input_value(0).get_node():
            outputs[place].node.input_value(0).set_names(set())
            value.set_names(names if len(values) == len(outputs) else {f"joined_{place}"})
    for output in outputs:
        model.remove_result(output.node)
    model.add_results([ops.result(value) for value in values])
