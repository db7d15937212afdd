"""Weights rounded so that what a layer gives stays closest, not so that each weight does.

To the nearest step, each weight is wrong by up to half a step, and a layer's sums by what is left
of all of them. Here weights are rounded one input after the other, and those of the inputs that
come later make up for what was lost, as far as the calibration images' values let them (GPTQ:
Frantar et al. 2022). Scales stay what they were, so that nothing runs slower; biases keep the mean
of each channel. This file needs numpy and OpenVINO alone: a recipe brings it along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from core.optimize.moments import (
    Images,
    Moments,
    Watched,
    constant_of,
    moments_in_turns,
    watched_layers,
)

Real = NDArray[np.float64]

Biases = Literal["parents", "corrected", "as_they_are"]
"""Those of the quantized network: the parent's, or corrected already for the weights as they were;
either is made up for the change of each channel's mean. Or they stay ``as_they_are``."""

_DAMPING = 0.01  # of the mean square of the inputs: what was seen is not all there is
_BLOCK = 64  # inputs that are rounded before the others hear of it
_REMEMBERED = 2**26  # numbers of a kind that are kept for the next model of the same network
_TOGETHER = 2**22  # numbers of products, of groups that are rounded in one go
_HALF = 64  # the most that weights reach which use half of their 8 bits
_MOST = 127
_SMOOTHED = "/nncf_smooth_quant"  # how NNCF calls a multiplication of its own


def round_weights(
    quantized: ov.Model,
    parent: ov.Model,
    images: Images,
    core: ov.Core,
    biases: Biases = "parents",
    known: Known | None = None,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Round the weights of `quantized`, which NNCF made of `parent`, again; how many layers it did.

    What is `known` of the same network and images is taken from there, and what is new is added.
    `step` hears how many layers are done, of how many, and may raise to stop.
    """
    layers = {one.watched.name: one for one in _layers(quantized, parent)}
    known = Known() if known is None else known
    done = 0

    def those(moments: dict[str, Moments]) -> None:
        nonlocal done
        for name, found in moments.items():
            layers[name].round(found, biases, known)
            done += 1
            step(done, len(layers))

    those({name: known.moments[name] for name in layers if name in known.moments})
    missing = layers.keys() - known.moments.keys()
    for moments in moments_in_turns(parent, missing, images, core):
        those({name: moments[name] for name in moments if name in missing})
        known.keep_moments(moments)
    return done


class Known:
    """What is known of the layers of one network, by the same images, up to a limit.

    Attributes:
        moments: of their inputs, by their names.
    """

    def __init__(self) -> None:
        self.moments: dict[str, Moments] = {}
        self._steps: dict[tuple[str, bytes, int], NDArray[np.int8]] = {}

    def keep_moments(self, moments: dict[str, Moments]) -> None:
        """Add these, if there is room."""
        if sum(one.size for one in (*self.moments.values(), *moments.values())) <= _REMEMBERED:
            self.moments |= moments

    def steps(
        self, layer: _Layer, most: int, made: Callable[[], NDArray[np.int8]]
    ) -> NDArray[np.int8]:
        """Of the layer's weights, by its scales and up to `most`: as they were, or newly made."""
        key = layer.watched.name, layer.scales.tobytes() + layer.factors.tobytes(), most
        found = self._steps.get(key)
        if found is None:
            found = made()
            if sum(one.size for one in (*self._steps.values(), found)) <= _REMEMBERED:
                self._steps[key] = found
        return found


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer with weights in 8 bits.

    `weights` float32 ``[G, O, K]`` of the parent, divided by `factors` ``[G, K]``, by which its
    inputs are multiplied first; `steps` int8 as `weights`, of the quantized network, `scales`
    ``[G, O, 1]``; `back` gives steps their place in `constant`.
    """

    watched: Watched
    constant: Any
    bias: tuple[Any, NDArray[Any]] | None
    weights: NDArray[np.float32]
    factors: NDArray[np.float32]
    steps: NDArray[np.int8]
    scales: Real
    back: Callable[[NDArray[Any]], NDArray[Any]]

    def round(self, moments: Moments, biases: Biases, known: Known) -> None:
        """Put other steps in their place."""
        most = _HALF if np.abs(self.steps.astype(np.int16)).max(initial=0) <= _HALF else _MOST
        least = -_HALF if most == _HALF else -_MOST
        if not np.isfinite(moments.products).all():
            return

        def made() -> NDArray[np.int8]:
            products = moments.products * self.factors[:, None] * self.factors[:, :, None]
            return rounded(self.weights, self.scales, products, least, most)

        steps = known.steps(self, most, made)
        _replace(self.constant, self.back(steps))
        if biases != "as_they_are" and self.bias is not None:
            lost = self.weights - steps * self.scales
            if biases == "corrected":
                lost = (self.steps.astype(np.float64) - steps) * self.scales
            shift = np.einsum("gok,gk->go", lost, moments.means * self.factors).ravel()
            node, old = self.bias
            _replace(node, old + shift.reshape(old.shape))


def rounded(
    weights: NDArray[np.float32],
    scales: Real,
    products: NDArray[np.float32],
    least: int,
    most: int,
) -> NDArray[np.int8]:
    """Steps ``[G, O, K]`` of `weights` ``[G, O, K]`` by `scales` ``[G, O, 1]``, within both limits.

    `products` ``[G, K, K]`` are the mean products of two inputs. Inputs are taken in the order of
    their size; each one's error is spread over those that are left. Groups have nothing to do with
    each other: as many as memory allows are rounded together.
    """
    groups, _, width = weights.shape
    together = max(1, _TOGETHER // width**2)
    made = []
    for first in range(0, groups, together):
        some = slice(first, first + together)
        made.append(_rounded(weights[some], scales[some], products[some], (least, most)))
    return np.concatenate(made)


def _rounded(
    weights: NDArray[np.float32],
    scales: Real,
    products: NDArray[np.float32],
    limits: tuple[int, int],
) -> NDArray[np.int8]:
    width = weights.shape[2]
    seen = products.astype(np.float64)
    across = np.arange(width)
    size = seen[:, across, across]
    damped = _DAMPING * size.mean(axis=1, keepdims=True)
    seen[:, across, across] += np.where(size > 0, damped, 1.0)
    order = np.argsort(-size, axis=1, kind="stable")
    rows = np.take_along_axis(seen, order[:, :, None], axis=1)
    ordered = np.take_along_axis(rows, order[:, None, :], axis=2)
    spread = np.linalg.cholesky(np.linalg.inv(ordered)).transpose(0, 2, 1)
    left = np.take_along_axis(weights, order[:, None, :], axis=2).astype(np.float64)
    steps = np.zeros_like(left)
    for first in range(0, width, _BLOCK):
        last = min(first + _BLOCK, width)
        errors = np.zeros((*left.shape[:2], last - first))
        for one in range(first, last):
            steps[..., one] = np.clip(np.round(left[..., one] / scales[..., 0]), *limits)
            error = left[..., one] - steps[..., one] * scales[..., 0]
            error = error / spread[:, one, one, None]
            errors[..., one - first] = error
            left[..., one:last] -= error[..., None] * spread[:, None, one, one:last]
        left[..., last:] -= errors @ spread[:, first:last, last:]
    back = np.argsort(order, axis=1)[:, None, :]
    return np.asarray(np.take_along_axis(steps, back, axis=2).astype(np.int8))


# The network's layers


def _layers(quantized: ov.Model, parent: ov.Model) -> Iterator[_Layer]:
    """Those of `quantized` whose weights have 8 bits, and are of this layer alone."""
    watched = {one.name: one for one in watched_layers(parent)}
    for op in quantized.get_ordered_ops():
        known = watched.get(op.get_friendly_name())
        layer = None if known is None else _layer(op, known)
        if layer is not None:
            yield layer


def _layer(op: Any, watched: Watched) -> _Layer | None:
    scaled = op.input_value(1).get_node()
    if scaled.get_type_name() != "Multiply" or len(scaled.output(0).get_target_inputs()) > 1:
        return None
    constant = constant_of(scaled.input_value(0).get_node())
    factor = constant_of(scaled.input_value(1).get_node())
    if constant is None or factor is None:
        return None
    weights = constant_of(watched.operation.input_value(1).get_node()).get_data()
    steps = constant.get_data()
    if steps.dtype != np.int8 or steps.shape != weights.shape:
        return None
    given, back = _sides(watched)
    scales = given(np.broadcast_to(factor.get_data(), weights.shape)).astype(np.float64)
    if np.ptp(scales, axis=-1).any():
        return None
    factors = _factors(op, watched)
    return _Layer(
        watched=watched,
        constant=constant,
        bias=_bias(op, watched.shape[0] * watched.shape[1]),
        weights=np.divide(given(weights.astype(np.float32)), factors[:, None], dtype=np.float32),
        factors=factors,
        steps=given(steps),
        scales=scales[..., :1],
        back=back,
    )


def _factors(op: Any, watched: Watched) -> NDArray[np.float32]:
    """By what NNCF's SmoothQuant multiplies the layer's inputs, for each of a row; mostly by 1."""
    groups, _, width = watched.shape
    node = op.input_value(0).get_node()
    if node.get_type_name() == "FakeQuantize":
        node = node.input_value(0).get_node()
    if not node.get_friendly_name().endswith(_SMOOTHED):
        return np.ones((groups, width), np.float32)
    each = constant_of(node.input_value(1).get_node()).get_data().astype(np.float32)
    channels = each.reshape(groups, -1)
    return np.asarray(channels.repeat(width // channels.shape[1], axis=1))


_Turned = Callable[[NDArray[Any]], NDArray[Any]]


def _sides(watched: Watched) -> tuple[_Turned, _Turned]:
    """Weights as ``[G, O, K]``, and back again."""
    op = watched.operation
    shape = tuple(op.get_input_shape(1))
    if op.get_type_name() == "MatMul" and not op.get_attributes()["transpose_b"]:
        return (lambda one: one.T[None]), (lambda one: np.ascontiguousarray(one[0].T))
    return (lambda one: one.reshape(watched.shape)), (lambda one: one.reshape(shape))


def _bias(op: Any, channels: int) -> tuple[Any, NDArray[Any]] | None:
    """The constant of one value a channel that is added behind it, and its values."""
    readers = [one.get_node() for one in op.output(0).get_target_inputs()]
    if len(readers) != 1 or readers[0].get_type_name() != "Add":
        return None
    for place in range(2):
        node = constant_of(readers[0].input_value(place).get_node())
        if node is None:
            continue
        values = node.get_data()
        last = op.get_type_name() == "MatMul"
        wanted = (channels,) if last else (channels, 1, 1)
        if values.size == channels and values.shape[-len(wanted) :] == wanted:
            return readers[0].input(place), values
    return None


def _replace(where: Any, values: NDArray[Any]) -> None:
    """Put a constant of the same type in the place of one, or at an input."""
    kind = where.get_element_type().to_dtype()
    made = ov.opset13.constant(np.ascontiguousarray(values, dtype=kind))
    readers = list(where.output(0).get_target_inputs()) if isinstance(where, ov.Node) else [where]
    for reader in readers:
        old = reader.get_source_output().get_node()
        made.set_friendly_name(old.get_friendly_name())
        reader.replace_source_output(made.output(0))
