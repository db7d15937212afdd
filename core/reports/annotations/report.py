"""A report on annotations that was read: figures at its thresholds, and what its images show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.metrics.accuracy.annotated import Accuracy
from core.metrics.accuracy.error_costs import ErrorKind
from core.metrics.accuracy.image_truth import StoredTruth
from core.metrics.accuracy.material import AccuracyMaterial
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.comparison.comparison import Comparison, compare
from core.metrics.matching.thresholds import Thresholds
from core.reports.filters import AnyComparison
from core.reports.kind import AS_MADE, Detections, ViewState
from core.reports.wording import accuracy_sentence

if TYPE_CHECKING:
    from core.reports.annotations.kind import AnnotationsResult

Wanted = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Look:
    """What is shown of a report at its thresholds.

    Attributes:
        accuracy: the figures.
        by_truth, between: see `MeasuredAnnotations`.
        counted: how many images errors are counted in, where their number is an estimate.
    """

    accuracy: Accuracy
    by_truth: tuple[AnyComparison, AnyComparison]
    between: AnyComparison
    counted: int | None = None

    @property
    def partial(self) -> bool:
        """Whether images and confusions are of some images so far."""
        return any(getattr(one, "partial", False) for one in (*self.by_truth, self.between))


class MeasuredAnnotations(ABC):
    """A stored measurement, and the detections and ground truth behind it.

    `view` is how the report is looked at.
    """

    large: ClassVar[bool] = False
    """Whether what is asked for takes seconds."""
    result: AnnotationsResult
    view: ViewState

    @abstractmethod
    def seen(self, view: ViewState) -> MeasuredAnnotations:
        """The same, looked at in this way."""

    @cached_property
    @abstractmethod
    def accuracy(self) -> Accuracy:
        """The figures, at these thresholds."""

    @cached_property
    @abstractmethod
    def by_truth(self) -> tuple[AnyComparison, AnyComparison]:
        """Parent and optimized model, each with the ground truth in the place of its parent."""

    @cached_property
    @abstractmethod
    def between(self) -> AnyComparison:
        """The two models with each other."""

    @property
    @abstractmethod
    def truth(self) -> GroundTruth | StoredTruth:
        """What both were measured by."""

    def look(self, wanted: Wanted = lambda: True) -> Look:
        """All of it; raises Unwanted where `wanted` says so meanwhile."""
        return Look(self.accuracy, self.by_truth, self.between)

    def first_look(self) -> Look:
        """What can be shown soon: where that would take seconds, of a sample."""
        return self.look()

    @abstractmethod
    def error_images(self, role: int, kind: ErrorKind) -> NDArray[np.int32]:
        """The image of each error of a kind: of the parent (0) or the optimized model (1)."""

    @abstractmethod
    def detections(self) -> Detections:
        """What was measured."""

    @property
    def thresholds(self) -> Thresholds:
        """Those that confusions and counts of errors are of."""
        return self.view.thresholds or self.result.accuracy.thresholds

    @property
    def sentence(self) -> str:
        """What the figures come to."""
        return accuracy_sentence(self.accuracy, self.result.optimized_f32_ap)


@dataclass(frozen=True, eq=False)
class AnnotationsReport(MeasuredAnnotations):
    """One whose detections lie in memory."""

    result: AnnotationsResult
    material: AccuracyMaterial
    view: ViewState = AS_MADE

    def seen(self, view: ViewState) -> AnnotationsReport:
        """See `MeasuredAnnotations`."""
        return replace(self, view=view)

    @cached_property
    def _at(self) -> tuple[Accuracy, tuple[Comparison, Comparison]]:
        return self.material.at(self.result.accuracy, self.thresholds)

    @cached_property
    def accuracy(self) -> Accuracy:
        """The figures, at these thresholds."""
        stored = self.result.accuracy
        return stored if self.thresholds == stored.thresholds else self._at[0]

    @cached_property
    def by_truth(self) -> tuple[Comparison, Comparison]:
        """See `MeasuredAnnotations`."""
        return self._at[1]

    @cached_property
    def between(self) -> Comparison:
        """The two models with each other."""
        material = self.material
        return compare(
            material.parent, material.optimized, self.thresholds, candidates=material.between
        )

    @property
    def truth(self) -> GroundTruth:
        """What both were measured by."""
        return self.material.truth

    def error_images(self, role: int, kind: ErrorKind) -> NDArray[np.int32]:
        """See `MeasuredAnnotations`."""
        return self.material.errors[role].images(kind, self.thresholds.scores[role])

    def detections(self) -> Detections:
        """See `MeasuredAnnotations`."""
        both = self.material.parent, self.material.optimized
        return Detections(both[0].image_names, lambda: [both])
