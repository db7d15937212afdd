"""What each layer adds to a network's error when it runs in INT8, and how much of its work it is.

How far a layer's own tensor is from the parent's says little of what becomes of it. Here layers are
there as the parent computes them and as they were quantized, with a gate for the difference
(`core.optimize.gates`). With one gate open at a time, the error is that layer's alone where it
counts: at the last layers. A few layers have gates in one network, and several networks run side by
side; what is in front of their layers is computed once for an image (docs/decisions/0048).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from core.errors import JobCancelled
from core.optimize.gates import Behind, Gates, Value
from core.optimize.weighed import Weighed

Tensors = Sequence[NDArray[Any]]
Told = Callable[[int, int], None]
_GATES = 12  # in a network: more would make it slower, fewer leave more networks to be compiled
_SIDE_BY_SIDE = 2  # networks, at most: each has memory of its own, and shares the threads
_LOOK_SECONDS = 0.1  # between two looks whether it is still wanted
_ENGINE = {"INFERENCE_PRECISION_HINT": "f32", "CACHE_DIR": "", "LP_TRANSFORMS_MODE": "NO"}
_BESIDE = {"NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False}  # pinned, all would be on one core
_TINY = 1e-12


def errors_added(
    quantized: ov.Model,
    parent: ov.Model,
    images: Iterable[Tensors],
    core: ov.Core,
    step: Told = lambda done, total: None,
) -> tuple[Weighed, ...]:
    """What each quantized layer adds, in the network's order; `quantized` is changed by it.

    `parent` computes the same by the same operations. `images` are tensors of all inputs; a share
    is the median over them, for the values of one image may lie far outside of all ranges. `step`
    hears in the calling thread how many layers are done, of how many, also while none is, and may
    raise to stop: then nothing goes on. Empty where no layer can be told apart.
    """
    gates = Gates(quantized, parent)
    layers = gates.layers
    if not layers:
        return ()
    groups = np.array_split(np.arange(len(layers)), -(-len(layers) // _GATES))
    parts = [gates.behind([layers[place] for place in group]) for group in groups]
    values = tuple(dict.fromkeys(value for part in parts for value in part.values))
    before = core.compile_model(gates.before(values), "CPU", _ENGINE)
    known = []
    for found in _given(before, images):
        known.append(dict(zip(values, found, strict=True)))
        step(0, len(layers))
    threads = int(before.get_property("INFERENCE_NUM_THREADS"))
    del before
    each = _Runs(core, known, threads).errors(parts, len(layers), step)
    seen = [errors / max(errors.sum(), _TINY) for errors in each]
    errors = np.median(seen, axis=0) if seen else np.zeros(len(layers))
    work = np.array([one.multiplications for one in layers])
    shares = errors / max(errors.sum(), _TINY), work / max(work.sum(), _TINY)
    return tuple(
        Weighed(layer.name, float(error), float(part))
        for layer, error, part in zip(layers, *shares, strict=True)
    )


def _given(before: ov.CompiledModel, images: Iterable[Tensors]) -> Iterator[list[NDArray[Any]]]:
    """What the network gives of each image."""
    request = before.create_infer_request()
    for tensors in images:
        request.infer(list(tensors), share_inputs=True)
        yield [np.array(one.data) for one in request.output_tensors]


@dataclass(frozen=True)
class _Runs:
    """Runs of networks in `threads` of the processor; `known` are the values of each image."""

    core: ov.Core
    known: Sequence[dict[Value, NDArray[Any]]]
    threads: int
    _finished: SimpleQueue[None] = field(default_factory=SimpleQueue)
    _unwanted: Event = field(default_factory=Event)

    def errors(self, parts: Sequence[Behind], layers: int, step: Told) -> NDArray[np.float64]:
        """Of all layers, ``[images, layers]``, which are as many as the parts have together."""
        beside = min(self.threads, len(parts), _SIDE_BY_SIDE)
        engine = _ENGINE | _BESIDE | {"INFERENCE_NUM_THREADS": self.threads // beside}
        with ThreadPoolExecutor(beside, thread_name_prefix="weigh") as pool:
            futures = [pool.submit(self._of_part, part, engine) for part in parts]
            try:
                self._wait(futures, layers, step)
            finally:
                self._unwanted.set()
        return np.concatenate([one.result() for one in futures], axis=1)

    def _wait(self, futures: Sequence[Future[Any]], layers: int, step: Told) -> None:
        done = 0
        while done < layers:
            try:
                self._finished.get(timeout=_LOOK_SECONDS)
                done += 1
            except Empty:
                pass
            step(done, layers)
            for future in futures:
                if future.done():
                    future.result()  # raises what went wrong there

    def _of_part(self, part: Behind, engine: dict[str, Any]) -> NDArray[np.float64]:
        """Of its layers, ``[images, layers]``."""
        self._require_wanted()
        request = self.core.compile_model(part.model, "CPU", engine).create_infer_request()
        inputs = [[of_image[value] for value in part.values] for of_image in self.known]
        closed, *opened = np.eye(part.gates + 1, part.gates, -1, dtype=np.float32)
        wanted = [self._ran(request, one, closed) for one in inputs]
        errors = np.empty((len(inputs), part.gates))
        for place, gates in enumerate(opened):
            for image, one in enumerate(inputs):
                found = self._ran(request, one, gates)
                errors[image, place] = sum(map(_error, found, wanted[image]))
            self._finished.put(None)
        return errors

    def _ran(
        self, request: ov.InferRequest, values: Tensors, gates: NDArray[Any]
    ) -> list[NDArray[np.float64]]:
        self._require_wanted()
        request.infer([*values, gates], share_inputs=True)
        return [np.array(one.data, dtype=np.float64) for one in request.output_tensors]

    def _require_wanted(self) -> None:
        if self._unwanted.is_set():
            raise JobCancelled


def _error(found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    """Squared, as a share of how much the wanted values differ among themselves."""
    spread = np.square(wanted - wanted.mean()).sum() + _TINY
    return float(np.square(found - wanted).sum() / spread)
