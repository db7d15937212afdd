"""Detecting on 1, 2 and 4 local workers against the plain program on the same cores, in turns.

    .venv/bin/python -m tests.benchmarks.spread_speed [--rounds N] [--images N] [--workers 1,2,4]

Each round predicts once without a machine and once with each number of workers, in another order
each time, with nothing stored. Scheduler and workers are started for a run, and end with it: even
idle ones take some of the processor. Ends with one line of JSON: of each number of workers the
median seconds of a job, those before the first images are detected on (a start, and on workers
compiling), and the ratio of the whole, and of the rest, to the plain program's, with their 95%
intervals (bootstrap over rounds). ``cpu_seconds`` are those of a core that all processes had, home,
scheduler and workers together: they say what workers cost on a busy machine, too. Else avoid other
load.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep

import psutil

from core.jobs.events import Event, Progress
from tests.benchmarks.spread_with_kills import prepared
from tests.support.dask_workers import Cluster
from tests.support.spreading import Asked, ran

PLAIN = 0
_RESAMPLED = 2000
_ENDING_SECONDS = 1.5  # in which processes of a session end, and are counted


def spent(cluster: Cluster | None) -> float:
    """Seconds of a core that jobs, and all processes of a cluster, have had by now."""
    own = os.times()
    names = [] if cluster is None else cluster.running
    there = (psutil.Process(cluster.pid(one)).cpu_times()[:4] for one in names if cluster)
    return own.children_user + own.children_system + sum(map(sum, there))


def timed(asked: Asked, place: Path, cluster: Cluster | None) -> tuple[float, float, float]:
    """Of a prediction: seconds before the first images are detected on, those from there on, and
    seconds of a core.
    """
    machine = None if cluster is None else cluster.machine()
    begun, first, before = monotonic(), 0.0, spent(cluster)

    def hear(event: Event) -> None:
        nonlocal first
        if isinstance(event, Progress) and event.stage.startswith("Detecting") and event.total:
            first = first or monotonic()

    ran(asked.predict(place / "cache", machine), place / "out", hear=hear).outcome.require()
    ended = monotonic()
    shutil.rmtree(place)
    if cluster is not None:
        sleep(_ENDING_SECONDS)
    return first - begun, ended - first, spent(cluster) - before


def of_so_many(workers: int, asked: Asked, place: Path) -> tuple[float, float, float]:
    """As `timed`, with so many workers."""
    if workers == PLAIN:
        return timed(asked, place, None)
    with Cluster(place.with_name(f"{place.name} cluster")) as cluster:
        cluster.add(workers)
        cluster.wait(workers)
        return timed(asked, place, cluster)


def interval(ratios: Sequence[float], chance: random.Random) -> list[float]:
    """Median, and its 95% interval."""
    medians = sorted(
        statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLED)
    )
    ends = medians[round(0.025 * _RESAMPLED)], medians[round(0.975 * _RESAMPLED) - 1]
    return [round(one, 3) for one in (statistics.median(ratios), *ends)]


def main() -> int:
    """Measure, and say so in JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    counts = [int(one) for one in options.workers.split(",")]
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        os.environ[variable] = str(folder / variable.lower())
    asked, chance = prepared(folder, options.images), random.Random(0)
    times: dict[int, list[tuple[float, float, float]]] = {one: [] for one in (PLAIN, *counts)}
    try:
        for number in range(options.rounds):
            for one in chance.sample(list(times), len(times)):
                place = folder / f"{number} {one}"
                place.mkdir()
                times[one].append(of_so_many(one, asked, place))
                print(f"round {number}, {one} workers: {times[one][-1]}", file=sys.stderr)
    finally:
        shutil.rmtree(folder)
    figures = {}
    for one, measured in times.items():
        before, detecting, cpu = (statistics.median(each) for each in zip(*measured, strict=True))
        pairs = zip(measured, times[PLAIN], strict=True)
        whole, rest = zip(
            *((sum(mine[:2]) / sum(plain[:2]), mine[1] / plain[1]) for mine, plain in pairs),
            strict=True,
        )
        figures[f"{one} workers" if one else "plain"] = {
            "before_seconds": round(before, 2),
            "detecting_seconds": round(detecting, 2),
            "cpu_seconds": round(cpu, 2),
            "whole_ratio": interval(whole, chance),
            "detecting_ratio": interval(rest, chance),
        }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
