"""The network that NNCF collects statistics with, made faster without changing one bit of them.

NNCF adds reductions beside most layers. Two kinds of them cost several times what the network
itself does, and have equals that do not:

- The largest absolute value is found by writing the absolute values of the whole tensor first.
  It is also the larger of the maximum and the negated minimum, of which NNCF wants the minimum
  anyway. These are exact in floating point.
- The mean of each channel is taken after a reshape to ``[1, C, H * W]``. Convolutions compute
  channels-last, so that the whole tensor is transposed in memory for it. Here the sum is taken
  where the values lie, in the very order in which OpenVINO's kernel adds them: 16 partial sums a
  channel, of every sixteenth pixel each (in the network), then the sixteen in the kernel's tree,
  then what is left over, then the division (in `Rest.finish`).

That order is a property of the kernel, not of its interface. So nobody may rely on this network
without comparing it with NNCF's on an image: see `core.optimize.calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import openvino as ov

Outputs = dict[str, NDArray[Any]]
LANES = 16  # floats in one AVX-512 register


@dataclass(frozen=True)
class _Mean:
    """A mean that is finished outside of the network: its names there, and what it is made of."""

    names: frozenset[str]
    pixels: int
    element_type: type[Any]


class Rest:
    """What is still to be done to the outputs of a rewritten network."""

    def __init__(self) -> None:
        self.largest: dict[str, str] = {}  # maxima that become absolute ones, and their minima
        self.means: dict[str, _Mean] = {}

    def finish(self, outputs: Outputs) -> Outputs:
        """The outputs that NNCF asks for, from those of the network; changes `outputs`."""
        if self.largest:
            high = np.concatenate([outputs[name].ravel() for name in self.largest])
            low = np.concatenate([outputs[name].ravel() for name in self.largest.values()])
            # The absolute value of the larger one, because that of 0 and -0 may be either.
            largest = np.abs(np.maximum(high, -low))
            start = 0
            for name in self.largest:
                shape, size = outputs[name].shape, outputs[name].size
                outputs[name] = largest[start : start + size].reshape(shape)
                start += size
        if self.means:
            self._finish_means(outputs)
        return outputs

    def _finish_means(self, outputs: Outputs) -> None:
        """All at once: what is added up for one channel does not touch another."""
        each = [outputs.pop(key).reshape(LANES, -1) for key in self.means]
        lanes = np.concatenate(each, axis=1)
        quads = (lanes[0:4] + lanes[4:8]) + (lanes[8:12] + lanes[12:16])
        total = (quads[0] + quads[1]) + (quads[2] + quads[3])
        start = 0
        for (key, mean), one in zip(self.means.items(), each, strict=True):
            own = total[start : start + one.shape[1]]
            for row in outputs.pop(f"{key}+", ()):
                own = own + row
            value = (own / np.float32(mean.pixels)).astype(mean.element_type)
            outputs |= dict.fromkeys(mean.names, value)
            start += one.shape[1]


def faster(model: ov.Model) -> tuple[ov.Model, Rest]:
    """A copy of NNCF's network with the same statistics for less work."""
    model = model.clone()
    rest = Rest()
    smallest = {
        _source(op): op for op in model.get_ordered_ops() if op.get_type_name() == "ReduceMin"
    }
    for op in model.get_ordered_ops():
        if op.get_type_name() == "ReduceMax":
            _without_absolute_values(op, smallest, rest)
        elif op.get_type_name() == "ReduceMean":
            _summed_in_place(model, op, rest)
    model.validate_nodes_and_infer_types()
    return model, rest


def _source(op: Any) -> tuple[str, int]:
    value = op.input_value(0)
    return value.get_node().get_friendly_name(), value.get_index()


def _constant(value: Any) -> list[int] | None:
    node = value.get_node()
    return node.get_data().ravel().tolist() if node.get_type_name() == "Constant" else None


def _without_absolute_values(op: Any, smallest: dict[tuple[str, int], Any], rest: Rest) -> None:
    """max |x| as max x, to become max(max x, -min x)."""
    absolute = op.input_value(0).get_node()
    if absolute.get_type_name() != "Abs":
        return
    value, axes = absolute.input_value(0), _constant(op.input_value(1))
    low = smallest.get((value.get_node().get_friendly_name(), value.get_index()))
    if low is None or axes is None or _constant(low.input_value(1)) != axes:
        return
    names, minima = op.output(0).get_names(), low.output(0).get_names()
    if len(names) != 1 or len(minima) != 1 or not (_only_results(op) and _only_results(low)):
        return
    op.input(0).replace_source_output(value)
    rest.largest[next(iter(names))] = next(iter(minima))


def _only_results(op: Any) -> bool:
    kinds = [target.get_node().get_type_name() for target in op.output(0).get_target_inputs()]
    return kinds == ["Result"]


def _summed_in_place(model: ov.Model, op: Any, rest: Rest) -> None:
    """A mean over the pixels of an image as sums where its channels lie beside each other."""
    from openvino import opset13 as ops

    sides = _image_sides(op)
    if sides is None or not _only_results(op):
        return
    channels, pixels = sides
    value = op.input_value(0).get_node().input_value(0)
    rows = ops.reshape(
        ops.transpose(ops.convert(value, "f32"), [0, 2, 3, 1]), [pixels, channels], False
    )
    whole = pixels // LANES * LANES
    body = rows if whole == pixels else ops.slice(rows, [0], [whole], [1], [0])
    summed = ops.reduce_sum(
        ops.reshape(body, [whole // LANES, LANES * channels], False), [0], False
    )
    key = op.get_friendly_name()
    parts = {key: summed.output(0)}
    if whole != pixels:
        parts[f"{key}+"] = ops.slice(rows, [whole], [pixels], [1], [0]).output(0)
    port = op.output(0)
    kind = port.get_element_type().to_dtype()
    rest.means[key] = _Mean(frozenset(port.get_names()), pixels, kind)
    (target,) = port.get_target_inputs()
    model.remove_result(target.get_node())
    for name, part in parts.items():
        part.set_names({name})
        model.add_results([ops.result(part)])


def _image_sides(op: Any) -> tuple[int, int] | None:
    """Channels and pixels of ``mean(reshape(x, [1, C, H * W]), [0, 2])``; None of anything else.

    Images of few pixels are left as they are: there is nothing to gain.
    """
    reshape = op.input_value(0).get_node()
    if reshape.get_type_name() != "Reshape" or _constant(op.input_value(1)) != [0, 2]:
        return None
    shape = reshape.input_value(0).get_partial_shape()
    if shape.is_dynamic or len(shape) != 4:
        return None
    batch, channels, height, width = (side.get_length() for side in shape)
    pixels = height * width
    if reshape.get_output_partial_shape(0).to_shape() != [1, channels, pixels]:
        return None
    return (channels, pixels) if batch == 1 and pixels >= 4 * LANES else None
