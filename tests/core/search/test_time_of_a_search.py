"""What a search still has time for."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from core.models.plan import QuantizationPlan
from core.search.candidates import Candidate, Reason
from core.search.search import Search
from tests.support.searches import MadeUpWorkshop, begun, say_nothing


@pytest.mark.parametrize(("seconds", "goes_on"), [(90.0, True), (200.0, False)])
def test_the_first_plan_does_not_say_what_the_next_one_takes(
    tmp_path: Path, seconds: float, goes_on: bool
) -> None:
    """It collects the statistics: a search of two minutes ended after one of 90 seconds."""
    state = begun(minutes=2, allowed="int8")
    plan = QuantizationPlan(subset_size=state.calibration_images, target="cpu_bf16")
    first = Candidate(
        id="plan-01-f32", making="int8", number=1, precision_hint="f32", plan=plan,
        reason=Reason(code="nncf_default"), accuracy_kept=0.4, seconds=seconds,
    )  # fmt: skip
    workshop = MadeUpWorkshop()
    Search(replace(state, candidates=(first,)), tmp_path, workshop, say_nothing).run()
    assert bool(workshop.quantized) == goes_on
