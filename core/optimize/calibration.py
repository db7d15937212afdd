"""Calibration faster than NNCF's own, with the same result bit for bit.

NNCF runs one image at a time and waits for it, registers every statistic through several layers of
Python, and looks for several hundred patterns in the graph, most of which cannot occur in it. There
is no public hook for any of these, so `fast_calibration` replaces functions of NNCF while it is
open (docs/decisions/0006). How biases are corrected stands in `layers_together`. Whatever is not as
it expects is left to NNCF's own code.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.loading import little_looked_through
from core.optimize.constant_statistics import take_constants
from core.optimize.layers_together import layers_run_together
from core.optimize.registering import Register
from core.optimize.replacing import replaced
from core.optimize.statistics_cache import StatisticsCache
from core.optimize.statistics_graph import by_product, by_reduction, faster
from core.optimize.statistics_rest import ROW, Outputs, Rest
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

_log = logging.getLogger(__name__)
_TRUE_F32 = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": ""}  # as NNCF calibrates
_MANY = {"PERFORMANCE_HINT": "THROUGHPUT"}
_WAITING = 2  # inferences begun beyond those that run, so that no stream idles

Infer = Callable[["ov.Model", Iterator[Any], frozenset[str]], Iterator[Outputs]]
"""Gives the statistics of these names of every image, in order, by NNCF's network for them."""


@contextmanager
def fast_calibration(
    known: StatisticsCache | None = None, infer: Infer | None = None
) -> Iterator[None]:
    """`nncf.quantize` of OpenVINO models is faster inside, and gives the same weights.

    Those that are `known` are not collected again, new ones are kept there; by `infer`, or here.
    """
    from nncf.common.graph import graph_matching
    from nncf.openvino.statistics.aggregator import OVStatisticsAggregator

    matchers = SimpleNamespace(MultiDiGraphMatcher=_Matchers(graph_matching).matcher)

    def collect(aggregator: Any, model: ov.Model, graph: Any) -> None:
        points = aggregator.statistic_points
        remaining = points if known is None else known.take(points, graph)
        _collect(aggregator, remaining, model, graph, infer or infer_here)
        if known is not None:
            known.keep(remaining, graph)

    with (
        replaced(OVStatisticsAggregator, "collect_statistics", collect),
        replaced(graph_matching, "ism", matchers),
        layers_run_together(),
        little_looked_through(),
    ):
        yield


def _collect(aggregator: Any, points: Any, model: ov.Model, graph: Any, infer: Infer) -> None:
    """`OVStatisticsAggregator.collect_statistics` at these points, several images at a time."""
    import nncf
    from nncf.common import factory
    from nncf.common.logging.track_progress import track
    from nncf.common.tensor_statistics.aggregator import EMPTY_DATASET_ERROR
    from nncf.openvino.graph.model_utils import model_has_state

    if not points:
        return
    aggregator._name_to_node_mapping = {op.get_friendly_name(): op for op in model.get_ops()}
    merged = aggregator._get_merged_statistic_points(points, model, graph)
    layout = aggregator._get_transformation_layout_extra_outputs(merged)
    watched = factory.ModelTransformerFactory.create(model).transform(layout)
    constants = take_constants(watched)
    wanted = aggregator._get_iterations_number()
    images = islice(aggregator.dataset.get_inference_data(), wanted)
    infer = _one_at_a_time if model_has_state(watched) else infer
    register = Register(aggregator, merged, constants)
    done = 0
    found = infer(watched, images, register.wanted)
    for outputs in track(found, total=wanted, description="Statistics collection"):
        register(outputs)
        done += 1
    register.finish()
    if not done:
        raise nncf.ValidationError(EMPTY_DATASET_ERROR)


def _one_at_a_time(
    model: ov.Model, images: Iterator[Any], wanted: frozenset[str]
) -> Iterator[Outputs]:
    """As NNCF does it: for networks with a state, which depends on the order."""
    from nncf.common import factory

    engine = factory.EngineFactory.create(model)
    for image in images:
        yield {name: one for name, one in engine.infer(image).items() if name in wanted}


def infer_here(model: ov.Model, images: Iterator[Any], wanted: frozenset[str]) -> Iterator[Outputs]:
    """See `Infer`."""
    first = next(images, None)
    if first is not None:
        network, expected = network_for(model, first, wanted)
        yield expected
        yield from network.run(images)


def network_for(model: ov.Model, first: Any, wanted: frozenset[str]) -> tuple[Network, Outputs]:
    """What statistics are collected with, and those of the first image.

    NNCF's own network, compiled as NNCF does, only without what is constant, runs that image too.
    Only one that gives the same bits is used for the others: shortcuts are left out until it does.
    """
    add_up, settings = by_product, _MANY

    def ran(*network: Any) -> tuple[Network, Outputs]:
        compiled = Network(*network)
        return compiled, compiled.outputs(first)

    with ThreadPoolExecutor(1, thread_name_prefix="compile") as pool:
        running = pool.submit(ran, model, Rest(wanted), _TRUE_F32)
        network, found = ran(*faster(model, wanted, add_up), _TRUE_F32 | settings)
        exact, expected = running.result()
    while wrong := _differing(found, expected):
        if add_up is by_product and wrong <= network.means:
            add_up = by_reduction
        elif settings:  # with other threads, layers are computed otherwise
            settings = {}
        else:
            _log.info("calibrating as NNCF does: shortcuts would change statistics here")
            return exact, expected
        network, found = ran(*faster(model, wanted, add_up), _TRUE_F32 | settings)
    return network, expected


def _differing(some: Outputs, others: Outputs) -> set[str]:
    """The names of those that are not equal bit for bit, or missing."""
    return {
        name
        for name in some.keys() | others.keys()
        if name not in some or name not in others or not _same(some[name], others[name])
    }


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    alike = (one.shape, one.dtype) == (other.shape, other.dtype)
    return alike and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


class Network:
    """A compiled network that gives the outputs that are asked for by their tensors' names."""

    def __init__(self, model: ov.Model, rest: Rest, settings: dict[str, str]) -> None:
        self._compiled = openvino_core().compile_model(model, "CPU", settings)
        self._rest = rest
        names = [port.get_names() for port in self._compiled.outputs]
        self._row = [place for place, own in enumerate(names) if any(map(_is_of_row, own))]
        own = [(place, rest.wanted.intersection(one)) for place, one in enumerate(names)]
        self._others = [(place, wanted) for place, wanted in own if wanted]

    @property
    def threads(self) -> int:
        """How many it computes with."""
        return int(self._compiled.get_property("INFERENCE_NUM_THREADS"))

    @property
    def means(self) -> frozenset[str]:
        """The names of those that are added up otherwise than in NNCF's network."""
        means = self._rest.means
        return frozenset() if means is None else frozenset(means.names)

    def outputs(self, image: Any) -> Outputs:
        """Of one image."""
        return next(self.run(iter((image,))))

    def run(self, images: Iterator[Any]) -> Iterator[Outputs]:
        """Of every image, in order, several in flight."""
        streams = int(self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        idle = [self._compiled.create_infer_request() for _ in range(streams + _WAITING)]
        busy: deque[tuple[ov.InferRequest, Any]] = deque()  # the inputs are shared: keep them
        try:
            for image in images:
                if not idle:
                    request, _ = busy[0]
                    request.wait()
                    busy.popleft()
                    yield self._of(request)
                    idle.append(request)
                request = idle.pop()
                request.start_async(image, share_inputs=True)
                busy.append((request, image))
            while busy:
                request, _ = busy[0]
                request.wait()
                busy.popleft()
                yield self._of(request)
        finally:
            for request, _ in busy:
                request.wait()

    def _of(self, request: ov.InferRequest) -> Outputs:
        outputs: Outputs = {}
        for place, names in self._others:
            outputs |= dict.fromkeys(names, np.array(request.get_output_tensor(place).data))
        pieces = [request.get_output_tensor(place).data.ravel() for place in self._row]
        row = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
        return self._rest.finish(outputs, row)


def _is_of_row(name: str) -> bool:
    return name.startswith(ROW)


class _Matchers:
    """Stands for networkx' isomorphism module: the same matches, found without looking at nodes
    of another kind, and not looked for where they cannot be.
    """

    def __init__(self, graph_matching: Any) -> None:
        self._matched = graph_matching._are_nodes_matched
        self._matcher = _kind_first(graph_matching.ism.MultiDiGraphMatcher)
        self._kinds: tuple[Any, _Kinds] | None = None  # of the graph that is being searched

    def matcher(self, graph: Any, pattern: Any, node_match: Any) -> Any:
        """A matcher, or one that finds nothing if the pattern cannot occur in the graph."""
        if self._kinds is None or self._kinds[0] is not graph:
            self._kinds = graph, _Kinds(graph, self._matched)
        likes = self._kinds[1].likes(pattern)
        if likes is None:
            return _NoMatch
        matcher = self._matcher(graph, pattern, node_match=node_match)
        matcher.likes = likes
        return matcher


def _kind_first(matcher: Any) -> Any:
    """A matcher that compares the kinds of two nodes before their places in the graphs."""

    class Matcher(matcher):  # type: ignore[misc]  # a class that NNCF gives
        likes: dict[Any, set[Any]]  # nodes of the graph by those of the pattern

        def syntactic_feasibility(self, node: Any, wanted: Any) -> bool:
            return node in self.likes[wanted] and bool(super().syntactic_feasibility(node, wanted))

    return Matcher


class _NoMatch:
    @staticmethod
    def subgraph_isomorphisms_iter() -> Iterator[dict[str, str]]:
        return iter(())


class _Kinds:
    """The nodes of a graph by their kind, and which kinds follow which."""

    def __init__(self, graph: Any, matched: Callable[[Any, Any], bool]) -> None:
        self._matched = matched
        self._graph = graph
        kinds = {key: (data["type"], data["metatype"]) for key, data in graph.nodes(data=True)}
        self._nodes: dict[Any, set[Any]] = {}
        for key, kind in kinds.items():
            self._nodes.setdefault(kind, set()).add(key)
        self._edges = {(kinds[source], kinds[target]) for source, target in graph.edges()}

    def likes(self, pattern: Any) -> dict[Any, set[Any]] | None:
        """The nodes of the graph that each node of the pattern may stand for.

        None if one of the pattern's nodes or edges has no like in the graph.
        """
        kinds = {}
        for key, wanted in pattern.nodes(data=True):
            kinds[key] = {
                kind
                for kind, nodes in self._nodes.items()
                if self._matched(self._graph.nodes[next(iter(nodes))], wanted)
            }
        for source, target in pattern.edges():
            if not any((a, b) in self._edges for a in kinds[source] for b in kinds[target]):
                return None
        likes = {
            key: set().union(*(self._nodes[kind] for kind in own)) for key, own in kinds.items()
        }
        return likes if all(likes.values()) else None
