"""A moved threshold does not leave two verdicts: whatever shows one says of which it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from core.metrics.accuracy.verdict import VerdictName
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds, VerdictLimits
from core.reports.kind import ViewState
from core.reports.predictions.kind import Predictions
from core.reports.service import compare_reports
from core.reports.wording import as_made, headline_text, verdict_text
from tests.app.reports.making import predictions
from tests.support.reports import whole

STRICT = VerdictLimits(safe_kept=1.0, not_safe_kept=0.999)


@pytest.mark.parametrize(
    ("made", "now", "said"),
    [
        (Thresholds(), Thresholds(), "Safe"),
        (Thresholds(), Thresholds(score=0.54), "Safe at score >= 0.54 (made at 0.30: check)"),
        (Thresholds(score=0.5), Thresholds(), "Safe at score >= 0.30 (made at 0.50: check)"),
        (Thresholds(), Thresholds(iou=0.7), "Safe at moved thresholds (as made: check)"),
        (
            Thresholds(),
            Thresholds(optimized_scores=ScoreThresholds(score=0.2)),
            "Safe at moved thresholds (as made: check)",
        ),
    ],
)
def test_a_verdict_says_of_which_thresholds_it_is(
    made: Thresholds, now: Thresholds, said: str
) -> None:
    before: VerdictName = "check"
    assert verdict_text("safe", as_made(before, made, now)) == said


def test_page_tables_json_and_headline_say_the_same(tmp_path: Path) -> None:
    kind, folder = Predictions(), predictions(tmp_path / "report").folder
    moved = replace(Thresholds(), score=0.54, limits=STRICT)
    report = kind.read(folder, ViewState(thresholds=moved))
    own = kind.read(folder)
    said = f"{verdict_text(report.verdict.name, None)} at score >= 0.54 (made at 0.30: "
    said += f"{verdict_text(own.verdict.name, None).lower()})"
    assert report.verdict_text == said
    assert f"<b>{said.replace('>', '&gt;')}</b>" in kind.page(report)
    assert whole(kind.tables(report)["verdict"]).texts()[0][0] == said
    shown = kind.plain(report)
    assert isinstance(shown, dict)
    assert shown["verdict"]["text"] == said
    assert kind.summary(report)[0].startswith(f"{said}: ")
    assert headline_text(kind.headline_at(report)).startswith(f"{said}: ")
    assert "made at" not in kind.page(own)


def test_two_reports_say_the_verdicts_of_the_thresholds_that_both_are_read_at(
    tmp_path: Path,
) -> None:
    first, second = (predictions(tmp_path / name).folder for name in ("first", "second"))
    _, versus = compare_reports(first, second, Thresholds(score=0.85))
    assert all("at score >= 0.85 (made at 0.30: " in headline_text(one) for one in versus.headlines)
    _, versus = compare_reports(first, second)
    assert not any("made at" in headline_text(one) for one in versus.headlines)


def test_what_is_not_safe_is_told_with_what_to_try_next(tmp_path: Path) -> None:
    kind, folder = Predictions(), predictions(tmp_path / "report").folder
    strict = VerdictLimits(safe_kept=1.5, not_safe_kept=1.4)
    report = kind.read(folder, ViewState(thresholds=replace(Thresholds(), limits=strict)))
    assert report.verdict.name == "not_safe"
    assert "--search" in kind.summary(report)[-1]
    assert not any("--search" in one for one in kind.summary(kind.read(folder)))
