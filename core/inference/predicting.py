"""Running a detector over a dataset."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.dataset import Dataset
from core.detection.detections import Detections, DetectionTable
from core.errors import WorkbenchError
from core.inference.compiling import PrecisionHint, compile_for, optimal_requests
from core.inference.loading import LoadedImage, load_images
from core.models.decoders.registry import decoder_by_id
from core.models.detector import Detector

if TYPE_CHECKING:
    import openvino as ov


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a detector found in a dataset, and the sentences about images left out."""

    table: DetectionTable
    problems: tuple[str, ...]


def predict(
    model: ov.Model | ov.CompiledModel | Path,
    detector: Detector,
    dataset: Dataset,
    precision_hint: PrecisionHint = "f32",
    progress: Callable[[int], None] = lambda done: None,
) -> Prediction:
    """Detections of `model`, or of the one stored at that path, on every image of `dataset`.

    A compiled model runs as it was compiled, whatever the precision hint. Images that cannot be
    read are left out and listed. `progress` is told how many are done, and may raise to stop.
    Memory does not grow with the images, only with the detections.
    """
    return predict_all((model,), detector, dataset, precision_hint, progress)[0]


def predict_all(
    models: Sequence[ov.Model | ov.CompiledModel | Path],
    detector: Detector,
    dataset: Dataset,
    precision_hint: PrecisionHint = "f32",
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Prediction, ...]:
    """Detections of several models that are used alike: every image is prepared once for all."""
    with ThreadPoolExecutor(len(models), thread_name_prefix="compile") as pool:
        compiled = list(pool.map(partial(_compiled, precision_hint=precision_hint), models))
    decoder = decoder_by_id(detector.decoder)
    names: list[str] = []
    sizes: list[tuple[int, int]] = []
    found: list[list[Detections]] = [[] for _ in models]
    problems: list[str] = []
    images = load_images(dataset, range(len(dataset.images)), detector)
    for done, (image, outputs) in enumerate(_infer(compiled, images), start=1):
        progress(done)
        if image.placement is None:
            problems.append(image.problem)
            continue
        names.append(dataset.images[image.index])
        sizes.append((image.placement.original_width, image.placement.original_height))
        for own, of_model in zip(found, outputs, strict=True):
            detections = decoder.decode(
                of_model, detector.preprocessing, detector.options, image.placement
            )
            own.append(_known_classes(detections, len(detector.class_names)))
    if not names:
        raise WorkbenchError(
            f"None of the {len(dataset.images)} images in {dataset.root} could be read.",
            f"The first one: {problems[0]}" if problems else "Choose another dataset.",
        )
    return tuple(
        Prediction(DetectionTable.build(names, sizes, own, detector.class_names), tuple(problems))
        for own in found
    )


_WAITING = 1  # images beyond those that are being inferred, so that no stream idles


def _compiled(
    model: ov.Model | ov.CompiledModel | Path, precision_hint: PrecisionHint
) -> ov.CompiledModel:
    import openvino as ov

    if isinstance(model, ov.CompiledModel):
        return model
    return compile_for(model, precision_hint, "THROUGHPUT")


def _infer(
    models: Sequence[ov.CompiledModel], images: Iterator[LoadedImage]
) -> Iterator[tuple[LoadedImage, list[list[Any]]]]:
    """Every image with copies of each model's outputs, in order, several inferences in flight.

    A ring of requests without Python callbacks: an exception in a callback aborts the process.
    """
    idle = [
        [one.create_infer_request() for one in models]
        for _ in range(max(optimal_requests(one) for one in models) + _WAITING)
    ]
    busy: deque[tuple[LoadedImage, list[ov.InferRequest]]] = deque()

    def finish() -> tuple[LoadedImage, list[list[Any]]]:
        image, requests = busy.popleft()
        outputs = []
        for request in requests:
            request.wait()
            outputs.append([np.array(tensor.data) for tensor in request.output_tensors])
        if requests:
            idle.append(requests)
        return image, outputs

    try:
        for image in images:
            if image.tensors is None:
                busy.append((image, []))
                continue
            while not idle:
                yield finish()
            requests = idle.pop()
            for request in requests:
                request.start_async(image.tensors, share_inputs=True)  # `busy` keeps them
            busy.append((image, requests))
        while busy:
            yield finish()
    finally:
        for _, pending in busy:
            for request in pending:
                request.wait()


def _known_classes(detections: Detections, count: int) -> Detections:
    """Without the rows whose class id has no name (padding of some exporters)."""
    return detections.where((detections.class_ids >= 0) & (detections.class_ids < count))
