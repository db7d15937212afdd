"""Before a model becomes a project: what it is taken for, and what it finds with other choices.

Everything here works in a child process, and blocks: call it from a worker thread.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.datasets.facts import DatasetFacts
from core.datasets.source import DatasetSource
from core.datasets.stored import load_dataset
from core.errors import JobCancelled, WorkbenchError
from core.folders import make_work_folder
from core.importing.job import ImportJob, ImportResult
from core.importing.preview_job import LivePreviewJob, Previewed, PreviewQuestion
from core.jobs.events import Answer, Event, Failed, Progress, error_of
from core.jobs.job import RESULT_FILE
from core.jobs.process import ChildProcess
from core.jobs.runner import run_job
from core.models.adjusting import Changes
from core.models.detector import Detector
from core.models.stored import StoredModel, load_stored
from core.values import from_plain, read_json, to_json

PICTURES = 24  # of a dataset that are offered for the preview

OnEvent = Callable[[Event], None]


@dataclass(frozen=True)
class Examined:
    """A model and perhaps a dataset that lie, as an import stores them, in a folder of ours.

    Attributes:
        folder: to be adopted by the workspace, or removed by `discard`.
        dataset: what is known of the dataset; None without one. Its `root` is absolute.
        pictures: some of its images, from all over it.
    """

    folder: Path
    stored: StoredModel
    dataset: DatasetFacts | None = None
    pictures: tuple[Path, ...] = ()

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def examine(
    model: Path,
    beside: Path,
    *,
    dataset: Path | None = None,
    changes: Changes | None = None,
    pictures: Sequence[Path] = (),
    on_event: OnEvent = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
) -> Examined:
    """Look at a model of the user's; what is found lies in a new folder in `beside`.

    Guesses are tried on `pictures` and on images of `dataset`. The folder is swept away with
    this process unless it is adopted. Raises what went wrong, or JobCancelled.
    """
    sources = () if dataset is None else (DatasetSource(path=dataset),)
    request = ImportJob(
        model=model, datasets=sources, pictures=tuple(pictures), changes=changes or Changes()
    )
    try:
        folder = make_work_folder(beside / "examined")
    except OSError as error:
        raise WorkbenchError(
            f"Nothing can be written to {beside}: {error.strerror or error}.",
            "Check its permissions and free space.",
        ) from error
    outcome = run_job(request, folder, on_event=on_event, cancel=cancel, log=log)
    if outcome.state != "succeeded":
        shutil.rmtree(folder, ignore_errors=True)
        if outcome.state == "cancelled":
            raise JobCancelled
        outcome.require()
    result = read_json(folder / RESULT_FILE, ImportResult)
    stored = load_stored(folder / str(result.model))
    if not result.datasets:
        return Examined(folder, stored, pictures=tuple(pictures))
    facts = result.datasets[0]
    return Examined(
        folder,
        stored,
        msgspec.structs.replace(facts, root=folder / facts.root),
        some_pictures(folder / facts.file),
    )


def some_pictures(dataset: Path, most: int = PICTURES) -> tuple[Path, ...]:
    """Paths of some images of a stored dataset, from all over it."""
    opened = load_dataset(dataset)
    step = max(1, len(opened.images) // most)
    return tuple(opened.path(number) for number in range(0, len(opened.images), step))[:most]


class LivePreview:
    """A process that keeps a stored model compiled and answers what it finds in a picture.

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
                self._process.tell(to_json(question))

    def close(self) -> None:
        """End the process, and with it `run`."""
        self._closed.set()

    def run(self, on_event: Callable[[Previewed | Progress], None]) -> None:
        """Pass answers and progress on, until `close`. Raises what went wrong."""
        folder = make_work_folder(self._beside / "preview")
        try:
            process = ChildProcess(LivePreviewJob(model=self._xml), folder, self._log)
            with self._lock:
                self._process = process
                if self._asked is not None:
                    process.tell(to_json(self._asked))

            def pass_on(event: Event) -> None:
                if isinstance(event, Answer):
                    on_event(from_plain(event.body, Previewed))
                elif isinstance(event, Progress):
                    on_event(event)

            end = process.run(pass_on, self._closed)
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
