"""Report: how far the optimized model's tensors are from its parent's, layer by layer.

Both networks get the same input tensors. The parent runs in true float32, the optimized one as
it is asked to: in true float32, too, what differs is what quantization did. Images stream through:
only running sums are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.metrics.tensors.layers import Layer, shared_layers
from core.models.stored import read_network
from core.runtime import openvino_core
from core.values import Value

if TYPE_CHECKING:
    import openvino as ov

Tensors = Sequence[NDArray[Any]]
Compile = Callable[["ov.Model"], "ov.CompiledModel"]
_STRETCH = 32_768  # values at a time: they stay in the cache, and float32 sums stay exact
MAX_BYTES = 256 * 2**20  # of tensors that one run hands over; more layers take more runs


class TensorDistance(Value):
    """One tensor over all images.

    Attributes:
        name: of the layer.
        kind: type of its operation.
        operations: names of the operations that keep the layer in float.
        output: what it is, for an output of the network; empty for a layer.
        mse: mean of (parent - optimized)^2.
        snr_db: 10 log10 of the parent's mean square over `mse`; None where they are equal, or
            the parent's values are all 0.
        cosine: of the angle between the two; None where either is all 0.
        max_abs: the largest difference.
        relative_error: square root of `mse` over the parent's root mean square.
        added_error: `relative_error` less the largest one among the layers it is computed from.
    """

    name: str
    kind: str
    operations: tuple[str, ...]
    output: str
    mse: float
    snr_db: float | None
    cosine: float | None
    max_abs: float
    relative_error: float
    added_error: float


class TensorReport(Value):
    """Outputs as they leave the network (of an SSD: as they enter its NMS), and layers, the one
    that adds most error first.
    """

    images: int
    outputs: tuple[TensorDistance, ...]
    layers: tuple[TensorDistance, ...]


def compiled_in_f32(model: ov.Model) -> ov.CompiledModel:
    """The network in true float32 on the CPU."""
    settings = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}
    return openvino_core().compile_model(model, "CPU", settings)


class TensorMeter:
    """Two networks and the sums over their tensors; raises InputError where none is shared.

    `compile_optimized` makes the optimized network ready as it is to run.
    """

    def __init__(
        self, parent: Path, optimized: Path, compile_optimized: Compile = compiled_in_f32
    ) -> None:
        networks = read_network(parent), read_network(optimized)
        self._layers = shared_layers(*networks)
        if not self._layers:
            raise InputError(
                f"{optimized.name} and {parent.name} have no layer of one name.",
                "Choose the model that was made from this parent.",
            )
        both = compiled_in_f32, compile_optimized
        self._runs = [_Run(networks, both, group) for group in _groups(self._layers)]
        self._images = 0

    def add(self, tensors: Tensors) -> None:
        """One image's input tensors, for a batch of one."""
        for run in self._runs:
            run.add(tensors)
        self._images += 1

    @property
    def compiled(self) -> tuple[ov.CompiledModel, ov.CompiledModel]:
        """Parent and optimized network as they run, with some of their tensors as outputs."""
        return self._runs[0].compiled

    def report(self) -> TensorReport:
        """The distances over all images so far."""
        sums = {layer.name: one for run in self._runs for layer, one in run.sums()}
        errors = {name: one.relative_error for name, one in sums.items()}
        found = [
            _distance(layer, sums[layer.name], errors)
            for layer in self._layers
            if sums[layer.name].count
        ]
        return TensorReport(
            images=self._images,
            outputs=tuple(one for one in found if one.output),
            layers=tuple(sorted(found, key=lambda one: -one.added_error)),
        )


@dataclass
class _Sums:
    """Running sums over the values of one tensor."""

    count: int = 0
    parent: float = 0.0
    optimized: float = 0.0
    product: float = 0.0
    error: float = 0.0
    max_abs: float = 0.0

    def add(self, parent: NDArray[Any], optimized: NDArray[Any]) -> None:
        if parent.shape != optimized.shape or not parent.size:
            return
        whole_a, whole_b = parent.reshape(-1), optimized.reshape(-1)
        self.count += whole_a.size
        for low in range(0, whole_a.size, _STRETCH):
            a = whole_a[low : low + _STRETCH].astype(np.float32, copy=False)
            b = whole_b[low : low + _STRETCH].astype(np.float32, copy=False)
            difference = b - a
            self.parent += float(a @ a)
            self.optimized += float(b @ b)
            self.product += float(a @ b)
            self.error += float(difference @ difference)
            self.max_abs = max(self.max_abs, float(difference.max()), -float(difference.min()))

    @property
    def relative_error(self) -> float:
        if not self.parent:
            return 0.0 if not self.error else 1.0
        return float(np.sqrt(self.error / self.parent))


def _distance(layer: Layer, sums: _Sums, errors: dict[str, float]) -> TensorDistance:
    before = max((errors.get(name, 0.0) for name in layer.inputs), default=0.0)
    finite = sums.error > 0 and sums.parent > 0
    known = sums.parent > 0 and sums.optimized > 0
    return TensorDistance(
        name=layer.name,
        kind=layer.kind,
        operations=layer.operations,
        output=layer.output,
        mse=sums.error / sums.count,
        snr_db=float(10 * np.log10(sums.parent / sums.error)) if finite else None,
        cosine=sums.product / float(np.sqrt(sums.parent * sums.optimized)) if known else None,
        max_abs=sums.max_abs,
        relative_error=sums.relative_error,
        added_error=sums.relative_error - before,
    )


def _groups(layers: Sequence[Layer]) -> Iterator[list[Layer]]:
    """Layers whose tensors may be held together."""
    group: list[Layer] = []
    size = 0
    for layer in layers:
        if group and size + 2 * layer.size_bytes > MAX_BYTES:
            yield group
            group, size = [], 0
        group.append(layer)
        size += 2 * layer.size_bytes
    yield group


class _Run:
    """Both networks with the tensors of some layers as further outputs."""

    def __init__(
        self,
        networks: tuple[ov.Model, ov.Model],
        compiling: tuple[Compile, Compile],
        layers: list[Layer],
    ) -> None:
        self._layers = layers
        self._sums = [_Sums() for _ in layers]
        watched = [_watched(network, layers) for network in networks]
        self.compiled = compiling[0](watched[0][0]), compiling[1](watched[1][0])
        self._requests = [
            (compiled.create_infer_request(), places)
            for compiled, (_, places) in zip(self.compiled, watched, strict=True)
        ]

    def add(self, tensors: Tensors) -> None:
        for request, _ in self._requests:
            request.start_async(list(tensors))
        for request, _ in self._requests:
            request.wait()
        (parent, places), (optimized, others) = self._requests
        for sums, own, other in zip(self._sums, places, others, strict=True):
            sums.add(parent.get_output_tensor(own).data, optimized.get_output_tensor(other).data)

    def sums(self) -> Iterator[tuple[Layer, _Sums]]:
        return zip(self._layers, self._sums, strict=True)


def _watched(network: ov.Model, layers: list[Layer]) -> tuple[ov.Model, list[int]]:
    """The network with these layers as outputs, and which output each is."""
    watched = network.clone()
    watched.add_outputs([(layer.name, 0) for layer in layers])
    places = {
        result.input_value(0).get_node().get_friendly_name(): place
        for place, result in enumerate(watched.get_results())
    }
    return watched, [places[layer.name] for layer in layers]
