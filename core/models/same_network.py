"""Whether two networks compute the same, whatever their nodes are called."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import openvino as ov

_WITH_BODIES = frozenset({"If", "Loop", "TensorIterator"})  # networks of their own, not looked into


def hash_of_network(model: ov.Model) -> bytes | None:
    """A hash of operations, their attributes, constants and connections; not of names.

    Equal hashes mean equal networks, to the order of their inputs and outputs. None where a
    network has parts that are not looked into.
    """
    digest = hashlib.sha256()
    places: dict[str, int] = {}
    ordered = model.get_ordered_ops()
    for place, op in enumerate(ordered):
        kind = op.get_type_name()
        if kind in _WITH_BODIES:
            return None
        places[op.get_friendly_name()] = place
        digest.update(f"\0{kind} {_outputs(op)} {_inputs(op, places)}\0".encode())
        if kind == "Constant":
            values = np.ascontiguousarray(op.get_data())
            digest.update(values.view(np.uint8).data if values.size else b"")
        else:
            digest.update(repr(sorted(op.get_attributes().items())).encode())
    order = (*model.get_parameters(), *model.get_results())
    digest.update(str([places[one.get_friendly_name()] for one in order]).encode())
    return digest.digest()


def _outputs(op: Any) -> list[str]:
    return [f"{one.get_element_type()}{one.get_partial_shape()}" for one in op.outputs()]


def _inputs(op: Any, places: dict[str, int]) -> list[tuple[int, int]]:
    """Which operation's which output it reads."""
    found = []
    for one in op.input_values():
        found.append((places[one.get_node().get_friendly_name()], one.get_index()))
    return found
