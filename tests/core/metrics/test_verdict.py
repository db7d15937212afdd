"""How much accuracy is kept, and what verdict follows."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from core.metrics.accuracy.annotated import accuracy
from core.metrics.accuracy.kept import AccuracyKept, measured_kept
from core.metrics.accuracy.verdict import Grounds, KeptIn, Verdict, verdict_on
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import compare
from core.metrics.matching.thresholds import Thresholds, VerdictLimits
from core.reports.predictions.figures import figures
from core.reports.predictions.kind import headline_of
from core.reports.wording import headline_text, verdict_sentence
from tests.support.reports import estimated_kept
from tests.support.tables import Row, table
from tests.support.truth import truth_of

LIMITS = VerdictLimits(safe_kept=0.98, not_safe_kept=0.95, most_changed=0.25)


def kept(value: float, low: float, high: float) -> AccuracyKept:
    return AccuracyKept(share=Interval(value=value, low=low, high=high), images=128)


def box(place: int, score: float = 0.9) -> Row:
    return (60 * place, 0, 60 * place + 50, 50, score, 0)


@pytest.mark.parametrize(
    ("share", "changed", "name", "reason"),
    [
        ((0.99, 0.97, 1.0), 0.1, "safe", "kept"),
        ((0.98, 0.95, 1.0), 0.25, "safe", "kept"),
        ((1.02, 0.99, 1.1), 0.0, "safe", "kept"),
        ((1.02, 0.99, 1.1), None, "check", "nothing_found"),
        ((0.99, 0.94, 1.0), 0.1, "check", "unsure"),
        ((0.99, 0.97, 1.0), 0.26, "check", "changed"),
        ((0.97, 0.96, 0.979), 0.0, "check", "between"),
        ((0.97, 0.96, 0.979), 0.9, "check", "between"),
        ((0.90, 0.88, 0.93), 0.0, "not_safe", "lost"),
        ((0.949, 0.90, 0.979), 0.9, "not_safe", "lost"),
        ((0.90, 0.80, 0.98), 0.0, "check", "unsure"),
    ],
)
def test_the_accuracy_kept_decides(
    share: tuple[float, float, float], changed: float | None, name: str, reason: str
) -> None:
    found = verdict_on(Grounds(kept=kept(*share)), changed, LIMITS)
    assert (found.name, found.reason) == (name, reason)


def test_where_the_parent_finds_nothing_there_is_nothing_to_judge() -> None:
    assert estimated_kept(table([]), table([box(1)])) is None
    assert verdict_on(Grounds(kept=None), None, LIMITS) == Verdict(
        name="check", reason="nothing_found"
    )


def test_few_images_do_not_show_that_a_model_is_safe() -> None:
    share = Interval(value=1.0, low=1.0, high=1.0)
    few, enough = (AccuracyKept(share=share, images=images) for images in (19, 20))
    assert verdict_on(Grounds(kept=few), 0.0, LIMITS) == Verdict(name="check", reason="unsure")
    assert verdict_on(Grounds(kept=enough), 0.0, LIMITS).name == "safe"


def test_limits_may_be_moved() -> None:
    strict = VerdictLimits(safe_kept=0.999, not_safe_kept=0.995, most_changed=0.01)
    assert verdict_on(Grounds(kept=kept(0.99, 0.985, 0.994)), 0.0, strict).name == "not_safe"


def test_the_estimate_needs_no_annotations() -> None:
    images = [[box(0), box(1, 0.8)] for _ in range(30)]
    same = estimated_kept(table(*images), table(*images))
    assert same is not None
    assert (same.share.value, same.measured, same.images) == (1, False, 30)
    half = estimated_kept(table(*images), table(*[rows[:1] for rows in images]))
    assert half is not None
    assert half.share.low <= half.share.value <= half.share.high < 0.95


def test_with_ground_truth_it_is_the_ratio_of_both_aps() -> None:
    truth = truth_of(table(*[[box(0), box(1)] for _ in range(40)]))
    parent = table(*[[box(0), box(1)] for _ in range(40)])
    optimized = table(*[[box(0), box(1)] if number % 4 else [box(0)] for number in range(40)])
    found = measured_kept(truth, parent, optimized)
    assert found is not None
    assert found.measured
    assert (found.parent_ap, found.share.value) == (1, found.optimized_ap)
    assert found.share.value == pytest.approx(0.88, abs=0.02)  # 70 of 80 found, none wrong
    assert found.share.low < found.share.value < found.share.high


def test_the_ap_of_a_verdict_is_that_of_a_report_on_annotations() -> None:
    """One pair has one COCO AP, whichever report tells it."""
    rng = np.random.default_rng(0)

    def seen(found: float) -> list[list[Row]]:
        return [
            [box(place, float(rng.uniform(0.1, 1))) for place in range(4) if rng.random() < found]
            + [box(place + 10, float(rng.uniform(0.1, 1))) for place in range(3)]
            for _ in range(60)
        ]

    truth = truth_of(table(*[[box(place) for place in range(4)] for _ in range(60)]))
    parent, optimized = table(*seen(0.8)), table(*seen(0.7))
    kept = measured_kept(truth, parent, optimized)
    report = accuracy(truth, parent, optimized)
    assert kept is not None
    assert report.parent.ap is not None
    assert report.optimized.ap is not None
    assert kept.parent_ap == pytest.approx(report.parent.ap.value, abs=1e-9)
    assert kept.optimized_ap == pytest.approx(report.optimized.ap.value, abs=1e-9)
    assert kept.share.value == pytest.approx(report.optimized.ap.value / report.parent.ap.value)


def test_where_nothing_is_above_the_threshold_nothing_is_safe() -> None:
    answer = Grounds(kept=kept(1.0, 0.99, 1.0))
    verdict = verdict_on(answer, None, LIMITS)
    assert verdict == Verdict(name="check", reason="nothing_found")
    summary = compare(table([]), table([])).summary
    assert summary.changed is None
    assert "lower the score threshold" in verdict_sentence(verdict, answer, summary, LIMITS)


def test_a_ground_truth_that_the_parent_fails_measures_nothing() -> None:
    """Annotations of other objects: a ratio of two small numbers would say anything."""
    truth = truth_of(table(*[[box(5)] for _ in range(40)]))
    parent = table(*[[box(0)] for _ in range(40)])
    assert measured_kept(truth, parent, parent) is None


@pytest.mark.parametrize(
    ("share", "start"),
    [
        ((0.99, 0.97, 1.0), "The optimized model keeps 99.0% of its parent's accuracy (estimated"),
        ((0.90, 0.88, 0.93), "The optimized model keeps only 90.0% of its parent's accuracy"),
        ((0.97, 0.96, 0.979), "The optimized model keeps 97.0% of its parent's accuracy"),
    ],
)
def test_the_sentence(share: tuple[float, float, float], start: str) -> None:
    answer = Grounds(kept=kept(*share))
    summary = compare(table([box(0), box(1)]), table([box(0)])).summary
    said = verdict_sentence(verdict_on(answer, summary.changed, LIMITS), answer, summary, LIMITS)
    assert said.startswith(start)
    assert f"95% interval {100 * share[1]:.1f} to {100 * share[2]:.1f}%" in said
    assert said.endswith("33.3% of the predictions changed: 1 missed; 1 of 1 image differs.")


def test_the_sentence_does_not_contradict_itself_by_rounding() -> None:
    limits = VerdictLimits(safe_kept=0.985, not_safe_kept=0.94)
    answer = Grounds(kept=kept(0.98496, 0.96, 0.99))
    summary = compare(table([box(0)]), table([box(0)])).summary
    told = verdict_sentence(verdict_on(answer, 0.0, limits), answer, summary, limits)
    assert "keeps 98.496% of its parent's accuracy" in told
    assert "less than the 98.5% of a safe one" in told


def test_tiles_and_lists_do_not_contradict_the_verdict_by_rounding() -> None:
    """*Check* stood beside 98.0%, where 98% was safe."""
    thresholds = Thresholds(limits=LIMITS)
    answer = Grounds(kept=kept(0.97957, 0.96, 1.0))
    summary = compare(table([box(0)]), table([box(0)]), thresholds).summary
    tile = figures(summary, thresholds, answer)[0]
    assert (tile.key, tile.text) == ("accuracy_kept", "97.96%")
    verdict = verdict_on(answer, summary.changed, LIMITS)
    listed = headline_text(headline_of(verdict, answer, summary, LIMITS))
    assert listed == "Check: 97.96% of the accuracy kept, 0.0% changed"


def test_the_sentence_of_a_measured_share_names_both_aps() -> None:
    share = Interval(value=0.99, low=0.9, high=1.05)
    measured = AccuracyKept(share=share, images=24, parent_ap=0.4, optimized_ap=0.396)
    answer = Grounds(kept=measured)
    summary = compare(table([box(0)]), table([box(0)])).summary
    said = verdict_sentence(verdict_on(answer, 0.0, LIMITS), answer, summary, LIMITS)
    assert "24 images are too few to be sure (COCO AP 0.400 and 0.396, 95% interval" in said
    assert said.endswith("0.0% of the predictions changed; 0 of 1 image differs.")


GOOD, BAD = kept(0.99, 0.97, 1.0), kept(0.15, 0.1, 0.2)


def said(answer: Grounds) -> str:
    summary = compare(table([box(0)]), table([box(0)])).summary
    return verdict_sentence(verdict_on(answer, 0.0, LIMITS), answer, summary, LIMITS)


def test_a_model_must_be_right_in_every_way_that_its_target_computes() -> None:
    """What is fine with VNNI and ruined without is not safe for a target that may lack it."""
    answer = Grounds(kept=GOOD, elsewhere=(KeptIn(arithmetic="saturating", kept=BAD),))
    assert verdict_on(answer, 0.0, LIMITS).name == "not_safe"
    assert "keeps only 15.0% of its parent's accuracy where INT8 sums saturate" in said(answer)
    assert "As it runs here, it keeps 99.0%." in said(answer)
    other = Grounds(kept=GOOD, elsewhere=(KeptIn(arithmetic="exact", kept=GOOD),))
    assert verdict_on(other, 0.0, LIMITS).name == "safe"
    assert "It keeps 99.0% where INT8 sums are exact, as with VNNI, and the rest is" in said(other)


def test_a_run_that_is_not_as_the_target_computes_does_not_decide() -> None:
    """A target without bfloat16 is not judged by what bfloat16 did here."""
    in_f32 = KeptIn(arithmetic="exact", kept=GOOD)
    answer = Grounds(kept=BAD, elsewhere=(in_f32,), counts=False)
    assert verdict_on(answer, 0.0, LIMITS).name == "safe"
    assert "where INT8 sums are exact, as with VNNI, and the rest is float32" in said(answer)
    assert "As it runs here, and the target does not, it keeps 15.0%." in said(answer)
    alone = Grounds(kept=BAD, counts=False, not_judged=("saturating",))
    assert verdict_on(alone, 0.0, LIMITS).name == "not_safe", "nothing else is known"


def test_bfloat16_that_the_target_may_run_in_decides() -> None:
    in_bf16 = KeptIn(arithmetic="exact", precision="bf16", kept=BAD)
    answer = Grounds(kept=GOOD, elsewhere=(in_bf16,))
    assert verdict_on(answer, 0.0, LIMITS).name == "not_safe"
    assert "as with VNNI, and the rest is bfloat16" in said(answer)
    plain = Grounds(kept=GOOD, elsewhere=(KeptIn(arithmetic=None, precision="bf16", kept=BAD),))
    assert "of its parent's accuracy in bfloat16 (" in said(plain)
    missing = Grounds(kept=GOOD, not_judged=("bf16",))
    assert "could not be tried here: bfloat16." in said(missing)


def test_what_the_target_does_and_cannot_be_tried_is_at_most_to_be_checked() -> None:
    answer = Grounds(kept=GOOD, not_judged=("saturating",))
    assert verdict_on(answer, 0.0, LIMITS) == Verdict(name="check", reason="not_judged")
    assert "could not be tried here: INT8 sums that saturate." in said(answer)
    ruined = Grounds(kept=BAD, not_judged=("npu",))
    assert verdict_on(ruined, 0.0, LIMITS).name == "not_safe"


def test_what_bfloat16_did_is_told_apart() -> None:
    answer = Grounds(kept=kept(0.88, 0.86, 0.9), kept_in_f32=GOOD)
    assert verdict_on(answer, 0.0, LIMITS).name == "not_safe"
    assert "In true f32 it keeps 99.0%: the difference comes from how it runs." in said(answer)
    twice = Grounds(
        kept=kept(0.88, 0.86, 0.9),
        kept_in_f32=GOOD,
        elsewhere=(KeptIn(arithmetic="exact", kept=GOOD),),
    )
    assert said(twice).count("99.0%") == 1, "the same is not said twice"
    same = Grounds(kept=GOOD, kept_in_f32=kept(0.988, 0.97, 1.0))
    assert "In true f32" not in said(same)


def test_stored_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="is not above not safe"):
        msgspec.json.decode(b'{"safe_kept": 0.3, "not_safe_kept": 0.9}', type=VerdictLimits)
