"""A search judges plans as their target computes them."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from core.inference.settings import Arithmetic
from core.search.search import Search
from core.search.settings import SearchSettings
from tests.support.searches import MadeUpWorkshop, begun, tell_nothing


def test_a_plan_is_as_good_as_in_the_worst_arithmetic_of_its_target(tmp_path: Path) -> None:
    """Saturating sums ruin this detector unless activations are asymmetric."""
    ways: tuple[Arithmetic, ...] = ("exact", "saturating")
    state = replace(begun(), settings=SearchSettings(loss=0.1, target="any"), arithmetics=ways)
    found = Search(state, tmp_path, MadeUpWorkshop(), tell_nothing).run()
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


def test_a_target_without_vnni_has_no_bfloat16_either(tmp_path: Path) -> None:
    state = replace(
        begun(), settings=SearchSettings(loss=0.1, target="cpu"), arithmetics=("saturating",)
    )
    found = Search(state, tmp_path, MadeUpWorkshop(), tell_nothing).run()
    assert {one.precision_hint for one in found.candidates} == {"f32"}
