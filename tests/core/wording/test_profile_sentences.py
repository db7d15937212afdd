"""What a profile shows, in sentences."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core.metrics.speed.figures import Interval
from core.metrics.speed.statistics import spread
from core.profiling.bottlenecks import (
    Bottleneck,
    BottleneckKind,
    Int8Comparison,
    Int8Verdict,
    LayerTime,
)
from core.profiling.findings import (
    ElementwiseApart,
    Finding,
    NamedLayer,
    SlowestLayers,
    TimeBetweenLayers,
)
from core.profiling.profile import Profile, ProfileKey
from core.wording.profiling import (
    bottleneck_sentence,
    emulation,
    finding_sentence,
    profile_title,
)
from tests.support.benchmarks import MACHINE

PARENT = ProfileKey(model="parent", precision_hint="default", precision_executed="bf16")
COMPARISON = Int8Comparison(
    parent=PARENT,
    optimized=replace(PARENT, model="optimized", precision_executed="int8"),
    parent_ms=5.5,
    optimized_ms=2.6,
    ratio=Interval(value=2.1, low=2.0, high=2.2),
    matched=1.0,
    int8_ms=1.2,
    int8_parent_ms=4.5,
    saved=(LayerTime(name="conv_a", ms=3.0),),
    bottlenecks=(),
)
STAYED = Bottleneck(
    kind="float", layers=(3,), operations=("conv_b",),
    slowest=(LayerTime(name="conv_b", ms=1.0),), layer_type="Depthwise convolution",
    roles=("depthwise",), precision="bf16", computing=3, time_ms=1.0, share=0.4, parent_ms=1.0,
)  # fmt: skip


def test_titles() -> None:
    assert profile_title(PARENT) == "parent, default (bf16)"
    true = replace(PARENT, precision_hint="f32", precision_executed="f32")
    assert profile_title(true) == "parent, true f32"


def test_bf16_that_is_not_native_is_named() -> None:
    profile = Profile(
        model="parent", precision_hint="bf16", precision_executed="bf16",
        precision_layers={"bf16": 3}, inferences=1, threads=1, latency_ms=spread([1.0]),
        latency_rounds_ms=(1.0,), layers=(), quantized=False,
    )  # fmt: skip
    lesser = replace(MACHINE, instruction_sets=("AVX-512", "AVX-512 VNNI"))
    assert "no instructions for bf16" in emulation(profile, lesser)
    assert emulation(replace(profile, precision_layers={"f32": 3}), lesser) == ""
    assert emulation(profile, replace(lesser, capabilities=("FP32", "BF16"))) == ""


@pytest.mark.parametrize(
    ("low", "high", "verdict", "start"),
    [
        (
            2.0,
            2.2,
            "faster",
            "INT8 is faster than the parent, default (bf16): its layers take 2.60",
        ),
        (0.8, 0.9, "slower", "INT8 gains nothing: it is slower than the parent, default (bf16): "),
        (0.95, 1.05, "no_gain", "INT8 gains nothing over the parent, default (bf16): its layers"),
        (0.9, 1.3, "unclear", "INT8 is not clearly faster than the parent, default (bf16): its"),
    ],
)
def test_a_comparison_begins_with_its_verdict(
    low: float, high: float, verdict: Int8Verdict, start: str
) -> None:
    found = replace(COMPARISON, ratio=Interval(value=(low + high) / 2, low=low, high=high))
    assert found.verdict == verdict
    assert finding_sentence(found).startswith(start)
    assert finding_sentence(found).endswith("most is saved in conv_a 3.00 ms.")


def test_a_model_without_int8_layers_saves_nothing_by_them() -> None:
    found = replace(COMPARISON, int8_ms=None, int8_parent_ms=0.0, saved=(), ratio=None)
    assert finding_sentence(found) == (
        "INT8 is faster than the parent, default (bf16): its layers take 2.60 ms, the parent's "
        "5.50 ms."
    )


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("float", "1 of 3 convolutions and matrix products stayed bf16, all of them depthwise "
         "convolutions, and takes 1.00 ms (40%): conv_b 1.00 ms."),
        ("apart", "1 Depthwise convolution that the parent computes inside its convolutions is "
         "separate and takes 1.00 ms (40%): conv_b 1.00 ms."),
        ("conversion", "1 layer that only converts precision or memory layout takes 1.00 ms (40%), "
         "the parent's 1.00 ms: conv_b 1.00 ms."),
        ("slower", "1 convolution or matrix product is slower in int8, 1.00 ms (40%) against "
         "1.00 ms: conv_b 1.00 ms."),
    ],
)  # fmt: skip
def test_bottlenecks(kind: BottleneckKind, sentence: str) -> None:
    found = replace(STAYED, kind=kind)
    assert bottleneck_sentence(found) == sentence
    assert finding_sentence(found).startswith(f"{sentence} ")
    assert len(finding_sentence(found)) > len(sentence) + 20, "and what to do about it"


def test_long_names_are_shown_by_their_end() -> None:
    name = "/model/backbone/stage3/blocks.2/very/deep/conv/Conv"
    found = replace(STAYED, slowest=(LayerTime(name=name, ms=1.0),))
    assert bottleneck_sentence(found).endswith(": …ge3/blocks.2/very/deep/conv/Conv 1.00 ms.") or (
        name[-36:] in bottleneck_sentence(found)
    )


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (ElementwiseApart(layers=(1, 2), time_ms=0.5, share=0.2),
         "2 elementwise layers are not fused with the layers around and take 0.50 ms (20%)"),
        (SlowestLayers(layers=(0,), named=(NamedLayer(name="a", ms=1.0, layer_type="MatMul"),),
                       share=0.5, layers_ms=2.0),
         "Slowest layers: a (MatMul, 1.00 ms); 50% of total layer time, 2.00 ms."),
        (TimeBetweenLayers(between_ms=1.0, latency_ms=3.0, executed=7),
         "1.00 of an inference's 3.00 ms are in no layer: between 7 layers"),
    ],
)  # fmt: skip
def test_other_findings(finding: Finding, sentence: str) -> None:
    assert finding_sentence(finding).startswith(sentence)
