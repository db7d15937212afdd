"""Running a detector over a dataset."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.datasets.dataset import Dataset
from core.detection.detections import Detections, DetectionTable
from core.errors import WorkbenchError
from core.folders import temporary_folder
from core.inference.arithmetic import int8_arithmetic
from core.inference.compiling import compile_for, executed_precision, optimal_requests
from core.inference.executed import executed, is_quantized
from core.inference.loading import LoadedImage, load_images
from core.inference.settings import TRUE_F32, Executed, InferenceSettings
from core.models.decoders.registry import decoder_of
from core.models.detector import Detector
from core.remarks.remark import Remark
from core.remarks.sentences import sentence
from core.runtime import openvino_core

if TYPE_CHECKING:
    import openvino as ov

    from core.inference.limited import LimitedDetector


Compile = Callable[["ov.Model", InferenceSettings], "ov.CompiledModel"]


@dataclass(frozen=True, eq=False)
class Run:
    """A model or the place of one, and how it is to run; a compiled one runs as it was compiled."""

    model: ov.Model | ov.CompiledModel | Path
    settings: InferenceSettings = TRUE_F32


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a detector found in a dataset, how it ran, and why images were left out."""

    table: DetectionTable
    problems: tuple[Remark, ...]
    executed: Executed


def predict(
    model: ov.Model | ov.CompiledModel | Path,
    detector: Detector,
    dataset: Dataset,
    settings: InferenceSettings = TRUE_F32,
    progress: Callable[[int], None] = lambda done: None,
    limited: LimitedDetector | None = None,
) -> Prediction:
    """Detections of `model`, or of the one stored at that path, on every image of `dataset`.

    Images that cannot be read are left out and listed. `progress` is told how many are done, and
    may raise to stop. Memory does not grow with the images, only with the detections. `limited`
    see `predict_all`.
    """
    return predict_all((Run(model, settings),), detector, dataset, progress, limited=limited)[0]


def predict_all(
    runs: Sequence[Run],
    detector: Detector,
    dataset: Dataset,
    progress: Callable[[int], None] = lambda done: None,
    compile_model: Compile | None = None,
    limited: LimitedDetector | None = None,
) -> tuple[Prediction, ...]:
    """Detections of several runs of models that are used alike: every image is prepared once.

    `compile_model` makes the models ready that are not compiled yet; `compile_for` without it. What
    is to saturate and does not here runs in the process of `limited`, one after the other; without
    it, in one that ends with the call.
    """
    apart = [one for one in runs if _elsewhere(one)]
    here = [one for one in runs if one not in apart]
    ready = partial(_compiled, compile_model=compile_model or _for_throughput)
    made = _predict_here(here, detector, dataset, progress, ready) if here else ()
    found = dict(zip(here, made, strict=True))
    if apart:
        with _process(limited) as other:
            for one in apart:
                found[one] = _predict_apart(other, one, detector, dataset, progress)
    return tuple(found[one] for one in runs)


def _elsewhere(run: Run) -> bool:
    """Whether a model is to have saturating sums where this process has others."""
    import openvino as ov

    if run.settings.int8 != "saturating" or isinstance(run.model, ov.CompiledModel):
        return False
    return int8_arithmetic() != "saturating"


def _process(limited: LimitedDetector | None) -> AbstractContextManager[LimitedDetector]:
    """The process that is given, to be left open, or one for once."""
    from core.inference.limited import LimitedDetector

    return LimitedDetector() if limited is None else nullcontext(limited)


def _predict_apart(
    limited: LimitedDetector,
    run: Run,
    detector: Detector,
    dataset: Dataset,
    progress: Callable[[int], None],
) -> Prediction:
    """As the other process detects, which reads the model from a file."""
    import openvino as ov

    if isinstance(run.model, Path):
        return limited.predict(run.model, detector, dataset, run.settings, progress)
    with temporary_folder() as folder:
        xml = folder / "model.xml"
        ov.save_model(run.model, xml, compress_to_fp16=False)
        return limited.predict(xml, detector, dataset, run.settings, progress)


def _predict_here(
    runs: Sequence[Run],
    detector: Detector,
    dataset: Dataset,
    progress: Callable[[int], None],
    ready: Callable[[Run], tuple[ov.CompiledModel, bool]],
) -> tuple[Prediction, ...]:
    with ThreadPoolExecutor(len(runs), thread_name_prefix="compile") as pool:
        compiled, quantized = zip(*pool.map(ready, runs), strict=True)
    decoder = decoder_of(detector)
    names: list[str] = []
    sizes: list[tuple[int, int]] = []
    found: list[list[Detections]] = [[] for _ in runs]
    problems: list[Remark] = []
    images = load_images(dataset, range(len(dataset.images)), detector)
    for done, (image, outputs) in enumerate(_infer(compiled, images), start=1):
        progress(done)
        if image.problem is not None:
            problems.append(image.problem)
        if image.placement is None:
            continue
        names.append(dataset.images[image.index])
        sizes.append((image.placement.original_width, image.placement.original_height))
        for own, of_model in zip(found, outputs, strict=True):
            detections = decoder.decode(
                of_model, detector.preprocessing, detector.options, image.placement
            )
            own.append(_known_classes(detections, len(detector.class_names)))
    if not names:
        raise _none_read(dataset, problems)
    return tuple(
        Prediction(
            DetectionTable.build(names, sizes, own, detector.class_names),
            tuple(problems),
            executed(ran, run.settings, quantized=int8),
        )
        for own, ran, int8, run in zip(found, compiled, quantized, runs, strict=True)
    )


def _none_read(dataset: Dataset, problems: Sequence[Remark]) -> WorkbenchError:
    return WorkbenchError(
        f"None of the {len(dataset.images)} images in {dataset.root} could be read.",
        f"The first one: {sentence(problems[0])}" if problems else "Choose another dataset.",
    )


_WAITING = 1  # images beyond those that are being inferred, so that no stream idles


def _compiled(run: Run, compile_model: Compile) -> tuple[ov.CompiledModel, bool]:
    """The model ready to run, and whether it is quantized."""
    import openvino as ov

    model = run.model
    if isinstance(model, ov.CompiledModel):
        return model, "int8" in executed_precision(model).layers
    if isinstance(model, Path):
        model = openvino_core().read_model(model)
    return compile_model(model, run.settings), is_quantized(model)


def _for_throughput(model: ov.Model, settings: InferenceSettings) -> ov.CompiledModel:
    return compile_for(model, settings, "THROUGHPUT")


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
