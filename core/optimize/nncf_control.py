"""The operations that NNCF's own accuracy control puts back into float.

`nncf.quantize_with_accuracy_control` reverts one group of operations at a time in the quantized
model, in the order of what reverting each alone gains: an inference of several images, and the
compilation of a model, for every group. Only which operations those are is taken from it; the
model is then quantized anew with them in float, so that its plan makes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.datasets.dataset import Dataset
from core.models.detector import Detector
from core.models.plan import AccuracyTarget, QuantizationPlan
from core.optimize.evaluating import Evaluator
from core.optimize.parameters import nncf_parameters
from core.optimize.quantizing import CalibrationImages, watched
from core.optimize.scope import ignored_operations
from core.progress import Step

if TYPE_CHECKING:
    import openvino as ov

RANKING_IMAGES = 8


class OutOfTimeError(Exception):
    """NNCF's accuracy control was stopped: it gives nothing before its end."""


class AccuracyControl:
    """NNCF's accuracy control on one model, stopped where `over` says so."""

    def __init__(
        self, evaluator: Evaluator, target: AccuracyTarget, step: Step, over: Callable[[], bool]
    ):
        self._evaluator, self._target = evaluator, target
        self._step, self._over = step, over
        self._stopped: Exception | None = None
        self._attempts = 0

    def put_back(
        self,
        model: ov.Model,
        quantized: ov.Model,
        detector: Detector,
        calibration: Dataset,
        plan: QuantizationPlan,
    ) -> tuple[str, ...]:
        """Names of the operations that are quantized in `quantized` and need not be.

        `quantized` is what `plan` makes of `model`. Raises OutOfTimeError, or what `step` raises.
        """
        import nncf
        from nncf.quantization.advanced_parameters import AdvancedAccuracyRestorerParameters

        indices = calibration.subset(plan.subset_size, plan.seed)
        parameters = nncf_parameters(plan, len(indices), ignored_operations(plan, model))
        parameters["advanced_quantization_parameters"] = parameters.pop("advanced_parameters")
        with self._stoppable():
            kept = nncf.quantize_with_accuracy_control(
                model,
                nncf.Dataset(CalibrationImages(calibration, indices, detector)),
                nncf.Dataset(range(len(self._evaluator.dataset.images))),
                self._validate,
                max_drop=self._target.max_drop,
                drop_type=nncf.DropType.ABSOLUTE,
                advanced_accuracy_restorer_parameters=AdvancedAccuracyRestorerParameters(
                    max_num_iterations=self._target.attempts,
                    ranking_subset_size=RANKING_IMAGES,
                    num_ranking_workers=1,
                ),
                **parameters,
            )
        left = set(quantized_operations(kept))
        return tuple(name for name in quantized_operations(quantized) if name not in left)

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """NNCF may catch what stops it and continue with nonsense: that is raised in the end."""
        try:
            with watched(self._report):
                yield
        except Exception:
            if self._stopped is not None:
                raise self._stopped from None
            raise
        if self._stopped is not None:
            raise self._stopped

    def _report(self, stage: str, done: int, total: int | None) -> None:
        try:
            if self._over():
                raise OutOfTimeError
            self._step(stage, done, total)
        except Exception as error:
            self._stopped = error
            raise

    def _validate(
        self, compiled: ov.CompiledModel, chosen: Iterable[int]
    ) -> tuple[float, list[float]]:
        """The metric on all images; on some of them, where NNCF only ranks, how far they agree."""
        images = list(chosen)
        self._report("Measuring", 0, len(images))
        return self._evaluator.of_images(compiled, images)


def quantized_operations(model: ov.Model) -> tuple[str, ...]:
    """Names of the operations that read quantized values, in the order of the graph."""
    return tuple(
        op.get_friendly_name()
        for op in model.get_ordered_ops()
        if op.get_type_name() not in ("FakeQuantize", "Result")
        and any(value.get_node().get_type_name() == "FakeQuantize" for value in op.input_values())
    )
