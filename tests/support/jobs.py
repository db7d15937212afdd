"""Running planned jobs, cancelling them, and looking at what they left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import psutil

from core.jobs.events import Event, Progress
from core.jobs.planned import JobEnd, PlannedJob, run_planned
from core.unfinished import WORK_PREFIX
from core.workspace.store import Workspace


@dataclass
class Watched:
    """A job that was run: its end, its events, and how long a cancel took."""

    end: JobEnd
    events: list[Event] = field(default_factory=list)
    cancel_seconds: float | None = None

    @property
    def stages(self) -> list[str]:
        """The stages in their order, each once."""
        return list(dict.fromkeys(e.stage for e in self.events if isinstance(e, Progress)))

    @property
    def sentence(self) -> str:
        """What the user is told of a job that failed."""
        assert self.end.outcome.state == "failed"
        return str(self.end.outcome.error)


def run(
    workspace: Workspace,
    job: PlannedJob,
    cancel_at: str | None = None,
    at_stage: Callable[[str], None] = lambda stage: None,
) -> Watched:
    """Run `job`; cancel it when that stage first appears, call `at_stage` with each new one."""
    cancel = threading.Event()
    events: list[Event] = []
    cancelled: list[float] = []

    def on_event(event: Event) -> None:
        seen = {e.stage for e in events if isinstance(e, Progress)}
        events.append(event)
        if isinstance(event, Progress) and event.stage not in seen:
            at_stage(event.stage)
            if event.stage == cancel_at:
                cancelled.append(monotonic())
                cancel.set()

    end = run_planned(workspace, job, on_event, cancel)
    seconds = monotonic() - cancelled[0] if cancelled else None
    return Watched(end, events, seconds)


def leftovers(root: Path) -> list[Path]:
    """Unfinished files below `root`."""
    return [p for p in root.rglob("*") if p.name.startswith(WORK_PREFIX) or p.suffix == ".tmp"]


def job_processes(parent: int | None = None) -> list[psutil.Process]:
    """The children of ours (or of that process) in which jobs run, and what those started."""
    return _processes(("job", "worker"), parent)


def lane_processes() -> list[psutil.Process]:
    """The processes in which a benchmark of ours measures."""
    return _processes(("worker",), None)


def helper_processes(helper: str) -> list[psutil.Process]:
    """Our own children in which that helper runs."""
    return _processes((helper,), None, recursive=False)


def _processes(
    helpers: tuple[str, ...], parent: int | None, *, recursive: bool = True
) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(parent).children(recursive):
        try:
            started = process.cmdline()
            if "core.processes" in started and any(one in started for one in helpers):
                found.append(process)
        except psutil.Error:
            continue  # it has just ended
    return found
