"""A report of one kind, without its widgets: read in a thread, and as the user looks at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace as changed
from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.reports.report_library import require_stored
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.files import why
from core.reports.filters import RowFilter

if TYPE_CHECKING:
    from app.reports.walking import ImageWalk
    from core.metrics.matching.thresholds import Thresholds
    from core.reports.kind import ViewState
    from core.workspace.store import Artifact

SETTLE_MS = 15  # a slider that moves is followed, but not more often than this
EXACTLY_MS = 100  # after which what is shown as an estimate is computed exactly
_SAVE_MS = 600  # after which the thresholds and the filter are written down


@dataclass(frozen=True, eq=False, kw_only=True)
class KindView:
    """A report as it is looked at; each kind that has more to show has a subclass.

    Attributes:
        report: as its kind read it.
        thresholds: those that the figures are of, None where the kind has none.
        own: those that the report was made with.
        chosen: the filter.
    """

    report: Any
    thresholds: Thresholds | None = None
    own: Thresholds | None = None
    chosen: RowFilter = field(default_factory=RowFilter)


class KindPresenter(QObject):
    """Shows one report after the other; a kind's subclass says how it is read and computed."""

    report_changed = Sends[Any]()  # the kind's view, or None: opened, closed, other thresholds
    filter_changed = Sends[Any]()  # the kind's view
    failed = Sends[WorkbenchError]()

    def __init__(self, walk: ImageWalk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.walk = walk
        self.computer = Computer(self)
        self.computer.failed.connect(self._on_failed)
        self._artifact: Artifact | None = None
        self._view: Any = None
        self._thresholds: Thresholds | None = None
        self._settling = self.timer(SETTLE_MS, self.compute)
        self._saving = self.timer(_SAVE_MS, self._save)

    @property
    def view(self) -> Any:
        """What is shown, None before a report was read."""
        return self._view

    @property
    def artifact(self) -> Artifact | None:
        """The stored report that is shown, or is being opened."""
        return self._artifact

    @property
    def state(self) -> ViewState:
        """How the report is looked at."""
        from core.reports.kind import ViewState

        view: KindView | None = self._view
        if view is None:
            return ViewState()
        return ViewState(thresholds=self._thresholds, chosen=view.chosen)

    def show_report(self, artifact: Artifact | None) -> None:
        """Show a stored report, as it was looked at the last time."""
        if artifact is not None and self._artifact is not None and artifact.id == self._artifact.id:
            if self._view is not None:  # else it is being opened
                self.report_changed.emit(self._view)
            return
        self._save_now()
        self._artifact, self._view = artifact, None
        self.forget()
        if artifact is None:
            self.report_changed.emit(None)
            return
        folder, read = artifact.folder, type(self).read
        self.computer.ask("open", lambda: _opened(folder, read), self._on_opened)

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Compute everything at these thresholds."""
        self._thresholds = thresholds
        self._settling.start()
        self._saving.start()

    def set_score_threshold(self, score: float) -> None:
        """Leave detections below `score` out, of both models."""
        if self._thresholds is not None:
            self.set_thresholds(changed(self._thresholds, score=score))

    def set_filter(self, chosen: RowFilter) -> None:
        """Show these rows and images alone."""
        if self._view is not None and chosen != self._view.chosen:
            self._view = replace(self._view, chosen=chosen)
            self._saving.start()
            self.filter_changed.emit(self._view)

    def save_soon(self) -> None:
        """Write down how the report is looked at, when that has settled."""
        self._saving.start()

    def close(self) -> None:
        """Write down how the report is looked at, and end the thread."""
        self._save_now()
        self.forget()
        self.computer.close()

    # For the kinds

    @staticmethod
    def read(folder: Path, state: ViewState) -> KindView:
        """The report in `folder` as it was looked at the last time; runs in a thread."""
        raise NotImplementedError

    def timer(self, milliseconds: int, action: Callable[[], None]) -> QTimer:
        """A timer that is started for one time each."""
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(action)
        return timer

    def forget(self) -> None:
        """Let go of what a report that is left needed."""
        self._thresholds = None
        self._settling.stop()
        for key in ("open", "compute"):
            self.computer.drop(key)

    def compute(self) -> None:
        """Compute the view anew at `_thresholds`; kinds without thresholds never come here."""

    def show(self, view: KindView) -> None:
        """Show a view that was read or computed."""
        self._view = view
        self.report_changed.emit(view)

    # How

    def _on_opened(self, view: KindView) -> None:
        self._thresholds = view.thresholds
        self.show(view)

    def _save(self) -> None:
        """Write down how the report is looked at: in the thread, for a disk may be slow."""
        if self._view is not None and self._artifact is not None:
            folder, state = self._artifact.folder, self._stored_state()
            self.computer.ask("save", lambda: _save(folder, state), lambda nothing: None)

    def _save_now(self) -> None:
        if self._saving.isActive() and self._view is not None and self._artifact is not None:
            self._saving.stop()
            try:
                _save(self._artifact.folder, self._stored_state())
            except WorkbenchError as error:
                self.failed.emit(error)

    def _stored_state(self) -> ViewState:
        """The state, which says thresholds only where they are not the report's own."""
        own = self._thresholds == self._view.own
        return changed(self.state, thresholds=None) if own else self.state

    def _on_failed(self, error: WorkbenchError) -> None:
        if self._view is None and self._artifact is not None:
            self._artifact = None
            self.report_changed.emit(None)
        self.failed.emit(error)


def _opened(folder: Path, read: Callable[[Path, ViewState], KindView]) -> KindView:
    from core.reports.kinds import load_state

    require_stored(folder, "Open another one.")
    return read(folder, load_state(folder))


def _save(folder: Path, state: ViewState) -> None:
    from core.reports.kinds import save_state

    try:
        save_state(folder, state)
    except OSError as error:
        raise WorkbenchError(f"Thresholds and filter cannot be saved: {why(error)}.") from error
