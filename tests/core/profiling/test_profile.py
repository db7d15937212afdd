"""Profiles of real small models: which layers there are, what they take, what that means."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core.cli.main import main
from core.errors import WorkbenchError
from core.metrics.speed.figures import Spread
from core.profiling.bottlenecks import Int8Comparison, compare_int8
from core.profiling.findings import ElementwiseApart, SlowestLayers, findings_of, layers_of
from core.profiling.graph_places import GAP, place_layers
from core.profiling.layer_groups import group_layers
from core.profiling.layers_csv import layers_csv
from core.profiling.profile import Layer, Profile, Role
from core.profiling.result import ProfileResult
from core.profiling.service import plan_profile, profile_result
from core.profiling.sums import by_precision, by_type, float_share, transitions
from core.values import read_json, to_json
from core.workspace.store import Artifact, Workspace
from tests.core.conftest import Made
from tests.support.jobs import run


@pytest.fixture(scope="module")
def profiled(
    first_made: Made, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Artifact, ProfileResult]:
    """A tiny SSD and its INT8 project, profiled by a real job."""
    root = tmp_path_factory.mktemp("profiled") / "workspace"
    shutil.copytree(first_made.root, root)
    workspace = Workspace(root)
    project = workspace.projects()[1]
    watched = run(workspace, plan_profile(workspace, project.id, seconds=0.3))
    assert watched.end.project_id == project.id, watched.end.outcome.error
    assert "Profiling layers in turns" in watched.stages
    artifact = workspace.artifacts(project.id, "profile")[0]
    return artifact, profile_result(artifact)


def test_parent_and_optimized_are_profiled_in_turns(
    profiled: tuple[Artifact, ProfileResult],
) -> None:
    result = profiled[1]
    told = [(one.model, one.precision_hint, one.quantized) for one in result.profiles]
    assert told == [
        ("parent", "f32", False), ("parent", "default", False), ("optimized", "default", True)
    ]  # fmt: skip
    assert result.rounds >= 5
    for profile in result.profiles:
        assert len(profile.latency_rounds_ms) == result.rounds
        assert profile.inferences > 3 * result.rounds
        assert profile.layers_ms > 0
        assert sum(profile.precision_layers.values()) == sum(
            layer.computing for layer in profile.layers
        )


def test_layers_stand_in_execution_order_and_name_their_operations(
    profiled: tuple[Artifact, ProfileResult],
) -> None:
    f32 = profiled[1].profiles[0]
    assert f32.layers[0].type == "Input"
    for place, layer in enumerate(f32.layers):
        assert all(read < place for read in layer.inputs)
        assert layer.time_low_ms <= layer.time_ms <= layer.time_high_ms
        assert layer.type != "Const"
    computing = [layer for layer in f32.layers if layer.computing]
    assert {layer.precision for layer in computing} == {"f32"}
    assert all("Convolution" in layer.original_types for layer in computing)
    assert any("Multiply" in layer.original_types for layer in computing)  # the swish is fused in


def test_int8_shows_in_the_layers(profiled: tuple[Artifact, ProfileResult]) -> None:
    optimized = profiled[1].profiles[2]
    assert any(layer.computing and layer.precision == "int8" for layer in optimized.layers)
    changes = {(one.before, one.after) for one in transitions(optimized)}
    assert any(after == "int8" for _, after in changes)
    assert any(before == "int8" for before, _ in changes)
    share = float_share(optimized)
    assert share is not None
    assert share < 1


def test_sums_add_up(profiled: tuple[Artifact, ProfileResult]) -> None:
    for profile in profiled[1].profiles:
        for sums in (by_type(profile), by_precision(profile)):
            assert sum(one.time_ms for one in sums) == pytest.approx(profile.layers_ms)
            assert sum(one.share for one in sums) == pytest.approx(1)
            assert all(sum(one.counts.values()) == one.layers for one in sums)
            assert [one.time_ms for one in sums] == sorted((s.time_ms for s in sums), reverse=True)


def test_every_layer_of_a_pair_is_in_one_group(profiled: tuple[Artifact, ProfileResult]) -> None:
    first, _, second = profiled[1].profiles
    groups = group_layers(first, second)
    for side, profile in ((0, first), (1, second)):
        seen = [place for group in groups for place in (group.first, group.second)[side]]
        assert len(seen) == len(set(seen))
        timed = {place for place, layer in enumerate(profile.layers) if layer.time_ms > 0}
        assert timed <= set(seen)
    assert sum(group.first_ms for group in groups) == pytest.approx(first.layers_ms)
    assert sum(group.second_ms for group in groups) == pytest.approx(second.layers_ms)
    matched = [group for group in groups if group.first and group.second]
    assert any(group.second_precision == "int8" for group in matched)


def test_csv_holds_every_layer(profiled: tuple[Artifact, ProfileResult]) -> None:
    profile = profiled[1].profiles[2]
    rows = list(csv.DictReader(io.StringIO(layers_csv(profile).decode())))
    assert [row["layer"] for row in rows] == [layer.name for layer in profile.layers]
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-3)


def test_the_terminal_profiles_a_model(
    first_made: Made, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    optimized = first_made.optimized.model
    given = [str(first_made.model), str(optimized), "--seconds", "0.2"]
    assert main(["profile", *given, "--csv", str(tmp_path / "csv"), "--json"]) == 0
    found = json.loads(capsysbinary.readouterr().out)
    assert [one["precision_hint"] for one in found["profiles"]] == ["f32", "default", "default"]
    assert len(found["comparisons"]) == 2
    assert all(one["verdict"] for one in found["comparisons"])
    findings = found["profiles"][2]["findings"]
    assert findings[0]["type"] == "int8"
    assert findings[0]["sentence"].startswith("INT8 ")
    assert [Path(path).is_file() for path in found["csv"]] == [True] * 3


# What follows from layers, on layers written by hand


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


# What is stored may be anyone's


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda plain: plain["findings"].pop(), "are not as many"),
        (lambda plain: plain["places"][0]["x"].pop(), "where every layer is drawn"),
        (
            lambda plain: plain["places"][0]["edges"].append([0, 999, []]),
            "that it does not have",
        ),
        (lambda plain: plain["profiles"][0]["layers"][0]["inputs"].append(0), "comes after it"),
        (
            lambda plain: plain["profiles"][0]["layers"][1]["originals"].append("x"),
            "without a type",
        ),
        (lambda plain: plain["profiles"][0]["layers"][1].update(time_ms=-1.0), "is damaged"),
        (lambda plain: plain.update(version=2), "newer version"),
        (lambda plain: plain.pop("version"), "older version"),
    ],
)
def test_a_profile_whose_parts_do_not_belong_together_is_refused(
    profiled: tuple[Artifact, ProfileResult],
    tmp_path: Path,
    change: Callable[[dict[str, Any]], object],
    told: str,
) -> None:
    plain = json.loads(to_json(profiled[1]))
    change(plain)
    path = tmp_path / "result.json"
    path.write_text(json.dumps(plain), "utf-8")
    with pytest.raises(WorkbenchError, match=told) as refused:
        read_json(path, ProfileResult)
    assert str(path) in str(refused.value)


# How the graph is drawn


def test_layers_stand_below_what_they_read_and_apart() -> None:
    random = np.random.default_rng(0)
    inputs = [
        tuple(sorted(set(random.integers(max(0, n - 9), n, 2).tolist()))) if n else ()
        for n in range(300)
    ]
    places = place_layers(inputs)
    for place, read in enumerate(inputs):
        assert all(places.y[one] < places.y[place] for one in read)
    assert {(one, other) for one, other, _ in places.edges} == {
        (one, place) for place, read in enumerate(inputs) for one in read
    }
    rows: dict[float, list[float]] = {}
    for x, y in zip(places.x, places.y, strict=True):
        rows.setdefault(y, []).append(x)
    for row in rows.values():
        assert np.diff(sorted(row)).min(initial=GAP) >= GAP - 0.01


def test_a_chain_is_drawn_straight_and_a_shortcut_around_it() -> None:
    places = place_layers([(), (0,), (1,), (2,), (3, 0)])
    assert len({round(x, 2) for x in places.x[1:4]}) == 1
    led = next(points for one, other, points in places.edges if (one, other) == (0, 4))
    assert len(led) == 3
    assert all(abs(x - places.x[2]) > 0.3 for x, _ in led)


def test_a_graph_of_nothing_has_no_places() -> None:
    assert place_layers([]).x == ()
