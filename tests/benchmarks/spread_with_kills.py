"""Predictions and reports on workers that are killed at random, against those of one process.

    .venv/bin/python -m tests.benchmarks.spread_with_kills [--runs N] [--seed N] [--folder DIR]

In each run, workers are killed with SIGKILL at random times, and others started in their place. All
that ``predict`` and ``report`` leave must be equal, byte for byte, to what they leave without any
machine. Ends with one line of JSON.
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


def main() -> int:
    """Gives 1 where a run differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        os.environ[variable] = str(folder / variable.lower())
    asked = prepared(folder, options.images)
    cache = folder / "here"
    jobs: tuple[Callable[..., Job], ...] = (asked.predict, asked.report)
    expected = [
        content(ran(job(cache), folder / f"expected {number}").outcome.require())
        for number, job in enumerate(jobs)
    ]
    failures, kills, begun = [], 0, monotonic()
    with Cluster(folder / "cluster") as cluster:
        cluster.add(options.workers)
        cluster.wait(options.workers)
        for number in range(options.runs):
            over = threading.Event()
            count = chance.randint(1, 4)
            killer = killing(cluster, chance, over, count)
            place = folder / f"run {number}"
            place.mkdir()
            machine = cluster.machine()
            try:
                for order, job in enumerate(jobs):
                    cluster.wait(1)
                    made = ran(job(place / "cache", machine), place / f"{order}")
                    if made.outcome.state != "succeeded":
                        failures.append(f"run {number}: {made.outcome.error}")
                    elif content(place / f"{order}") != expected[order]:
                        failures.append(f"run {number}: another result")
                if shards(place / "cache") != shards(cache):
                    failures.append(f"run {number}: other shards")
            finally:
                over.set()
                killer.join()
                kills += killer.done
            said = "; ".join(one for one in failures if one.startswith(f"run {number}:"))
            print(f"run {number}: {killer.done} kills. {said}", file=sys.stderr)
            shutil.rmtree(place)
    shutil.rmtree(folder)
    seconds = round(monotonic() - begun)
    figures = {"runs": options.runs, "kills": kills, "failures": len(failures), "seconds": seconds}
    print(json.dumps(figures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
