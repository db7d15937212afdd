"""Detecting on 1, 2 and 4 local workers against the plain program on the same cores, in turns.

    .venv/bin/python -m tests.benchmarks.spread_speed [--rounds N] [--images N] [--workers 1,2,4]

Each round predicts once without a machine and once with each number of workers, in another order
each time, with nothing stored. Ends with one line of JSON: of each number of workers the median
seconds of a job, those before the first images are detected on (a start, and on workers compiling),
and the ratio of the whole, and of the rest, to the plain program's, with their 95% intervals
(bootstrap over rounds). Avoid other load meanwhile.
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
from time import monotonic

from core.jobs.events import Event, Progress
from core.machines.machine import Machine
from tests.benchmarks.spread_with_kills import prepared
from tests.support.dask_workers import Cluster
from tests.support.spreading import Asked, ran

PLAIN = 0
_RESAMPLED = 2000


def timed(asked: Asked, place: Path, machine: Machine | None) -> tuple[float, float]:
    """Seconds of a prediction before the first images are detected on, and from there on."""
    begun, first = monotonic(), 0.0

    def hear(event: Event) -> None:
        nonlocal first
        if isinstance(event, Progress) and event.stage.startswith("Detecting") and event.total:
            first = first or monotonic()

    ran(asked.predict(place / "cache", machine), place / "out", hear=hear).outcome.require()
    ended = monotonic()
    shutil.rmtree(place)
    return first - begun, ended - first


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
    clusters = {one: Cluster(folder / f"cluster {one}") for one in counts}
    times: dict[int, list[tuple[float, float]]] = {one: [] for one in (PLAIN, *counts)}
    try:
        for one, cluster in clusters.items():
            cluster.add(one)
            cluster.wait(one)
        for number in range(options.rounds):
            for one in chance.sample(list(times), len(times)):
                machine = clusters[one].machine() if one else None
                place = folder / f"{number} {one}"
                place.mkdir()
                times[one].append(timed(asked, place, machine))
                print(f"round {number}, {one} workers: {times[one][-1]}", file=sys.stderr)
    finally:
        for cluster in clusters.values():
            cluster.__exit__()
        shutil.rmtree(folder)
    figures = {}
    for one, measured in times.items():
        before, detecting = (statistics.median(each) for each in zip(*measured, strict=True))
        pairs = zip(measured, times[PLAIN], strict=True)
        whole, rest = zip(
            *((sum(mine) / sum(plain), mine[1] / plain[1]) for mine, plain in pairs), strict=True
        )
        figures[f"{one} workers" if one else "plain"] = {
            "before_seconds": round(before, 2),
            "detecting_seconds": round(detecting, 2),
            "whole_ratio": interval(whole, chance),
            "detecting_ratio": interval(rest, chance),
        }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
