"""What a job's work may use: its folder, and ways to report and to notice a cancel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from core.datasets.dataset import Dataset
from core.datasets.source import DatasetSource, open_source
from core.datasets.stored import is_stored
from core.errors import JobCancelled
from core.jobs.events import Answer, ArtifactWritten, Keeping, LogLine, Message, Progress
from core.jobs.turn import wait_for_turn
from core.values import Value, to_plain

UNPACKED = ".unpacked"  # of archives that are needed for one job only; never published
_QUIET_SECONDS = 0.05  # between two reports of one stage
_STILL_SECONDS = 1.0  # the same, while nothing moves but the time left


class JobContext:
    """Given to a job's work; every report is a point where it can be cancelled."""

    def __init__(
        self,
        folder: Path,
        send: Callable[[Message], None],
        cancelled: threading.Event,
        questions: queue.SimpleQueue[bytes] | None = None,
        in_words: Callable[[Value], str] = repr,
    ) -> None:
        """`in_words` is how a value is told to the user."""
        self.folder = folder
        self.in_words = in_words
        self.send = send
        self._cancelled = cancelled
        self._questions = questions or queue.SimpleQueue()
        self._stage = ""
        self._stage_started = 0.0
        self._reported = 0.0
        self._last: tuple[int, int | None] | None = None
        self.keeping = False

    def step(
        self,
        stage: str,
        done: int = 0,
        total: int | None = None,
        *,
        seconds_left: float | None = None,
    ) -> None:
        """Report `done` of `total` items of a stage; raises JobCancelled if the user cancelled.

        `seconds_left`, where it is known better than from the items.
        """
        if self._cancelled.is_set():
            raise JobCancelled
        now = monotonic()
        if stage != self._stage:
            self._stage, self._stage_started, self._reported = stage, now, 0.0
            self._last = None
        same = (done, total) == self._last
        quiet = _STILL_SECONDS if same else 0.0 if done == total else _QUIET_SECONDS
        if now - self._reported < quiet:
            return
        self._last = (done, total)
        self._reported = now
        if seconds_left is None:
            seconds_left = self._left(done, total, now)
        self.send(Progress(stage=stage, done=done, total=total, seconds_left=seconds_left))

    def open_dataset(self, source: DatasetSource, *, log_warnings: bool = True) -> Dataset:
        """The images of a job; an archive is unpacked for as long as the job runs.

        What is not used in a folder that nobody imported is said, unless `log_warnings` is off.
        """
        dataset = open_source(source, self.folder / UNPACKED, self.step)
        if log_warnings and not is_stored(source.path):
            for warning in dataset.warnings:
                self.log(warning)
        return dataset

    def newest_question(self) -> bytes:
        """Wait for a line from the parent; of several, the last. Raises JobCancelled."""
        line = self._questions.get()
        while not self._questions.empty():
            line = self._questions.get()
        if self._cancelled.is_set():
            raise JobCancelled
        return line

    def answer(self, answer: Value) -> None:
        """Say something to the newest question."""
        self.send(Answer(body=to_plain(answer)))

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until no other job runs on this machine, and keep others waiting meanwhile."""
        lock = wait_for_turn(self.send, self._cancelled)
        if lock is None:
            raise JobCancelled
        try:
            yield
        finally:
            lock.release()

    def log(self, message: str | Value) -> None:
        """Tell the user something while the work goes on."""
        text = message if isinstance(message, str) else self.in_words(message)
        self.send(LogLine(text=text))

    def artifact(self, kind: str, path: Path) -> None:
        """Tell that a file is complete."""
        self.send(ArtifactWritten(kind=kind, file=path.name))

    def keep(self) -> None:
        """Tell that a cancelled job stores what it has, which is of use by itself."""
        self.keeping = True
        self.send(Keeping())

    def _left(self, done: int, total: int | None, now: float) -> float | None:
        if not total or not done:
            return None
        return round((now - self._stage_started) / done * (total - done), 1)
