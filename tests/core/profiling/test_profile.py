"""Profiles of real small models: which layers there are, what they take, what that means."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.main import main
from core.errors import WorkbenchError
from core.profiling.layer_groups import group_layers
from core.profiling.layers_csv import layers_csv
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
    said = [(one.model, one.precision_hint, one.quantized) for one in result.profiles]
    assert said == [
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


# What is stored may be anyone's


@pytest.mark.parametrize(
    ("change", "said"),
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
    said: str,
) -> None:
    plain = json.loads(to_json(profiled[1]))
    change(plain)
    path = tmp_path / "result.json"
    path.write_text(json.dumps(plain), "utf-8")
    with pytest.raises(WorkbenchError, match=said) as refused:
        read_json(path, ProfileResult)
    assert str(path) in str(refused.value)
