"""A look at a model before anything is decided: its detections on a few images."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from core.causes import cause
from core.detection.detections import Detections
from core.errors import InputError
from core.images.decode import read_image
from core.jobs.context import JobContext
from core.jobs.job import Weight
from core.models.detector import Detector
from core.values import Value, from_json, to_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.images.placement import Placement
    from core.models.running import FirstRuns

_IMAGES = 4  # that are kept decoded
_RUNS = 16  # whose outputs are kept, so that options of the layout need no inference
V = TypeVar("V")


class PreviewedImage(Value):
    """Detections of one image, best first, or the error why there are none.

    `boxes` are x1, y1, x2, y2 in pixels of the image, `class_ids` indices into the detector's
    class names; `unnamed` detections are left out, since there is no name for their class.
    """

    path: Path
    width: int = 0
    height: int = 0
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    scores: tuple[float, ...] = ()
    class_ids: tuple[int, ...] = ()
    unnamed: int = 0
    problem: str = ""


class Previewed(Value):
    """The answer to the question of this number, and how long the process took for it."""

    number: int
    image: PreviewedImage
    seconds: float


class PreviewResult(Value):
    """Of a preview: the images, in the order asked for."""

    images: tuple[PreviewedImage, ...]


class PreviewQuestion(Value):
    """What the model finds in `image` when it is used as `detector`; the answer has the number."""

    number: int
    detector: Detector
    image: Path


class PreviewJob(Value, tag="preview"):
    """What a stored model finds in a few images when it is used as `detector`.

    Leaves ``result.json``, and ``preview-<n>.png`` with the detections from the score
    `draw_from` on, unless that is None.
    """

    weight: ClassVar[Weight] = "light"
    model: Path
    detector: Detector
    images: tuple[Path, ...]
    draw_from: float | None = None

    def run(self, context: JobContext) -> PreviewResult:
        """See `core.jobs.job.Job`."""
        from core.documents.drawing import draw_detections, write_image_file

        context.step("Reading the model")
        runs = _runs(self.model)
        images = []
        for number, path in enumerate(self.images):
            context.step("Detecting", number, len(self.images))
            try:
                pixels = read_image(path)
            except InputError as error:
                images.append(PreviewedImage(path=path, problem=error.what))
                continue
            (found,) = runs.detections(self.detector, pixels)
            size = pixels.shape[1], pixels.shape[0]
            images.append(_previewed(path, size, found, self.detector))
            if self.draw_from is not None:
                known = found.class_ids < len(self.detector.class_names)
                shown = found.where(known & (found.scores >= self.draw_from))
                drawn = draw_detections(pixels, shown, self.detector.class_names)
                write_image_file(context.folder / f"preview-{number}.png", drawn)
        return PreviewResult(images=tuple(images))


class LivePreviewJob(Value, tag="live_preview"):
    """Stay, with the stored model compiled, and answer questions about it until cancelled."""

    weight: ClassVar[Weight] = "light"
    model: Path

    def run(self, context: JobContext) -> Value:
        """See `core.jobs.job.Job`."""
        model: _LiveModel | None = None
        while True:
            question: PreviewQuestion = from_json(context.newest_question(), PreviewQuestion)
            if model is None:
                context.step("Preparing the model")
                model = _LiveModel(_runs(self.model))
            context.step("Detecting")
            started = perf_counter()
            image = model.look(question.detector, question.image)
            seconds = perf_counter() - started
            answer = Previewed(number=question.number, image=image, seconds=seconds)
            context.answer(answer)


class _LiveModel:
    """A compiled network that remembers the last images and what it gave for them."""

    def __init__(self, runs: FirstRuns) -> None:
        self._runs = runs
        self._images: OrderedDict[Any, NDArray[Any]] = OrderedDict()
        self._outputs: OrderedDict[Any, tuple[list[NDArray[Any]], Placement]] = OrderedDict()

    def look(self, detector: Detector, path: Path) -> PreviewedImage:
        """What it finds in the image at `path` when it is used so."""
        from core.models.decoders.registry import decoder_of

        try:
            pixels = _remembered(self._images, path, lambda: read_image(path), _IMAGES)
        except InputError as error:
            return PreviewedImage(path=path, problem=error.what)
        size = pixels.shape[1], pixels.shape[0]
        key = (path, to_json((detector.preprocessing, detector.extra_inputs)))
        try:
            outputs, placement = _remembered(
                self._outputs, key, lambda: self._runs.outputs(detector, pixels), _RUNS
            )
            decoder = decoder_of(detector)
            found = decoder.decode(outputs, detector.preprocessing, detector.options, placement)
        except Exception as error:  # a wrong choice is what this is for: it must be said, no more
            sentence = f"The outputs cannot be decoded this way: {cause(error)}."
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
