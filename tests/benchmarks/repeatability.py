"""Whether a comparison says the same when it is repeated beside a process that comes and goes.

    python -m tests.benchmarks.repeatability [PARENT.xml OPTIMIZED.xml] [--repeats 10] [--seconds 8]

Without models: the sample and its INT8 model, made for this. A process keeps one core busy half of
the time, in spells of 50 ms to 1 s. Prints the ratio and the verdict of each repeat, and how often
the most frequent verdict came (the target is 9 of 10). Takes about two minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.benchmark.job import BenchmarkJob
from core.benchmark.result import BenchmarkResult
from core.benchmark.settings import THROUGHPUT, BenchmarkedModel, BenchmarkSettings
from core.importing.service import plan_import
from core.inference.settings import PrecisionHint
from core.jobs.job import RESULT_FILE
from core.jobs.planned import run_planned
from core.jobs.runner import run_job
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.sample import sample
from core.values import read_json
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.unwinding import unwind_when_ended

TARGET = 0.9
NAMES: dict[PrecisionHint, str] = {"f32": "in true f32", "default": "by default"}
_LOAD = """
import random, time
spells = random.Random(0)
while True:
    length = spells.uniform(0.05, 1.0)
    until = time.perf_counter() + length
    while time.perf_counter() < until:
        pass
    time.sleep(length)
"""


@contextmanager
def half_a_core_busy() -> Iterator[None]:
    """Another process that computes half of the time."""
    process = subprocess.Popen([sys.executable, "-c", _LOAD])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measure(parent: Path, optimized: Path, seconds: float, seed: int) -> BenchmarkResult:
    """Throughput in turns: both in true f32 and by default."""
    job = BenchmarkJob(
        models=(
            BenchmarkedModel(name="parent", xml=parent),
            BenchmarkedModel(name="optimized", xml=optimized),
        ),
        settings=BenchmarkSettings(modes=(THROUGHPUT,), seconds=seconds, seed=seed),
    )
    with tempfile.TemporaryDirectory() as folder:
        done = run_job(job, Path(folder) / "result").require()
        return read_json(done / RESULT_FILE, BenchmarkResult)


def sample_models(folder: Path) -> tuple[Path, Path]:
    """The sample, and an INT8 model of it."""
    workspace, ours = Workspace(folder), sample()
    run_planned(workspace, plan_import(workspace, ours.model, ours.validation)).outcome.require()
    plan = QuantizationPlan(subset_size=32)
    run_planned(workspace, plan_optimize(workspace, 1, ours.calibration, plan)).outcome.require()
    parent, optimized = workspace.projects()
    return model_of(parent), model_of(optimized)


def main() -> int:
    """Repeat and print; 1 where a verdict changes too often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="*")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    verdicts: dict[PrecisionHint, list[str]] = {"f32": [], "default": []}
    with tempfile.TemporaryDirectory() as folder:
        parent, optimized = options.models or sample_models(Path(folder))
        with half_a_core_busy():
            for repeat in range(options.repeats):
                result = measure(parent.absolute(), optimized.absolute(), options.seconds, repeat)
                for hint, said in verdicts.items():
                    ratio = result.ratio("optimized", "default", "parent", hint)
                    assert ratio is not None
                    said.append(ratio.throughput_verdict)
                    found = ratio.throughput
                    print(
                        f"{repeat + 1}: optimized against parent {NAMES[hint]}: {found.value:.3f} "
                        f"({found.low:.3f} to {found.high:.3f}), {ratio.throughput_verdict}; "
                        f"{result.rounds} rounds, others "
                        f"{result.noise.other_load_cores:.2f} cores",
                        flush=True,
                    )
    same = []
    for hint, said in verdicts.items():
        verdict, times = Counter(said).most_common(1)[0]
        same.append(times / len(said) >= TARGET)
        print(f"optimized against parent {NAMES[hint]}: '{verdict}' {times} of {len(said)} times")
    return 0 if all(same) else 1


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
