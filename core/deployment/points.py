"""The operating points that a package can be made for: those of reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError, WorkbenchError
from core.metrics.matching.thresholds import ScoreThresholds
from core.metrics.operating_point.basis import Basis
from core.reports.kinds import load_state, result_of
from core.reports.operating.kind import OperatingPointResult, OperatingPoints
from core.reports.operating.wording import BASIS_WORDS
from core.reports.service import reports_of
from core.workspace.store import Workspace


@dataclass(frozen=True)
class ChosenPoint:
    """A report on an operating point, and which of its thresholds; None for the recommended."""

    report: Path
    basis: Basis | None = None

    def read(self) -> PointScores:
        """Its thresholds, as the report was last looked at.

        Raises InputError where it is no such report, or has no such thresholds; WorkbenchError
        where it is damaged.
        """
        kind, result = result_of(self.report)
        if not isinstance(result, OperatingPointResult):
            raise InputError(
                f"The report in {self.report} is of the kind {kind.id}: it has no operating point.",
                f"Specify a report of the kind {OperatingPoints.id}.",
            )
        report = kind.read(self.report, load_state(self.report))
        return PointScores(report.point.thresholds(self.basis), result.weights_sha256)


@dataclass(frozen=True)
class PointScores:
    """Score thresholds, and the hash of the weights of the model that they are of."""

    scores: ScoreThresholds
    weights_sha256: str


@dataclass(frozen=True)
class OfferedPoint:
    """An operating point of a project: `title` says what it is."""

    title: str
    chosen: ChosenPoint


def offered_points(workspace: Workspace, project_id: int) -> tuple[OfferedPoint, ...]:
    """All thresholds of the reports of a project, newest report first, recommended ones first.

    Damaged reports are left out.
    """
    offered = []
    for artifact in reports_of(workspace, project_id, OperatingPoints.id):
        offered += _of_report(artifact.folder)
    return tuple(offered)


def _of_report(folder: Path) -> list[OfferedPoint]:
    try:
        report = OperatingPoints().read(folder, load_state(folder))
        point = report.point
        bases: list[Basis] = sorted(point.bases, key=lambda one: one != point.recommended)
        scores = {basis: point.thresholds(basis) for basis in bases}
    except WorkbenchError:
        return []
    return [
        OfferedPoint(
            f"{scores[basis].score:g}, {BASIS_WORDS[basis]} · {report.result.dataset}, "
            f"{report.result.created[:10]}",
            ChosenPoint(folder, basis),
        )
        for basis in bases
    ]
