"""The work of plans: runs in the child process."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import msgspec

from core.datasets.dataset import Dataset
from core.datasets.source import DatasetSource
from core.jobs.context import SCRATCH, JobContext
from core.jobs.job import Weight
from core.machines.machine import Machine
from core.machines.store import require_agreed
from core.models.calibration_warnings import CalibrationWarning, MissingTypes, SharedImages
from core.models.detector import Detector
from core.models.plan import AccuracyOutcome, QuantizationPlan
from core.models.stored import StoredModel, load_stored, read_network
from core.optimize.operations import OperationList, list_operations
from core.progress import Step
from core.remarks.remark import Remark
from core.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.optimize.quantizing import Elsewhere, Quantized

_SHARED = "Looking for shared images"
_EXAMPLES = 5  # names of shared images


class QuantizeResult(Value):
    """Of a quantization.

    Attributes:
        model: the model's file name.
        images_used: how many images it was calibrated with.
        parent_size_bytes, size_bytes: of graph and weights.
        problems: images that could not be read, and why.
        warnings: what looked odd.
        plan: the one that makes this model.
        outcome: what the method Accuracy-aware came to.
    """

    model: str
    images_used: int
    parent_size_bytes: int
    size_bytes: int
    problems: tuple[Remark, ...]
    warnings: tuple[CalibrationWarning, ...] = ()
    plan: QuantizationPlan = QuantizationPlan()
    outcome: AccuracyOutcome | None = None


class OperationsJob(Value, tag="operations"):
    """The operations of a stored model. Leaves ``result.json``.

    With `plan`, which of them are in its ignored scope.
    """

    weight: ClassVar[Weight] = "light"
    model: Path
    plan: QuantizationPlan | None = None

    def run(self, context: JobContext) -> OperationList:
        """See `core.jobs.job.Job`."""
        context.step("Reading the model")
        return list_operations(read_network(self.model), self.plan)


class QuantizeJob(Value, tag="quantize"):
    """An INT8 model from a stored one. Leaves the IR `name` with its card.

    Where the plan has an accuracy to keep, `evaluated_on` are the images that it is measured on;
    without them, a part of `dataset` is held out. `compared_on` are the images that it will be
    compared with its parent on: the user is warned where they are calibration images, too. With a
    `machine`, its workers collect the statistics.
    """

    weight: ClassVar[Weight] = "heavy"
    model: Path
    dataset: DatasetSource
    plan: QuantizationPlan
    name: str
    evaluated_on: DatasetSource | None = None
    compared_on: DatasetSource | None = None
    machine: Machine | None = None

    def run(self, context: JobContext) -> QuantizeResult:
        """See `core.jobs.job.Job`."""
        from core.optimize.recipe import write_recipe

        parent = load_stored(self.model)
        dataset = context.open_dataset(self.dataset)
        if self.machine is not None:
            require_agreed(self.machine)
        made = _made(self, parent, dataset, context)
        context.log_problems(made.quantized.problems)
        warnings = made.warnings
        if made.quantized.missing_types:
            missing = MissingTypes(types=made.quantized.missing_types)
            context.log(missing)
            warnings = (*warnings, missing)
        context.step("Saving the optimized model")
        stored = self._stored(parent, made, warnings, context.folder)
        context.artifact("model", stored.xml)
        recipe = write_recipe(
            stored.xml, made.quantized.detector, made.plan, made.quantized.made_of
        )
        context.artifact("recipe", recipe)
        return QuantizeResult(
            model=stored.xml.name,
            images_used=made.quantized.images_used,
            parent_size_bytes=parent.card.info.size_bytes,
            size_bytes=stored.card.info.size_bytes,
            problems=made.quantized.problems,
            warnings=warnings,
            plan=made.plan,
            outcome=made.outcome,
        )

    def _stored(
        self,
        parent: StoredModel,
        made: _Made,
        warnings: tuple[CalibrationWarning, ...],
        folder: Path,
    ) -> StoredModel:
        """The model with its card in `folder`, preprocessing and NMS where the plan has them."""
        from core.models.nms_inside import with_nms_inside
        from core.models.preprocessing_inside import with_preprocessing_inside
        from core.models.sources import safe_name
        from core.models.stored import store_model

        model, detector = made.quantized.model, made.quantized.detector
        if made.plan.preprocessing == "inside":
            model, detector = with_preprocessing_inside(model, detector)
        if made.plan.nms == "inside":
            model, detector = with_nms_inside(model, detector)
        return store_model(
            model,
            folder / f"{safe_name(self.name)}.xml",
            name=self.name,
            source=parent.card.source,
            framework="openvino",
            detector=detector,
            plan=made.plan,
            warnings=warnings,
            outcome=made.outcome,
        )


def _elsewhere(
    request: QuantizeJob, parent: StoredModel, plan: QuantizationPlan, context: JobContext
) -> Elsewhere | None:
    """What collects the statistics, if that is not this machine."""
    if request.machine is None:
        return None
    from core.optimize.spreading import SpreadCalibration

    scratch = context.folder / SCRATCH / "statistics"
    return SpreadCalibration(request.machine, parent, plan, scratch, context.step, context.log)


@dataclass(frozen=True, eq=False)
class _Made:
    quantized: Quantized
    plan: QuantizationPlan
    warnings: tuple[CalibrationWarning, ...]
    outcome: AccuracyOutcome | None = None


def _made(
    request: QuantizeJob, parent: StoredModel, dataset: Dataset, context: JobContext
) -> _Made:
    """The quantized model, by the plan's method."""
    from core.targets.target import for_target

    plan, target = for_target(request.plan), request.plan.accuracy
    detector = parent.card.detector
    if target is None:
        return _quantized(request, parent, plan, dataset, context)
    from core.optimize.accuracy_aware import Subject, quantize_within
    from core.optimize.evaluating import split

    others = context.open_dataset(request.evaluated_on) if request.evaluated_on else None
    images = split(dataset, plan, target, others)
    check = _Check(request, images.plan, detector, dataset, context)
    check.images()
    check.parent()
    subject = Subject(request.model, detector, images)

    def step(stage: str, done: int, total: int | None, left: float | None) -> None:
        context.step(stage, done, total, seconds_left=left)

    found = quantize_within(subject, target, context.folder, step)
    return _Made(found.quantized, found.plan, tuple(check.warnings), found.outcome)


def _quantized(
    request: QuantizeJob,
    parent: StoredModel,
    plan: QuantizationPlan,
    dataset: Dataset,
    context: JobContext,
) -> _Made:
    """The model that NNCF gives; its parent is tried meanwhile, where NNCF need not be loaded."""
    from core.optimize.importing_nncf import is_imported
    from core.optimize.meanwhile import parent_tried
    from core.optimize.quantizing import LOADING, quantize

    check = _Check(request, plan, parent.card.detector, dataset, context)
    check.images()
    elsewhere = _elsewhere(request, parent, plan, context)
    beside: AbstractContextManager[Step] = nullcontext(context.step)
    if is_imported():
        beside = parent_tried(check.about, context.step, LOADING, check.tell)
    else:
        check.parent()
    with beside as step:
        quantized = quantize(
            request.model, parent.card.detector, dataset, plan, step, elsewhere=elsewhere
        )
    return _Made(quantized, plan, tuple(check.warnings))


class _Check:
    """What looks odd before the work, logged at once; InputError where it would be in vain."""

    def __init__(
        self,
        request: QuantizeJob,
        plan: QuantizationPlan,
        detector: Detector,
        dataset: Dataset,
        context: JobContext,
    ) -> None:
        from core.optimize.checks import Calibration

        indices = dataset.subset(plan.subset_size, plan.seed)
        self.about = Calibration(request.model, detector, dataset, indices)
        self.warnings: list[CalibrationWarning] = []
        self._request, self._context = request, context

    def images(self) -> None:
        """Of the room that there is, and of the images."""
        from core.optimize.checks import check_images, check_room

        self.tell(check_room(self._request.model, self._context.folder))
        about, compared_on = self.about, self._request.compared_on
        if compared_on is not None:
            self.tell(_shared(about.dataset, about.indices, compared_on, self._context))
        self.tell(check_images(about, self._context.step))

    def parent(self) -> None:
        """Of the parent on these images."""
        from core.optimize.checks import TRYING, try_parent

        self.tell(try_parent(self.about, lambda: self._context.step(TRYING)))

    def tell(self, warnings: Sequence[CalibrationWarning]) -> None:
        """Log them, and keep them for the card."""
        self.warnings += warnings
        for warning in warnings:
            self._context.log(warning)


def _shared(
    dataset: Dataset, indices: NDArray[np.intp], compared_on: DatasetSource, context: JobContext
) -> tuple[SharedImages, ...]:
    """Whether the images that are used are among those of the comparison afterwards."""
    from core.datasets.checks import overlap

    used = msgspec.structs.replace(dataset, images=tuple(dataset.images[i] for i in indices))
    compared = context.open_dataset(compared_on)
    shared = overlap(used, compared, lambda done: context.step(_SHARED, done)).images
    if not shared:
        return ()
    return (
        SharedImages(
            calibration=used.name,
            comparison=compared.name,
            shared=len(shared),
            total=len(compared.images),
            examples=shared[:_EXAMPLES],
        ),
    )
