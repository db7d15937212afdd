"""Before a model becomes a project: what it is taken for, and what it finds with other choices.

Both functions run a job and block until its end: call them from a worker thread. They leave
nothing behind but what lies in `folder`, which belongs to the caller.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import JobCancelled
from core.jobs.events import Event
from core.jobs.requests import DatasetSource, ImportRequest, PreviewRequest, Request
from core.jobs.results import RESULT_FILE, ImportResult, PreviewResult
from core.jobs.runner import run_job
from core.models.detector import Detector
from core.models.stored import StoredModel, load_stored
from core.values import read_json

OnEvent = Callable[[Event], None]


def examine(
    model: Path,
    folder: Path,
    *,
    dataset: Path | None = None,
    pictures: Sequence[Path] = (),
    on_event: OnEvent = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
) -> StoredModel:
    """The model as an import would store it, in a new folder below `folder`.

    Guesses are tried on `pictures` and on images of `dataset`. The card has the detector, its
    alternatives and the reasons. Raises what went wrong, or JobCancelled.
    """
    sources = () if dataset is None else (DatasetSource(path=dataset),)
    request = ImportRequest(model=model, datasets=sources, pictures=tuple(pictures))
    made = _run(request, folder / f"model-{secrets.token_hex(3)}", on_event, cancel, log)
    result = read_json(made / RESULT_FILE, ImportResult)
    return load_stored(made / str(result.model))


def preview(
    xml: Path,
    detector: Detector,
    images: Sequence[Path],
    *,
    on_event: OnEvent = lambda event: None,
    cancel: threading.Event | None = None,
    log: Path | None = None,
) -> PreviewResult:
    """What the model stored at `xml` finds in a few pictures when it is used as `detector`.

    Raises what went wrong, or JobCancelled.
    """
    request = PreviewRequest(model=xml, detector=detector, images=tuple(images))
    folder = xml.parent / f"preview-{secrets.token_hex(3)}"
    try:
        return read_json(_run(request, folder, on_event, cancel, log) / RESULT_FILE, PreviewResult)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(
    request: Request,
    folder: Path,
    on_event: OnEvent,
    cancel: threading.Event | None,
    log: Path | None,
) -> Path:
    outcome = run_job(request, folder, on_event=on_event, cancel=cancel, log=log)
    if outcome.state == "cancelled":
        raise JobCancelled
    return outcome.require()
