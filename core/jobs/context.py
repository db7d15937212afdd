"""What a job's work may use: its folder, and ways to report and to notice a cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from core.errors import JobCancelled
from core.jobs.events import ArtifactWritten, Event, LogLine, Progress

_QUIET_SECONDS = 0.05  # between two reports of one stage


class JobContext:
    """Given to a job's work; every report is a point where it can be cancelled."""

    def __init__(
        self, folder: Path, send: Callable[[Event], None], cancelled: threading.Event
    ) -> None:
        self.folder = folder
        self._send = send
        self._cancelled = cancelled
        self._stage = ""
        self._stage_started = 0.0
        self._reported = 0.0

    def step(self, stage: str, done: int = 0, total: int | None = None) -> None:
        """Report `done` of `total` items of a stage; raises JobCancelled if the user cancelled."""
        if self._cancelled.is_set():
            raise JobCancelled
        now = monotonic()
        if stage != self._stage:
            self._stage, self._stage_started, self._reported = stage, now, 0.0
        if now - self._reported < _QUIET_SECONDS and done != total:
            return
        self._reported = now
        self._send(
            Progress(stage=stage, done=done, total=total, seconds_left=self._left(done, total, now))
        )

    def log(self, text: str) -> None:
        """Tell the user something that the result does not show."""
        self._send(LogLine(text=text))

    def artifact(self, kind: str, path: Path) -> None:
        """Tell that a file is complete."""
        self._send(ArtifactWritten(kind=kind, file=path.name))

    def _left(self, done: int, total: int | None, now: float) -> float | None:
        if not total or not done:
            return None
        return round((now - self._stage_started) / done * (total - done), 1)
