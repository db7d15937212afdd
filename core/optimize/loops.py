"""Loops that run once, as TensorFlow's detectors have them for a batch of one image.

OpenVINO runs the inside of a loop as a network of its own, each time anew. Where it is certain
that a loop runs once, what is inside can stand in its place: it computes the same, and is faster.
This file needs OpenVINO alone: a recipe brings it along.
"""

from __future__ import annotations

from typing import Any

import openvino as ov
from openvino import passes

_AS_IT_IS = ("InvariantInputDescription", "MergedInputDescription")
_AT_THE_END = "BodyOutputDescription"
_DEEPEST = 8  # loops inside loops


def unroll_loops(model: ov.Model) -> int:
    """Put what is inside loops that run once in their place; how many there were."""
    found = 0
    for _ in range(_DEEPEST):
        loops = [op for op in model.get_ordered_ops() if op.get_type_name() == "Loop"]
        done = sum(_unroll(loop, model) for loop in loops)
        if not done:
            break
        model.validate_nodes_and_infer_types()
        found += done
    return found


def _unroll(loop: Any, model: ov.Model) -> bool:
    inside = loop.get_function().clone()
    given = _given(loop, inside)
    if given is None or not _once(loop, inside, given):
        return False
    taken = {op.get_friendly_name() for op in model.get_ops()}
    for op in inside.get_ordered_ops():
        if op.get_friendly_name() in taken:
            op.set_friendly_name(f"{loop.get_friendly_name()}/{op.get_friendly_name()}")
    results = inside.get_results()
    for result in results:
        result.input_value(0).get_tensor().set_names(set())  # they were known inside alone
    for parameter, value in zip(inside.get_parameters(), given, strict=True):
        for reader in parameter.output(0).get_target_inputs():
            reader.replace_source_output(value)
    for about in loop.get_output_descriptions():
        value, before = (
            results[about.body_value_index].input_value(0),
            loop.output(about.output_index),
        )
        value.get_tensor().add_names(before.get_names())
        for reader in before.get_target_inputs():
            reader.replace_source_output(value)
    return True


def _given(loop: Any, inside: ov.Model) -> list[Any] | None:
    """What each parameter inside is in the first turn; None where it takes or gives slices."""
    outputs = loop.get_output_descriptions()
    if any(type(one).__name__ != _AT_THE_END or one.iteration not in (-1, 0) for one in outputs):
        return None
    parameters = inside.get_parameters()
    given: list[Any] = [None] * len(parameters)
    for about in loop.get_input_descriptions():
        if type(about).__name__ not in _AS_IT_IS:
            return None
        given[about.body_parameter_index] = loop.input_value(about.input_index)
    turn = loop.get_special_body_ports()[0]
    if 0 <= turn < len(parameters):
        shape, kind = parameters[turn].get_partial_shape(), parameters[turn].get_element_type()
        if shape.is_static:
            zeros = ov.Tensor(kind, shape.to_shape())
            zeros.data[...] = 0
            given[turn] = ov.opset13.constant(zeros).output(0)
    return None if None in given else given


def _once(loop: Any, inside: ov.Model, given: list[Any]) -> bool:
    """Whether it is certain before it runs."""
    most, begins = _constant(loop.input_value(0)), _constant(loop.input_value(1))
    if begins != 1 or most is None or most == 0:
        return False
    return most == 1 or _ends_after_the_first(loop, inside.clone(), given)


def _ends_after_the_first(loop: Any, inside: ov.Model, given: list[Any]) -> bool:
    """Whether the condition to go on is false then, whatever the image is."""
    parameters = inside.get_parameters()
    for parameter, value in zip(parameters, given, strict=True):
        known = value.get_node()
        if known.get_type_name() != "Constant":
            continue
        for reader in parameter.output(0).get_target_inputs():
            reader.replace_source_output(ov.opset13.constant(known.data).output(0))
    result = inside.get_results()[loop.get_special_body_ports()[1]]
    part = ov.Model([result], parameters)
    manager = passes.Manager()
    manager.register_pass(passes.ConstantFolding())
    manager.run_passes(part)
    return _constant(part.get_results()[0].input_value(0)) == 0


def _constant(value: Any) -> int | None:
    """A constant number; None where it is no constant, or several."""
    node = value.get_node()
    if node.get_type_name() != "Constant" or node.data.size != 1:
        return None
    return int(node.data.ravel()[0])
