"""What the user prefers: where forms start from, and what is used where nothing else is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from core.sizes import Units

if TYPE_CHECKING:
    from core.benchmark.settings import BenchmarkSettings
    from core.inference.settings import InferenceSettings
    from core.reports.kind import ReportOptions
    from core.workspace.records import Project

OWN_CHOICE = 0  # threads: as many as OpenVINO takes
USUAL_DEVICE = "CPU"
LONGEST_NOTABLE = 3600  # seconds: every job of an hour is worth telling of


@dataclass(frozen=True)
class Preferences:
    """Preferences of one workspace's window.

    Attributes:
        device: as OpenVINO names it.
        threads: of a benchmark, `OWN_CHOICE` for as many as OpenVINO takes.
        score: threshold of new reports, 0..1.
        safe_kept, not_safe_kept, most_changed: of the verdict of new reports, shares in 0..1.
        proxy: of downloads; an address, ``none``, or empty for the system's.
        units: that sizes are shown in.
        notifies: whether the desktop is told of the end of jobs that nobody looks at.
        notable_seconds: from which length of a job on.
    """

    device: str = USUAL_DEVICE
    threads: int = OWN_CHOICE
    score: float = 0.3
    safe_kept: float = 0.98
    not_safe_kept: float = 0.94
    most_changed: float = 0.25
    proxy: str = ""
    units: Units = "decimal"
    notifies: bool = True
    notable_seconds: int = 60

    def report_options(self) -> ReportOptions:
        """Of a new report."""
        from core.metrics.matching.thresholds import Thresholds, VerdictLimits
        from core.reports.kind import ReportOptions

        limits = VerdictLimits(
            safe_kept=self.safe_kept,
            not_safe_kept=self.not_safe_kept,
            most_changed=self.most_changed,
        )
        return ReportOptions(thresholds=Thresholds(score=self.score, limits=limits))

    def run_settings(self, project: Project) -> InferenceSettings | None:
        """How a report runs the project's model; None where the project itself says."""
        from core.inference.settings import InferenceSettings

        own = project.device != USUAL_DEVICE or project.target != "this_machine"
        if own or self.device == USUAL_DEVICE:
            return None
        return InferenceSettings(device=self.device)

    def benchmark_settings(self, project: Project, seconds: float) -> BenchmarkSettings:
        """Of a benchmark that nobody chose otherwise."""
        from core.benchmark.settings import BenchmarkSettings

        return BenchmarkSettings(
            seconds=seconds,
            device=self.device_for(project.device),
            threads=self.threads or None,
        )

    def device_for(self, own: str) -> str:
        """A project's own device, where that is not the usual one; else the preferred one."""
        return own if own != USUAL_DEVICE else self.device


class Preferred(QObject):
    """The preferences as they are now; `changed` when they are others."""

    changed = Sends[Preferences]()

    def __init__(
        self, read: Callable[[], Preferences] = Preferences, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._read = read

    @property
    def now(self) -> Preferences:
        """What is preferred."""
        return self._read()
