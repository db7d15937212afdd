"""Our figures against OpenVINO's own ``benchmark_app``, with the same settings, in turns.

Run: ``python -m tests.benchmarks.against_benchmark_app MODEL.xml [MODEL.xml ...] [--pairs 7]``.
For each model and hint (throughput: FPS; latency: median milliseconds) prints every pair, both
medians, their ratio and both spreads (interquartile range over median). ``benchmark_app`` comes
with OpenVINO and is the yardstick; both run in processes of their own, in random order.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from core.benchmark.plan import BenchmarkPlan, BenchmarkResult, Contestant
from core.jobs.requests import BenchmarkRequest
from core.jobs.results import RESULT_FILE
from core.jobs.runner import run_job
from core.values import read_json

Measure = Callable[[Path, str, float], float]


def ours(xml: Path, hint: str, seconds: float) -> float:
    """FPS or median milliseconds, by our benchmark job in true f32."""
    with tempfile.TemporaryDirectory() as folder:
        plan = BenchmarkPlan(
            contestants=(Contestant(name="model", xml=xml),),
            precision_hints=("f32",),
            seconds=2 * seconds,  # half of it is throughput, half latency
        )
        done = run_job(BenchmarkRequest(plan=plan), Path(folder) / "result").require()
        run = read_json(done / RESULT_FILE, BenchmarkResult).runs[0]
    return run.throughput_fps if hint == "throughput" else run.latency_ms.p50


def theirs(xml: Path, hint: str, seconds: float) -> float:
    """The same by benchmark_app."""
    with tempfile.TemporaryDirectory() as folder:
        program = (
            "import sys; sys.modules['openvino_telemetry'] = None;"
            "from openvino.tools.benchmark.main import main; main()"
        )
        command = [
            *(sys.executable, "-c", program, "-m", str(xml), "-d", "CPU", "-hint", hint),
            *("-infer_precision", "f32", "-t", f"{seconds:.0f}", "-json_stats"),
            *("-report_type", "no_counters", "-report_folder", folder),
        ]
        if hint == "latency":
            command += ["-api", "sync"]
        subprocess.run(command, check=True, capture_output=True)
        report = json.loads((Path(folder) / "benchmark_report.json").read_text())
    results = report["execution_results"]
    return float(results["throughput" if hint == "throughput" else "latency (ms)"])


def spread(values: list[float]) -> float:
    """Interquartile range over the median."""
    low, middle, high = statistics.quantiles(values, n=4)
    return (high - low) / middle


def main() -> None:
    """Measure in turns and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    order = random.Random(0)
    for xml in options.models:
        for hint, unit in (("throughput", "FPS"), ("latency", "ms")):
            figures: dict[str, list[float]] = {"ours": [], "benchmark_app": []}
            for _ in range(options.pairs):
                sides: list[tuple[str, Measure]] = [("ours", ours), ("benchmark_app", theirs)]
                order.shuffle(sides)
                for name, measure in sides:
                    figures[name].append(measure(xml, hint, options.seconds))
                pair = ", ".join(f"{name} {values[-1]:.2f}" for name, values in figures.items())
                print(f"{xml.stem} {hint}: {pair} {unit}", flush=True)
            mine, other = (statistics.median(values) for values in figures.values())
            print(
                f"{xml.stem} {hint}: medians {mine:.2f} v. {other:.2f} {unit}, ratio "
                f"{mine / other:.3f}; spreads {spread(figures['ours']):.3f} v. "
                f"{spread(figures['benchmark_app']):.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
