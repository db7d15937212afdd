"""The operating point on tables whose answer is known, and held against trying every threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as changed

from core.check.changed import changed_interval
from core.detection.detections import DetectionTable
from core.errors import InputError
from core.metrics.accuracy.truth import GroundTruth
from core.metrics.accuracy.verdict import Grounds
from core.metrics.comparison.bootstrap import Interval
from core.metrics.comparison.comparison import compare
from core.metrics.matching.thresholds import ScoreThresholds, Thresholds
from core.metrics.operating_point.halves import chosen_half
from core.metrics.operating_point.point import OperatingPoint, operating_point
from core.reports.operating.page import shares
from core.reports.predictions.figures import figures
from tests.support.tables import CLASSES, Row, table, with_images

SEEDS = range(25)
EVERYTHING = 1000  # of a class in an image


def objects(images: int = 60, each: int = 8, classes: int = 1, seed: int = 0) -> DetectionTable:
    """So many boxes an image, side by side, with all kinds of scores."""
    random = np.random.default_rng(seed)

    def row(place: int) -> Row:
        score, class_id = float(random.uniform(0.02, 1)), int(random.integers(classes))
        return 60 * place, 0, 60 * place + 40, 40, score, class_id

    return table(*([row(place) for place in range(each)] for _ in range(images)))


def scored(parent: DetectionTable, *factors: float) -> DetectionTable:
    """The same boxes, with the scores of each class times its factor."""
    by_class = np.array([*factors, *[1.0] * (len(CLASSES) - len(factors))], np.float32)
    return replace(parent, scores=parent.scores * by_class[parent.class_ids])


def half(whole: DetectionTable, chosen: bool = True, seed: int = 0) -> DetectionTable:
    return with_images(whole, np.flatnonzero(chosen_half(whole.image_names, seed) == chosen))


def at(parent: DetectionTable, other: DetectionTable, score: float, own: float) -> tuple[int, int]:
    """How many detections the other model gives, and how many of both changed: `compare`."""
    lowest = ScoreThresholds(score=own)
    thresholds = Thresholds(score=score, per_class_limit=EVERYTHING, optimized_scores=lowest)
    found = compare(parent, other, thresholds).summary
    both = found.parent + found.optimized
    return found.optimized, round((found.changed or 0) * both)


# Known answers


@pytest.mark.parametrize(("factor", "answer"), [(0.6, 0.18), (1.0, 0.3), (1.5, 0.45)])
def test_scores_that_all_moved_are_followed(factor: float, answer: float) -> None:
    parent = objects()
    found = operating_point(parent, scored(parent, factor))
    assert found.score == pytest.approx(answer, abs=0.01)
    assert found.reach == "reached"
    assert (found.chosen_images, found.judged_images) == (30, 30)
    assert found.at_global.changed.value < 0.02  # an object between the two thresholds, or two
    assert found.at_global.count.low <= 1 <= found.at_global.count.high
    if factor != 1:
        assert found.unchanged.changed.low > 0.02
        assert found.global_gain.low > 0.02
    else:
        assert found.score == 0.3  # the parent's own, where that does
        assert found.unchanged == found.at_global
        assert found.at_global.changed.value == 0


def test_classes_that_moved_apart_get_thresholds_of_their_own() -> None:
    parent = objects(images=100, classes=3)
    birds = np.flatnonzero(parent.class_ids == 2)
    parent.class_ids[birds[12:]] = 0  # a dozen birds are left
    found = operating_point(parent, scored(parent, 0.5, 1.2, 1.0))
    cat, dog, bird = (
        next(one for one in found.classes if one.class_name == name) for name in CLASSES
    )
    assert cat.score == pytest.approx(0.15, abs=0.01)
    assert dog.score == pytest.approx(0.36, abs=0.02)
    assert (cat.reach, dog.reach) == ("reached", "reached")
    assert (bird.reach, bird.score) == (None, found.score)  # too few: the global one
    assert found.recommended == "per_class"
    assert found.class_gain.low > 0
    assert found.thresholds().classes == {"cat": cat.score, "dog": dog.score}
    assert found.thresholds("global") == ScoreThresholds(score=found.score)


def test_one_threshold_is_recommended_where_classes_moved_alike() -> None:
    parent = objects(images=100, classes=2)
    found = operating_point(parent, scored(parent, 0.7, 0.7))
    assert found.recommended == "global"
    assert found.thresholds() == ScoreThresholds(score=found.score)


def test_a_gain_that_is_sure_and_tiny_is_not_worth_a_threshold_for_each_class() -> None:
    parent = objects(images=100, classes=2)
    found = operating_point(parent, scored(parent, 0.5, 1.2))
    assert found.recommended == "per_class"
    tiny = Interval(value=0.004, low=0.003, high=0.005)
    assert changed(found, class_gain=tiny).recommended == "global"
    unsure = Interval(value=0.04, low=-0.01, high=0.09)
    assert changed(found, class_gain=unsure).recommended == "global"


def test_two_classes_of_one_name_share_the_global_threshold() -> None:
    parent = replace(objects(images=100, classes=3), class_names=("cat", "cat", "bird"))
    found = operating_point(parent, scored(parent, 0.5, 1.2, 1.0))
    assert {one.class_name for one in found.classes if one.reach} == {"bird"}


def test_scores_in_steps_leave_the_better_of_two_thresholds() -> None:
    parent = objects(seed=3)
    optimized = replace(parent, scores=(np.round(parent.scores * 4) / 4).astype(np.float32))
    found = operating_point(parent, optimized, Thresholds(score=0.5))
    # From .5 on: what the parent scores from .375 on, and from .75 on what it scores from .625 on.
    assert found.reach == "coarse"
    assert found.score in (0.5, 0.62)
    mine = at(half(parent), half(optimized), 0.5, found.score)
    other = at(half(parent), half(optimized), 0.5, 0.5 if found.score != 0.5 else 0.62)
    assert mine[1] <= other[1]


def test_a_threshold_lies_between_two_steps() -> None:
    """A score that another processor rounds differently stays on its side."""
    parent = objects(seed=3)
    optimized = replace(parent, scores=(np.round(parent.scores * 80) / 256).astype(np.float32))
    found = operating_point(parent, optimized)
    away = np.abs(optimized.scores - np.float32(found.score)).min()
    assert away > 0.2 / 256


def test_a_model_that_lost_half_never_gives_as_many() -> None:
    parent = objects()
    kept = [rows.where(np.arange(len(rows)) % 2 == 0) for rows in parent]
    sizes = [(640, 480)] * len(parent)
    optimized = DetectionTable.build(parent.image_names, sizes, kept, parent.class_names)
    found = operating_point(parent, optimized)
    assert found.reach == "unreached"
    # Lower thresholds only bring what the parent does not count: the parent's own loses least.
    assert found.score == 0.3
    assert found.at_global.extra == 0
    assert 0.4 < found.at_global.count.value < 0.6


def test_detections_that_all_tie_are_all_kept_or_none() -> None:
    parent = objects()
    parent = replace(parent, scores=np.full_like(parent.scores, 0.8))
    found = operating_point(parent, replace(parent, scores=np.full_like(parent.scores, 0.2)))
    assert found.score <= 0.2
    assert (found.at_global.missed, found.at_global.extra) == (0, 0)
    assert found.unchanged.detections == 0


# Chosen on one half, judged on the other


def test_the_judged_half_has_no_say_in_the_thresholds() -> None:
    parent = objects(classes=2)
    optimized = scored(parent, 0.6, 0.8)
    judged = ~chosen_half(parent.image_names, 0)[parent.image_indices]
    scores = np.where(judged, np.float32(0.99), optimized.scores)
    found, other = (
        operating_point(parent, one) for one in (optimized, replace(optimized, scores=scores))
    )
    assert (found.score, found.curve) == (other.score, other.curve)
    assert [one.score for one in found.classes] == [one.score for one in other.classes]
    assert found.at_global != other.at_global
    # and the chosen half none in what is said of the parent's own threshold
    scores = np.where(judged, optimized.scores, np.float32(0.99))
    other = operating_point(parent, replace(optimized, scores=scores))
    assert found.unchanged == other.unchanged


def test_halves_go_by_name_whatever_the_order() -> None:
    parent = objects(images=41)
    optimized = scored(parent, 0.6)
    order = np.random.default_rng(1).permutation(41)
    found = operating_point(parent, optimized)
    again = operating_point(with_images(parent, order), with_images(optimized, order))
    assert (found.score, found.curve) == (again.score, again.curve)
    assert (found.chosen_images, found.judged_images) == (21, 20)
    names = parent.image_names
    assert not np.array_equal(chosen_half(names, 0), chosen_half(names, 1))


def test_more_images_are_asked_for_while_the_count_is_unsure() -> None:
    def disturbed(images: int) -> OperatingPoint:
        parent = objects(images)
        noise = np.random.default_rng(5).normal(0, 0.2, len(parent.scores))
        scores = np.clip(parent.scores + noise, 0.02, 1).astype(np.float32)
        return operating_point(parent, replace(parent, scores=scores))

    few, many = disturbed(30), disturbed(2000)
    assert few.images_wanted is not None
    assert 60 < few.images_wanted < 2000
    assert many.images_wanted is None
    assert many.at_global.count.value == pytest.approx(1, abs=0.03)


# Held against trying every threshold


def disturbed_pair(seed: int) -> tuple[DetectionTable, DetectionTable]:
    """Boxes that overlap, scores that tie, some lost and some more."""
    random = np.random.default_rng(seed)
    steps = int(random.choice([8, 20, 64, 100_000]))

    def rows(start: list[Row] | None) -> list[Row]:
        if start is None:
            corners = random.integers(0, 120, (9, 2))
            return [
                (int(x), int(y), int(x) + 50, int(y) + 50, _score(random, steps), int(x) % 2)
                for x, y in corners
            ]
        moved = [
            (x1 + random.integers(-8, 9), y1, x2, y2, _near(random, score, steps), class_id)
            for x1, y1, x2, y2, score, class_id in start
            if random.random() < 0.9
        ]
        return moved + rows(None)[: int(random.integers(0, 3))]

    parents = [rows(None) for _ in range(24)]
    return table(*parents), table(*[rows(one) for one in parents])


def _score(random: np.random.Generator, steps: int) -> float:
    return max(1, int(random.uniform(0.02, 1) * steps)) / steps


def _near(random: np.random.Generator, score: float, steps: int) -> float:
    moved = float(np.clip(score * 0.8 + random.normal(0, 0.1), 0.02, 1))
    return max(1, int(moved * steps)) / steps


@pytest.mark.parametrize("seed", SEEDS)
def test_no_other_threshold_does_better(seed: int) -> None:
    parent, optimized = disturbed_pair(seed)
    found = operating_point(parent, optimized)
    of_parent, of_optimized = half(parent), half(optimized)
    wanted = int((of_parent.scores >= np.float32(0.3)).sum())
    assert found.chosen_parent == wanted
    mine = at(of_parent, of_optimized, 0.3, found.score)
    levels = [level for level in np.unique(of_optimized.scores).tolist() if level >= 0.01]
    others = [at(of_parent, of_optimized, 0.3, level) for level in levels]
    allowed = -(-wanted // 100)
    alike = [one for one in others if abs(one[0] - wanted) <= allowed]
    if found.reach == "reached":
        assert abs(mine[0] - wanted) <= allowed
        assert mine[1] == min(one[1] for one in alike)
        return
    assert not alike
    if found.reach == "unreached":
        assert max(one[0] for one in others) < wanted
        assert mine[1] == min(one[1] for one in others)
    else:
        above = min((one for one in others if one[0] > wanted), key=lambda one: one[0])
        below = [one for one in others if one[0] < wanted]
        beside = [above, max(below, key=lambda one: one[0])] if below else [above]
        assert mine in beside
        assert mine[1] == min(one[1] for one in beside)


@pytest.mark.parametrize("seed", SEEDS)
def test_figures_and_curve_are_those_of_a_comparison(seed: int) -> None:
    parent, optimized = disturbed_pair(seed)
    found = operating_point(parent, optimized)
    judged = half(parent, False), half(optimized, False)
    for at_score, score in ((found.unchanged, 0.3), (found.at_global, found.score)):
        changed_ones = at_score.missed + at_score.extra + 2 * at_score.moved
        assert (at_score.detections, changed_ones) == at(*judged, 0.3, score)
        share = changed_ones / (at_score.wanted + at_score.detections)
        assert at_score.changed.value == pytest.approx(share)
    curve = found.curve
    for place in (10, 30, 55):
        detections, kept, moved = curve.detections[place], curve.kept[place], curve.moved[place]
        changed_ones = found.chosen_parent + detections - 2 * (kept - moved)
        assert (detections, changed_ones) == at(half(parent), half(optimized), 0.3, place / 100)


@pytest.mark.parametrize("limit", [2, 20])
def test_changed_is_the_same_on_the_verdicts_tile_the_curve_and_in_a_build(limit: int) -> None:
    parent, optimized = disturbed_pair(7)
    thresholds = Thresholds(score=0.3, shifted_iou=0.9, per_class_limit=limit)
    found = operating_point(parent, optimized, thresholds)
    chosen, judged = ((half(parent, one), half(optimized, one)) for one in (True, False))
    compared = compare(*judged, thresholds)
    assert compared.summary.shifted > 0
    shown = figures(compared.summary, thresholds, Grounds(kept=None))
    (tile,) = (one.value for one in shown if one.key == "changed")
    assert found.unchanged.changed.value == pytest.approx(tile)
    assert changed_interval([judged], len(judged[0]), thresholds)[0].value == pytest.approx(tile)
    on_the_curve = shares(found)[2][30]
    assert on_the_curve == pytest.approx(compare(*chosen, thresholds).summary.changed)


# By the ground truth


def truth_of(boxes: DetectionTable) -> GroundTruth:
    ones = replace(boxes, scores=np.ones_like(boxes.scores))
    none = table(*[[] for _ in range(len(boxes))])
    areas = np.full(len(boxes.scores), 1600.0)
    return GroundTruth(ones, areas, none, np.zeros(0), np.ones(len(CLASSES), bool))


def test_the_best_f1_lies_where_right_and_wrong_part() -> None:
    parent = objects(images=60)
    right = [rows.where(rows.scores >= 0.5) for rows in parent]
    sizes = [(640, 480)] * len(parent)
    truth = truth_of(DetectionTable.build(parent.image_names, sizes, right, parent.class_names))
    found = operating_point(parent, scored(parent, 0.6), truth=truth).best_f1
    assert found is not None
    assert found.parent.score == pytest.approx(0.5, abs=0.01)
    assert found.optimized.score == pytest.approx(0.3, abs=0.01)
    assert found.parent.figures.f1.value > 0.98
    assert found.parent.unchanged.f1.value < 0.9
    assert found.difference.low <= 0 <= found.difference.high
    assert max(found.optimized.curve) == found.optimized.curve[30]


def test_thresholds_of_best_f1_need_a_ground_truth() -> None:
    parent = objects()
    found = operating_point(parent, parent, truth=truth_of(table(*[[] for _ in range(60)])))
    assert found.best_f1 is None
    with pytest.raises(InputError, match="without annotations"):
        found.thresholds("best_f1")


# What is refused


def test_too_few_images_are_refused_and_how_many_would_do_is_said() -> None:
    parent = objects(images=19)
    with pytest.raises(InputError, match="19 images are too few") as refused:
        operating_point(parent, parent)
    assert "at least 20 images" in str(refused.value)


def test_too_few_detections_are_refused() -> None:
    parent = objects(images=20, each=2)
    with pytest.raises(InputError, match="needs at least 20 in each"):
        operating_point(parent, parent, Thresholds(score=0.9))


def test_a_model_that_finds_nothing_is_refused() -> None:
    parent = objects()
    with pytest.raises(InputError, match="no threshold gives the parent's number"):
        operating_point(parent, table(*[[] for _ in range(60)]))


# Thresholds of each model, in a comparison


def test_each_model_is_cut_at_its_own_thresholds() -> None:
    parent = objects(classes=2)
    lowest = ScoreThresholds(score=0.2, classes={"dog": 0.6})
    found = compare(parent, parent, Thresholds(score=0.4, optimized_scores=lowest))
    dogs = parent.class_ids == 1
    assert found.summary.parent == int((parent.scores >= 0.4).sum())
    counted = parent.scores >= np.where(dogs, np.float32(0.6), np.float32(0.2))
    assert found.summary.optimized == int(counted.sum())
    assert np.array_equal(found.status_of_optimized > 0, counted)
    assert np.array_equal(found.status_of_parent > 0, parent.scores >= np.float32(0.4))
