"""A look at a model before anything is decided: its detections on a few pictures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from core.detection.detections import Detections
from core.errors import InputError
from core.images.decode import read_image
from core.jobs.context import JobContext
from core.jobs.events import Previewed, PreviewedImage
from core.jobs.requests import LivePreviewRequest, PreviewQuestion, PreviewRequest
from core.jobs.results import PreviewResult
from core.models.detector import Detector
from core.values import Value, from_json, to_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.images.placement import Placement
    from core.models.running import FirstRuns

_PICTURES = 4  # that are kept decoded
_RUNS = 16  # whose outputs are kept, so that options of the layout need no inference
V = TypeVar("V")


def preview(request: PreviewRequest, context: JobContext) -> PreviewResult:
    """The detections of each picture; drawn into ``preview-<n>.png`` if that is wanted."""
    from core.documents.drawing import draw_detections, write_picture

    context.step("Reading the model")
    runs = _runs(request.model)
    images = []
    for number, path in enumerate(request.images):
        context.step("Detecting", number, len(request.images))
        try:
            picture = read_image(path)
        except InputError as error:
            images.append(PreviewedImage(path=path, problem=error.what))
            continue
        found = runs.detections(request.detector, picture)
        size = picture.shape[1], picture.shape[0]
        images.append(_previewed(path, size, found, request.detector))
        if request.draw_from is not None:
            known = found.class_ids < len(request.detector.class_names)
            shown = found.where(known & (found.scores >= request.draw_from))
            drawn = draw_detections(picture, shown, request.detector.class_names)
            write_picture(context.folder / f"preview-{number}.png", drawn)
    return PreviewResult(images=tuple(images))


def answer_previews(request: LivePreviewRequest, context: JobContext) -> Value:
    """Answer the newest question, again and again; ends by a cancel.

    Each answer takes its turn among the jobs of this machine: no measurement is disturbed.
    """
    model: _LiveModel | None = None
    while True:
        question: PreviewQuestion = from_json(context.newest_question(), PreviewQuestion)
        with context.turn():
            if model is None:
                context.step("Preparing the model")
                model = _LiveModel(_runs(request.model))
            context.step("Detecting")
            started = perf_counter()
            image = model.look(question.detector, question.image)
            seconds = perf_counter() - started
        context.send(Previewed(number=question.number, image=image, seconds=seconds))


class _LiveModel:
    """A compiled network that remembers the last pictures and what it gave for them."""

    def __init__(self, runs: FirstRuns) -> None:
        self._runs = runs
        self._pictures: OrderedDict[Any, NDArray[Any]] = OrderedDict()
        self._outputs: OrderedDict[Any, tuple[list[NDArray[Any]], Placement]] = OrderedDict()

    def look(self, detector: Detector, path: Path) -> PreviewedImage:
        """What it finds in the picture at `path` when it is used so."""
        from core.models.decoders.registry import decoder_by_id

        try:
            picture = _remembered(self._pictures, path, lambda: read_image(path), _PICTURES)
        except InputError as error:
            return PreviewedImage(path=path, problem=error.what)
        size = picture.shape[1], picture.shape[0]
        key = (path, to_json((detector.preprocessing, detector.extra_inputs)))
        try:
            outputs, placement = _remembered(
                self._outputs, key, lambda: self._runs.outputs(detector, picture), _RUNS
            )
            decoder = decoder_by_id(detector.decoder)
            found = decoder.decode(outputs, detector.preprocessing, detector.options, placement)
        except Exception as error:  # a wrong choice is what this is for: it must be told, no more
            sentence = f"Nothing can be read from the outputs in this way: {error}."
            return PreviewedImage(path=path, width=size[0], height=size[1], problem=sentence)
        return _previewed(path, size, found, detector)


def _runs(model: Path) -> FirstRuns:
    from core.models.running import FirstRuns
    from core.runtime import openvino_core

    return FirstRuns(openvino_core().read_model(model), model.name)


def _previewed(
    path: Path, size: tuple[int, int], found: Detections, detector: Detector
) -> PreviewedImage:
    named = found.where(found.class_ids < len(detector.class_names))
    return PreviewedImage(
        path=path,
        width=size[0],
        height=size[1],
        boxes=tuple(map(tuple, named.boxes.tolist())),
        scores=tuple(named.scores.tolist()),
        class_ids=tuple(named.class_ids.tolist()),
        unnamed=len(found) - len(named),
    )


def _remembered(cache: OrderedDict[Any, V], key: Any, make: Callable[[], V], most: int) -> V:
    """The value of `key`, made now if it is not among the `most` that were used last."""
    if key not in cache:
        cache[key] = make()
        while len(cache) > most:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]
