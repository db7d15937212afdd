"""Running a job: starts its child process, passes its events on, reports exactly one end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from core.errors import JobCancelled
from core.folders import make_work_folder, publish, with_path
from core.jobs.events import Event, Failed, JobOutcome, Succeeded, error_of
from core.jobs.job import Job, V, read_result
from core.jobs.process import ChildProcess
from core.jobs.turn import wait_for_turn
from core.refusals import explained
from core.unfinished import sweep


def run_job(
    request: Job,
    destination: Path,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
) -> JobOutcome:
    """Run a job to its end, in a process of its own; its files appear in `destination`.

    Nothing appears there unless the job succeeds. Setting `cancel` ends it within a second; a job
    that keeps what it has done so far, as a benchmark does, takes a little longer and succeeds.
    `log` receives whatever the process writes. Waits while another job runs on this machine.
    """
    cancel = cancel or threading.Event()
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        sweep(destination.parent)
        turn = wait_for_turn(on_event, cancel)
    except OSError as error:
        return JobOutcome("failed", error=explained(error, destination.parent), log=log)
    if turn is None:
        return JobOutcome("cancelled", log=log)
    work: Path | None = None
    try:
        work = make_work_folder(destination)
        end = ChildProcess(request, work, log).run(on_event, cancel)
        if isinstance(end, Failed) and not cancel.is_set():
            return JobOutcome("failed", error=with_path(error_of(end), work, destination), log=log)
        if not isinstance(end, Succeeded) or (cancel.is_set() and not end.stopped):
            return JobOutcome("cancelled", log=log)
        publish(work, destination)
        return JobOutcome("succeeded", folder=destination, log=log)
    except OSError as error:
        return JobOutcome("failed", error=explained(error, destination.parent), log=log)
    finally:
        if work is not None:
            shutil.rmtree(work, ignore_errors=True)
        turn.release()


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
