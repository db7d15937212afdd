"""Running a job: starts its child process, passes its events on, reports exactly one end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from core.errors import JobCancelled
from core.folders import make_work_folder, publish, with_path
from core.jobs.ahead import end_waiting
from core.jobs.events import Event, Failed, JobOutcome, Progress, Succeeded, error_of
from core.jobs.job import Job, V, Weight, read_result
from core.jobs.process import ChildProcess
from core.jobs.quiet import LightWork
from core.jobs.turn import Turn
from core.refusals import explained
from core.unfinished import sweep

_SOON = 2.0  # seconds that processes begun ahead wait for the turn of their job


def run_job(
    request: Job,
    destination: Path,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
    on_start: Callable[[], None] = lambda: None,
) -> JobOutcome:
    """Run a job in a process of its own; its files appear in `destination` if it succeeds.

    Setting `cancel` ends it within a second; one that keeps what it has done, as a benchmark does,
    takes a little longer and succeeds. `log` receives what the process writes; `on_start` is called
    once it runs. A heavy job waits for others, a light one while something is timed.
    """
    cancel, work = cancel or threading.Event(), None
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        sweep(destination.parent)
        with sharing(request.weight, on_event, cancel) as (place, wait):
            work = make_work_folder(destination)
            child = ChildProcess(request, work, log, place.release)
            on_start()
            end = child.run(on_event, cancel)
            if isinstance(end, Failed) and not cancel.is_set():
                error = with_path(error_of(end), work, destination)
                return JobOutcome("failed", error=error, log=log)
            if not isinstance(end, Succeeded) or (cancel.is_set() and not end.stopped):
                return JobOutcome("cancelled", log=log)
            if not place.held:
                place.take((lambda: None) if end.stopped else wait)
            publish(work, destination)
            return JobOutcome("succeeded", folder=destination, log=log)
    except JobCancelled:
        return JobOutcome("cancelled", log=log)
    except OSError as error:
        return JobOutcome("failed", error=explained(error, destination.parent), log=log)
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def sharing(
    weight: Weight, on_event: Callable[[Event], None], cancel: threading.Event
) -> Iterator[tuple[Turn | LightWork, Callable[[], None]]]:
    """Its place on the machine for a job of this weight, and what to call while it waits for one.

    Raises JobCancelled as soon as `cancel` is set.
    """
    place = Turn() if weight == "heavy" else LightWork()
    announced, began = False, monotonic()

    def wait() -> None:
        nonlocal announced
        if cancel.is_set():
            raise JobCancelled
        if monotonic() - began > _SOON:
            end_waiting()  # they would keep their memory, for as long as another job takes
        if not announced:
            on_event(Progress(stage=place.waiting))
            announced = True

    if cancel.is_set():
        raise JobCancelled
    try:
        place.take(wait)
        yield place, wait
    finally:
        place.close()


def run_for_result(
    request: Job,
    wanted: type[V],
    beside: Path,
    log: Path,
    on_event: Callable[[Event], None] = lambda event: None,
    cancel: threading.Event | None = None,
) -> V:
    """What a small job gives whose files nobody needs; it works in a folder in `beside`.

    Raises what it fails with, or JobCancelled.
    """
    folder = make_work_folder(beside / "checked")
    try:
        outcome = run_job(request, folder, on_event=on_event, cancel=cancel, log=log)
        if outcome.state == "cancelled":
            raise JobCancelled
        return read_result(outcome.require(), wanted)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
