"""``python -m tests.soak.window ROOM SHARED SEED JOBS [few]``: a window that works on and on.

Says a line of JSON after each job, an `Entry`.
"""

from __future__ import annotations

import os
import random
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic, sleep

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from app.shell.main_window import MainWindow
from core.jobs.planned import JobEnd, PlannedJob
from core.reports.kinds import KINDS
from core.search.resuming import search_state
from core.search.settings import SearchSettings
from core.unfinished import remove
from core.values import to_json
from tests.kills.room import Room
from tests.kills.window import Doing, Done, run
from tests.soak.held import Entry, Held, held, start_all_threads

_LOOK_MS = 20
_SETTLE_LOOKS = 10  # after a job, for what it made the window do
_PATIENCE_SECONDS = 20.0  # for a thread that is about to end; one that was left never does
_STEADY_SECONDS = 5.0
_ROUNDS_THAT_ADD = 1  # pages make their threads
_SEARCH_MINUTES = 0.2
# Of one round; what each needs is made before it.
STEPS = (
    "optimize",
    "operations",
    "benchmark",
    "profile",
    *(f"report {kind.id}" for kind in KINDS),
    "export images",
    "export pdf",
    "package",
    "pack",
    "create dataset",
    "check dataset",
    "new project",
    "import",
    "download",
    "search",
    "compare runs",
    "compare reports",
    "walk",
)
FEW = ("report predictions", "walk")


class Working(QObject):
    """Does one step after the other."""

    def __init__(
        self, window: MainWindow, room: Room, seed: int, jobs: int, steps: Sequence[str]
    ) -> None:
        super().__init__(window)
        self._window, self._most, self._offered = window, jobs, steps
        self._doing = Doing(window, room)
        self._kept = [project.id for project in window.parts.workspace.projects()]
        self._jobs, self._round = 0, 0
        self._before: Held | None = None
        self._ended: list[tuple[str, str]] = []
        window.parts.queue.job_ended.connect(self._on_job_ended)
        self._steps = self._all(random.Random(seed))
        self._done: Done = lambda: True
        self._looks = 0
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _all(self, chance: random.Random) -> Iterator[Done]:
        """Rounds until there were enough jobs, each in an order of its own."""
        while self._jobs < self._most:
            yield self._doing.unpack()
            parent, optimized = self._window.parts.workspace.projects()[-2:]
            self._doing.parent, self._doing.optimized = parent.id, optimized.id
            for step in chance.sample(self._offered, len(self._offered)):
                remove(self._doing.room.out)
                yield self._step(step)
                if step == "search":
                    yield self._open_candidate()
            yield self._delete()
            self._round += 1
            self._say(f"round {self._round} is over", "", self._round)

    def _step(self, step: str) -> Done:
        if step == "compare runs":
            return self._walk(self._window.tabs.performance)
        if step == "compare reports":
            return self._compare_reports()
        if step == "search":
            return self._search()
        if step == "walk":
            return self._walk(*(self._window.tabs.widget(n) for n in range(4)))
        return self._doing.named(step)

    def _walk(self, *pages: object) -> Done:
        """Look at these tabs, with either project."""
        for project in (self._doing.parent, self._doing.optimized):
            self._doing.select(project)
            for page in pages:
                self._window.tabs.setCurrentWidget(page)  # type: ignore[arg-type]
                QCoreApplication.processEvents()
        return self._doing.idle

    def _compare_reports(self) -> Done:
        self._doing.select(self._doing.optimized)
        reports = self._window.parts.reports
        assert reports.library is not None
        one = reports.library.reports[-1]
        reports.compare(one, one)
        return self._doing.idle

    def _open_candidate(self) -> Done:
        """Make a project of one that the last search has found."""
        workspace = self._window.parts.workspace
        artifact = workspace.artifacts(self._doing.parent, "search")[-1]
        state = search_state(artifact.folder)
        assert state is not None
        self._window.parts.search.open_candidate(next(c.id for c in state.candidates if c.model))
        return self._doing.idle

    def _search(self) -> Done:
        self._doing.select(self._doing.parent)
        settings = SearchSettings(minutes=_SEARCH_MINUTES, loss=0.9)
        self._window.parts.search.start(self._doing.room.calibration, settings)
        return self._doing.idle

    def _delete(self) -> Done:
        """Everything that the round has made."""
        workspace = self._window.parts.workspace
        self._doing.select(self._kept[0])
        for project in workspace.projects():
            if project.id not in self._kept and project.parent_id is None:
                self._window.parts.keeping.delete(project.id)
        workspace.trash.empty()
        for place in ("datasets", "downloads"):
            for made in (workspace.root / place).glob("*"):
                remove(made)
        for log in workspace.logs.iterdir():
            if log.name != "window.log":
                remove(log)
        return self._doing.idle

    def _look(self) -> None:
        try:
            self._go_on()
        except Exception:  # of a slot, which Qt would go on after
            traceback.print_exc()
            os._exit(1)

    def _go_on(self) -> None:
        if not self._done():
            self._looks = 0
            return
        self._looks += 1
        if self._looks < _SETTLE_LOOKS:
            return
        self._looks = 0
        for title, failed in self._ended:
            self._jobs += 1
            self._say(title, failed, 0)
        self._ended.clear()
        self._done = lambda: False
        done = next(self._steps, None)
        if done is None:
            self._timer.stop()
            self._window.close()
            return
        self._done = done

    def _on_job_ended(self, job: PlannedJob, end: JobEnd) -> None:
        error = end.outcome.error
        self._ended.append((job.title, str(error) if error else ""))

    def _say(self, title: str, failed: str, number: int) -> None:
        found = self._settled() if number else held()
        entry = Entry(jobs=self._jobs, title=title, failed=failed, round=number, held=found)
        sys.stdout.buffer.write(to_json(entry) + b"\n")
        sys.stdout.buffer.flush()

    def _settled(self) -> Held:
        """What is held at the end of a round, in a state that is the same after each.

        A thread that is started when first needed runs, whether this round needed it or not; one
        that has done its work gets the time to end.
        """
        self._timer.stop()
        start_all_threads(min(self._doing.room.calibration.iterdir()))
        found, since = held(), monotonic()
        deadline = since + _PATIENCE_SECONDS
        while monotonic() < deadline and not self._is_steady(found, monotonic() - since):
            QCoreApplication.processEvents()
            sleep(_LOOK_MS / 1000)
            again = held()
            if not again.is_like(found):
                since = monotonic()
            found = again
        if self._round > _ROUNDS_THAT_ADD:
            self._before = self._before or found
        self._timer.start()
        return found

    def _is_steady(self, found: Held, seconds: float) -> bool:
        """Whether it is as before; at first, whether it has been the same for so long."""
        if self._before is not None:
            return found.is_like(self._before)
        return self._window.warming.done and seconds > _STEADY_SECONDS


def main() -> int:
    """The window, until it has done enough."""
    place = Room(Path(sys.argv[1]), Path(sys.argv[2]))
    seed, jobs = int(sys.argv[3]), int(sys.argv[4])
    steps = FEW if sys.argv[5:] else STEPS

    def work(window: MainWindow) -> None:
        tuple(window.tabs.make_all())  # so that no page brings its threads in a later round
        for kind in KINDS:
            window.parts.reports.of_kind(kind.id)
        Working(window, place, seed, jobs, steps)

    return run(place, work)


if __name__ == "__main__":
    sys.exit(main())
