from pathlib import Path

import numpy as np
import pytest

from core.benchmark import measuring
from core.benchmark.plan import (
    MIN_ROUNDS,
    BenchmarkPlan,
    BenchmarkResult,
    Contestant,
    Interval,
)
from core.benchmark.statistics import latency, ratio_interval, spread
from core.benchmark.verdict import speedup
from core.errors import JobCancelled
from tests.support import models


def test_spread_is_median_and_quartiles() -> None:
    found = spread([5, 1, 4, 2, 3])
    assert (found.low, found.median, found.high) == (2, 3, 4)


def test_latency_is_over_all_samples_and_spread_over_rounds() -> None:
    found = latency([[1, 1, 1], [2, 2], [10, 20, 30, 40, 50]])
    assert found.p50 == 6
    assert found.p90 == pytest.approx(41)
    assert (found.p50_spread.low, found.p50_spread.median) == (1.5, 2)


def test_the_interval_holds_the_truth() -> None:
    """Nominally 95 %; rounds are few, so that a percentile bootstrap keeps a little less."""
    random = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        numerator = 2.0 * np.exp(random.normal(0, 0.05, 15))
        denominator = np.exp(random.normal(0, 0.05, 15))
        found = ratio_interval(numerator.tolist(), denominator.tolist())
        assert found.low <= found.value <= found.high
        held += found.low <= 2.0 <= found.high
    assert 0.88 <= held / 200 <= 1


def test_rounds_are_paired() -> None:
    """A machine that changes its speed threefold between rounds does not blur the ratio."""
    machine = np.random.default_rng(0).uniform(1, 3, 20)
    found = ratio_interval((2 * machine).tolist(), machine.tolist())
    assert (found.value, found.low, found.high) == (2, 2, 2)
    assert found.differs_from_one


def test_an_interval_around_one_is_no_difference() -> None:
    assert not Interval(value=1.01, low=0.99, high=1.03).differs_from_one
    assert Interval(value=1.01, low=1.005, high=1.03).differs_from_one


def test_a_speedup_in_words() -> None:
    clear = Interval(value=2.134, low=2.05, high=2.2)
    assert speedup(clear, "parent") == "2.13 times (2.05 to 2.20) that of parent"
    noise = Interval(value=1.01, low=0.99, high=1.03)
    assert speedup(noise, "parent").startswith("within the noise")


@pytest.mark.parametrize(
    ("seconds", "lanes"), [(0.01, 4), (0.5, 4), (5, 1), (20, 4), (20, 2), (120, 4)]
)
def test_the_schedule_fits_into_the_seconds(seconds: float, lanes: int) -> None:
    rounds, slot = measuring._schedule(seconds, lanes)
    assert rounds >= MIN_ROUNDS
    assert measuring.SHORTEST_SLOT_SECONDS <= slot <= measuring.SLOT_SECONDS
    planned = 2 * lanes * rounds * slot
    shortest = 2 * lanes * MIN_ROUNDS * measuring.SHORTEST_SLOT_SECONDS
    assert planned == pytest.approx(max(seconds, shortest), rel=0.1)


def result(tmp_path: Path) -> tuple[BenchmarkResult, list[tuple[str, int, int | None]]]:
    contestants = tuple(
        Contestant(name=name, xml=models.save(model, tmp_path, name))
        for name, model in (("parent", models.ssd()), ("optimized", models.ssd(seed=1)))
    )
    steps: list[tuple[str, int, int | None]] = []
    plan = BenchmarkPlan(contestants=contestants, seconds=0.1)
    found = measuring.benchmark(plan, lambda *step: steps.append(step))
    return found, steps


def test_all_contestants_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "WARM_UP_SECONDS", 0.0)
    found, steps = result(tmp_path)
    lanes = [(run.model, run.precision_hint) for run in found.runs]
    assert lanes == [
        ("parent", "f32"), ("parent", "default"), ("optimized", "f32"), ("optimized", "default")
    ]  # fmt: skip
    assert found.rounds == MIN_ROUNDS
    for run in found.runs:
        assert len(run.throughput_rounds_fps) == len(run.latency_rounds_ms) == MIN_ROUNDS
        assert run.throughput_fps > 0
        assert 0 < run.latency_ms.p50 <= run.latency_ms.p90 <= run.latency_ms.p99
        assert sum(run.precision_layers.values()) > 0
        assert min(run.streams, run.threads, run.requests, run.latency_threads) >= 1
    assert {run.precision_executed for run in found.runs if run.precision_hint == "f32"} == {"f32"}
    assert len(found.ratios) == 6
    ratio = found.ratio("optimized", "default", "parent", "f32")
    assert ratio is not None
    both = found.run("optimized", "default"), found.run("parent", "f32")
    fps = [np.array(run.throughput_rounds_fps) for run in both if run is not None]
    assert ratio.throughput.value == pytest.approx(np.median(fps[0] / fps[1]))
    assert found.ratio("parent", "f32", "optimized", "default") is None
    assert found.run("somebody", "f32") is None
    assert found.sentence.startswith("The throughput of optimized by default")
    assert steps[0] == ("Compiling and warming up", 0, 4)
    assert steps[-1] == ("Measuring in turns", MIN_ROUNDS, MIN_ROUNDS)


def test_it_stops_where_its_step_raises(tmp_path: Path) -> None:
    model = models.save(models.ssd(), tmp_path, "model")
    plan = BenchmarkPlan(contestants=(Contestant(name="parent", xml=model),), seconds=60)

    def step(stage: str, done: int, total: int | None) -> None:
        if stage == "Measuring in turns":
            raise JobCancelled

    with pytest.raises(JobCancelled):
        measuring.benchmark(plan, step)
