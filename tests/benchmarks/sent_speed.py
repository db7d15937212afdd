"""FPS of a benchmark that is sent to a host which is this machine, against the same run without it.

    .venv/bin/python -m tests.benchmarks.sent_speed [--pairs N] [--seconds S] [--model FILE]
        [--control]

Of each pair both are there at once and measure alternately, some tenths of a second each, as two
benchmarks of one user do that wait for each other: what the machine's speed does meanwhile, it does
to both. What is left differs from one pair of processes to the next, so there are many. Compared
are the turns while both were at it. Ends with one line of JSON: the median of the pairs' ratios,
sent over here, with its 95% interval (bootstrap over pairs), which is to lie within 3 % of 1; and
``beside``, the share of a core that the host's own process had meanwhile, which both runs had
beside them. With ``--control`` neither is sent. Avoid other load meanwhile.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from unittest import mock

import psutil

from core.benchmark.job import BenchmarkJob
from core.benchmark.measuring import MEASURING, PREPARING
from core.benchmark.samples import SAMPLES_FILE, load_samples
from core.benchmark.settings import THROUGHPUT, BenchmarkedModel, BenchmarkSettings
from core.folders import lock_file
from core.importing.service import plan_import
from core.inference.processor import this_processor
from core.inference.processor_words import processor_name
from core.jobs.events import Progress
from core.jobs.planned import run_planned
from core.jobs.runner import run_job
from core.machines.parcel import Packing
from core.metrics.speed.statistics import spread_interval
from core.sample import sample
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.hosts import LocalHost, Sender
from tests.support.unwinding import unwind_when_ended

WITHIN = 0.03
FEWEST = 3  # turns of both, beside each other


@dataclass
class Heard:
    """When a benchmark had done how many turns."""

    at: list[tuple[float, int]] = field(default_factory=list)
    prepares: threading.Event = field(default_factory=threading.Event)
    hear_also: Callable[[], None] = lambda: None

    def __call__(self, event: object) -> None:
        if not isinstance(event, Progress):
            return
        if PREPARING in event.stage:
            self.prepares.set()
        if MEASURING in event.stage and event.done:
            self.at.append((monotonic(), event.done))
            self.hear_also()


@dataclass
class Beside:
    """The seconds of a core that the host's own process had, between two words of its job."""

    host: LocalHost
    share: float = 0.0
    _served: list[psutil.Process] = field(default_factory=list)
    _first: tuple[float, float] | None = None

    def __call__(self) -> None:
        with suppress(psutil.Error):
            self._served = self._served or self.host.served()
            now = monotonic(), sum(sum(one.cpu_times()[:2]) for one in self._served)
            self._first = self._first or now
            if now[0] > self._first[0]:
                self.share = (now[1] - self._first[1]) / (now[0] - self._first[0])


@dataclass(frozen=True)
class Asked:
    """The benchmark that both make."""

    xml: Path
    seconds: float

    def job(self, xml: Path) -> BenchmarkJob:
        settings = BenchmarkSettings(
            precision_hints=("f32",), modes=(THROUGHPUT,), seconds=self.seconds, narrow=0
        )
        return BenchmarkJob(models=(BenchmarkedModel(name="parent", xml=xml),), settings=settings)

    def here(self, place: Path, heard: Heard) -> None:
        """As it is always made."""
        run_job(self.job(self.xml), place, on_event=heard).require()

    def sent(self, place: Path, heard: Heard, host: LocalHost) -> None:
        """The same by way of the host."""

        def pack(packing: Packing) -> BenchmarkJob:
            return self.job(packing.model(self.xml))

        Sender(place, heard).send(host, pack)


def turns(place: Path, heard: Heard, begin: float, end: float) -> list[float]:
    """The FPS of its turns between these moments."""
    (samples,) = load_samples(place / SAMPLES_FILE, 1)
    during = [done for at, done in heard.at if begin < at <= end]
    return samples.fps[during[0] - 1 : during[-1]] if during else []


def pair(asked: Asked, folder: Path, host: LocalHost | None) -> tuple[float, float]:
    """The ratio of what is sent to what is not; and what the host had beside them."""
    beside = Beside(host) if host else None
    places, heard = [folder / "here", folder / "other"], [Heard(), Heard()]
    if beside:
        heard[1].hear_also = beside
    with ThreadPoolExecutor(2) as pool:
        if host:
            begun = pool.submit(asked.sent, places[1], heard[1], host)
        else:
            begun = pool.submit(asked.here, places[1], heard[1])
        while not heard[1].prepares.wait(0.1) and not begun.done():  # a host takes longer to begin
            pass
        pool.submit(asked.here, places[0], heard[0]).result()
        begun.result()
    begin, end = (max(one.at[0][0] for one in heard), min(one.at[-1][0] for one in heard))
    here, other = (turns(*one, begin, end) for one in zip(places, heard, strict=True))
    if min(len(here), len(other)) < FEWEST:
        sys.exit(f"Only {len(here)} and {len(other)} turns were beside each other: more --seconds.")
    print(f"{len(here)} and {len(other)} turns", file=sys.stderr)
    return statistics.median(other) / statistics.median(here), beside.share if beside else 0.0


def main() -> int:
    """Measure, and say so in JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--model", type=Path, default=sample().model)
    parser.add_argument("--control", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    host = None if options.control else LocalHost(folder / "cache")
    ratios, shares, number = [], [], itertools.count()

    def own_lock() -> Path:
        return lock_file(f"job {next(number)}.lock")

    try:
        workspace = Workspace(folder / "workspace")
        planned = plan_import(workspace, options.model, sample().validation)
        run_planned(workspace, planned).outcome.require()
        asked = Asked(model_of(workspace.projects()[0]), options.seconds)
        # both take part in rounds, though each is heavy: here no job waits for its turn
        with mock.patch("core.jobs.turn.machine_lock", own_lock):
            for one in range(options.pairs):
                made = folder / f"{one}"
                made.mkdir()
                ratio, share = pair(asked, made, host)
                ratios.append(ratio)
                shares.append(share)
                print(f"pair {one}: {ratio:.4f}, beside {share:.4f}", file=sys.stderr)
    finally:
        shutil.rmtree(folder)
    found = spread_interval(ratios)
    inside = all(abs(end - 1) <= WITHIN for end in (found.low, found.high))
    said = {
        "throughput_ratio": [round(one, 4) for one in (found.value, found.low, found.high)],
        "within": inside,
        "pairs": options.pairs,
        "spread_of_pairs": round(statistics.stdev(ratios), 4) if ratios[1:] else None,
        "beside": round(statistics.median(shares), 4),
        "processor": processor_name(this_processor()),
        "load": os.getloadavg()[0],
    }
    print(json.dumps(said))
    return 0 if inside else 1


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
