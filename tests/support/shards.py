"""Predictions by a job that stores detections in shards, and what they must be equal to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeGuard

from core.datasets.open import open_dataset
from core.datasets.source import DatasetSource
from core.detection.detections import DetectionTable
from core.inference.predicting import predict
from core.inference.settings import TRUE_F32
from core.jobs.events import Event, JobOutcome, LogLine, Progress
from core.jobs.runner import run_job
from core.models.stored import load_stored
from core.predict.coco_results import coco_results
from core.predict.job import COCO_RESULTS_FILE, DETECTIONS_FILE, PredictJob
from core.values import write_json
from core.workspace.projects import model_of
from tests.core.conftest import Made

_FOUND: dict[object, DetectionTable] = {}


def job(made: Made, images: Path, cache: Path | None, *, fresh: bool = False) -> PredictJob:
    return PredictJob(
        model=model_of(made.parent),
        dataset=DatasetSource(path=images),
        settings=TRUE_F32,
        cache=cache,
        fresh=fresh,
    )


def predicted(
    made: Made,
    images: Path,
    output: Path,
    cache: Path | None,
    on_event: Callable[[Event], None] = lambda event: None,
    cancel: threading.Event | None = None,
    *,
    fresh: bool = False,
) -> tuple[JobOutcome, list[Event]]:
    events: list[Event] = []

    def note(event: Event) -> None:
        events.append(event)
        on_event(event)

    asked = job(made, images, cache, fresh=fresh)
    return run_job(asked, output, on_event=note, cancel=cancel), events


def inferred(events: list[Event]) -> int:
    """How many images were detected on."""
    return max((e.done for e in events if is_detecting(e)), default=0)


def is_detecting(event: Event) -> TypeGuard[Progress]:
    return isinstance(event, Progress) and event.stage == "Detecting"


def said(events: list[Event]) -> list[str]:
    return [e.text for e in events if isinstance(e, LogLine)]


def shards(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.npz"))


def as_before(made: Made, images: Path) -> DetectionTable:
    """What the detector finds without a single file of ours; once for images that stay as they are.

    All copies of the project have the same model.
    """
    what = images, tuple((path.name, path.stat().st_mtime_ns) for path in sorted(images.iterdir()))
    if what not in _FOUND:
        stored = load_stored(model_of(made.parent))
        dataset = open_dataset(images)
        _FOUND[what] = predict(stored.xml, stored.card.detector, dataset, TRUE_F32).table
    return _FOUND[what]


def require_same(made: Made, images: Path, output: Path) -> None:
    """The job's files are, byte for byte, those of detections that were all in memory."""
    table = as_before(made, images)
    table.save(output.parent / "whole.npz")
    assert (output / DETECTIONS_FILE).read_bytes() == (output.parent / "whole.npz").read_bytes()
    write_json(output.parent / "whole.json", list(coco_results(table)))
    assert (output / COCO_RESULTS_FILE).read_bytes() == (output.parent / "whole.json").read_bytes()
    assert len(table.scores) > 0
