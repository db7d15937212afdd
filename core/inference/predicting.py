"""Running a detector over a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.datasets.dataset import Dataset
from core.detection.detections import DetectionTable
from core.errors import WorkbenchError
from core.folders import temporary_folder
from core.inference.arithmetic import runs_elsewhere
from core.inference.image_by_image import (
    FoundInImage,
    Prepared,
    Run,
    found_in_images,
    prepare,
    table_of,
)
from core.inference.loading import Load, load_images
from core.inference.settings import TRUE_F32, Executed, InferenceSettings
from core.models.detector import Detector
from core.remarks.remark import Remark
from core.remarks.sentences import sentence

if TYPE_CHECKING:
    import openvino as ov

    from core.inference.limited import LimitedDetector


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
    load: Load = load_images,
) -> Prediction:
    """Detections of `model`, or of the one stored at that path, on every image of `dataset`.

    Images that cannot be read are left out and listed. `progress` gets how many are done, and
    may raise to stop. Memory does not grow with the images, only with the detections. `limited`
    and `load` see `predict_all`.
    """
    runs = (Run(model, settings),)
    return predict_all(runs, detector, dataset, progress, limited=limited, load=load)[0]


def predict_all(
    runs: Sequence[Run],
    detector: Detector,
    dataset: Dataset,
    progress: Callable[[int], None] = lambda done: None,
    limited: LimitedDetector | None = None,
    load: Load = load_images,
) -> tuple[Prediction, ...]:
    """Detections of several runs of models that are used alike: every image is prepared once.

    What is to saturate and does not here runs in the process of `limited`, one after the other;
    without it, in one that ends with the call. What runs here gets its images by `load`.
    """
    apart = [one for one in runs if _elsewhere(one)]
    here = [one for one in runs if one not in apart]
    made = _predict_here(here, detector, dataset, progress, load) if here else ()
    found = dict(zip(here, made, strict=True))
    if apart:
        with _process(limited) as other:
            for one in apart:
                found[one] = _predict_apart(other, one, detector, dataset, progress)
    return tuple(found[one] for one in runs)


def _elsewhere(run: Run) -> bool:
    """Whether it runs in a process of its own; what is compiled runs here."""
    import openvino as ov

    return not isinstance(run.model, ov.CompiledModel) and runs_elsewhere(run.settings)


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
    load: Load,
) -> tuple[Prediction, ...]:
    found = predict_with(prepare(runs), detector, dataset, progress, load)
    if not len(found[0].table):
        raise none_read(dataset, found[0].problems)
    return found


def predict_with(
    models: Sequence[Prepared],
    detector: Detector,
    dataset: Dataset,
    progress: Callable[[int], None] = lambda done: None,
    load: Load = load_images,
) -> tuple[Prediction, ...]:
    """Detections of models that are compiled and used alike; perhaps of no image at all."""
    wanted = ((image, range(len(models))) for image in range(len(dataset.images)))
    found = found_in_images(
        models, detector, wanted, lambda indices: load(dataset, indices, detector)
    )
    images = tuple(noting(found, progress))
    problems = tuple(one.problem for one in images if one.problem is not None)
    return tuple(
        Prediction(table_of(images, number, detector, dataset), problems, one.executed)
        for number, one in enumerate(models)
    )


def noting(
    images: Iterable[FoundInImage], progress: Callable[[int], None]
) -> Iterator[FoundInImage]:
    """The same; `progress` is told how many are done, and may raise to stop."""
    for done, image in enumerate(images, start=1):
        progress(done)
        yield image


def none_read(dataset: Dataset, problems: Sequence[Remark]) -> WorkbenchError:
    """The error of a dataset without a single image that can be used."""
    return WorkbenchError(
        f"None of the {len(dataset.images)} images in {dataset.root} could be read.",
        f"The first one: {sentence(problems[0])}" if problems else "Choose another dataset.",
    )
