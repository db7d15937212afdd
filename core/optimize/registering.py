"""What NNCF's collectors do with the statistics of an image, found out once for all images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.optimize.statistics_graph import Outputs


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
    """Hands one image's outputs to the collectors."""

    def __init__(self, aggregator: Any, points: Any, constants: Outputs) -> None:
        """`constants` are outputs that are the same for every image, and not among its own."""
        from nncf.tensor import Tensor

        self._tensor = Tensor
        self._constants = constants
        self._branches = _branches(aggregator, points)
        self._images = 0

    def __call__(self, outputs: Outputs) -> None:
        """The next image."""
        tensor, known = self._tensor, self._constants | outputs
        for branch in self._branches:
            values = [known[name] for name in branch.names]
            if not all(value.size for value in values):
                continue
            reduced = [tensor(value) for value in values]
            if branch.reducer is not None:
                reduced = branch.reducer(reduced)
            for place, aggregator in branch.aggregators:
                aggregator.register_reduced_input(reduced[place])
        self._images += 1
        if self._images == 1:  # of weights and shapes one image is enough
            wanting = [one.wanting for one in self._branches]
            self._branches = [one for one in wanting if one.aggregators]


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
