"""What a search asks next, and what it recommends: answered here by made-up networks."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from core.inference.settings import Arithmetic
from core.metrics.speed.figures import Interval
from core.models.plan import QuantizationPlan, Target
from core.search.candidates import Candidate, Choice, Making, Reason, SearchState
from core.search.pareto import choose, pareto_front
from core.search.settings import SearchSettings
from core.wording.search import (
    choice_sentence,
    judged_sentence,
    kept_sentence,
)
from tests.support.asked_plans import searched

LOOSE = SearchSettings(loss=0.1)


def test_a_network_that_loses_nothing_is_done_after_two_plans() -> None:
    tried, why = searched(lambda plan: (0.97, 2.0))
    assert [plan.ignored_parts for plan in tried] == [(), ("elementwise",)]
    assert why == "found"


def test_what_is_likeliest_to_lose_nothing_comes_after_the_default() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        mixed, rounded = plan.preset == "mixed", plan.weight_rounding == "least_error"
        elementwise = "elementwise" in plan.ignored_parts
        return (0.5 + 0.15 * (mixed + rounded + elementwise), 2.0 - 0.2 * mixed)

    tried, why = searched(evaluate)
    assert evaluate(tried[1])[0] > 0.9
    assert why == "found"
    tried, _ = searched(lambda plan: (0.5 + 0.45 * (plan.weight_rounding == "least_error"), 2.0))
    rounded = [plan for plan in tried if plan.weight_rounding == "least_error"]
    assert any(plan.preset == "performance" for plan in rounded), "which is tried again without"


def test_a_careful_plan_is_tried_with_symmetric_ranges_before_anything_else_stays_in_float() -> (
    None
):
    """The AIY SSD keeps .979 with asymmetric ones, and .994 without."""
    tried, why = searched(
        lambda plan: (
            0.5 + 0.3 * (plan.weight_rounding == "least_error") + 0.15 * (plan.preset != "mixed"),
            2.0,
        )
    )
    assert [plan.preset for plan in tried[1:3]] == ["mixed", "performance"]
    assert why == "found"


IN_FLOAT = ("filter",)


def test_what_is_executed_in_float_stays_in_float_in_the_next_plan() -> None:
    tried, _ = searched(lambda plan: (0.5, 2.0), in_float=IN_FLOAT)
    assert tried[1].ignored_parts[0] == "depthwise"
    tried, _ = searched(lambda plan: (0.5, 2.0), in_float=("filter", "boxes"))
    assert tried[1].ignored_names == ("filter", "boxes"), "no part has these two alone"


def test_where_the_default_loses_nothing_that_is_tried_as_well() -> None:
    tried, why = searched(lambda plan: (0.97, 2.0), in_float=IN_FLOAT)
    assert [plan.ignored_parts for plan in tried][:3] == [(), ("elementwise",), ("depthwise",)]
    assert why == "found"


def test_what_is_executed_in_float_goes_back_to_int8_where_that_is_faster() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        return (0.97, 2.0 - 0.2 * len(plan.ignored_parts))

    tried, _ = searched(evaluate, in_float=IN_FLOAT)
    assert max(tried, key=lambda plan: evaluate(plan)[1]).ignored_parts == ()


def test_the_part_that_ruins_a_network_stays_in_float() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        return (0.95 if "depthwise" in plan.ignored_parts else 0.3, 2.0)

    tried, _ = searched(evaluate)
    assert tried[-1].ignored_parts == ("depthwise",), "and nothing that does not help"


def test_parts_that_only_help_together_are_added_up() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        helps = {"elementwise", "last_convolutions", "first_layer"}.intersection(plan.ignored_parts)
        return (0.5 + 0.14 * len(helps), 2.0)

    tried, _ = searched(evaluate)
    assert max(evaluate(plan)[0] for plan in tried) == pytest.approx(0.92)


@pytest.mark.parametrize(("target", "fixes"), [("cpu", True), ("any", True), ("cpu_vnni", False)])
def test_weights_of_8_bits_are_tried_where_half_of_them_is_the_default(
    target: Target, fixes: bool
) -> None:
    tried, _ = searched(lambda plan: (0.5, 2.0), target=target)
    assert any(plan.overflow_fix == "first_layer" for plan in tried) == fixes
    assert all(plan.target == target for plan in tried)


def test_rounding_is_tried_before_anything_that_costs_speed_and_kept_where_it_helps() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        rounded, head = plan.weight_rounding == "least_error", "head" in plan.ignored_parts
        return (0.5 + 0.3 * rounded + 0.15 * head, 2.0)

    tried, _ = searched(evaluate)
    first = next(plan for plan in tried if plan.weight_rounding == "least_error")
    assert set(first.ignored_parts) <= {"elementwise", "post_processing"}
    assert tried[-1].weight_rounding == "least_error"
    tried, _ = searched(lambda plan: (0.5 + 0.45 * ("head" in plan.ignored_parts), 2.0))
    assert tried[-1].weight_rounding == "nearest", "where it brings nothing back"


@pytest.mark.parametrize(("worth", "kept"), [(0.0, True), (-0.01, False)])
def test_post_processing_stays_in_float_unless_that_is_worse(worth: float, kept: bool) -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        rescued = 0.4 * ("first_layer" in plan.ignored_parts)
        return (0.5 + rescued + worth * ("post_processing" in plan.ignored_parts), 2.0)

    tried, _ = searched(evaluate)
    found = next(plan for plan in tried if plan.ignored_parts[-1:] == ("first_layer",))
    assert ("post_processing" in found.ignored_parts) == kept


def test_what_changes_nothing_is_not_tried() -> None:
    tried, _ = searched(lambda plan: (0.1 + 0.1 * len(plan.ignored_parts), 2.0))
    assert not any("attention" in plan.ignored_parts for plan in tried), "there is none"
    everything = ("elementwise", "post_processing", "last_convolutions", "depthwise", "head")
    assert any(plan.ignored_parts[:5] == everything for plan in tried)
    searches = [plan for plan in tried if {"head", "last_convolutions"} <= set(plan.ignored_parts)]
    assert all(
        plan.ignored_parts.index("last_convolutions") < plan.ignored_parts.index("head")
        for plan in searches
    ), "the other way round adds nothing"


def test_layers_follow_where_structure_is_not_enough() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        return (0.95 if {"layer4", "layer17"} <= set(plan.ignored_names) else 0.5, 2.0)

    tried, why = searched(evaluate)
    rescued = [plan for plan in tried if evaluate(plan)[0] > 0.9]
    assert rescued
    assert rescued[0].ignored_names == ("layer4", "layer17")
    assert why == "found"


def test_a_subgraph_of_the_network_is_found_where_the_ranking_misleads() -> None:
    needed = {"layer15", "layer16", "layer17", "layer6", "layer7", "layer8"}

    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        return (0.5 + 0.07 * len(needed.intersection(plan.ignored_names)), 2.0)

    tried, why = searched(evaluate)
    assert max(evaluate(plan)[0] for plan in tried) == pytest.approx(0.92)
    assert why == "found"


def test_what_a_lossless_plan_does_not_need_goes_back_to_int8() -> None:
    def evaluate(plan: QuantizationPlan) -> tuple[float, float]:
        slower = 0.5 * len(plan.ignored_parts)
        if plan.ignored_parts == ():
            return (0.5, 3.0)
        if "last_convolutions" in plan.ignored_parts:
            return (0.95, 3.0 - slower)
        return (0.6, 3.0 - slower)

    tried, _ = searched(evaluate)
    lossless = [plan for plan in tried if evaluate(plan)[0] > 0.9]
    fastest = max(lossless, key=lambda plan: evaluate(plan)[1])
    assert fastest.ignored_parts == ("last_convolutions",), "without the elementwise part"


def test_a_hopeless_network_ends_with_nothing_better_in_sight() -> None:
    tried, why = searched(lambda plan: (0.4, 2.0))
    assert why == "exhausted"
    assert len(tried) == len(set(tried)) < 30


def test_plans_that_fail_are_passed_over() -> None:
    tried, _ = searched(lambda plan: (None, 0.0) if plan.ignored_parts else (0.5, 2.0))
    assert tried[0] == QuantizationPlan(subset_size=8, target="cpu_vnni")


def candidate(
    identity: str, kept: float, speed: float, making: Making = "int8", size: int = 1
) -> Candidate:
    return Candidate(
        id=identity,
        reason=Reason(code="full_range"),
        making=making,
        precision_hint="f32",
        accuracy_kept=kept,
        speed=Interval(value=speed, low=speed, high=speed),
        size_bytes=size,
    )


PARENT = candidate("parent", 1.0, 1.0, "parent")


def chosen(candidates: list[Candidate], settings: SearchSettings) -> tuple[Choice, str]:
    """What is recommended, and the sentence that says why."""
    choice = choose(candidates, settings)
    state = SearchState(
        name="parent",
        weights_sha256="",
        fingerprint="",
        calibration_images=4,
        held_out=(),
        settings=settings,
        candidates=tuple(candidates),
        choice=choice,
        stopped="exhausted",
    )
    return choice, choice_sentence(state)


def test_the_front_is_what_nothing_beats() -> None:
    slow_and_bad = candidate("bad", 0.5, 1.5)
    fast = candidate("fast", 0.8, 3.0)
    good = candidate("good", 0.95, 2.0)
    front = pareto_front([PARENT, slow_and_bad, fast, good])
    assert [one.id for one in front] == ["fast", "good", "parent"]


def test_the_fastest_lossless_one_is_recommended() -> None:
    lossy, good = candidate("lossy", 0.7, 4.0), candidate("good", 0.93, 2.0)
    choice, sentence = chosen([PARENT, lossy, good], LOOSE)
    assert choice.recommended == choice.best_int8 == "good"
    assert "2.00 times" in sentence


def test_of_equally_fast_ones_the_smallest() -> None:
    large, small = candidate("large", 0.95, 2.01, size=9), candidate("small", 0.95, 2.0, size=5)
    assert choose([PARENT, large, small], LOOSE).recommended == "small"


def test_int8_that_is_slower_than_bf16_is_said_to_be() -> None:
    candidates = [PARENT, candidate("bf16", 0.97, 3.0, "parent"), candidate("plan", 0.95, 2.0)]
    choice, sentence = chosen(candidates, LOOSE)
    assert (choice.recommended, choice.best_int8) == ("bf16", "plan")
    assert "No lossless INT8 plan is faster here than Parent in f32" in sentence
    assert choose(candidates, SearchSettings(allowed="int8", loss=0.1)).recommended == "plan"


def test_without_a_lossless_plan_the_nearest_is_shown_and_named_so() -> None:
    candidates = [PARENT, candidate("near", 0.85, 1.5), candidate("far", 0.4, 3.0)]
    assert choose(candidates, LOOSE).recommended == "parent"
    choice, sentence = chosen(candidates, SearchSettings(allowed="int8", loss=0.1))
    assert choice.recommended == "near"
    assert sentence.startswith("No INT8 plan stays within a loss of 10.0%.")


def test_a_precision_that_is_asked_for_is_the_one_that_is_recommended() -> None:
    """The faster one in f32 does not count, unless OpenVINO's default is f32 here."""
    by_default = replace(candidate("plan-default", 0.95, 1.5), precision_hint="default")
    candidates = [PARENT, candidate("plan-f32", 0.95, 2.0), by_default]
    assert choose(candidates, LOOSE).recommended == "plan-f32"
    asked = SearchSettings(loss=0.1, precision_hint="default")
    assert asked.other_hints == ("default",)
    assert choose(candidates, asked).recommended == "plan-default"
    assert choose(candidates[:2], asked).recommended == "plan-f32"
    only_f32 = SearchSettings(loss=0.1, precision_hint="f32")
    assert only_f32.other_hints == ()
    assert choose(candidates, only_f32).recommended == "plan-f32"


def test_only_speeds_of_one_measurement_are_compared() -> None:
    rough = candidate("rough", 0.95, 9.0)
    finalists = [replace(one, measurement=1) for one in (PARENT, candidate("final", 0.95, 2.0))]
    assert choose([rough, *finalists], LOOSE).recommended == "final"


def test_a_lossless_int8_plan_made_after_the_measurement_is_named() -> None:
    """Of a search that was resumed and cancelled: no plan of the measurement was lossless."""
    finalists = [
        replace(one, measurement=1, rounds=12)
        for one in (PARENT, candidate("bf16", 0.97, 1.8, "parent"), candidate("lossy", 0.8, 2.0))
    ]
    later = candidate("later", 0.95, 1.9)
    choice, sentence = chosen([*finalists, later], LOOSE)
    assert (choice.recommended, choice.best_int8) == ("bf16", "later")
    assert "is lossless, too, and not measured beside it yet: resume the search" in sentence


def test_the_best_int8_plan_is_named_beside_a_faster_one_of_other_weights() -> None:
    speed = Interval(value=3.0, low=2.5, high=3.5)
    weights = replace(candidate("weights", 0.97, 3.0, "fp16_weights"), speed=speed, rounds=12)
    choice, sentence = chosen([PARENT, weights, candidate("plan", 0.95, 2.0)], LOOSE)
    assert (choice.recommended, choice.best_int8) == ("weights", "plan")
    assert "the median of 12 rounds (95% interval 2.50 to 3.50)" in sentence
    assert sentence.endswith("The best INT8 plan, INT8, rest in f32, is lossless at 2.00 times.")


@pytest.mark.parametrize(
    ("target", "own", "judged", "not_judged", "words"),
    [
        ("cpu", "exact", ("saturating",), (), "without this processor's VNNI"),
        ("cpu", "saturating", ("saturating",), (), ""),
        ("cpu", "exact", (), ("saturating",), "was not judged: this machine cannot compute that"),
        ("cpu_vnni", "exact", ("exact",), (), ""),
        ("cpu_vnni", "saturating", ("exact",), (), "evaluated so, in float"),
        ("any", "exact", ("exact", "saturating"), (), "the worse of two"),
        ("any", "saturating", ("exact", "saturating"), (), "the worse of two"),
        ("any", "exact", ("exact",), ("saturating",), "was not judged"),
        ("gpu", "exact", ("exact",), (), "not judged on the GPU"),
    ],
)
def test_how_plans_were_judged_for_the_target_is_said(
    target: Target,
    own: Arithmetic,
    judged: tuple[Arithmetic, ...],
    not_judged: tuple[Arithmetic, ...],
    words: str,
) -> None:
    candidates = (PARENT, candidate("plan", 0.999, 2.0))
    settings = SearchSettings(target=target, allowed="int8")
    state = SearchState(
        name="net",
        weights_sha256="",
        fingerprint="",
        calibration_images=8,
        held_out=(),
        settings=settings,
        candidates=candidates,
        choice=choose(candidates, settings),
        arithmetic=own,
        arithmetics=judged,
        not_judged=not_judged,
    )
    said = judged_sentence(state)
    assert words in said
    assert bool(said) == bool(words)
    unsure = "as far as it could be judged" in choice_sentence(state)
    assert unsure == ("not judged" in said), "nothing is called lossless that was not judged"


@pytest.mark.parametrize(
    ("target", "here", "words"),
    [
        ("cpu_vnni", "bf16", "The rest runs in float32 on the target, and was evaluated so."),
        ("cpu_vnni", "f32", ""),
        ("cpu_bf16", "bf16", ""),
        ("cpu_bf16", "f32", "may run in bfloat16, which is not this machine's default"),
        ("cpu_amx", "f32", "may run in bfloat16, which is not this machine's default"),
        ("any", "f32", "may run in bfloat16, which is not this machine's default"),
    ],
)
def test_a_search_says_where_the_target_has_another_default_precision(
    target: Target, here: str, words: str
) -> None:
    state = SearchState(
        name="net", weights_sha256="", fingerprint="", calibration_images=8, held_out=(),
        settings=SearchSettings(target=target), arithmetic="exact", arithmetics=("exact",),
        float_precision=here,
    )  # fmt: skip
    assert words in judged_sentence(state)
    assert bool(judged_sentence(state)) == bool(words)


def test_a_plan_tells_what_it_keeps_in_each_arithmetic() -> None:
    from msgspec.structs import replace

    one = candidate("plan", 0.98, 2.0)
    assert kept_sentence(one) == ""
    both = replace(one, kept_in={"exact": 0.995, "saturating": 0.98})
    assert kept_sentence(both) == "Accuracy kept: 0.9950 with VNNI, 0.9800 without VNNI."


def test_a_gpu_that_is_measured_is_judged_there_itself() -> None:
    assert SearchSettings(target="gpu", device="GPU.1").judged_on == "GPU.1"
    assert SearchSettings(target="gpu").judged_on == "CPU"
    assert SearchSettings(target="cpu", device="GPU").judged_on == "CPU"
