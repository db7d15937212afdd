"""Detections image by image, as they come: what a stream of them is made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.dataset import Dataset
from core.detection.detections import Detections, DetectionTable
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
_WAITING = 1  # images beyond those that are being inferred, so that no stream idles


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

    images = ((one, numbers.popleft()) for one in load(indices()))
    for image, outputs in _infer([one.compiled for one in models], images):
        if image.placement is None:
            yield FoundInImage(image.index, None, {}, image.problem)
            continue
        found = {
            number: _known_classes(
                decoder.decode(of_model, detector.preprocessing, detector.options, image.placement),
                len(detector.class_names),
            )
            for number, of_model in outputs.items()
        }
        size = image.placement.original_width, image.placement.original_height
        yield FoundInImage(image.index, size, found, image.problem)


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


def _infer(
    models: Sequence[ov.CompiledModel], images: Iterator[tuple[LoadedImage, Sequence[int]]]
) -> Iterator[tuple[LoadedImage, dict[int, list[Any]]]]:
    """Every image with copies of the outputs of its models, in order, several in flight.

    A ring of requests without Python callbacks: an exception in a callback aborts the process.
    """
    idle = [
        [one.create_infer_request() for one in models]
        for _ in range(max(optimal_requests(one) for one in models) + _WAITING)
    ]
    busy: deque[tuple[LoadedImage, list[ov.InferRequest], Sequence[int]]] = deque()

    def finish() -> tuple[LoadedImage, dict[int, list[Any]]]:
        image, requests, numbers = busy.popleft()
        outputs = {number: _outputs(requests[number]) for number in numbers if requests}
        if requests:
            idle.append(requests)
        return image, outputs

    try:
        for image, numbers in images:
            if image.tensors is None:
                busy.append((image, [], numbers))
                continue
            while not idle:
                yield finish()
            requests = idle.pop()
            for number in numbers:
                given = image.tensors  # which `busy` keeps
                requests[number].start_async(given, share_inputs=True)
            busy.append((image, requests, numbers))
        while busy:
            yield finish()
    finally:
        for _, pending, numbers in busy:
            for number in numbers if pending else ():
                pending[number].wait()


def _outputs(request: ov.InferRequest) -> list[Any]:
    request.wait()
    return [np.array(one.data) for one in request.output_tensors]


def _known_classes(detections: Detections, count: int) -> Detections:
    """Without the rows whose class id has no name (padding of some exporters)."""
    return detections.where((detections.class_ids >= 0) & (detections.class_ids < count))
