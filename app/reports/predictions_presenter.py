"""The comparison of predictions: thresholds, filter, and everything computed anew from them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.reports.walking import ImageWalk, Material
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.metrics.matching.thresholds import Thresholds
from core.predict.detecting import OPTIMIZED_DETECTIONS_FILE, PARENT_DETECTIONS_FILE
from core.reports.filters import RowFilter
from core.workspace.store import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from core.metrics.comparison.bootstrap import Interval
    from core.metrics.comparison.comparison import Comparison
    from core.metrics.comparison.confusion import ConfusionMatrix
    from core.metrics.matching.candidates import Candidates
    from core.reports.kept import PredictionReport
    from core.workspace.store import Artifact

_SETTLE_MS = 15  # a slider that moves is followed, but not more often than this
_REST_MS = 400  # after which a slider rests: what takes long is computed then
_KEEP_MS = 600  # after which the thresholds and the filter are written down
_SMALL_BYTES = 1_000_000  # of detections: computed within 10 ms or so, sooner than by a thread
LOWEST_SCORE = 0.01


@dataclass(frozen=True, eq=False)
class ReportView:
    """A report at the current thresholds.

    Attributes:
        chosen: the filter.
        interval: of the agreement; None where there is none, or it is not computed yet.
        small: whether it is computed at once, without a thread.
        class_names: those that either model finds at all, at any score.
    """

    report: PredictionReport
    comparison: Comparison
    confusion: ConfusionMatrix
    chosen: RowFilter
    interval: Interval | None
    small: bool
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Opened:
    report: PredictionReport
    candidates: Candidates
    comparison: Comparison
    confusion: ConfusionMatrix
    chosen: RowFilter
    class_names: tuple[str, ...]


class ReportPresenter(QObject):
    """Computes a report from cached detections while thresholds move; no model is run."""

    report_changed = Sends[ReportView | None]()  # opened, closed, or other thresholds
    filter_changed = Sends[ReportView]()
    interval_changed = Sends[ReportView]()
    failed = Sends[WorkbenchError]()

    def __init__(
        self, workspace: Workspace, parent: QObject | None = None, walk: ImageWalk | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.walk = walk or ImageWalk(self)
        self.computer = Computer(self)
        self.computer.failed.connect(self._on_failed)
        self._artifact: Artifact | None = None
        self._view: ReportView | None = None
        self._candidates: Candidates | None = None  # what no threshold changes
        self._thresholds = Thresholds()
        self._settling = self._timer(_SETTLE_MS, self._compute)
        self._resting = self._timer(_REST_MS, self._compute_interval)
        self._keeping = self._timer(_KEEP_MS, self._keep)

    @property
    def view(self) -> ReportView | None:
        """What is shown."""
        return self._view

    @property
    def artifact(self) -> Artifact | None:
        """The stored report that is shown, or is being opened."""
        return self._artifact

    def show_report(self, artifact: Artifact | None) -> None:
        """Show a stored report, as it was looked at the last time."""
        if artifact is not None and self._artifact is not None and artifact.id == self._artifact.id:
            return
        self._keep_now()
        self._artifact = artifact
        self._forget()
        if artifact is None:
            self.report_changed.emit(None)
            return
        folder = artifact.folder
        self.computer.ask("open", lambda: _opened(folder), self._on_opened)

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Compute everything at these thresholds."""
        score = max(LOWEST_SCORE, thresholds.score)
        self._thresholds = _changed(thresholds, score=score)
        self._resting.stop()  # the interval is of thresholds that are left behind
        self.computer.drop("interval")
        self._settling.start()
        self._keeping.start()

    def set_score_threshold(self, score: float) -> None:
        """Leave detections below `score` out, on both sides."""
        self.set_thresholds(_changed(self._thresholds, score=score))

    def set_filter(self, chosen: RowFilter) -> None:
        """Show these rows and images alone."""
        if self._view is None or chosen == self._view.chosen:
            return
        self._view = replace(self._view, chosen=chosen)
        self._keeping.start()
        self.filter_changed.emit(self._view)

    def close(self) -> None:
        """Write down how the report is looked at, and end the threads."""
        self._keep_now()
        for timer in (self._settling, self._resting, self._keeping):
            timer.stop()
        self.computer.close()

    # How

    def _timer(self, milliseconds: int, action: Any) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(action)
        return timer

    def _forget(self) -> None:
        self._view = None
        self._candidates = None
        self._settling.stop()
        self._resting.stop()
        for key in ("open", "compare", "interval"):
            self.computer.drop(key)
        self.walk.show_image(None)
        self.walk.set_material(None)

    def _on_opened(self, opened: _Opened) -> None:
        assert self._artifact is not None
        self._candidates = opened.candidates
        self._thresholds = opened.comparison.thresholds
        result = opened.report.result
        same = self._thresholds == result.thresholds
        self._view = ReportView(
            opened.report,
            opened.comparison,
            opened.confusion,
            opened.chosen,
            result.agreement_interval if same else None,
            _is_small(self._artifact.folder),
            opened.class_names,
        )
        if self._view.interval is None:
            self._resting.start()
        self._tell()

    def _compute(self) -> None:
        view, candidates, thresholds = self._view, self._candidates, self._thresholds
        if view is None or candidates is None:
            return
        report = view.report
        self.computer.ask(
            "compare",
            lambda: _compared(report, candidates, thresholds),
            self._on_compared,
            now=view.small,
        )

    def _on_compared(self, found: tuple[Comparison, ConfusionMatrix]) -> None:
        if self._view is None:
            return
        comparison, confusion = found
        result = self._view.report.result
        interval = result.agreement_interval
        if comparison.thresholds != result.thresholds:
            interval = None
            self._resting.start()
        self._view = replace(
            self._view, comparison=comparison, confusion=confusion, interval=interval
        )
        self._tell()

    def _tell(self) -> None:
        assert self._view is not None
        report = self._view.report
        self.report_changed.emit(self._view)
        self.walk.set_material(
            Material(self._view.comparison, report.result.dataset_root, report.truth)
        )

    def _compute_interval(self) -> None:
        if self._view is None:
            return
        comparison, candidates, computer = self._view.comparison, self._candidates, self.computer

        def task() -> Interval | None:
            from core.metrics.comparison.bootstrap import agreement_interval

            return agreement_interval(comparison, candidates, lambda: not computer.is_wanted())

        computer.ask("interval", task, self._on_interval)

    def _on_interval(self, interval: Interval | None) -> None:
        if self._view is None:
            return
        if interval is None:  # it gave way to something else, or there is no agreement
            if self._view.comparison.summary.agreement is not None:
                self._resting.start()
            return
        if interval.value == self._view.comparison.summary.agreement:  # else thresholds moved
            self._view = replace(self._view, interval=interval)
            self.interval_changed.emit(self._view)

    def _keep(self) -> None:
        """Write down how the report is looked at: in the thread, for a disk may be slow."""
        if self._view is None or self._artifact is None:
            return
        folder, view, thresholds = self._artifact.folder, self._view, self._thresholds
        self.computer.ask("keep", lambda: _keep(folder, view, thresholds), lambda nothing: None)

    def _keep_now(self) -> None:
        if self._keeping.isActive() and self._view is not None and self._artifact is not None:
            self._keeping.stop()
            try:
                _keep(self._artifact.folder, self._view, self._thresholds)
            except (WorkbenchError, OSError) as error:
                self.failed.emit(WorkbenchError(f"The filter cannot be kept: {error}."))

    def _on_failed(self, error: WorkbenchError) -> None:
        if self._view is None and self._artifact is not None:
            self._artifact = None
            self.report_changed.emit(None)
        self.failed.emit(error)


def _is_small(folder: Path) -> bool:
    files = (folder / name for name in (PARENT_DETECTIONS_FILE, OPTIMIZED_DETECTIONS_FILE))
    try:
        return sum(file.stat().st_size for file in files) < _SMALL_BYTES
    except OSError:
        return True  # opening it will say what is missing


def _changed(thresholds: Thresholds, **changes: Any) -> Thresholds:
    from msgspec.structs import replace as replaced

    return replaced(thresholds, **changes)


def _opened(folder: Path) -> _Opened:
    from core.metrics.comparison.comparison import prepare
    from core.reports.kept import load_report, load_state

    report, state = load_report(folder), load_state(folder)
    candidates = prepare(report.parent, report.optimized)
    thresholds = state.thresholds or report.result.thresholds
    comparison, confusion = _compared(report, candidates, thresholds)
    return _Opened(report, candidates, comparison, confusion, state.chosen, _found_classes(report))


def _found_classes(report: PredictionReport) -> tuple[str, ...]:
    import numpy as np

    names = report.parent.class_names
    found = [
        np.bincount(t.class_ids, minlength=len(names)) for t in (report.parent, report.optimized)
    ]
    return tuple(
        name for name, count in zip(names, (found[0] + found[1]).tolist(), strict=True) if count
    )


def _compared(
    report: PredictionReport, candidates: Candidates, thresholds: Thresholds
) -> tuple[Comparison, ConfusionMatrix]:
    from core.metrics.comparison.comparison import compare
    from core.metrics.comparison.confusion import confusion_matrix

    comparison = compare(report.parent, report.optimized, thresholds, candidates=candidates)
    return comparison, confusion_matrix(comparison).shown()


def _keep(folder: Path, view: ReportView, thresholds: Thresholds) -> None:
    from core.reports.kept import ReportState, save_state

    other = None if thresholds == view.report.result.thresholds else thresholds
    save_state(folder, ReportState(thresholds=other, chosen=view.chosen))
