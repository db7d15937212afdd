"""As much of stored results as a scorecard shows, each read again only when its file changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from core.benchmark.result import BenchmarkResult
from core.errors import WorkbenchError
from core.giving_way import give_way
from core.inference.settings import Executed
from core.jobs.job import RESULT_FILE, read_result
from core.metrics.accuracy.kept import AccuracyKept
from core.models.stored import CARD_SUFFIX, ModelCard, load_stored
from core.reports.annotations.kind import Annotations, AnnotationsResult
from core.reports.kind import ReportResult
from core.reports.kinds import STATE_FILE, load_state
from core.reports.predictions.kind import Predictions, PredictionsResult
from core.reports.wording import VERDICT_WORDS
from core.scorecard.score import ApPair, Judged, MeasuredAp, Source
from core.workspace.records import Artifact, Project

V = TypeVar("V")
R = TypeVar("R", bound=ReportResult)
_State = tuple[int, int, int]
JUDGING, MEASURING = Predictions.id, Annotations.id


@dataclass(frozen=True)
class _Read:
    """What a file gave, or the sentence on why it gives nothing, and the file's state then."""

    state: _State | None
    value: Any
    problem: str


@dataclass(eq=False)
class Results:
    """Reads results for scorecards, and remembers them. Safe to use from several threads."""

    _known: dict[Path, _Read] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def card(self, project: Project, problems: list[str]) -> ModelCard | None:
        """The model's; None while there is none, or where it is damaged, which `problems` get."""
        model = project.model
        if model is None:
            return None
        path = model.with_suffix(CARD_SUFFIX)
        return self._read(path, lambda: load_stored(model).card, problems)

    def benchmark(self, artifact: Artifact, problems: list[str]) -> BenchmarkResult | None:
        """What a benchmark measured."""
        folder = artifact.folder
        return self._read(
            folder / RESULT_FILE, lambda: read_result(folder, BenchmarkResult), problems
        )

    def judged(self, artifact: Artifact, problems: list[str]) -> tuple[Judged, ApPair] | None:
        """What a report on predictions says, with the AP by which it says so, if it is known.

        The verdict is as the user last looked at it, where thresholds were moved.
        """

        def digest(result: PredictionsResult) -> tuple[Judged, ApPair]:
            return _judged(artifact, result), _ap_of_kept(artifact, result)

        found = self._digest(artifact, PredictionsResult, digest, problems)
        folder = artifact.folder
        seen = self._read(folder / STATE_FILE, lambda: load_state(folder).headline, problems)
        if found is None or seen is None or seen.code not in VERDICT_WORDS:
            return found
        judged, ap = found
        moved = replace(
            judged,
            verdict=seen.code,
            changed=seen.figures.get("changed"),
            as_made=seen.as_made,
        )
        return moved, ap

    def measured(self, artifact: Artifact, problems: list[str]) -> ApPair | None:
        """What a report on annotations measured."""

        def digest(result: AnnotationsResult) -> ApPair:
            optimized, parent = result.accuracy.optimized.ap, result.accuracy.parent.ap
            return _pair(
                artifact,
                result,
                optimized.value if optimized else None,
                parent.value if parent else None,
            )

        return self._digest(artifact, AnnotationsResult, digest, problems)

    def _digest(
        self, artifact: Artifact, wanted: type[R], digest: Callable[[R], V], problems: list[str]
    ) -> V | None:
        folder = artifact.folder
        path = folder / RESULT_FILE
        return self._read(path, lambda: digest(read_result(folder, wanted)), problems)

    def _read(self, path: Path, read: Callable[[], V], problems: list[str]) -> V | None:
        give_way()
        state = _state(path)
        with self._lock:
            known = self._known.get(path)
        if known is None or known.state != state:
            try:
                known = _Read(state, read(), "")
            except WorkbenchError as error:
                known = _Read(state, None, str(error))
            with self._lock:
                self._known[path] = known
        if known.problem and known.problem not in problems:
            problems.append(known.problem)
        value: V | None = known.value
        return value


def _state(path: Path) -> _State | None:
    """By which it is seen that a file was changed; None where there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _judged(artifact: Artifact, result: PredictionsResult) -> Judged:
    kept, _ = result.grounds.worst
    return Judged(
        source=_source(artifact),
        verdict=result.verdict.name,
        kept=kept,
        changed=result.summary.changed,
        score=result.thresholds.score,
        executed=result.optimized_executed,
        dataset=result.where,
        target=result.target,
        machine=result.machine,
        limits=result.thresholds.limits,
    )


def _ap_of_kept(artifact: Artifact, result: PredictionsResult) -> ApPair:
    """Of the run itself, where its accuracy was measured and not estimated."""
    kept: AccuracyKept | None = result.grounds.kept
    if kept is None:
        return ApPair()
    return _pair(artifact, result, kept.optimized_ap, kept.parent_ap)


def _pair(
    artifact: Artifact, result: ReportResult, optimized: float | None, parent: float | None
) -> ApPair:
    def of(ap: float | None, executed: Executed) -> MeasuredAp | None:
        if ap is None:
            return None
        source = _source(artifact)
        where = result.where
        return MeasuredAp(
            source=source, ap=ap, executed=executed, dataset=where, machine=result.machine
        )

    return ApPair(
        optimized=of(optimized, result.optimized_executed),
        parent=of(parent, result.parent_executed),
    )


def _source(artifact: Artifact) -> Source:
    return Source(project_id=artifact.project_id, artifact_id=artifact.id)
