"""What a job's work may use: its folder, and ways to report and to notice a cancel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from core.errors import JobCancelled
from core.jobs.events import (
    Answer,
    ArtifactWritten,
    Joined,
    Keeping,
    LogLine,
    Message,
    Progress,
)
from core.jobs.quiet import LightWork
from core.jobs.time_left import Stages, TimeLeft
from core.progress import SHARE
from core.remarks.remark import Remark, remark
from core.values import Value, to_plain

if TYPE_CHECKING:
    from core.datasets.dataset import Dataset
    from core.datasets.source import DatasetSource

UNPACKED = ".unpacked"  # of archives that are needed for one job only; never published
SCRATCH = ".scratch"  # of what a job reads again itself; never published, either
_QUIET_SECONDS = 0.05  # between two reports of one stage
_MOST_LOGGED = 20  # images that were left out
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
        usual: Stages = (),
    ) -> None:
        """`in_words` is how a value is told to the user; `usual`, how the last such job went."""
        self.folder = folder
        self.in_words = in_words
        self.send = send
        self._cancelled = cancelled
        self._questions = questions or queue.SimpleQueue()
        self._time = TimeLeft(usual)
        self._reported = 0.0
        self._last: tuple[int, int | None] | None = None
        self._share: LightWork | None = None
        self._waiting = False  # for its share, which was said
        self.keeping = False

    def step(
        self,
        stage: str,
        done: int = 0,
        total: int | None = None,
        *,
        seconds_left: float | None = None,
        counted: bool = True,
    ) -> None:
        """Report `done` of `total` items of a stage; raises JobCancelled if the user cancelled.

        What is not `counted` is a share: see `core.jobs.events.Progress` and `core.progress.SHARE`.
        `seconds_left` is of the whole job, where that is known better than from the items.
        """
        self._require_wanted()
        self._breathe()
        if total == SHARE:
            total, counted = abs(SHARE), False
        now = monotonic()
        if stage != self._time.stage:
            self._time.begin(stage, now)
            self._reported, self._last = 0.0, None
        same = (done, total) == self._last
        quiet = _STILL_SECONDS if same else 0.0 if done == total else _QUIET_SECONDS
        if now - self._reported < quiet:
            return
        self._last = (done, total)
        self._reported = now
        if seconds_left is None:
            seconds_left = self._time.left(done, total, now)
        self.send(
            Progress(
                stage=stage, done=done, total=total, seconds_left=seconds_left, counted=counted
            )
        )

    def open_dataset(self, source: DatasetSource, *, log_warnings: bool = True) -> Dataset:
        """The images of a job; an archive is unpacked for as long as the job runs.

        What is not used in a folder that nobody imported is said, unless `log_warnings` is off.
        """
        from core.datasets.source import open_source
        from core.datasets.stored import is_stored

        dataset = open_source(source, self.folder / UNPACKED, self.step)
        if log_warnings and not is_stored(source.path):
            for warning in dataset.warnings:
                self.log(warning)
        return dataset

    def newest_question(self) -> bytes:
        """Wait for a line from the parent; of several, the last. Raises JobCancelled."""
        if self._share is not None:
            self._share.release()
        line = self._questions.get()
        if self._share is not None:
            self._share.take(self._wait)
            self._waiting = False
        while not self._questions.empty():
            line = self._questions.get()
        self._require_wanted()
        return line

    def answer(self, answer: Value) -> None:
        """Say something to the newest question."""
        self.send(Answer(body=to_plain(answer)))

    def join(self) -> None:
        """Of a light job: from now on have a share of the machine, let go of where it waits."""
        self._share = LightWork()
        self._share.join(self._require_wanted)
        self.send(Joined())

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Of a light job: it needs no share of this machine while another one works for it."""
        share, self._share = self._share, None
        if share is not None:
            share.release()
        yield
        if share is not None and not self.keeping:  # then all that is left is to store it
            share.take(self._wait)
            self._share, self._waiting = share, False

    def log(self, message: str | Value) -> None:
        """Tell the user something while the work goes on."""
        text = message if isinstance(message, str) else self.in_words(message)
        self.send(LogLine(text=text))

    def log_problems(self, problems: Sequence[Remark]) -> None:
        """Log why images were left out; of many images that were left out, the first of them."""
        for problem in problems[:_MOST_LOGGED]:
            self.log(problem)
        if len(problems) > _MOST_LOGGED:
            self.log(remark("images_left_out", count=len(problems) - _MOST_LOGGED))

    def artifact(self, kind: str, path: Path) -> None:
        """Tell that a file is complete."""
        self.send(ArtifactWritten(kind=kind, file=path.name))

    def stages(self) -> Stages:
        """What the job's stages took; it is over."""
        self._time.begin("", monotonic())
        return self._time.took

    def keep(self) -> None:
        """Tell that a cancelled job stores what it has, which is of use by itself."""
        self.keeping = True
        self.send(Keeping())

    def _require_wanted(self) -> None:
        if self._cancelled.is_set():
            raise JobCancelled

    def _breathe(self) -> None:
        """Of a light job: let a timed round in that waits, and say so."""
        if self._share is None:
            return
        self._time.paused(self._share.breathe(self._wait))
        if self._waiting:  # what was said last is no longer what goes on
            self._waiting, self._reported, self._last = False, 0.0, None

    def _wait(self) -> None:
        self._require_wanted()
        if not self._waiting:
            self._waiting = True
            self.send(Progress(stage=LightWork.waiting))
