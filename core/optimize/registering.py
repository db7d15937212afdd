"""What NNCF's collectors do with the statistics of an image, found out once for all images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.optimize.statistics_rest import Outputs

_MOST_IMAGES, _MOST_BYTES = 64, 2**25  # that wait to be registered together


@dataclass(frozen=True, eq=False)
class _Branch:
    """Outputs of the network, and the aggregators that take them.

    Attributes:
        reducer: what is done to them before; None where the network has done so.
        names: of the outputs.
        aggregators: with the place of their value among the reduced ones.
    """

    reducer: Any
    names: list[str]
    aggregators: list[tuple[int, Any]]

    @property
    def wanting(self) -> _Branch:
        """The same without aggregators that have had all images that they take."""
        left = [
            (place, one)
            for place, one in self.aggregators
            if one.num_samples is None or one._collected_samples < one.num_samples
        ]
        return replace(self, aggregators=left)


class Register:
    """Hands the images' outputs to the collectors, those of several images at a time."""

    def __init__(self, aggregator: Any, points: Any, constants: Outputs) -> None:
        """`constants` are outputs that are the same for every image, and not among its own."""
        from nncf.tensor import Tensor

        self._tensor = Tensor
        self._constants = constants
        self._branches = _branches(aggregator, points)
        self._waiting: list[Outputs] = []
        self._bytes = 0

    @property
    def wanted(self) -> frozenset[str]:
        """The names of outputs that collectors take."""
        return frozenset(name for branch in self._branches for name in branch.names)

    def __call__(self, outputs: Outputs) -> None:
        """The next image; `finish` after the last one."""
        self._waiting.append(self._constants | outputs)
        self._bytes += sum(value.nbytes for value in outputs.values())
        if len(self._waiting) == _MOST_IMAGES or self._bytes >= _MOST_BYTES:
            self.finish()

    def finish(self) -> None:
        """Nothing waits any more."""
        for branch in self._branches:
            reduced = [
                one
                for outputs in self._waiting
                if (one := self._reduced(branch, outputs)) is not None
            ]
            for place, aggregator in branch.aggregators:
                register_all(aggregator, [one[place] for one in reduced])
        self._waiting, self._bytes = [], 0
        wanting = [one.wanting for one in self._branches]  # of weights and shapes one is enough
        self._branches = [one for one in wanting if one.aggregators]

    def _reduced(self, branch: _Branch, outputs: Outputs) -> Any:
        """Of an image; None where the tensor is empty."""
        values = [outputs[name] for name in branch.names]
        if not all(value.size for value in values):
            return None
        tensors = [self._tensor(value) for value in values]
        return tensors if branch.reducer is None else branch.reducer(tensors)


def register_all(aggregator: Any, values: Sequence[Any]) -> None:
    """NNCF's tensors as if they came one after another; the aggregator may want no more of them.

    Of those that only keep the largest or the smallest values it sees one, made of all.
    """
    from nncf.common.tensor_statistics.collectors import MaxAggregator, MinAggregator
    from nncf.tensor import Tensor

    if aggregator.num_samples is not None:
        values = values[: aggregator.num_samples - aggregator._collected_samples]
    extreme = {MinAggregator: np.min, MaxAggregator: np.max}.get(type(aggregator))
    if extreme is not None and 0 in aggregator._aggregation_axes:
        stacked = _alike([value.data for value in values])
        if stacked is not None:
            aggregator.register_reduced_input(Tensor(extreme(stacked, axis=0)))
            aggregator._collected_samples += len(values) - 1
            return
    for value in values:
        aggregator.register_reduced_input(value)


def _alike(values: Sequence[NDArray[Any]]) -> NDArray[Any] | None:
    """In one array, if their largest and smallest ones have the same bits in any order.

    0 and -0 are equal, and there may be several kinds of NaN.
    """
    if len(values) < 2 or len({value.shape for value in values}) > 1:
        return None
    if values[0].size == 1:  # as most are: by far the shortest way
        single = np.array([value.item() for value in values], values[0].dtype)
        stacked = single.reshape(len(values), *values[0].shape)
    else:
        stacked = np.stack(values)
    if np.isnan(stacked).any() or (np.signbit(stacked) & (stacked == 0)).any():
        return None
    return stacked


def _branches(aggregator: Any, points: Any) -> list[_Branch]:
    from nncf.openvino.graph.node_utils import get_reducer_output_node_names

    found = []
    for _, point, collector in points.get_tensor_collectors():
        if not collector.enabled:
            continue
        node, port, _ = aggregator._translate_to_post_layer_operation(point)
        for reducer in collector.reducers:
            names = get_reducer_output_node_names(
                reducer.name, node, port, reducer.output_port_id, reducer.inplace
            )
            own = [
                (key[1], one)
                for key, one in collector.aggregators.items()
                if key[0] == hash(reducer)
            ]
            found.append(_Branch(None if reducer.inplace else reducer, names, own))
    return found
