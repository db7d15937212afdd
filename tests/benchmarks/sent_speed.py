"""FPS of a benchmark that is sent to a host which is this machine, against the same run without it.

    .venv/bin/python -m tests.benchmarks.sent_speed [--pairs N] [--seconds S] [--model FILE]

Pairs of benchmarks, one made here and one sent, in an order drawn anew. Ends with one line of
JSON: of throughput and of latency the median of the pairs' ratios, sent over here, with its 95%
interval (bootstrap over pairs); both are to lie within 3 % of 1. Avoid other load meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import BenchmarkResult
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings
from core.importing.service import plan_import
from core.jobs.job import read_result
from core.jobs.planned import run_planned
from core.jobs.runner import run_job
from core.machines.parcel import Packing
from core.metrics.speed.figures import Interval
from core.metrics.speed.statistics import ratio_interval
from core.sample import sample
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.hosts import LocalHost, Sender

WITHIN = 0.03


def here(xml: Path, settings: BenchmarkSettings, place: Path) -> BenchmarkResult:
    """A benchmark as it is always made."""
    job = BenchmarkJob(models=(BenchmarkedModel(name="parent", xml=xml),), settings=settings)
    return read_result(run_job(job, place).require(), BenchmarkResult)


def sent(xml: Path, settings: BenchmarkSettings, place: Path, host: LocalHost) -> BenchmarkResult:
    """The same by way of the host."""

    def pack(packing: Packing) -> BenchmarkJob:
        model = BenchmarkedModel(name="parent", xml=packing.model(xml))
        return BenchmarkJob(models=(model,), settings=settings)

    Sender(place).send(host, pack)
    return read_result(place, BenchmarkResult)


def figures(result: BenchmarkResult) -> tuple[float, float]:
    """Images a second, and milliseconds of one."""
    (many, alone) = result.runs
    return many.throughput_fps, alone.latency_ms.p50


def shown(interval: Interval) -> list[float]:
    return [round(one, 4) for one in (interval.value, interval.low, interval.high)]


def main() -> int:
    """Measure, and say so in JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--model", type=Path, default=sample().model)
    options = parser.parse_args()
    folder, chance = Path(tempfile.mkdtemp()), random.Random(0)
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    workspace = Workspace(folder / "workspace")
    imported = run_planned(workspace, plan_import(workspace, options.model, sample().validation))
    imported.outcome.require()
    xml = model_of(workspace.projects()[0])
    settings = BenchmarkSettings(precision_hints=("f32",), seconds=options.seconds, narrow=0)
    host = LocalHost(folder / "cache")
    pairs: list[dict[str, tuple[float, float]]] = []
    try:
        for number in range(options.pairs):
            pair = {}
            for how in chance.sample(("here", "sent"), 2):
                place = folder / f"{number} {how}"
                one = here(xml, settings, place) if how == "here" else None
                pair[how] = figures(one or sent(xml, settings, place, host))
            pairs.append(pair)
            print(f"pair {number}: {pair}", file=sys.stderr)
    finally:
        shutil.rmtree(folder)
    ratios = {
        name: ratio_interval([one["sent"][n] for one in pairs], [one["here"][n] for one in pairs])
        for n, name in enumerate(("throughput_ratio", "latency_ratio"))
    }
    inside = all(abs(end - 1) <= WITHIN for one in ratios.values() for end in (one.low, one.high))
    print(json.dumps({**{name: shown(one) for name, one in ratios.items()}, "within": inside}))
    return 0 if inside else 1


if __name__ == "__main__":
    sys.exit(main())
