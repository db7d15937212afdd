"""A benchmark in sentences: nothing is asserted but what a reader sees."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core.benchmark.no_gain import no_gain
from core.benchmark.noise import Noise
from core.benchmark.result import BenchmarkResult, NotRun
from core.benchmark.service import StoredRun
from core.benchmark.settings import RunMode, grid
from core.metrics.speed.figures import Interval
from core.profiling.bottlenecks import Bottleneck, LayerTime
from core.wording.benchmark import noise_sentences, remarks, speed_sentence, speedup
from core.wording.benchmark_runs import executed_in, run_summary
from core.workspace.records import Artifact
from tests.support.benchmarks import MACHINE, QUIET, ratio_of, result_of, run_of

BF16 = msgspec.structs.replace(MACHINE, instruction_sets=("AMX BF16", "AMX INT8"))

AVX_512 = msgspec.structs.replace(MACHINE, instruction_sets=("AVX-512", "AVX-512 VNNI"))


def int8_against_bf16(value: float, **more: object) -> BenchmarkResult:
    runs = (
        run_of("parent", 40, precision_executed="f32"),
        run_of("parent", 45, precision_hint="default", precision_executed="bf16"),
        run_of(
            "optimized", 44, precision_hint="default", precision_executed="int8",
            precision_layers={"int8": 6, "f32": 3},
        ),
    )  # fmt: skip
    ratios = (
        ratio_of(value * 1.1, against_precision_hint="f32"),
        ratio_of(value, latency=Interval(value=1.2, low=1.1, high=1.3), latency_verdict="faster"),
    )
    return result_of(
        *runs, ratios=ratios, machine=BF16, no_gain=no_gain(BF16, runs, ratios), **more
    )


def test_a_speedup() -> None:
    clear = Interval(value=2.134, low=2.05, high=2.2)
    assert speedup(clear, "the parent") == "2.13 times (2.05 to 2.20) that of the parent"
    noise = Interval(value=1.01, low=0.99, high=1.03)
    assert speedup(noise, "the parent").startswith("within the noise, 1.01 times")


def test_throughput_is_compared_with_true_f32_and_with_the_default() -> None:
    assert speed_sentence(int8_against_bf16(1.5)) == (
        "The optimized model's throughput by default (int8) is 1.65 times (1.64 to 1.66) that of "
        "the parent in true f32, and 1.50 times (1.49 to 1.51) that of the parent by default "
        "(bf16)."
    )


def test_few_rounds_and_modes_are_named() -> None:
    one, two = grid([1, 2], [1])
    runs = [
        run_of("parent", 10, mode=one),
        run_of("parent", 12, mode=one, precision_hint="default"),
        run_of("parent", 20, mode=two),
    ]
    other = run_of("optimized", 14, mode=one, precision_hint="default")
    ratio = ratio_of(1.2, rounds=2, mode=one)
    assert speed_sentence(result_of(*runs, other, ratios=(ratio,))) == (
        "The optimized model's throughput by default (f32), 1 stream x batch 1, is 1.20 times "
        "(1.19 to 1.21) that of the parent by default (f32), after too few rounds to tell. "
        "Highest throughput: 20.0 FPS by the parent, true f32, 2 streams x batch 1."
    )


def test_models_with_names_of_their_own_keep_them() -> None:
    ratio = ratio_of(1.2, model="b.xml", against="a.xml", against_precision_hint="default")
    runs = [run_of(name, 10, precision_hint="default") for name in ("a.xml", "b.xml")]
    assert speed_sentence(result_of(*runs, ratios=(ratio,))).startswith(
        "b.xml's throughput by default (f32) is 1.20 times (1.19 to 1.21) that of a.xml by default"
    )


def test_a_model_alone_is_not_compared_with_itself() -> None:
    runs = run_of(fps=53), run_of(fps=115, precision_hint="default", precision_executed="bf16")
    ratio = ratio_of(2.17, model="parent", against_precision_hint="f32")
    assert speed_sentence(result_of(*runs, ratios=(ratio,))) == (
        "The model's throughput is 53.0 FPS in true f32 and 115.0 FPS by default (bf16)."
    )
    assert speed_sentence(result_of(run_of())) == "The model's throughput is 10.0 FPS in true f32."


@pytest.mark.parametrize(("value", "word"), [(0.7, "slower than"), (1.0, "no faster than")])
def test_where_int8_gains_nothing_it_is_said_why_and_what_to_use(value: float, word: str) -> None:
    first, *others = remarks(int8_against_bf16(value))
    assert first.startswith(
        f"INT8 gains no throughput here: the optimized model is {word} the parent by default"
    )
    assert others == [
        "Its latency is still better, 1.20 times; only throughput gains nothing.",
        "3 of its 9 convolutions and matrix products still run in float (3 in f32).",
        "This processor multiplies bf16 natively, so float is fast already.",
        "The fastest run without a loss of accuracy: 45.0 FPS by the parent, default (bf16), "
        "throughput.",
    ]


def test_bottlenecks_come_before_what_to_use() -> None:
    result = int8_against_bf16(0.7)
    slow = Bottleneck(
        kind="apart", layers=(1, 2), operations=("a", "b"),
        slowest=(LayerTime(name="a", ms=1.0),), layer_type="Swish", roles=("elementwise",),
        precision="bf16", computing=9, time_ms=1.5, share=0.3, parent_ms=0.0,
    )  # fmt: skip
    found = msgspec.structs.replace(result.no_gain[0], bottlenecks=(slow,))
    assert remarks(msgspec.structs.replace(result, no_gain=(found,)))[-2] == (
        "2 Swish layers that the parent computes inside its convolutions are separate and take "
        "1.50 ms (30%): a 1.00 ms and 1 more."
    )


def test_what_gains_leaves_no_remark() -> None:
    assert remarks(int8_against_bf16(1.5)) == []


def test_a_run_that_was_left_out_is_named() -> None:
    left_out = NotRun(
        model="parent", precision_hint="f32", mode=RunMode(batch=4), reason="It has no batch."
    )
    assert remarks(result_of(run_of(), not_run=(left_out,))) == [
        "The parent (true f32, throughput, batch 4) was not run: It has no batch."
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"other_load_cores": 0.9}, "Other programs kept 0.9 cores busy"),
        ({"steal_share": 0.25}, "gave 25% of its processor time to others"),
        ({"throttled": 3}, "overheated"),
        ({"on_battery": True}, "on battery"),
        ({"drift": 0.8}, "became 20% slower"),
        ({"drift": 1.1}, "became 10% faster"),
    ],
)
def test_what_disturbed_is_said(change: dict[str, float], sentence: str) -> None:
    (found,) = noise_sentences(msgspec.structs.replace(QUIET, **change))
    assert sentence in found


def test_a_quiet_machine_is_not_worth_a_sentence() -> None:
    quiet = Noise(other_load_cores=0.05, other_load_most_cores=1, steal_share=0.01, drift=1.04)
    assert noise_sentences(quiet) == []


def test_bf16_that_is_not_native_is_named() -> None:
    """OpenVINO computes in it on AVX-512 without instructions for it, when it is asked to."""
    run = run_of(precision_hint="bf16", precision_executed="bf16", precision_layers={"bf16": 3})
    said = "This processor has no instructions for bf16: it is emulated, which is slow."
    for machine, emulated in ((AVX_512, True), (BF16, False), (MACHINE, False)):
        result = result_of(run, machine=machine)
        assert remarks(result) == ([said] if emulated else []), "nothing where nothing is known"
        assert executed_in(run, result) == ("bf16, emulated" if emulated else "bf16")
        stored = StoredRun(Artifact(1, 1, "benchmark", Path("b"), ""), 0, "ssd", result)
        assert ("executed 3 in bf16; bf16 is not native" in run_summary(stored)) == emulated
