"""What the inputs of a network's layers are on average, and how they go together.

This file needs numpy and OpenVINO alone: a recipe brings it along.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

Single = NDArray[np.float32]

_ROWS = 4096  # samples of each layer, over all images
_FEWEST_ROWS = 8  # of an image
_WIDEST = 8192  # inputs of an output, from which on weights are left as they are
_BESIDE = 8  # layers whose rows are gathered side by side, at most
AT_ONCE = 2**26  # numbers that are held while the images run: a large network takes several turns


@dataclass(frozen=True, eq=False)
class Images:
    """The calibration images as tensors of all inputs, which `tensors` gives anew each time."""

    tensors: Callable[[], Iterable[Sequence[NDArray[Any]]]]
    count: int


@dataclass(frozen=True, eq=False)
class Moments:
    """Of a layer's inputs, for each group of channels.

    Attributes:
        products: ``[G, K, K]``: the mean of the products of two of them.
        means: ``[G, K]``.
    """

    products: Single
    means: Single

    @property
    def size(self) -> int:
        """How many numbers that are."""
        return self.products.size + self.means.size


@dataclass(frozen=True, eq=False)
class Watched:
    """A layer of the network: its operation, and the shape ``[G, O, K]`` of its weights.

    Each output is a sum over a row of K values, of its group.
    """

    operation: Any
    shape: tuple[int, int, int]

    @property
    def name(self) -> str:
        """The operation's."""
        return str(self.operation.get_friendly_name())

    @property
    def source(self) -> tuple[str, int]:
        """What it reads."""
        value = self.operation.input_value(0)
        return value.get_node().get_friendly_name(), value.get_index()


def watched_layers(network: ov.Model) -> list[Watched]:
    """Those whose weights are constant, and whose outputs are sums over rows that can be drawn."""
    return [
        Watched(op, shape)
        for op in network.get_ordered_ops()
        if _has_rows(op)
        and constant_of(op.input_value(1).get_node()) is not None
        and (shape := _shape(op))[-1] <= _WIDEST
    ]


def constant_of(node: Any) -> Any:
    """The constant, or that which is converted; None where there is none."""
    if node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return node if node.get_type_name() == "Constant" else None


def _has_rows(op: Any) -> bool:
    kind = op.get_type_name()
    if kind == "MatMul":
        weights = op.get_input_partial_shape(1)
        return weights.is_static and len(weights) == 2 and not op.get_attributes()["transpose_a"]
    if kind in ("Convolution", "GroupConvolution"):
        return len(op.get_attributes()["strides"]) == 2 and op.get_input_partial_shape(1).is_static
    return False


def _shape(op: Any) -> tuple[int, int, int]:
    """``[G, O, K]`` of its weights."""
    kind, shape = op.get_type_name(), tuple(op.get_input_shape(1))
    if kind == "MatMul":
        return (1, *(shape if op.get_attributes()["transpose_b"] else shape[::-1]))
    if kind == "GroupConvolution":
        return shape[0], shape[1], int(np.prod(shape[2:]))
    return 1, shape[0], int(np.prod(shape[1:]))


def moments_in_turns(
    network: ov.Model, wanted: Collection[str], images: Images, core: ov.Core
) -> Iterator[dict[str, Moments]]:
    """The moments of the layers with these names, as many at a time as memory allows.

    Which others are wanted changes no bit of them: it decides only which turns are left out.
    """
    for turn in _turns(watched_layers(network)):
        if any(one.name in wanted for one in turn):
            yield _Turn(turn, network, core).moments(images)


def _turns(layers: Sequence[Watched]) -> Iterator[list[Watched]]:
    """The layers, as many together as memory allows."""
    turn: list[Watched] = []
    held = 0
    for layer in layers:
        groups, _, width = layer.shape
        values = layer.operation.input_value(0).get_partial_shape()
        needed = groups * width**2 + (int(np.prod(values.to_shape())) if values.is_static else 0)
        if turn and held + needed > AT_ONCE:
            yield turn
            turn, held = [], 0
        turn.append(layer)
        held += needed
    if turn:
        yield turn


class _Turn:
    """Some layers, and the network up to what they read."""

    def __init__(self, layers: Sequence[Watched], network: ov.Model, core: ov.Core) -> None:
        self._layers = layers
        read = {one.source: one.operation.input_value(0) for one in layers}
        self._place = {source: number for number, source in enumerate(read)}
        results = [ov.opset13.result(value) for value in read.values()]
        settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
        part = ov.Model(results, network.get_parameters())
        compiled = core.compile_model(part, "CPU", settings)
        self._request = compiled.create_infer_request()
        self._beside = min(_BESIDE, int(compiled.get_property("INFERENCE_NUM_THREADS")))

    def moments(self, images: Images) -> dict[str, Moments]:
        """Of all images; at places of each that are drawn, always the same ones.

        Layers are gathered side by side; what comes of one does not depend on the others.
        """
        rows = max(_FEWEST_ROWS, _ROWS // max(1, images.count))
        sums = [_Sums.of(layer) for layer in self._layers]
        most = max((one.products.size for one in sums), default=1)
        beside = max(1, min(self._beside, AT_ONCE // most))
        rooms = [np.empty(most, np.float32) for _ in range(beside)]
        with ThreadPoolExecutor(beside) as pool:
            for number, tensors in enumerate(images.tensors()):
                self._request.infer(list(tensors), share_inputs=True)
                waiting = iter(sums)

                def work(
                    room: Single, waiting: Iterator[_Sums] = waiting, image: int = number
                ) -> None:
                    for one in waiting:
                        one.add(self._read(one.layer), rows, image, room)

                deque(pool.map(work, rooms), maxlen=0)
        return {one.layer.name: one.mean for one in sums}

    def _read(self, layer: Watched) -> Single:
        values: Single = self._request.get_output_tensor(self._place[layer.source]).data
        return values


@dataclass(eq=False)
class _Sums:
    """Of products of a layer's inputs, and of the inputs, over so many rows; as in `Moments`."""

    layer: Watched
    products: Single
    inputs: Single
    rows: int = 0

    @classmethod
    def of(cls, layer: Watched) -> _Sums:
        """Before the first image."""
        groups, _, width = layer.shape
        products = np.zeros((groups, width, width), np.float32)
        return cls(layer, products, np.zeros((groups, width), np.float32))

    def add(self, values: Single, rows: int, image: int, room: Single) -> None:
        """Rows of what it reads in an image of that number; `room` has space for their products."""
        drawn = np.random.default_rng((image, *self.layer.shape))
        found = _rows(self.layer, values, rows, drawn)
        into = room[: self.products.size].reshape(self.products.shape)
        self.products += np.matmul(found.transpose(0, 2, 1), found, out=into)
        self.inputs += found.sum(axis=1)
        self.rows += found.shape[1]

    @property
    def mean(self) -> Moments:
        """Over all rows."""
        share = np.float32(1 / max(1, self.rows))
        return Moments(self.products * share, self.inputs * share)


def _rows(layer: Watched, values: Single, rows: int, drawn: np.random.Generator) -> Single:
    """``[G, rows, K]``: what some outputs are sums of; no rows of an image that gives none."""
    groups, _, width = layer.shape
    if not values.size:  # as behind a network's own NMS, where it found nothing
        return np.zeros((groups, 0, width), np.float32)
    if layer.operation.get_type_name() == "MatMul":
        flat = values.reshape(-1, width)
        return np.asarray(flat[drawn.integers(0, len(flat), rows)][None], np.float32)
    facts = layer.operation.get_attributes()
    kernel = layer.operation.get_input_shape(1)[-2:]
    starts, padding = [], [(0, 0), (0, 0)]
    for axis in range(2):
        side, stride = values.shape[2 + axis], facts["strides"][axis]
        reach = (kernel[axis] - 1) * facts["dilations"][axis] + 1
        padding.append(_padding(facts, axis, side, reach))
        outputs = (side + sum(padding[-1]) - reach) // stride + 1
        starts.append(drawn.integers(0, max(1, outputs), rows) * stride)
    padded = np.pad(values, padding) if np.any(padding) else values
    images, channels, height, across = padded.shape
    image = drawn.integers(0, images, rows) * height * across
    steps = zip(kernel, facts["dilations"], strict=True)
    down, right = (np.arange(side) * step for side, step in steps)
    places = (starts[0] + down[:, None])[:, None] * across + (starts[1] + right[:, None])[None]
    places = (places + image).reshape(-1, rows)
    planes = padded.transpose(1, 0, 2, 3).reshape(channels, -1)
    taken = planes.take(places.ravel(), axis=1).reshape(groups, -1, rows)
    return np.ascontiguousarray(taken.transpose(0, 2, 1), np.float32)


def _padding(facts: dict[str, Any], axis: int, side: int, reach: int) -> tuple[int, int]:
    """Before and after the values, along an axis."""
    kind = str(facts["auto_pad"]).lower()
    if kind == "valid":
        return 0, 0
    if kind in ("same_upper", "same_lower"):
        stride = facts["strides"][axis]
        total = max((-(-side // stride) - 1) * stride + reach - side, 0)
        first = total // 2 if kind == "same_upper" else -(-total // 2)
        return first, total - first
    return facts["pads_begin"][axis], facts["pads_end"][axis]
