"""What a model finds in an image, asked again and again: the process behind one dialog.

Everything here blocks: call it from a worker thread.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from core.errors import JobCancelled, WorkbenchError
from core.folders import make_work_folder
from core.importing.preview_job import LivePreviewJob, Previewed, PreviewQuestion
from core.jobs.events import Answer, Event, Failed, Progress, error_of
from core.jobs.process import ChildProcess
from core.jobs.runner import sharing
from core.models.detector import Detector
from core.values import from_plain, to_json


class LivePreview:
    """A process that keeps a stored model compiled and answers what it finds in an image.

    `ask` may be called from any thread, and only the newest question counts; `run` blocks until
    `close`. One process serves one dialog: see docs/decisions/0005.
    """

    def __init__(self, xml: Path, beside: Path, log: Path | None = None) -> None:
        """The process has a folder of its own in `beside` while it runs."""
        self._xml = xml
        self._beside = beside
        self._log = log
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None
        self._asked: PreviewQuestion | None = None

    def ask(self, number: int, detector: Detector, image: Path) -> None:
        """What does it find in `image` when it is used as `detector`?"""
        question = PreviewQuestion(number=number, detector=detector, image=image)
        with self._lock:
            self._asked = question
            if self._process is not None:
                self._process.send(to_json(question))

    def close(self) -> None:
        """End the process, and with it `run`."""
        self._closed.set()

    def run(self, on_event: Callable[[Previewed | Progress], None]) -> None:
        """Pass answers and progress on, until `close`. Raises what went wrong."""

        def pass_on(event: Event) -> None:
            if isinstance(event, Answer):
                on_event(from_plain(event.body, Previewed))
            elif isinstance(event, Progress):
                on_event(event)

        folder = make_work_folder(self._beside / "preview")
        try:
            with sharing(LivePreviewJob.weight, pass_on, self._closed) as (place, _):
                job = LivePreviewJob(model=self._xml)
                process = ChildProcess(job, folder, self._log, place.release)
                with self._lock:
                    self._process = process
                    if self._asked is not None:
                        process.send(to_json(self._asked))
                end = process.run(pass_on, self._closed)
        except JobCancelled:
            return
        except OSError as error:
            raise WorkbenchError(
                f"The preview could not be started: {error.strerror or error}.",
                "Close other programs, and open the dialog again.",
            ) from error
        finally:
            with self._lock:
                self._process = None
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(end, Failed) and not self._closed.is_set():
            raise error_of(end)
