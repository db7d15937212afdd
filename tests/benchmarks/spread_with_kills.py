"""Predictions and reports on workers that are killed at random, against those of one process.

    .venv/bin/python -m tests.benchmarks.spread_with_kills [--runs N] [--seed N] [--folder DIR]

In each run, workers are killed with SIGKILL at random times, and others started in their place. All
that ``predict`` and ``report`` leave must be equal, byte for byte, to what they leave without any
machine. Ends with one line of JSON. With a folder, each run is noted there, and who starts it again
goes on after the last one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from core.importing.service import plan_import
from core.jobs.job import Job
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support import models
from tests.support.dask_workers import Cluster
from tests.support.images import write_images
from tests.support.jobs import run
from tests.support.spreading import Asked, content, killing, ran, shards
from tests.support.unwinding import unwind_when_ended


def prepared(folder: Path, images: int) -> Asked:
    """A parent, its optimized model and images."""
    root = write_images(folder / "images", images, 900, 700)
    model = models.save(models.ssd(), folder / "model", "ssd", models.CLASSES)
    workspace = Workspace(folder / "workspace")
    parent = run(workspace, plan_import(workspace, model, root)).end.project_id
    assert parent is not None
    run(workspace, plan_optimize(workspace, parent, root, QuantizationPlan()))
    first, second = workspace.projects()
    return Asked(model_of(first), model_of(second), root)


def prepared_once(folder: Path, images: int) -> tuple[Asked, list[dict[str, Any]]]:
    """The same as long as the folder is there, with what its jobs leave without a machine."""
    ready, cache = folder / "asked.json", folder / "here"
    if not ready.is_file():
        made = prepared(folder, images)
        jobs: tuple[Callable[..., Job], ...] = (made.predict, made.report)
        for number, job in enumerate(jobs):
            ran(job(cache), folder / f"expected {number}").outcome.require()
        ready.write_text(json.dumps([str(made.parent), str(made.optimized), str(made.images)]))
    asked = Asked(*map(Path, json.loads(ready.read_text())))
    return asked, [content(folder / f"expected {number}") for number in range(2)]


def once(
    asked: Asked, expected: list[dict[str, Any]], cluster: Cluster, place: Path, seed: str
) -> tuple[int, list[str]]:
    """One run in the new folder `place`: how many workers were killed, and what was wrong."""
    chance, over, wrong = random.Random(seed), threading.Event(), []
    killer = killing(cluster, chance, over, chance.randint(1, 4))
    try:
        jobs: tuple[Callable[..., Job], ...] = (asked.predict, asked.report)
        for order, job in enumerate(jobs):
            cluster.wait(1)
            made = ran(job(place / "cache", cluster.machine()), place / f"{order}")
            if made.outcome.state != "succeeded":
                wrong.append(str(made.outcome.error))
            elif content(place / f"{order}") != expected[order]:
                wrong.append("another result")
        if shards(place / "cache") != shards(place.parent / "here"):
            wrong.append("other shards")
    finally:
        over.set()
        killer.join()
    return killer.done, wrong


def main() -> int:
    """Gives 1 where a run differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where an interrupted one is resumed")
    options = parser.parse_args()
    folder: Path = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        os.environ[variable] = str(folder / variable.lower())
    asked, expected = prepared_once(folder, options.images)
    record, begun = folder / "done.jsonl", monotonic()
    done = [json.loads(one) for one in record.read_text().splitlines()] if record.exists() else []
    shutil.rmtree(folder / "cluster", ignore_errors=True)
    with Cluster(folder / "cluster") as cluster:
        cluster.add(options.workers)
        cluster.wait(options.workers)
        for number in range(len(done), options.runs):
            place = folder / "run"
            shutil.rmtree(place, ignore_errors=True)  # of one that was interrupted
            place.mkdir()
            kills, wrong = once(asked, expected, cluster, place, f"{options.seed} {number}")
            done.append({"run": number, "kills": kills, "wrong": wrong})
            with record.open("a") as file:
                file.write(json.dumps(done[-1]) + "\n")
            print(done[-1], file=sys.stderr)
    if options.folder is None:
        shutil.rmtree(folder)
    failures = sum(bool(one["wrong"]) for one in done)
    kills = sum(one["kills"] for one in done)
    seconds = round(monotonic() - begun)
    print(json.dumps({"runs": len(done), "kills": kills, "failures": failures, "seconds": seconds}))
    return 1 if failures else 0


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
