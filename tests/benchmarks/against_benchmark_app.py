"""Our figures against OpenVINO's own ``benchmark_app``, with the same settings, in turns.

    python -m tests.benchmarks.against_benchmark_app MODEL.xml [MODEL.xml ...] [--pairs 7]

``benchmark_app`` comes with OpenVINO and is the yardstick. Both are told the same streams,
requests, precision (true f32), input type and seconds, and run in processes of their own; which of
a pair is first is drawn. For each model, throughput (FPS) and latency (median milliseconds):
prints every pair, both medians, their ratio (the target is within 3 %), and both spreads
(interquartile range over median; ours should be no larger). Of seven runs a spread is known to a
factor of two or three only, so the last line pools the deviations of all runs from the median of
their kind. Takes about 34 s a pair of both.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import BenchmarkResult
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, RunMode
from core.jobs.job import RESULT_FILE
from core.jobs.runner import run_job
from core.values import read_json
from tests.support.unwinding import unwind_when_ended

TARGET = 0.03
DRAWS = 2000


@dataclass(frozen=True)
class Kind:
    """What is measured: its unit, and the streams and requests of it."""

    name: str
    unit: str
    streams: int
    requests: int

    @property
    def alone(self) -> bool:
        """Whether one inference runs at a time, which is how latency is measured."""
        return self.requests == 1


def kinds() -> tuple[Kind, Kind]:
    """Throughput with a stream and a request for each core (four at most), and latency."""
    many = min(os.cpu_count() or 1, 4)
    return Kind("throughput", "FPS", many, max(many, 2)), Kind("latency", "ms", 1, 1)


def ours(xml: Path, kind: Kind, seconds: float) -> float:
    """FPS or median milliseconds, by our benchmark job."""
    with tempfile.TemporaryDirectory() as folder:
        settings = BenchmarkSettings(
            precision_hints=("f32",),
            modes=(RunMode(hint="streams", streams=kind.streams, requests=kind.requests),),
            seconds=seconds,
            narrow=0.0,  # the whole time, as benchmark_app does
        )
        job = BenchmarkJob(models=(BenchmarkedModel(name="model", xml=xml),), settings=settings)
        done = run_job(job, Path(folder) / "result").require()
        run = read_json(done / RESULT_FILE, BenchmarkResult).runs[0]
    if (run.streams, run.requests) != (kind.streams, kind.requests):
        raise SystemExit(f"OpenVINO used {run.streams} streams, {run.requests} requests.")
    return run.latency_ms.p50 if kind.alone else run.throughput_fps


def theirs(xml: Path, kind: Kind, seconds: float) -> float:
    """The same by benchmark_app."""
    with tempfile.TemporaryDirectory() as folder:
        program = (
            "import sys; sys.modules['openvino_telemetry'] = None;"
            "from openvino.tools.benchmark.main import main; main()"
        )
        command = [
            *(sys.executable, "-c", program, "-m", str(xml), "-d", "CPU", "-hint", "none"),
            *("-nstreams", str(kind.streams), "-nireq", str(kind.requests)),
            *("-api", "sync" if kind.alone else "async", "-ip", "f32"),
            *("-infer_precision", "f32", "-t", f"{seconds:.0f}", "-json_stats"),
            *("-report_type", "no_counters", "-report_folder", folder),
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"benchmark_app failed: {done.stderr or done.stdout}")
        report = json.loads((Path(folder) / "benchmark_report.json").read_text())
    results = report["execution_results"]
    return float(results["latency (ms)" if kind.alone else "throughput"])


def spread(values: list[float]) -> float:
    """Interquartile range over the median."""
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / middle


def deviations(values: list[float]) -> list[float]:
    """Of each value from the median, as a share of it."""
    middle = statistics.median(values)
    return [abs(value / middle - 1) for value in values]


@dataclass(frozen=True)
class Compared:
    """What two programs measured of one model."""

    figures: dict[str, list[float]]

    @property
    def near(self) -> bool:
        """Whether the medians are as near as they should be."""
        mine, other = (statistics.median(values) for values in self.figures.values())
        return abs(mine / other - 1) <= TARGET


def compare(xml: Path, kind: Kind, pairs: int, seconds: float, order: random.Random) -> Compared:
    """Measure in turns and print."""
    figures: dict[str, list[float]] = {"ours": [], "benchmark_app": []}
    found = Compared(figures)
    sides = [("ours", ours), ("benchmark_app", theirs)]
    for _ in range(pairs):
        order.shuffle(sides)
        for name, measure in sides:
            figures[name].append(measure(xml, kind, seconds))
        pair = ", ".join(f"{name} {values[-1]:.2f}" for name, values in figures.items())
        print(f"{xml.stem} {kind.name}: {pair} {kind.unit}", flush=True)
    mine, other = (statistics.median(values) for values in figures.values())
    print(
        f"{xml.stem} {kind.name}, {kind.streams} streams, {kind.requests} requests: medians "
        f"{mine:.2f} v. {other:.2f} {kind.unit}, ratio {mine / other:.3f} "
        f"({'within' if found.near else 'NOT WITHIN'} {TARGET:.0%}); spreads "
        f"{spread(figures['ours']):.3f} v. {spread(figures['benchmark_app']):.3f}",
        flush=True,
    )
    return found


def spread_told(found: list[Compared], order: random.Random) -> str:
    """The pooled deviations of both, and how sure their ratio is: a bootstrap over the pairs."""

    def pooled(places: list[list[int]]) -> list[float]:
        return [
            statistics.mean(
                share
                for one, chosen in zip(found, places, strict=True)
                for share in deviations([one.figures[name][place] for place in chosen])
            )
            for name in found[0].figures
        ]

    pairs = [range(len(one.figures["ours"])) for one in found]
    mine, other = pooled([list(one) for one in pairs])
    drawn = [pooled([order.choices(one, k=len(one)) for one in pairs]) for _ in range(DRAWS)]
    ratios = sorted(one / max(two, 1e-9) for one, two in drawn)
    low, high = ratios[len(ratios) // 40], ratios[-1 - len(ratios) // 40]
    runs = sum(map(len, pairs))
    return (
        f"mean deviation from the median of its kind, {runs} runs each: ours {mine:.4f}, "
        f"benchmark_app {other:.4f}, ratio {mine / other:.2f} ({low:.2f} to {high:.2f})"
    )


def main() -> int:
    """Measure in turns and print; 1 where a median is too far from benchmark_app's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    order = random.Random(0)
    found = [
        compare(xml.absolute(), kind, options.pairs, options.seconds, order)
        for xml in options.models
        for kind in kinds()
    ]
    print(spread_told(found, order))
    return 0 if all(one.near for one in found) else 1


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
