"""``compare-reports``: at which thresholds it compares, and what verdicts it says."""

from __future__ import annotations

from pathlib import Path

from core.metrics.matching.thresholds import Thresholds
from core.reports.kind import ViewState
from core.reports.kinds import save_state
from tests.app.reports.making import predictions
from tests.support.terminal import Terminal, terminal

__all__ = ["terminal"]


def test_two_reports_are_compared_as_the_first_was_last_looked_at(
    tmp_path: Path, terminal: Terminal
) -> None:
    """As its list says; otherwise the comparison would give another verdict of one report."""
    first, second = (predictions(tmp_path / name).folder for name in ("first", "second"))
    answer = "at score >= 0.85 (made at 0.30: "
    save_state(first, ViewState(thresholds=Thresholds(score=0.85)))
    said = terminal("compare-reports", first, second)
    assert [answer in line for line in said.out.splitlines()[:2]] == [True, True]
    found = terminal("compare-reports", first, second, "--json").json
    assert found["thresholds"]["score"] == 0.85
    for place, side in enumerate(("first", "second")):
        assert found[side]["headline"]["as_made"]["at"] == 0.85
        assert answer in found["headlines"][place]
    said = terminal("compare-reports", first, second, "--score", "0.3")
    assert "made at" not in said.out
