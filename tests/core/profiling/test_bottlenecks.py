"""What follows from layers, on layers written by hand."""

from __future__ import annotations

import msgspec
import pytest

from core.metrics.speed.figures import Spread
from core.profiling.bottlenecks import Int8Comparison, compare_int8
from core.profiling.findings import ElementwiseApart, SlowestLayers, findings_of, layers_of
from core.profiling.layer_groups import group_layers
from core.profiling.profile import Layer, Profile, Role


def layer(
    name: str,
    role: Role,
    time: float,
    precision: str,
    inputs: tuple[int, ...] = (),
    **operations: str,
) -> Layer:
    kinds = {"convolution": "Convolution", "depthwise": "Convolution", "elementwise": "Subgraph"}
    return Layer(
        name=name,
        type=kinds.get(role, "Reorder"),
        role=role,
        time_ms=time,
        time_low_ms=0.95 * time,
        time_high_ms=1.05 * time,
        precision=precision,
        output_precision=precision,
        primitive="",
        originals=tuple(operations),
        original_types=tuple(operations.values()),
        shape=(),
        inputs=inputs,
    )


def profile(name: str, layers: list[Layer], *, quantized: bool = False) -> Profile:
    whole = sum(one.time_ms for one in layers)
    return Profile(
        model=name,
        precision_hint="default",
        precision_executed="int8" if quantized else "bf16",
        precision_layers={},
        inferences=100,
        threads=2,
        latency_ms=Spread(median=whole, low=whole, high=whole),
        latency_rounds_ms=tuple(whole * factor for factor in (0.99, 1.0, 1.01, 1.0, 0.98)),
        layers=tuple(layers),
        quantized=quantized,
    )


SWISH = {"sig_a": "Sigmoid", "mul_a": "Multiply"}
PARENT = profile(
    "parent",
    [
        layer("a", "convolution", 4.0, "bf16", (), conv_a="Convolution", **SWISH),
        layer("b", "depthwise", 1.0, "bf16", (0,), conv_b="GroupConvolution"),
        layer("c", "convolution", 0.5, "bf16", (1,), conv_c="Convolution"),
    ],
)


def int8(swish: float, c: float = 0.2) -> Profile:
    """The parent in INT8: its swish stands apart, its depthwise convolution stayed float."""
    return profile(
        "optimized",
        [
            layer("a", "convolution", 1.0, "int8", conv_a="Convolution"),
            layer("s", "elementwise", swish, "bf16", (0,), **SWISH, fq="FakeQuantize"),
            layer("r", "conversion", 0.3, "f32", (1,)),
            layer("b", "depthwise", 1.0, "bf16", (2,), conv_b="GroupConvolution"),
            layer("c", "convolution", c, "int8", (3,), conv_c="Convolution"),
        ],
        quantized=True,
    )


def kinds(found: Int8Comparison) -> dict[str, tuple[str, ...]]:
    return {one.kind: one.operations for one in found.bottlenecks}


def test_a_layer_that_int8_splits_is_matched_as_one_group() -> None:
    groups = {group.name: group for group in group_layers(PARENT, int8(3.0))}
    split = groups["conv_a"]
    assert (split.first, split.second) == ((0,), (0, 1))
    assert split.difference_ms == pytest.approx(0)
    assert (split.first_precision, split.second_precision) == ("bf16", "int8")
    assert groups["r"].first == ()


def test_where_int8_gains_nothing_the_bottlenecks_are_named() -> None:
    found = compare_int8(PARENT, int8(3.5))
    assert found.verdict == "slower"
    assert found.gained_ms == pytest.approx(4.0 + 0.5 - 1.0 - 0.2)
    assert kinds(found) == {"apart": ("sig_a", "mul_a"), "conversion": (), "float": ("conv_b",)}
    apart, conversion, stayed = found.bottlenecks
    assert apart.lost_ms == pytest.approx(3.5)
    assert (apart.layer_type, apart.slowest[0].name) == ("Swish", "mul_a")
    assert (stayed.precision, stayed.roles, stayed.computing) == ("bf16", ("depthwise",), 3)
    assert [one.keep_in_float for one in (apart, conversion, stayed)] == [True, False, True]


def test_where_int8_gains_it_is_said_by_how_much_and_where() -> None:
    found = compare_int8(PARENT, int8(0.1))
    assert found.verdict == "faster"
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(5.5 / 2.6)
    assert found.saved[0].name == "conv_a"
    assert found.saved[0].ms == pytest.approx(3.0)


def test_a_difference_within_the_noise_is_no_gain() -> None:
    assert compare_int8(PARENT, int8(3.0)).verdict == "no_gain"  # 5.5 ms, both


def test_a_convolution_that_int8_makes_slower_is_found() -> None:
    assert kinds(compare_int8(PARENT, int8(0.1, c=0.9)))["slower"] == ("conv_c",)
    assert "slower" not in kinds(compare_int8(PARENT, int8(0.1, c=0.53)))  # within the quartiles
    assert compare_int8(PARENT, int8(0.1)).matched == pytest.approx(2.3 / 2.6)


def test_findings_of_an_int8_model_begin_with_the_fastest_parent() -> None:
    slow = profile("parent", [msgspec.structs.replace(one, time_ms=9.0) for one in PARENT.layers])
    optimized = int8(3.5)
    first, *bottlenecks, second, slowest = findings_of(optimized, [slow, PARENT, optimized])
    assert isinstance(first, Int8Comparison)
    assert isinstance(second, Int8Comparison)
    assert (first.parent_ms, second.parent_ms) == (5.5, 27.0)
    assert tuple(bottlenecks) == compare_int8(PARENT, optimized).bottlenecks
    assert isinstance(slowest, SlowestLayers)
    assert layers_of(slowest) == (1, 0, 3)
    assert layers_of(first) == ()


def test_elementwise_layers_that_stand_apart_are_found_in_a_float_model() -> None:
    layers = [
        layer("a", "convolution", 4.0, "f32", conv_a="Convolution"),
        layer("s", "elementwise", 1.0, "f32", (0,), **SWISH),
    ]
    found, _ = findings_of(profile("parent", layers), [])
    assert isinstance(found, ElementwiseApart)
    assert found.layers == (1,)
    assert found.share == pytest.approx(0.2)
