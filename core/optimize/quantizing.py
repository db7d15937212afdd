"""INT8 quantization with NNCF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.datasets.dataset import Dataset
from core.errors import WorkbenchError
from core.inference.loading import load_images
from core.models.detector import Detector
from core.models.plan import BiasCorrection, QuantizationPlan
from core.models.plan_note import note_plan
from core.models.quantized import is_quantized
from core.models.resizing import resized
from core.models.stored import read_network
from core.optimize.calibration import Infer
from core.optimize.changed_nncf import changed_nncf
from core.optimize.importing_nncf import import_nncf
from core.optimize.moments import Images
from core.optimize.parameters import nncf_parameters
from core.optimize.refusing import already_quantized
from core.optimize.rewriting import rewrite
from core.optimize.rounding import Biases, Known, round_weights
from core.optimize.scope import ignored_operations, missing_types
from core.optimize.statistics_cache import StatisticsCache
from core.progress import Step
from core.remarks.remark import Remark
from core.remarks.sentences import sentence
from core.runtime import openvino_core
from core.targets.target import for_target

if TYPE_CHECKING:
    import openvino as ov


LOADING = "Loading NNCF"
_STAGES = {
    "Statistics collection": "Collecting statistics",
    "Applying Fast Bias correction": "Correcting biases",
    "Applying Bias correction": "Correcting biases",
}

BIASES: dict[BiasCorrection, Biases] = {
    "fast": "parents",
    "accurate": "corrected",
    "off": "as_they_are",
}
"""What a plan's bias correction means where weights are rounded here, too."""

_LONGEST_CAUSE = 300  # characters of NNCF's message


Elsewhere = Callable[["CalibrationImages"], Infer]
"""Gives what collects the statistics of these images; it notes which could be read."""


@dataclass(frozen=True)
class Ingredients:
    """What went into an optimized model besides its plan.

    Attributes:
        images: names of the calibration images that could be read, in their order.
        subset_size: how many were asked for.
        ignored_names: the ignored operations of this model, in the graph's order.
        rewritten: whether it computes what the plan gives by other operations.
        zeros_moved: whether a range was moved so that zero is one of its levels.
    """

    images: tuple[str, ...]
    subset_size: int
    ignored_names: tuple[str, ...]
    rewritten: bool = False
    zeros_moved: bool = False


@dataclass(frozen=True, eq=False)
class Quantized:
    """The INT8 network, what it was made of, and errors of images that were left out.

    `detector` is how it is used: as its parent, but for what the plan changes of the input.
    `missing_types` are those of the plan's ignored scope that the model does not have.
    """

    model: ov.Model
    detector: Detector
    made_of: Ingredients
    problems: tuple[Remark, ...]
    missing_types: tuple[str, ...]

    @property
    def images_used(self) -> int:
        """How many images it was calibrated on."""
        return len(self.made_of.images)


def quantize(
    xml: Path,
    detector: Detector,
    dataset: Dataset,
    plan: QuantizationPlan,
    step: Step,
    known: StatisticsCache | None = None,
    elsewhere: Elsewhere | None = None,
) -> Quantized:
    """Quantize the model stored at `xml` on images of `dataset`.

    `known` are statistics of the same model and images from other plans: taken, and added to,
    where they do not depend on the plan. Those of the model as it is are collected `elsewhere`, if
    given. `step` may raise to stop. Raises InputError where the model is quantized already, or
    lacks operations or the input size of the plan, WorkbenchError where no image can be read.
    """
    plan = for_target(plan)
    model, detector = _parent(xml, detector, plan)
    known = known if plan.input_size is None else None  # of the own size
    ignored = ignored_operations(plan, model)
    step(LOADING, 0, None)
    nncf, indices = import_nncf(), dataset.subset(plan.subset_size, plan.seed)
    parameters = nncf_parameters(plan, len(indices), ignored)
    source = CalibrationImages(dataset, indices, detector)
    rounding = known.rounding if known is not None else Known()
    if plan.model_type != "default" or plan.bias_correction == "accurate":
        known = elsewhere = None  # NNCF collects on networks that it has changed by then
    changed = changed_nncf(known, elsewhere and elsewhere(source))
    with watched(step), changed as moved, source.required(), _explained(xml.stem):
        quantized = nncf.quantize(model, nncf.Dataset(source), **parameters)
        if plan.weight_rounding == "least_error":
            _round(quantized, model, source, plan, step, rounding)
    note_plan(quantized, plan)
    images = tuple(source.used) or (known.images if known is not None else ())
    if known is not None:
        known.images = images
    rewritten = rewrite(quantized, plan.target)
    made_of = Ingredients(images, len(indices), ignored, rewritten, bool(moved))
    missing = missing_types(plan, model)
    return Quantized(quantized, detector, made_of, tuple(source.problems), missing)


def _parent(xml: Path, detector: Detector, plan: QuantizationPlan) -> tuple[ov.Model, Detector]:
    """The network to be quantized at the plan's input size, and how it is used."""
    model = read_network(xml)
    if is_quantized(model):
        raise already_quantized(xml.name)
    if plan.input_size is not None:
        detector = resized(model, detector, plan.input_size, xml.stem)
    return model, detector


def _round(
    quantized: ov.Model,
    parent: ov.Model,
    source: CalibrationImages,
    plan: QuantizationPlan,
    step: Step,
    known: Known,
) -> None:
    """Round the weights again, by what the calibration images show."""

    def tensors() -> Iterator[tuple[NDArray[Any], ...]]:
        step("Collecting layer inputs", 0, len(source))
        for done, one in enumerate(source, start=1):
            yield one
            step("Collecting layer inputs", done, len(source))

    round_weights(
        quantized,
        parent,
        Images(tensors, len(source)),
        openvino_core(),
        biases=BIASES[plan.bias_correction],
        known=known,
        step=lambda done, total: step("Rounding weights", done, total),
    )


class CalibrationImages:
    """The calibration images as tensors, in the plan's order, prepared ahead."""

    def __init__(self, dataset: Dataset, indices: NDArray[np.intp], detector: Detector) -> None:
        self.dataset = dataset
        self.indices = indices
        self.detector = detector
        self.problems: list[Remark] = []
        self.used: list[str] = []
        self._tried_all = False

    def __len__(self) -> int:
        return len(self.indices)

    @contextmanager
    def required(self) -> Iterator[None]:
        """What fails inside fails because no image could be read, where all were tried."""
        try:
            yield
        except Exception:
            if self.used or not self._tried_all:
                raise
            raise WorkbenchError(
                f"None of the calibration images of {self.dataset.name} could be read.",
                sentence(self.problems[0]) if self.problems else "Choose another dataset.",
            ) from None

    def __iter__(self) -> Iterator[tuple[NDArray[Any], ...]]:
        self.problems.clear()
        self.used.clear()
        for image in load_images(self.dataset, self.indices, self.detector):
            if image.problem is not None:
                self.problems.append(image.problem)
            if image.tensors is None:
                continue
            self.used.append(self.dataset.images[image.index])
            yield tuple(image.tensors)  # NNCF takes them in the order of the model's inputs
        self._tried_all = True


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """What NNCF refuses is said with its cause; `step` may raise anything, which passes."""
    import nncf

    own: tuple[type[Exception], ...] = (
        ValueError,
        *(
            one
            for one in vars(nncf.errors).values()
            if isinstance(one, type) and issubclass(one, Exception)
        ),
    )
    try:
        yield
    except Exception as error:
        if not isinstance(error, own) and not _is_of_nncf(error):
            raise
        cause = " ".join(str(error).split()).rstrip(".")
        if not isinstance(error, own):  # a fault of its own on an odd network
            cause = f"{type(error).__name__}: {cause}"
        raise WorkbenchError(
            f"NNCF cannot quantize {name} with this plan: {cause[:_LONGEST_CAUSE]}.",
            "Change the plan, or ignore the operations that it names.",
        ) from error


def _is_of_nncf(error: BaseException) -> bool:
    """Whether NNCF, or what it called, raised it, and no code of ours that it called."""
    last, frame = "", error.__traceback__
    while frame is not None:
        room = str(frame.tb_frame.f_globals.get("__name__", "")).split(".")[0]
        last = room if room in ("core", "nncf") else last
        frame = frame.tb_next
    return last == "nncf"


@contextmanager
def watched(step: Step) -> Iterator[None]:
    """NNCF's progress bars report to `step` instead of the terminal; there is no public hook."""
    from nncf.common.logging.track_progress import track

    original = track.__iter__

    def watched(bar: Any) -> Iterator[Any]:
        stage = _STAGES.get(str(bar.description).strip(), str(bar.description).strip())
        total = int(bar.total) if bar.total else _length(bar.sequence)
        step(stage, 0, total)
        for done, item in enumerate(bar.sequence, start=1):
            yield item
            step(stage, done, total)

    track.__iter__ = watched
    try:
        yield
    finally:
        track.__iter__ = original


def _length(sequence: Any) -> int | None:
    return len(sequence) if hasattr(sequence, "__len__") else None
