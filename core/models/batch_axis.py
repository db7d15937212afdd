"""The batch axis of a network: outputs get exactly one, reshapes take any number of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import openvino as ov


def with_batch_axis(model: ov.Model) -> bool:
    """Give every output of a network a batch axis of one; says whether any was changed.

    ``[1600,80]`` and ``[1,1,1600,80]`` become ``[1,1600,80]``, a map ``[85,22,22]`` becomes
    ``[1,85,22,22]``. Outputs of as many axes are treated alike: of one cell there is a ``[1,80]``.
    """
    results = {result: _sides(result) for result in model.get_results()}
    every = list(results.values())
    without = {len(sides) for sides in every if 2 <= len(sides) <= 4 and sides[0] != 1}
    long = {len(sides) for sides in every if len(sides) > 3}
    beyond = long - {len(sides) for sides in every if sides[:2] != [1, 1]}
    for result, sides in results.items():
        if len(sides) in without:
            _put_before(result, "unsqueeze")
        elif len(sides) in beyond:
            _put_before(result, "squeeze")
    model.validate_nodes_and_infer_types()
    return bool(without | beyond)


def open_batch(model: ov.Model) -> None:
    """Let reshapes that have a batch of one written into them take any, in place.

    What the network gives for one image stays the same. Whether it can really take several, and
    keeps them apart, is to be tried.
    """
    from openvino import opset8 as ops

    for op in model.get_ops():
        if op.get_type_name() != "Reshape":
            continue
        wanted, data = op.input_value(1).get_node(), op.input_value(0)
        shape = data.get_partial_shape()
        if wanted.get_type_name() != "Constant" or shape.rank.is_dynamic or not len(shape):
            continue
        pattern = wanted.get_data().ravel()
        if not len(pattern) or pattern[0] != 1 or shape[0] != 1 or 0 in pattern:
            continue
        pattern = np.array([0, *pattern[1:]], np.int64)  # 0: as many as come in
        opened = ops.reshape(data, ops.constant(pattern), True)
        opened.set_friendly_name(op.get_friendly_name())
        opened.output(0).set_names(op.output(0).get_names())
        for target in op.output(0).get_target_inputs():
            target.replace_source_output(opened.output(0))
    model.validate_nodes_and_infer_types()


def _sides(result: Any) -> list[int]:
    """Lengths, -1 where one is open; [] where their number is."""
    shape = result.output(0).get_partial_shape()
    if shape.rank.is_dynamic:
        return []
    return [side.get_length() if side.is_static else -1 for side in shape]


def _put_before(result: Any, kind: Literal["squeeze", "unsqueeze"]) -> None:
    """Take the first axis of an output away, or put one of length one before it."""
    from openvino import opset8 as ops

    value = result.input_value(0)
    first = ops.constant(np.array([0], np.int64))
    made = ops.squeeze(value, first) if kind == "squeeze" else ops.unsqueeze(value, first)
    names = value.get_names()
    value.set_names(set())
    made.output(0).set_names(names)
    made.set_friendly_name(f"{value.get_node().get_friendly_name()}/batch")
    result.input(0).replace_source_output(made.output(0))
