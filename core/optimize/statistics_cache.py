"""What one quantization found out, for the next one of the same network and images.

Plans differ in what they quantize, and so in where they need statistics; but all of them are
collected on the float network, where they are the same for every plan.
"""

from __future__ import annotations

from typing import Any

from core.optimize.bias_shifts import Shifts
from core.optimize.rounding import Known


class StatisticsCache:
    """Of one network and one list of images: whoever uses it has to see to that."""

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}
        self.images: tuple[str, ...] = ()  # that could be read when the first ones were collected
        self.rounding = Known()  # of layers whose weights are rounded by least error
        self.shifts: Shifts = {}  # of layers' biases
        self.reused = 0  # how many statistics were taken from here so far

    def without_statistics(self) -> StatisticsCache:
        """What depends on a plan's own layers alone: the rest it is to find out by itself."""
        found = StatisticsCache()
        found.rounding, found.shifts = self.rounding, self.shifts
        return found

    def take(self, points: Any, graph: Any) -> Any:
        """Hand what is known to NNCF's collectors; gives the points that remain to be collected."""
        from nncf.common.tensor_statistics.statistic_point import (
            StatisticPoint,
            StatisticPointsContainer,
        )

        remaining = StatisticPointsContainer()
        for algorithm, point, collector in points.get_tensor_collectors():
            known = self._known.get(_key(point, collector, graph))
            if known is not None:
                collector.set_cache(known)
                self.reused += 1
            else:
                remaining.add_statistic_point(
                    StatisticPoint(point.target_point, collector, algorithm)
                )
        return remaining

    def keep(self, points: Any, graph: Any) -> None:
        """Keep what was collected at these points."""
        from nncf.common.tensor_statistics.statistics import TensorStatistic

        for _, point, collector in points.get_tensor_collectors():
            statistics = collector.get_statistics()
            if isinstance(statistics, TensorStatistic):
                self._known[_key(point, collector, graph)] = statistics


def _key(point: Any, collector: Any, graph: Any) -> Any:
    """Of which tensor, and what: NNCF tells reducers and aggregators apart by their hashes.

    A tensor may be watched where it is made or where it is read.
    """
    from nncf.common.graph.transformations.commands import TargetType

    target = point.target_point
    place = target.target_node_name, target.port_id
    if target.type in (TargetType.PRE_LAYER_OPERATION, TargetType.OPERATION_WITH_WEIGHTS):
        edges = graph.get_input_edges(graph.get_node_by_name(target.target_node_name))
        made = edges[target.port_id]
        place = made.from_node.node_name, made.output_port_id
    branches = frozenset(collector._stat_container_kwargs_map.items())
    return place, collector._stat_container, branches
