"""A search judges plans as their target computes them."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from core.inference.settings import Arithmetic, PrecisionHint
from core.models.plan import Target
from core.search.search import Search
from core.search.settings import SearchSettings
from core.targets import target as targets
from tests.support.searches import MadeUpWorkshop, begun, say_nothing


def test_a_plan_is_as_good_as_in_the_worst_arithmetic_of_its_target(tmp_path: Path) -> None:
    """Saturating sums ruin this detector unless activations are asymmetric."""
    ways: tuple[Arithmetic, ...] = ("exact", "saturating")
    state = replace(begun(), settings=SearchSettings(loss=0.1, target="any"), arithmetics=ways)
    found = Search(state, tmp_path, MadeUpWorkshop(), say_nothing).run()
    default = found.candidate("plan-01-f32")
    assert default is not None
    assert default.kept_in == {"exact": 0.4, "saturating": 0.2}
    assert default.accuracy_kept == 0.2
    best = found.candidate(found.choice.best_int8)
    assert best is not None
    assert best.plan is not None
    assert best.plan.preset == "mixed"
    assert best.kept_in == {"exact": 0.95, "saturating": 0.95}
    parents = [one for one in found.candidates if one.plan is None]
    assert all(one.kept_in == {} for one in parents), "a float model has no INT8 sums"


def test_a_target_without_vnni_has_no_bfloat16_either(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("core.targets.target.machine_target", lambda: "cpu_bf16")
    state = replace(
        begun(), settings=SearchSettings(loss=0.1, target="cpu"), arithmetics=("saturating",)
    )
    found = Search(state, tmp_path, MadeUpWorkshop(), say_nothing).run()
    assert {one.precision_hint for one in found.candidates} == {"f32"}


@pytest.mark.parametrize(
    ("target", "hints"),
    [("cpu_vnni", {"f32"}), ("cpu_bf16", {"f32", "default"}), ("cpu_amx", {"f32", "default"})],
)
def test_bfloat16_is_tried_for_targets_that_have_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: Target, hints: set[PrecisionHint]
) -> None:
    """On a machine that has it: a target without it is not to run in it."""
    monkeypatch.setattr(targets, "machine_target", lambda: "cpu_bf16")
    settings = SearchSettings(loss=0.1, target=target)
    state = replace(begun(), settings=settings, arithmetics=("exact",))
    found = Search(state, tmp_path, MadeUpWorkshop(), say_nothing).run()
    assert {one.precision_hint for one in found.candidates} == hints


def test_for_any_target_what_runs_by_default_runs_in_float32_too(tmp_path: Path) -> None:
    class LossyInF32(MadeUpWorkshop):
        def accuracy_kept(
            self, model: str, hint: PrecisionHint, arithmetic: Arithmetic | None = None
        ) -> float:
            kept = super().accuracy_kept(model, hint, arithmetic)
            return 0.93 if model and hint == "f32" and kept > 0.93 else kept

    for target, kept in (("any", 0.93), ("cpu_bf16", 0.98)):
        settings = SearchSettings(loss=0.1, target=cast(Target, target))
        state = replace(begun(), settings=settings, arithmetics=("exact",))
        found = Search(state, tmp_path, LossyInF32(), say_nothing).run()
        weights = found.candidate("int8-weights-default")
        assert weights is not None
        assert weights.accuracy_kept == kept
