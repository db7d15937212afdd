"""Runs on local workers, timed part by part."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, process_time
from typing import Any
from unittest import mock

import psutil

from core.datasets.dataset import Dataset
from core.inference.settings import TRUE_F32
from core.jobs.context import JobContext
from core.machines.connecting import submitted
from core.machines.crew import Crew
from core.models.stored import load_stored
from core.predict import on_worker
from core.predict.detecting import detect_runs
from core.predict.part_by_part import Run
from core.predict.store import DetectionCache
from tests.support.dask_workers import Cluster


@dataclass
class Timed:
    """One real run: seconds of the whole, until the first part is given, and of the parts.

    `ended` are the times at which parts came, with their images; the rest are sums over parts.
    """

    whole: float = 0.0
    ready: float = 0.0
    spread: float = 0.0
    home: float = 0.0
    scheduler: float = 0.0
    workers: float = 0.0
    out: int = 0
    back: int = 0
    ended: list[tuple[float, int]] = field(default_factory=list)
    images: tuple[str, ...] = ()


def used(cluster: Cluster, names: Sequence[str]) -> float:
    """Seconds of a core that these processes, and those that they started, had by now."""
    own = [psutil.Process(cluster.pid(name)) for name in names]
    every = [*own, *(child for one in own for child in one.children(recursive=True))]
    return sum(sum(one.cpu_times()[:2]) for one in every)


@contextmanager
def watched(timed: Timed, cluster: Cluster) -> Iterator[None]:
    """Note what a crew does."""
    muster, work, ask = Crew.muster, Crew.run, submitted
    begun = monotonic()

    async def mustered(crew: Crew) -> Any:
        found = await muster(crew)
        timed.ready = monotonic() - begun
        return found

    async def worked(crew: Crew, *given: Any) -> None:
        before = monotonic(), process_time(), used(cluster, ["scheduler"])
        workers = used(cluster, cluster.workers)
        timed.ended.append((before[0], 0))
        await work(crew, *given)
        timed.workers = used(cluster, cluster.workers) - workers
        after = monotonic(), process_time(), used(cluster, ["scheduler"])
        timed.spread, timed.home, timed.scheduler = (
            end - start for start, end in zip(before, after, strict=True)
        )

    async def asked(client: Any, worker: str, function: Any, *given: Any) -> Any:
        made = await ask(client, worker, function, *given)
        if function is on_worker.detect and isinstance(made, list):
            images = json.loads(given[-1])["images"]
            timed.out += len(given[-1])
            timed.back += sum(map(len, made))
            timed.ended.append((monotonic(), len(images)))
        return made

    with (
        mock.patch.object(Crew, "muster", mustered),
        mock.patch.object(Crew, "run", worked),
        mock.patch("core.machines.supply.submitted", asked),
    ):
        yield


def real(model: Path, dataset: Dataset, cluster: Cluster, place: Path) -> Timed:
    """Detect once, with nothing stored."""
    place.mkdir()
    timed, context = Timed(), JobContext(place, lambda message: None, threading.Event())
    cache = DetectionCache(place / "cache", machine=cluster.machine())
    begun = monotonic()
    with watched(timed, cluster):
        timed.images = dataset.images
        detect_runs([Run(load_stored(model), TRUE_F32, "the model")], dataset, cache, context)
    timed.whole = monotonic() - begun
    shutil.rmtree(place)
    return timed


def kept_apart(cluster: Cluster) -> None:
    """Each worker keeps to a core of its own."""
    cores = sorted(os.sched_getaffinity(0))
    for core, name in zip(cores, cluster.workers, strict=False):
        for thread in psutil.Process(cluster.pid(name)).threads():
            os.sched_setaffinity(thread.id, {core})
