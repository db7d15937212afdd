"""NNCF's fast correction of biases with one network for many layers, and the same biases.

It runs each layer alone, on the mean of what goes into it: a network of one convolution is compiled
for every layer, which takes nine times as long as running it. Here many layers are put side by
side into one network, each with its own input and output, so that none sees another
(docs/decisions/0046). Of each such network one layer is run as NNCF does, too: if one bit differs,
or anything is not as expected, all that follows is left to NNCF.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.optimize.replacing import replaced
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

_log = logging.getLogger(__name__)
_TRUE_F32 = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}  # as NNCF corrects
_MOST_BYTES = 2**26  # of weights, inputs and outputs of the layers in one network


@contextmanager
def layers_run_together() -> Iterator[None]:
    """`nncf.quantize` of OpenVINO models corrects biases faster, to the same bits."""
    from nncf.quantization.algorithms.fast_bias_correction import algorithm
    from nncf.quantization.algorithms.fast_bias_correction.openvino_backend import (
        OVFastBiasCorrectionAlgoBackend,
    )

    layers = _Layers(algorithm.EngineFactory.create)
    apply = algorithm.FastBiasCorrection.apply

    def applied(
        own: Any, model: ov.Model, graph: Any, statistic_points: Any = None, dataset: Any = None
    ) -> ov.Model:
        layers.begin(_layers_of(own, model, graph, statistic_points))
        corrected: ov.Model = apply(own, model, graph, statistic_points, dataset)
        return corrected

    with (
        replaced(algorithm.FastBiasCorrection, "apply", applied),
        replaced(OVFastBiasCorrectionAlgoBackend, "create_input_data", staticmethod(_input_data)),
        replaced(algorithm, "EngineFactory", SimpleNamespace(create=layers.engine)),
    ):
        yield


def _input_data(
    shape: Sequence[int], data: Sequence[Any], input_name: str, channel_axis: int
) -> dict[str, NDArray[Any]]:
    """NNCF's `create_input_data`, all channels at once: each has its mean everywhere."""
    means = np.array([one.data for one in data], data[0].data.dtype)
    along = [1] * len(shape)
    along[channel_axis] = shape[channel_axis]
    values = np.empty(shape, means.dtype)
    values[...] = means[: shape[channel_axis]].reshape(along)
    return {input_name: values}


@dataclass(frozen=True, eq=False)
class _Layer:
    """A network of one layer with its quantized weights, and what goes into it."""

    model: ov.Model
    given: NDArray[Any]

    @property
    def name(self) -> str:
        """Of its output."""
        return str(self.model.outputs[0].get_any_name())

    @property
    def bytes(self) -> int:
        """Of its weights, its input and its output."""
        constants = sum(
            4 * math.prod(op.get_output_shape(0))
            for op in self.model.get_ops()
            if op.get_type_name() == "Constant"
        )
        return int(constants + self.given.nbytes + 4 * math.prod(self.model.outputs[0].get_shape()))


def _layers_of(own: Any, model: ov.Model, graph: Any, points: Any) -> Iterator[_Layer]:
    """The layers whose biases `own`, NNCF's algorithm, is about to correct, in its order."""
    from nncf.quantization.algorithms.fast_bias_correction.openvino_backend import (
        OVFastBiasCorrectionAlgoBackend,
    )

    backend = OVFastBiasCorrectionAlgoBackend(model)
    for node in graph.get_all_nodes():
        if not backend.is_node_with_bias(node, graph):
            continue
        if not backend.is_quantized_weights(node, graph):
            continue
        source, target = backend.get_node_names_for_input_output_statistics(node, graph)
        port, _ = backend.get_activation_port_ids_for_bias_node(node)
        means, shape = own._get_fp_inputs(points, source)
        part = backend.extract_submodel(None, (source, port), (target, 0))
        ports = (*part.inputs, *part.outputs)
        if len(ports) != 2 or any(one.get_partial_shape().is_dynamic for one in ports):
            continue
        name, _ = backend.get_sub_input_output_names(part)
        axis = backend.get_activation_channel_axis(node, port, shape)
        yield _Layer(part, backend.create_input_data(shape, means, name, axis)[name])


class _Layers:
    """Runs layers ahead, several in one network, and hands out what they gave as NNCF asks."""

    def __init__(self, create: Any) -> None:
        """`create` gives NNCF's own engine for a network."""
        self._create = create
        self._waiting: Iterator[_Layer] = iter(())
        self._next: _Layer | None = None
        self._known: dict[str, NDArray[Any]] = {}

    def begin(self, layers: Iterator[_Layer]) -> None:
        """These are asked for next."""
        self._waiting, self._known = layers, {}
        self._next = next(layers, None)

    def engine(self, model: ov.Model) -> Any:
        """What NNCF runs this network of one layer with."""
        name = str(model.outputs[0].get_any_name())
        if name not in self._known and self._next is not None:
            self._known = self._run(self._group())
        if name not in self._known:
            return self._create(model)
        output = self._known.pop(name)
        return SimpleNamespace(infer=lambda given: {name: output})

    def _group(self) -> list[_Layer]:
        """The next layers, as many as are run in one network."""
        group: list[_Layer] = []
        total = 0
        while self._next is not None:
            total += self._next.bytes
            if group and total > _MOST_BYTES:
                break
            group.append(self._next)
            self._next = next(self._waiting, None)
        return group

    def _run(self, group: list[_Layer]) -> dict[str, NDArray[Any]]:
        """The outputs by their names; none where they cannot be relied on."""
        if len(group) < 2:  # nothing is gained
            return {}
        import openvino as ov

        results = [result for one in group for result in one.model.get_results()]
        inputs = [given for one in group for given in one.model.get_parameters()]
        network = ov.Model(results, inputs, "layers")
        compiled = openvino_core().compile_model(network, "CPU", _TRUE_F32)
        found = compiled.create_infer_request().infer([one.given for one in group])
        outputs = {one.name: found[place] for place, one in enumerate(group)}
        largest = max(group, key=lambda one: one.bytes)
        alone = self._create(largest.model).infer({0: largest.given})[largest.name]
        if len(outputs) == len(group) and np.array_equal(alone, outputs[largest.name]):
            return outputs
        _log.info("correcting biases as NNCF does: layers give other bits together")
        self._next = None
        return {}
