"""Detections image by image, as they come: what a stream of them is made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.dataset import Dataset
from core.detection.detections import Detections, DetectionTable
from core.images.placement import Placement
from core.inference.compiling import compile_for, executed_precision, optimal_requests
from core.inference.executed import executed, is_quantized
from core.inference.loading import LoadedImage
from core.inference.settings import TRUE_F32, Executed, InferenceSettings
from core.models.decoders.registry import decoder_of
from core.models.detector import Detector
from core.models.stored import read_network
from core.remarks.remark import Remark

if TYPE_CHECKING:
    import openvino as ov


Compile = Callable[["ov.Model", InferenceSettings], "ov.CompiledModel"]
Decode = Callable[[list[Any], Placement], Detections]
"""What the outputs of a model for an image are, whose place in the input is given."""

_WAITING = 1  # inferences beyond those that run, so that no stream idles
_MANY = 3  # images that a model looks at, for each of the inferences in flight
_QUICK_SECONDS = 0.5  # that they may take: progress is told, and a cancel heard, in between


@dataclass(frozen=True, eq=False)
class Run:
    """A model or the place of one, and how it is to run; a compiled one runs as it was compiled."""

    model: ov.Model | ov.CompiledModel | Path
    settings: InferenceSettings = TRUE_F32


@dataclass(frozen=True, eq=False)
class Prepared:
    """A compiled model, and how it runs."""

    compiled: ov.CompiledModel
    executed: Executed


@dataclass(frozen=True, eq=False)
class FoundInImage:
    """What was found in one image: by the number of each run that was wanted for it.

    `image` is that in the dataset; `size` is None where it was left out, which `problem` explains.
    """

    image: int
    size: tuple[int, int] | None
    found: Mapping[int, Detections]
    problem: Remark | None = None


def prepare(runs: Sequence[Run], compile_model: Compile | None = None) -> tuple[Prepared, ...]:
    """The runs, compiled side by side.

    `compile_model` makes the models ready that are not compiled yet; `compile_for` without it.
    """
    ready = partial(_prepared, compile_model=compile_model or _for_throughput)
    with ThreadPoolExecutor(len(runs), thread_name_prefix="compile") as pool:
        return tuple(pool.map(ready, runs))


def found_in_images(
    models: Sequence[Prepared],
    detector: Detector,
    wanted: Iterable[tuple[int, Sequence[int]]],
    load: Callable[[Iterator[int]], Iterator[LoadedImage]],
) -> Iterator[FoundInImage]:
    """What models that are used alike find: `wanted` are images, and the numbers of the models.

    One after the other in that order; several are in flight. Every image is prepared once, by
    `load`, and asked for some images before it is given. Memory does not grow with the images.
    """
    decoder = decoder_of(detector)
    numbers: deque[Sequence[int]] = deque()

    def indices() -> Iterator[int]:
        for image, some in wanted:
            numbers.append(some)
            yield image

    def decode(outputs: list[Any], placement: Placement) -> Detections:
        found = decoder.decode(outputs, detector.preprocessing, detector.options, placement)
        return _known_classes(found, len(detector.class_names))

    images = (_Looked(one, numbers.popleft()) for one in load(indices()))
    for looked in _infer([one.compiled for one in models], images, decode):
        image, place = looked.image, looked.image.placement
        size = None if place is None else (place.original_width, place.original_height)
        yield FoundInImage(image.index, size, looked.found, image.problem)


def table_of(
    images: Iterable[FoundInImage], number: int, detector: Detector, dataset: Dataset
) -> DetectionTable:
    """What the run of that number found in these images, without those that were left out."""
    used = [(one, one.size) for one in images if one.size is not None]
    return DetectionTable.build(
        [dataset.images[one.image] for one, _ in used],
        [size for _, size in used],
        [one.found[number] for one, _ in used],
        detector.class_names,
    )


def _prepared(run: Run, compile_model: Compile) -> Prepared:
    import openvino as ov

    model = run.model
    if isinstance(model, ov.CompiledModel):
        quantized = "int8" in executed_precision(model).layers
        return Prepared(model, executed(model, run.settings, quantized=quantized))
    if isinstance(model, Path):
        model = read_network(model)
    compiled, quantized = compile_model(model, run.settings), is_quantized(model)
    return Prepared(compiled, executed(compiled, run.settings, quantized=quantized))


def _for_throughput(model: ov.Model, settings: InferenceSettings) -> ov.CompiledModel:
    return compile_for(model, settings, "THROUGHPUT")


@dataclass(eq=False)
class _Looked:
    """An image, the numbers of the models that are to look at it, and what they found by now."""

    image: LoadedImage
    numbers: Sequence[int]
    found: dict[int, Detections] = field(default_factory=dict)

    @property
    def missing(self) -> bool:
        """Whether a model has still to look at it."""
        return self.image.tensors is not None and len(self.found) < len(self.numbers)


def _infer(
    models: Sequence[ov.CompiledModel], images: Iterator[_Looked], decode: Decode
) -> Iterator[_Looked]:
    """Every image with what its models found, in order, several inferences in flight.

    One model after the other looks at a few images, so that its weights stay in the processor's
    caches (docs/decisions/0038).
    """
    work = _InFlight(models, decode)
    waiting: deque[_Looked] = deque()
    most, few = _MANY * work.most if len(models) > 1 else 1, 1
    try:
        while True:
            some: list[_Looked] = []
            begun = monotonic()
            for number in range(len(models)):
                for one in some if number else _kept(islice(images, few), some, waiting):
                    work.begin(one, number)
                    while waiting and not waiting[0].missing:
                        yield waiting.popleft()
            if not some:
                break
            quick = monotonic() - begun < _QUICK_SECONDS
            few = min(most, 2 * few) if quick else max(1, few // 2)
        while waiting:
            if waiting[0].missing:
                work.finish()
            else:
                yield waiting.popleft()
    finally:
        work.end()


def _kept(
    images: Iterator[_Looked], some: list[_Looked], waiting: deque[_Looked]
) -> Iterator[_Looked]:
    """The same images, which are kept in both as they come."""
    for one in images:
        some.append(one)
        waiting.append(one)
        yield one


class _InFlight:
    """Inferences that were begun, as many as OpenVINO wants and one more; `most` of them.

    Without Python callbacks: an exception in a callback aborts the process.
    """

    def __init__(self, models: Sequence[ov.CompiledModel], decode: Decode) -> None:
        self.most = max(map(optimal_requests, models)) + _WAITING
        self._decode = decode
        self._idle = [[one.create_infer_request() for _ in range(self.most)] for one in models]
        self._busy: deque[tuple[_Looked, int, ov.InferRequest]] = deque()

    def begin(self, looked: _Looked, number: int) -> None:
        """Let the model of that number look at an image, if it is to."""
        tensors = looked.image.tensors  # which are shared: `looked` keeps them
        if tensors is None or number not in looked.numbers:
            return
        if len(self._busy) == self.most:
            self.finish()
        request = self._idle[number].pop()
        request.start_async(tensors, share_inputs=True)
        self._busy.append((looked, number, request))

    def finish(self) -> None:
        """Wait for the oldest one; what it found is noted with its image."""
        looked, number, request = self._busy[0]
        outputs = _outputs(request)
        self._busy.popleft()
        self._idle[number].append(request)
        assert looked.image.placement is not None
        looked.found[number] = self._decode(outputs, looked.image.placement)

    def end(self) -> None:
        """Wait for all that run, whose inputs would be freed."""
        for _, _, request in self._busy:
            request.wait()


def _outputs(request: ov.InferRequest) -> list[Any]:
    request.wait()
    return [np.array(one.data) for one in request.output_tensors]


def _known_classes(detections: Detections, count: int) -> Detections:
    """Without the rows whose class id has no name (padding of some exporters)."""
    return detections.where((detections.class_ids >= 0) & (detections.class_ids < count))
