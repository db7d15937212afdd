"""The longest gap of the window's event loop with much in it.

Run: ``python -m tests.benchmarks.window_many [WORD]``, WORD leaves the actions whose names have it.
200 projects without a parent, of which the first has a family of 200 models (399 projects in the
list); 100 jobs in the panel: finished, running, waiting, and those of another process. Every action
is done five times in the real window; prints the worst gap of each, and the most that the window's
own thread computed in one go, beside those of an idle window in the same session. The target is
50 ms; beside the work of others only what the thread computed says whether it is reached: the gap
is then longer, also of the idle window. `*` stands where both are beyond it.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import threading

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app.kit.theme import apply_theme
from app.project.navigation import Tab
from app.shell.composition import compose
from app.shell.main_window import MainWindow
from app.workers import job_queue
from core.inference.processor import this_processor
from core.jobs.events import Event, JobOutcome, Progress
from core.jobs.planned import JobEnd, PlannedJob
from core.workspace.store import Workspace
from tests.benchmarks.gap_meter import GapMeter
from tests.support.checkout import environment
from tests.support.many import many_projects
from tests.support.queues import HEAVY

PARENTS, FAMILY = 200, 200
FINISHED, WAITING, OTHERS = 60, 19, 20  # and one that runs: 100 jobs
ROUNDS = 5
_SETTLED_MS = 500  # from which on nothing that an action began goes on
_FOLLOWED_MS = 2500  # the same, of what another process did: it is looked for once a second
_OTHER = """
import sys
from pathlib import Path
from core.jobs.events import Progress
from core.jobs.registry import Announcement
names = [f"Optimize number {number}" for number in range(int(sys.argv[1]))]
made = [Announcement(name, "terminal", Path("/work")) for name in names]
for one in made:
    one.say("running", Progress(stage="Collecting statistics", done=30, total=300, seconds_left=70))
print("told", flush=True)
sys.stdin.read()  # they end as jobs of a killed process do
"""


@dataclass
class Stage:
    """Stands in for the jobs' processes: one runs, the others end at once or wait for it."""

    ends: threading.Event = field(default_factory=threading.Event)
    says: Callable[[Event], None] = lambda event: None

    def run(
        self,
        workspace: Workspace,
        planned: PlannedJob,
        on_event: Callable[[Event], None],
        cancel: threading.Event,
    ) -> JobEnd:
        self.says = on_event
        while not self.ends.wait(0.01) and not cancel.is_set():
            pass
        return JobEnd(JobOutcome("succeeded", folder=Path()), planned.project_id)


@dataclass
class Many:
    """The window with all that, and what is done in it. `number` tells rounds apart."""

    window: MainWindow
    stage: Stage
    beside: Workspace  # as another process has it
    number: int = 0

    @property
    def ids(self) -> list[int]:
        """Of all projects."""
        return [row.id for row in self.window.parts.session.rows]

    def another(self) -> int:
        """A project that is not selected."""
        return self.ids[(self.number * 67 + 11) % len(self.ids)]

    def in_family(self) -> int:
        """One of the large family."""
        rows = self.window.parts.session.rows
        return [row.id for row in rows if row.parent_id][self.number * 31 % (FAMILY - 2)]

    def add_job(self, number: int) -> None:
        """A job of a project."""
        job = PlannedJob(
            f"Benchmark number {number}",
            HEAVY,
            Path("nowhere"),
            self.ids[number % len(self.ids)],
            lambda folder: None,
        )
        self.window.parts.queue.submit(job)

    def fill_panel(self) -> None:
        """All jobs but those of the other process."""
        self.stage.ends.set()
        for number in range(FINISHED):
            self.add_job(number)
        while self.window.parts.queue.state.title:
            wait(50)
        self.stage.ends.clear()
        for number in range(WAITING + 1):
            self.add_job(number)

    def actions(self) -> Iterator[tuple[str, Callable[[], object], int]]:
        """Name, what is done, and after how many ms it has settled."""
        session, keeping = self.window.parts.session, self.window.parts.keeping
        workspace = self.window.parts.workspace
        yield "idle", lambda: None, _SETTLED_MS
        yield "refresh (F5), no project", session.refresh, _SETTLED_MS
        yield "select a project", lambda: session.select_project(self.another()), _SETTLED_MS
        yield (
            "select one of the family",
            lambda: session.select_project(self.in_family()),
            _SETTLED_MS,
        )
        yield "refresh (F5), one selected", session.refresh, _SETTLED_MS
        tabs: tuple[Tab, ...] = ("optimize", "performance", "report", "project")
        for tab in tabs:
            yield f"tab {tab}", self._tab(tab), _SETTLED_MS
        for tab in tabs:
            yield f"select, tab {tab} in front", self._select_on(tab), _SETTLED_MS
        yield "page that compares projects", self._compare, _SETTLED_MS
        yield "back to the first tab", self._tab("project"), _SETTLED_MS
        yield from self._leaderboard()
        yield "jobs panel opens", self._panel, _SETTLED_MS
        yield "job's progress", self._progress, _SETTLED_MS
        yield "job is cancelled", self._cancel, _SETTLED_MS
        yield "job ends, next starts", self._end, _SETTLED_MS
        yield (
            "rename",
            lambda: session.rename_project(self.another(), f"n {self.number}"),
            _SETTLED_MS,
        )
        yield "delete", lambda: keeping.delete(self.ids[-1]), _SETTLED_MS
        yield "undo", keeping.undo, _SETTLED_MS
        yield (
            "notes",
            lambda: workspace.set_notes(self.another(), f"n {self.number}"),
            _FOLLOWED_MS,
        )
        yield "another process renames", self._renamed_beside, _FOLLOWED_MS
        yield "another process adds a model", self._added_beside, _FOLLOWED_MS
        yield "another process deletes", self._deleted_beside, _FOLLOWED_MS
        yield "start page", lambda: session.select_project(None), _SETTLED_MS
        yield (
            "project again",
            lambda: session.select_project(self.in_family()),
            _SETTLED_MS,
        )

    def _leaderboard(self) -> Iterator[tuple[str, Callable[[], object], int]]:
        board = self.window.tabs.project.leaderboard
        header = board.table.header

        def sort() -> None:
            order = Qt.SortOrder(self.number % 2)
            board.table.sortByColumn(1 + self.number % (header.count() - 1), order)

        yield "leaderboard is sorted", sort, _SETTLED_MS
        yield "leaderboard is filtered", lambda: board.search.setText(f"{self.number}"), _SETTLED_MS
        yield "leaderboard is whole again", lambda: board.search.setText(""), _SETTLED_MS
        yield "leaderboard by verdict", self._by_verdict, _SETTLED_MS
        bar = board.table.verticalScrollBar()
        yield "leaderboard is scrolled", lambda: bar.setValue(37 * self.number), _SETTLED_MS

    def _by_verdict(self) -> None:
        verdict = self.window.tabs.project.leaderboard.verdict
        verdict.setCurrentIndex(self.number % verdict.count())

    def _tab(self, tab: Tab) -> Callable[[], None]:
        def show() -> None:
            self.window.tabs.show_tab("project" if tab != "project" else "optimize")
            wait(_SETTLED_MS)
            self.window.tabs.show_tab(tab)

        return show

    def _select_on(self, tab: Tab) -> Callable[[], None]:
        def select() -> None:
            self.window.tabs.show_tab(tab)
            self.window.parts.session.select_project(self.in_family())

        return select

    def _compare(self) -> None:
        tabs = self.window.tabs
        tabs.show_tab("performance")
        tabs.performance.setCurrentIndex(self.number % 2)
        wait(_SETTLED_MS)
        tabs.performance.setCurrentWidget(tabs.performance.compare)

    def _panel(self) -> None:
        self.window.jobs.hide()
        self.window.toggle_jobs()

    def _progress(self) -> None:
        for done in range(20):
            progress = Progress(stage="Measuring", done=done, total=300, seconds_left=70.0)
            self.stage.says(progress)

    def _cancel(self) -> None:
        queue = self.window.parts.queue
        waiting = [job.number for job in queue.all_jobs if job.state == "waiting"]
        queue.cancel(waiting[-1])
        self.add_job(self.number)

    def _end(self) -> None:
        self.stage.ends.set()
        wait(15)
        self.stage.ends.clear()
        self.add_job(self.number)

    def _renamed_beside(self) -> None:
        self.beside.rename_project(self.another(), f"beside {self.number}")

    def _added_beside(self) -> None:
        parent = self.beside.projects()[0]
        self.beside.begin_optimized(parent, f"beside {self.number}")

    def _deleted_beside(self) -> None:
        self.beside.trash.add_project(self.ids[-1])


def wait(milliseconds: int) -> None:
    """Let the window run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@contextmanager
def other_process() -> Iterator[None]:
    """It tells of its jobs."""
    command = [sys.executable, "-c", _OTHER, str(OTHERS)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield
        assert process.stdin is not None
        process.stdin.close()


def measure(many: Many, only: str) -> None:
    """Do everything, and say how long each held the window."""
    meter = GapMeter()
    print(f"{'worst of ' + str(ROUNDS):<32}{'gap ms':>8}{'busy ms':>9}")
    for name, act, settled in many.actions():
        worst, busy = 0.0, 0.0
        if only not in name:
            act()
            wait(settled)
            continue
        for _ in range(ROUNDS):
            many.number += 1
            meter.reset()
            act()
            wait(settled)
            worst, busy = max(worst, *meter.gaps), max(busy, *meter.busy)
        print(
            f"{name:<32}{worst:8.1f}{busy:9.1f}{'   *' if min(worst, busy) > 50 else ''}",
            flush=True,
        )


def in_the_window(root: Path, stage: Stage) -> None:
    """Open it, and measure."""
    many_projects(root, PARENTS, FAMILY)
    window = compose(root)
    window.resize(1366, 768)
    window.show()
    meter = GapMeter()
    window.warming.start()
    while not window.warming.done:
        wait(50)
    wait(2000)
    print(f"opened, pages made: worst gap {max(meter.gaps):.1f} ms, busy {max(meter.busy):.1f}")
    many = Many(window, stage, Workspace(root))
    window.parts.session.select_project(many.ids[0])
    wait(1000)
    many.fill_panel()
    measure(many, sys.argv[1] if len(sys.argv) > 1 else "")
    stage.ends.set()
    window.closing.ask = lambda titles: "stop"
    window.close()


def main() -> None:
    """Measure."""
    processor = this_processor()
    print(f"{processor.name}, {', '.join(processor.instruction_sets)}, {os.cpu_count()} cores")
    gc.disable()  # as the program does: see `app.shell.garbage`
    application = QApplication([])
    apply_theme(application, "light")
    stage = Stage()
    vars(job_queue)["run_planned"] = stage.run
    with tempfile.TemporaryDirectory() as folder:
        # Not what other windows of this user do: jobs are announced in the cache folder.
        os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = folder
        with other_process():
            in_the_window(Path(folder) / "workspace", stage)


if __name__ == "__main__":
    main()
