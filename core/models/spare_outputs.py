"""Outputs besides the one that is decoded: raw heads that some exports leave in, taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.decoders.heads import Head
from core.models.facts import Facts

if TYPE_CHECKING:
    import openvino as ov

_COARSE = 8  # a head's stride; finer maps are those of masks


def without_raw_heads(model: ov.Model, facts: Facts) -> bool:
    """Leave a network the one table of rows that it gives beside maps of cells, in place.

    Says whether there were such outputs. YOLOs that were converted from PyTorch without their
    project's exporter have both.
    """
    tables = [output for output in facts.outputs if len(output.shape) == 3]
    spare = [output for output in facts.outputs if output not in tables]
    if len(tables) != 1 or not spare:
        return False
    width, height = facts.image_input.width, facts.image_input.height
    heads = [Head.of_shape(output.shape, width, height) for output in spare]
    if any(head is None or head.stride < _COARSE for head in heads):
        return False
    for output in spare:
        model.remove_result(output.node)
    model.validate_nodes_and_infer_types()
    return True
