"""Statistics that are the same for every image: of weights, and the shapes of tensors.

NNCF asks for them with all others, so that they leave the network with every image, and the network
is compiled with them: some half of all statistics. Here they are found out once, in NumPy, as far
as that gives the same bits whoever computes it: a largest and a smallest value are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.optimize.statistics_rest import Outputs

if TYPE_CHECKING:
    import openvino as ov

_FLOATS = ("f16", "f32")


def take_constants(model: ov.Model) -> Outputs:
    """Take what is constant out of NNCF's network, and give it by its tensors' names.

    One output remains, at least: a network has one.
    """
    found: Outputs = {}
    for result in model.get_results()[1:]:
        port = result.input_value(0)
        value = _value(port)
        if value is not None and np.isfinite(value).all():
            value = np.ascontiguousarray(value.astype(port.get_element_type().to_dtype()))
            found |= dict.fromkeys(port.get_names(), value)
            model.remove_result(result)
    return found


def _value(port: Any) -> NDArray[Any] | None:
    """What this output is, whatever the image is; None where that is not known so easily."""
    op = port.get_node()
    kind = op.get_type_name()
    if kind == "ShapeOf":
        shape = op.get_input_partial_shape(0)
        return np.array(shape.to_shape()) if shape.is_static else None
    if port.get_element_type().get_type_name() not in _FLOATS:
        return None
    if kind == "Constant":
        return np.asarray(op.get_data())
    value = _value(op.input_value(0)) if kind in _EXACT else None
    return None if value is None else _EXACT[kind](op, value)


def _reduced(op: Any, value: NDArray[Any]) -> NDArray[Any] | None:
    axes = op.input_value(1).get_node()
    if axes.get_type_name() != "Constant":
        return None
    reduce = np.max if op.get_type_name() == "ReduceMax" else np.min
    along = tuple(int(axis) for axis in axes.get_data().ravel())
    keep = op.get_attributes()["keep_dims"]
    return np.asarray(reduce(value.astype(np.float32), axis=along, keepdims=keep))


def _wider(op: Any, value: NDArray[Any]) -> NDArray[Any] | None:
    return value if op.get_element_type().size >= value.itemsize else None


_EXACT: dict[str, Callable[[Any, NDArray[Any]], NDArray[Any] | None]] = {
    "Abs": lambda op, value: np.abs(value),
    "Convert": _wider,
    "ReduceMax": _reduced,
    "ReduceMin": _reduced,
}
"""Operations that give the same bits whoever computes them."""
