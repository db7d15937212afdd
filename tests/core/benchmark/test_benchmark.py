from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.benchmark.feeding import Feed, feed_for
from core.benchmark.gain import no_gain
from core.benchmark.machine import Machine, devices
from core.benchmark.measuring import MEASURING, PREPARING, Earlier, benchmark
from core.benchmark.plan import (
    MIN_ROUNDS,
    BenchmarkPlan,
    BenchmarkRun,
    Contestant,
    Interval,
    Ratio,
    Setting,
    grid,
)
from core.benchmark.samples import load_samples, save_samples
from core.benchmark.statistics import latency, ratio_interval, spread, verdict
from core.benchmark.verdict import speedup
from core.errors import InputError, JobCancelled
from core.runtime import openvino_core
from tests.support import models
from tests.support.jobs import lane_processes


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
    assert Interval(value=1.05, low=1.005, high=1.09).differs_from_one
    assert not Interval(value=1.01, low=1.005, high=1.03).differs_from_one, "the noise floor"


def test_a_speedup_in_words() -> None:
    clear = Interval(value=2.134, low=2.05, high=2.2)
    assert speedup(clear, "parent") == "2.13 times (2.05 to 2.20) that of parent"
    noise = Interval(value=1.01, low=0.99, high=1.03)
    assert speedup(noise, "parent").startswith("within the noise")


def test_a_verdict_needs_rounds_and_more_than_the_noise_floor() -> None:
    sure = Interval(value=1.3, low=1.2, high=1.4)
    assert verdict(sure, MIN_ROUNDS) == "faster"
    assert verdict(sure, MIN_ROUNDS - 1) == "too few rounds"
    assert verdict(Interval(value=0.7, low=0.6, high=0.8), 9) == "slower"
    assert verdict(Interval(value=1.01, low=1.005, high=1.02), 99) == "within the noise"


def test_a_grid_has_every_number_of_streams_with_every_batch() -> None:
    labels = [setting.label for setting in grid([1, 2], [1, 4])]
    assert labels == [
        "1 stream x batch 1", "1 stream x batch 4", "2 streams x batch 1", "2 streams x batch 4"
    ]  # fmt: skip


def plan_of(folder: Path, names: tuple[str, ...] = ("parent",), **changes: Any) -> BenchmarkPlan:
    """Small models, one precision, as little time as there is."""
    contestants = tuple(
        Contestant(name=name, xml=models.save(models.ssd(seed=seed), folder, name))
        for seed, name in enumerate(names)
    )
    usual = BenchmarkPlan(contestants=contestants, precision_hints=("f32",), seconds=0.2)
    return msgspec.structs.replace(usual, **changes)


def nothing(stage: str, done: int, total: int | None) -> None:
    """A step that goes on."""


def test_runs_take_turns_each_in_its_own_process(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ("parent", "optimized"))
    steps: list[tuple[str, int, int | None]] = []
    found, samples = benchmark(plan, lambda *step: steps.append(step))
    assert [(run.model, run.setting and run.setting.label) for run in found.runs] == [
        ("parent", "throughput"), ("optimized", "throughput"),
        ("parent", "latency"), ("optimized", "latency"),
    ]  # fmt: skip
    for run, raw in zip(found.runs, samples, strict=True):
        assert len(run.throughput_rounds_fps) == len(run.latency_rounds_ms) == found.rounds
        assert run.throughput_fps == pytest.approx(np.median(raw.fps))
        times = run.latency_ms
        assert times.min is not None and times.p95 is not None and times.max is not None
        assert 0 < times.min <= times.p50 <= times.p90 <= times.p95 <= times.p99 <= times.max
        assert run.inferences == len(raw.latencies_ms) >= MIN_ROUNDS
        assert (run.precision_executed, run.devices) == ("f32", ("CPU",))
        assert min(run.streams, run.threads, run.requests, run.latency_threads) >= 1
        for figure in (run.read_ms, run.compile_ms, run.first_inference_ms, run.size_bytes):
            assert figure is not None and figure > 0
        assert run.peak_memory_bytes is not None and run.peak_memory_bytes > 20e6
    assert found.rounds >= MIN_ROUNDS
    assert steps[0] == (PREPARING, 0, 4)
    assert steps[-1] == (MEASURING, found.rounds, found.rounds)
    (ratio,) = found.ratios
    assert found.ratio("optimized", "f32", "parent", "f32") == ratio
    throughputs = [np.array(run.throughput_rounds_fps) for run in found.runs]
    latencies = [np.array(run.latency_rounds_ms) for run in found.runs]
    assert ratio.throughput.value == pytest.approx(np.median(throughputs[1] / throughputs[0]))
    assert ratio.latency.value == pytest.approx(np.median(latencies[2] / latencies[3]))
    assert ratio.throughput_verdict in ("faster", "slower", "within the noise")
    assert found.run("somebody", "f32") is None
    assert found.noise is not None and found.noise.other_load_cores >= 0
    assert found.machine.memory_bytes


def test_a_grid_says_what_cannot_be_run_and_measures_the_rest(tmp_path: Path) -> None:
    plan = BenchmarkPlan(
        contestants=(
            Contestant(name="parent", xml=models.save(models.embedding(), tmp_path, "parent")),
            Contestant(name="fixed", xml=models.save(models.ssd(), tmp_path, "fixed")),
        ),
        precision_hints=("f32",),
        settings=grid([1], [1, 2]),
        iterations=7,
    )
    found, _ = benchmark(plan, nothing)
    measured = {(run.model, run.setting and run.setting.batch) for run in found.runs}
    assert measured == {("parent", 1), ("parent", 2), ("fixed", 1)}
    assert all((run.inferences or 0) >= 7 for run in found.runs)
    (problem,) = found.problems
    assert problem.startswith("fixed (f32, 1 stream x batch 2) cannot be run: ")
    assert [ratio.setting for ratio in found.ratios] == ["1 stream x batch 1"]


def test_a_model_that_cannot_be_run_at_all_is_refused(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, device="NPU.7")
    with pytest.raises(InputError, match=r"parent \(f32, throughput\) cannot be run"):
        benchmark(plan, nothing)


def test_what_was_measured_before_a_cancel_is_kept_and_gone_on_from(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, settings=grid([1, 2], [1]), seconds=30, narrow=0.0)
    kept: list[bool] = []

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == MEASURING and done == 2:
            raise JobCancelled

    found, samples = benchmark(plan, stop, keep=lambda: kept.append(True))
    assert kept == [True]
    assert (found.stopped, found.rounds) == (True, 2)
    assert [run.complete for run in found.runs] == [False, False]
    assert {ratio.throughput_verdict for ratio in found.ratios} <= {"too few rounds"}
    save_samples(tmp_path / "samples.npz", samples)
    earlier = Earlier(found, load_samples(tmp_path / "samples.npz"))
    short = msgspec.structs.replace(plan, seconds=0.01)
    whole, more = benchmark(short, nothing, earlier=earlier)
    assert not whole.stopped
    assert all(run.complete for run in whole.runs)
    assert more[0].fps[:2] == samples[0].fps
    again, _ = benchmark(short, nothing, earlier=Earlier(whole, more))
    assert again.runs == whole.runs, "complete runs are not measured again"


def test_a_cancel_before_the_first_round_leaves_nothing(tmp_path: Path) -> None:
    def step(stage: str, done: int, total: int | None) -> None:
        if stage == MEASURING:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        benchmark(plan_of(tmp_path, seconds=60), step)
    assert lane_processes() == []


def test_pictures_of_the_user_are_taken_in_turn(tmp_path: Path) -> None:
    model = models.save(models.ssd(), tmp_path, "model")
    sets = [[np.full((1, 3, 2, 2), value, np.float32)] for value in (0, 1, 2)]
    feed = Feed(sets).in_batches(2)
    assert feed.changing
    seen = [feed.next()[0].data[:, 0, 0, 0].tolist() for _ in range(3)]
    assert seen == [[1, 2], [2, 0], [0, 1]]
    assert not feed_for(model, openvino_core().read_model(model), (), 0).changing


def run_of(model: str, executed: dict[str, int], fps: float) -> BenchmarkRun:
    spread_fps = spread([fps])
    return BenchmarkRun(
        model=model,
        precision_hint="default",
        precision_executed=next(iter(executed)),
        precision_layers=executed,
        streams=2,
        threads=2,
        requests=2,
        throughput_fps=fps,
        throughput_spread_fps=spread_fps,
        throughput_rounds_fps=(fps,),
        latency_ms=latency([[1.0]]),
        latency_threads=2,
        latency_rounds_ms=(1.0,),
        setting=Setting(),
    )


@pytest.mark.parametrize(("value", "gain"), [(1.3, True), (1.0, False), (0.7, False)])
def test_int8_that_gains_nothing_is_called_that_and_why(value: float, gain: bool) -> None:
    runs = [run_of("parent", {"bf16": 9}, 45), run_of("optimized", {"int8": 6, "f32": 3}, 44)]
    interval = Interval(value=value, low=value - 0.01, high=value + 0.01)
    ratio = Ratio(
        model="optimized",
        precision_hint="default",
        against="parent",
        against_precision_hint="default",
        throughput=interval,
        latency=interval,
        throughput_verdict=verdict(interval, 9),
    )
    where = Machine(
        device="CPU",
        device_name="x",
        logical_cores=2,
        openvino="1",
        system="y",
        instruction_sets=("AMX BF16", "AMX INT8"),
    )
    told = " ".join(no_gain(where, runs, [ratio]))
    if gain:
        assert told == ""
        return
    assert "INT8 is no gain in throughput here" in told
    assert "3 of its 9 convolutions and matrix products still run in float (3 in f32)" in told
    assert "multiplies bf16 natively" in told
    assert told.endswith("parent by default (executed in bf16, throughput): 45.0 FPS.")


def test_devices_are_those_of_openvino_and_auto() -> None:
    assert {"CPU", "AUTO"} <= devices().keys()
