"""Frozen views of a project's reports: those that exist, that can be made, and two side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.project_views import ProjectView
from app.reports.walking import Material
from core.errors import WorkbenchError
from core.metrics.matching.thresholds import Thresholds
from core.reports.kept import ReportHead, ReportKind

if TYPE_CHECKING:
    from core.reports.job import TensorDistanceResult
    from core.reports.versus import ImageChanges, Versus
    from core.workspace.store import Artifact


@dataclass(frozen=True)
class KindChoice:
    """A kind of report that can be asked for; `reason` says why not, empty where it can."""

    kind: ReportKind
    title: str
    text: str
    reason: str = ""


@dataclass(frozen=True)
class KeptReport:
    """A report that exists; `project` is the name of the optimized project that it is of."""

    artifact: Artifact
    head: ReportHead
    project: str = ""


@dataclass(frozen=True)
class LibraryView:
    """What can be made of the project, and what there is, newest first.

    `others` are reports of the other projects that were made from the same parent.
    """

    project_id: int
    title: str
    dataset: str
    images: int
    annotated: bool
    kinds: tuple[KindChoice, ...]
    reports: tuple[KeptReport, ...]
    others: tuple[KeptReport, ...] = ()

    def has(self, report: KeptReport) -> bool:
        """Whether the report is there."""
        wanted = report.artifact.id
        return any(one.artifact.id == wanted for one in (*self.reports, *self.others))


@dataclass(frozen=True, eq=False)
class TensorView:
    """A report on tensors."""

    result: TensorDistanceResult


@dataclass(frozen=True, eq=False)
class VersusView:
    """Two reports of one kind beside each other.

    Of predictions alone, `images` are those that both have, `material` is what pictures of the
    second report are made of, and `thresholds` are those of both.
    """

    first: KeptReport
    second: KeptReport
    versus: Versus
    images: ImageChanges | None = None
    material: Material | None = None
    thresholds: Thresholds | None = None


def kinds_of(view: ProjectView) -> tuple[KindChoice, ...]:
    """All kinds; what stands in the way is said."""
    reason = ""
    if not view.optimized:
        reason = (
            "A report sets an optimized model beside its parent. Optimize this project, then open "
            "the optimized one."
        )
    elif not view.ready:
        reason = view.next_step.text
    unmarked = (
        f"{view.dataset.name} has no annotations. Choose an annotated dataset for this report."
        if not view.dataset.annotated
        else ""
    )
    return (
        KindChoice(
            "predictions",
            "Compare predictions with the parent's",
            "Which objects does the optimized model no longer find, image by image? Needs no "
            "annotations: the parent is the reference.",
            reason,
        ),
        KindChoice(
            "annotations",
            "Measure accuracy on annotations",
            "How often are both models right? COCO and Pascal VOC figures, and kinds of errors, "
            "of both models and their difference.",
            reason or unmarked,
        ),
        KindChoice(
            "tensor-distance",
            "Compare tensors, layer by layer",
            "Where in the network does the difference arise? The layers that add most error are "
            "those to keep in float.",
            reason,
        ),
    )


def read_tensors(folder: Path) -> TensorView:
    """The report on tensors that a job left in `folder`."""
    from core.jobs.job import RESULT_FILE
    from core.reports.job import TensorDistanceResult
    from core.values import read_json

    return TensorView(read_json(folder / RESULT_FILE, TensorDistanceResult))


def side_by_side(
    first: KeptReport, second: KeptReport, thresholds: Thresholds | None = None
) -> VersusView:
    """Two reports, read and compared: predictions at the same thresholds, those that the first was
    made with where none are given.

    Raises WorkbenchError where they are of two kinds.
    """
    from core.metrics.comparison.comparison import compare
    from core.reports.kept import load_accuracy, load_report
    from core.reports.versus import versus_accuracy, versus_predictions, versus_tensors

    folders = first.artifact.folder, second.artifact.folder
    if first.head.kind != second.head.kind:
        raise WorkbenchError(
            "These are reports of two kinds.", "Choose two reports of one kind to compare them."
        )
    if first.head.kind == "annotations":
        measured = [load_accuracy(folder).result.accuracy for folder in folders]
        return VersusView(first, second, versus_accuracy(*measured))
    if first.head.kind == "tensor-distance":
        tensors = [read_tensors(folder).result.report for folder in folders]
        return VersusView(first, second, versus_tensors(*tensors))
    kept = [load_report(folder) for folder in folders]
    thresholds = thresholds or kept[0].result.thresholds
    comparisons = [compare(one.parent, one.optimized, thresholds) for one in kept]
    versus, images = versus_predictions(*comparisons)
    material = Material(comparisons[1], kept[1].result.dataset_root, kept[1].truth)
    return VersusView(first, second, versus, images, material, thresholds)
