"""Predictions and reports here and on workers, to be compared to the last byte."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.datasets.source import DatasetSource
from core.inference.settings import TRUE_F32
from core.jobs.events import Event, JobOutcome, LogLine, Progress
from core.jobs.job import RESULT_FILE, Job
from core.jobs.runner import run_job
from core.machines.machine import Machine
from core.predict.job import PredictJob
from core.reports.predictions.kind import PredictionsJob
from core.values import from_json
from tests.support.dask_workers import Cluster

PAUSES = (0.0, 4.0)  # seconds before a worker is killed


@dataclass
class Ran:
    """A job that was run: its end, and what it said."""

    outcome: JobOutcome
    events: list[Event] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        return [one.text for one in self.events if isinstance(one, LogLine)]


def ran(
    job: Job,
    output: Path,
    cancel: threading.Event | None = None,
    hear: Callable[[Event], None] = lambda event: None,
) -> Ran:
    """Run a job to its end."""
    events: list[Event] = []

    def on_event(event: Event) -> None:
        events.append(event)
        hear(event)

    log = output.with_name(f"{output.name}.log")
    return Ran(run_job(job, output, on_event=on_event, cancel=cancel, log=log), events)


def detecting(event: Event) -> bool:
    """Whether images are being detected on by now."""
    return isinstance(event, Progress) and event.stage.startswith("Detecting") and event.done > 0


@dataclass(frozen=True)
class Asked:
    """A pair of models and images to predict and to report on."""

    parent: Path
    optimized: Path
    images: Path

    def predict(self, cache: Path, machine: Machine | None = None) -> PredictJob:
        dataset = DatasetSource(path=self.images)
        return PredictJob(
            model=self.parent, dataset=dataset, settings=TRUE_F32, cache=cache, machine=machine
        )

    def report(self, cache: Path, machine: Machine | None = None) -> PredictionsJob:
        return PredictionsJob(
            parent=self.parent,
            optimized=self.optimized,
            dataset=DatasetSource(path=self.images),
            cache=cache,
            machine=machine,
        )


def content(folder: Path) -> dict[str, Any]:
    """All that a job left, without when."""
    files: dict[str, Any] = {one.name: one.read_bytes() for one in folder.iterdir()}
    files[RESULT_FILE] = from_json(files[RESULT_FILE], dict)
    files[RESULT_FILE].pop("created", None)
    return files


def shards(cache: Path) -> dict[str, bytes]:
    """The stored detections."""
    return {one.name: one.read_bytes() for one in cache.glob("*.npz")}


class Killing(threading.Thread):
    """Kills workers at random times, and starts another one in place of each; `done` counts."""

    def __init__(
        self, cluster: Cluster, chance: random.Random, over: threading.Event, kills: int
    ) -> None:
        super().__init__()
        self.done = 0
        self._cluster, self._chance = cluster, chance
        self._over, self._kills = over, kills

    def run(self) -> None:
        """See `threading.Thread`."""
        for _ in range(self._kills):
            if self._over.wait(self._chance.uniform(*PAUSES)):
                return
            self._cluster.kill(self._chance.choice(self._cluster.workers))
            self._cluster.add()
            self.done += 1


def killing(cluster: Cluster, chance: random.Random, over: threading.Event, kills: int) -> Killing:
    """One that has begun."""
    thread = Killing(cluster, chance, over, kills)
    thread.start()
    return thread
