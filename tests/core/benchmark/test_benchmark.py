from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from core.arrays import load_arrays, save_arrays
from core.benchmark.feeding import Feed, feed_for
from core.benchmark.measuring import MEASURING, PREPARING, benchmark
from core.benchmark.no_gain import no_gain, with_bottlenecks
from core.benchmark.result import BenchmarkResult
from core.benchmark.runs import Earlier
from core.benchmark.samples import Samples, Turn, load_samples, save_samples
from core.benchmark.settings import BenchmarkedModel, BenchmarkSettings, grid
from core.benchmark.worker_pool import WorkerPool
from core.errors import InputError, JobCancelled, WorkbenchError
from core.inference.machine import Machine
from core.metrics.speed.figures import MIN_ROUNDS
from core.progress import Step
from core.runtime import openvino_core
from tests.support import models
from tests.support.benchmarks import MACHINE, ratio_of, result_of, run_of
from tests.support.jobs import lane_processes


def test_a_grid_has_every_number_of_streams_with_every_batch() -> None:
    labels = [setting.label for setting in grid([1, 2], [1, 4])]
    assert labels == [
        "1 stream x batch 1", "1 stream x batch 4", "2 streams x batch 1", "2 streams x batch 4"
    ]  # fmt: skip


class Short:
    """Small models, one precision, as little time as there is."""

    def __init__(self, folder: Path, *names: str, **changes: Any) -> None:
        self.models = [
            BenchmarkedModel(name=name, xml=models.save(models.ssd(seed=seed), folder, name))
            for seed, name in enumerate(names or ("parent",))
        ]
        usual = BenchmarkSettings(precision_hints=("f32",), seconds=0.2)
        self.settings = msgspec.structs.replace(usual, **changes)

    def run(self, step: Step, **more: Any) -> tuple[BenchmarkResult, list[Samples]]:
        return benchmark(self.models, self.settings, step, **more)


def nothing(stage: str, done: int, total: int | None) -> None:
    """A step that goes on."""


@pytest.mark.usefixtures("started")
def test_runs_take_turns_each_in_its_own_process(tmp_path: Path) -> None:
    steps: list[tuple[str, int, int | None]] = []
    short = Short(tmp_path, "parent", "optimized")
    found, samples = short.run(lambda *step: steps.append(step))
    assert [(run.model, run.mode.label) for run in found.runs] == [
        ("parent", "throughput"), ("optimized", "throughput"),
        ("parent", "latency"), ("optimized", "latency"),
    ]  # fmt: skip
    for run, raw in zip(found.runs, samples, strict=True):
        assert len(run.throughput_rounds_fps) == len(run.latency_rounds_ms) == found.rounds
        assert run.throughput_fps == pytest.approx(np.median(raw.fps))
        times = run.latency_ms
        assert 0 < times.min <= times.p50 <= times.p90 <= times.p95 <= times.p99 <= times.max
        assert run.inferences == len(raw.latencies_ms) >= MIN_ROUNDS
        assert (run.precision_executed, run.devices, run.arithmetic) == ("f32", ("CPU",), None)
        assert min(run.streams, run.threads, run.requests) >= 1
        assert min(run.read_ms, run.compile_ms, run.first_inference_ms, run.size_bytes) > 0
        assert run.peak_memory_bytes > 20e6
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
    assert found.noise.other_load_cores >= 0
    assert found.machine.memory_bytes
    assert (found.models, found.settings) == (tuple(short.models), short.settings)


def test_a_grid_says_what_cannot_be_run_and_measures_the_rest(tmp_path: Path) -> None:
    """Also where models are read and compiled side by side."""
    fixed = models.embedding()
    fixed.reshape([2, 3, models.SIZE, models.SIZE])
    tested = [
        BenchmarkedModel(name="parent", xml=models.save(models.embedding(), tmp_path, "parent")),
        BenchmarkedModel(name="fixed", xml=models.save(fixed, tmp_path, "fixed")),
    ]
    settings = BenchmarkSettings(precision_hints=("f32",), modes=grid([1], [1, 2]), iterations=7)
    pool = WorkerPool(together=3)
    found, _ = benchmark(tested, settings, nothing, pool=pool)
    measured = {(run.model, run.mode.batch) for run in found.runs}
    assert measured == {("parent", 1), ("parent", 2), ("fixed", 1)}
    assert all(run.inferences >= 7 for run in found.runs)
    (left_out,) = found.not_run
    assert (left_out.model, left_out.mode.label) == ("fixed", "1 stream x batch 2")
    assert left_out.reason
    assert [ratio.mode for ratio in found.ratios] == list(grid([1], [1]))


def test_a_model_that_cannot_be_run_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"parent \(f32, throughput\) cannot be run"):
        Short(tmp_path, device="NPU.7").run(nothing)


def test_what_was_measured_before_a_cancel_is_stored_and_resumed(tmp_path: Path) -> None:
    long = Short(tmp_path, modes=grid([1, 2], [1]), seconds=30, narrow=0.0)
    kept: list[bool] = []

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == MEASURING and done == 2:
            raise JobCancelled

    found, samples = long.run(stop, keep=lambda: kept.append(True))
    assert kept == [True]
    assert (found.stopped, found.rounds) == (True, 2)
    assert [run.complete for run in found.runs] == [False, False]
    assert {ratio.throughput_verdict for ratio in found.ratios} <= {"too few rounds"}
    save_samples(tmp_path / "samples.npz", samples)
    earlier = Earlier(found, load_samples(tmp_path / "samples.npz", 2))
    short = Short(tmp_path, modes=grid([1, 2], [1]), seconds=0.01, narrow=0.0)
    whole, more = short.run(nothing, earlier=earlier)
    assert not whole.stopped
    assert all(run.complete for run in whole.runs)
    assert more[0].fps[:2] == samples[0].fps
    again, _ = short.run(nothing, earlier=Earlier(whole, more))
    assert again.runs == whole.runs, "complete runs are not measured again"


def test_a_cancel_before_the_first_round_leaves_nothing(tmp_path: Path) -> None:
    def step(stage: str, done: int, total: int | None) -> None:
        if stage == MEASURING:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        Short(tmp_path, seconds=60).run(step)
    assert lane_processes() == []


def test_images_of_the_user_are_taken_in_turn(tmp_path: Path) -> None:
    model = models.save(models.ssd(), tmp_path, "model")
    sets = [[np.full((1, 3, 2, 2), value, np.float32)] for value in (0, 1, 2)]
    feed = Feed(sets).in_batches(2)
    assert feed.changing
    seen = [feed.next()[0].data[:, 0, 0, 0].tolist() for _ in range(3)]
    assert seen == [[1, 2], [2, 0], [0, 1]]
    assert not feed_for(model, openvino_core().read_model(model), (), 0).changing


BF16 = msgspec.structs.replace(MACHINE, instruction_sets=("AMX BF16", "AMX INT8"))


def int8_against_bf16(value: float, where: Machine = BF16) -> BenchmarkResult:
    """INT8 with so many times the throughput of its parent, which runs in bf16."""
    runs = (
        run_of("parent", 45, precision_hint="default", precision_layers={"bf16": 9},
               precision_executed="bf16"),
        run_of("optimized", 44, precision_hint="default", precision_layers={"int8": 6, "f32": 3},
               precision_executed="int8"),
    )  # fmt: skip
    ratios = (ratio_of(value),)
    return result_of(*runs, ratios=ratios, machine=where, no_gain=no_gain(where, runs, ratios))


@pytest.mark.parametrize(
    ("value", "verdict"), [(1.3, None), (1.0, "within the noise"), (0.7, "slower")]
)
def test_int8_that_gains_nothing_is_found_with_its_reasons(
    value: float, verdict: str | None
) -> None:
    result = int8_against_bf16(value)
    if verdict is None:
        assert result.no_gain == ()
        return
    (found,) = result.no_gain
    assert (found.model, found.against, found.verdict) == ("optimized", "parent", verdict)
    assert found.reasons == ("float_layers", "fast_bf16")
    assert result.runs[found.instead].model == "parent"
    slow = msgspec.structs.replace(MACHINE, instruction_sets=("AVX2",))
    assert int8_against_bf16(value, slow).no_gain[0].reasons == ("float_layers", "slow_int8")


def test_without_a_loss_of_speed_nothing_is_profiled() -> None:
    result = int8_against_bf16(1.3)
    assert with_bottlenecks(result, nothing) is result


def test_a_device_that_does_not_name_its_layers_leaves_the_bottlenecks_open(
    tmp_path: Path,
) -> None:
    names = ("parent", "optimized")
    short = Short(tmp_path, *names)
    result = msgspec.structs.replace(
        int8_against_bf16(0.7), models=tuple(short.models), settings=short.settings
    )
    (found,) = with_bottlenecks(result, nothing).no_gain
    assert found.bottlenecks == (), "neither is INT8 of the other"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"runs": ()}, "not those of its models"),
        ({"models": ()}, "not those of its models"),
        ({"models": 2 * (BenchmarkedModel(name="parent", xml=Path("p.xml")),)}, "of one name"),
        ({"ratios": (ratio_of(1.0, model="nobody"),)}, "compares runs"),
        ({"ratios": (ratio_of(1.0, against_precision_hint="f16"),)}, "compares runs"),
    ],
)
def test_parts_of_a_result_belong_together(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        result_of(run_of(), **change)


def test_what_to_use_instead_is_a_run_of_the_result() -> None:
    result = int8_against_bf16(0.7)
    wrong = msgspec.structs.replace(result.no_gain[0], instead=2)
    with pytest.raises(ValueError, match="a run that it does not have"):
        msgspec.structs.replace(result, no_gain=(wrong,))


@pytest.mark.parametrize(
    "change",
    [
        {"counts_0": np.array([np.nan])},
        {"counts_0": np.array([-3])},
        {"counts_0": np.array([4])},
        {"fps_0": np.array([np.inf])},
        {"latencies_ms_0": np.array(["1", "2", "3"])},
    ],
)
def test_samples_that_are_no_measurements_are_refused(
    tmp_path: Path, change: dict[str, NDArray[Any]]
) -> None:
    path = tmp_path / "samples.npz"
    save_samples(path, [Samples([Turn(1.0, np.ones(3, np.float32))])])
    save_arrays(path, load_arrays(path) | change)
    with pytest.raises(WorkbenchError, match=r"samples in .*samples\.npz cannot be read"):
        load_samples(path, 1)


def test_samples_of_another_benchmark_are_refused(tmp_path: Path) -> None:
    save_samples(tmp_path / "samples.npz", [Samples([Turn(1.0, np.ones(3, np.float32))])])
    assert len(load_samples(tmp_path / "samples.npz", 1)) == 1
    with pytest.raises(WorkbenchError, match="of another benchmark"):
        load_samples(tmp_path / "samples.npz", 2)
