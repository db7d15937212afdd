"""What a search does, tries, finds and recommends, in words."""

from __future__ import annotations

import re

from msgspec.structs import replace

from core.inference.settings import DEFAULT_DEVICE, Arithmetic
from core.models.plan import QuantizationPlan
from core.search.candidates import Activity, Candidate, Reason, SearchState, Stopped
from core.search.pareto import (
    fastest_lossless_parent,
    first_lossless,
    lossless,
)
from core.search.strategy import FASTER
from core.text import counted, in_minutes, percent
from core.wording.candidates import candidate_label
from core.wording.ended_early import before_int8_sentence
from core.wording.input_sizes import small_sentence
from core.wording.optimize import NOT_JUDGED
from core.wording.plan_choices import PARTS
from core.wording.plans import summary

_REASONS = {
    "reference": "What everything is compared with.",
    "default_precision": "As OpenVINO runs it by itself.",
    "fp16_weights": "Half the size; computes as before.",
    "int8_weights": "A quarter of the size; computes in float.",
    "nncf_default": "What NNCF does by default.",
    "careful": "All at once that keeps accuracy and costs little speed.",
    "executed_in_float": "What this device executes in float all the same stays in float.",
    "asymmetric": "Asymmetric ranges waste none of the 256 steps.",
    "least_error_rounding": "Weights rounded so that the layers' outputs stay closest.",
    "first_layer_fix": "All 8 bits of the weights, but in the first layer.",
    "ignored_subgraph": "Subgraph {place} of {count} of the network, from its input on, in float.",
    "ignored_subgraphs": "The {count} best subgraphs in float.",
    "ignored_layers": "{layers} in float: most error added.",
    "ignored_errors": "{layers} in float: most error added per multiplication.",
    "range_without_outliers": "Ranges without outlier images.",
    "full_range": "Ranges that clip nothing.",
    "fewer_ignored_layers": "Fewer layers in float.",
    "symmetric": "Symmetric ranges, which are faster.",
    "input_size": "Fewer pixels cost less; small objects are lost first.",
    "plan_at_input_size": "The best INT8 plan of the own input size.",
}
_STOPPED: dict[Stopped, str] = {
    "": "",
    "found": "A lossless plan was found, and none with less in float is lossless and faster.",
    "exhausted": "Every part, layer and range was tried: nothing better is left to try.",
    "time": "The time was used up.",
    "cancelled": "Cancelled; it can be resumed.",
}
_NO_INT8, _NO_INT8_YET = "No INT8 plan was tried.", "No INT8 plan was tried yet."


def reason_sentence(reason: Reason) -> str:
    """Why a candidate was tried."""
    if reason.part is not None:
        title, meaning = PARTS[reason.part]
        if reason.code == "quantized_part":
            return f"The {title.lower()} in INT8 again."
        return f"{title} in float: {meaning}."
    layers = counted(reason.count, "layer")
    return _REASONS[reason.code].format(place=reason.place, count=reason.count, layers=layers)


def failure_sentence(one: Candidate) -> str:
    """Why there is no such model; empty where there is one."""
    return f"{one.failure.what} {one.failure.next_step}".strip() if one.failure else ""


def about_sentence(one: Candidate) -> str:
    """Why it failed; or why it was tried, and what it keeps where."""
    parts = (reason_sentence(one.reason), kept_sentence(one), small_sentence(one))
    found = " ".join(filter(None, parts))
    return failure_sentence(one) or found


def stopped_sentence(state: SearchState) -> str:
    """Why the search ended; empty while it runs."""
    early = "" if state.tried_int8 else before_int8_sentence(state.stopped)
    return early or _STOPPED[state.stopped]


def first_sentence(state: SearchState) -> str:
    """When the first lossless INT8 plan was there; empty while there is none."""
    first = first_lossless(state.candidates, state.settings)
    if first is None or not first.after_seconds:
        return ""
    return f"The first lossless INT8 plan was there after {in_minutes(first.after_seconds)}."


def load_sentence(state: SearchState) -> str:
    """That speeds were measured beside other work; empty while it runs, or if little."""
    from core.benchmark.noise import MUCH_LOAD

    if not state.stopped or state.other_load_cores <= MUCH_LOAD:
        return ""
    return (
        f"Other programs kept {state.other_load_cores:.1f} cores busy when speed was measured: "
        "resume the search on an idle machine to measure it again."
    )


def judged_sentence(state: SearchState) -> str:
    """How plans were evaluated where that is not how this machine runs them; else empty."""
    target = state.settings.target
    if target in ("gpu", "npu"):
        return "" if _judged(state) else _elsewhere(target.upper())
    judged = "" if state.arithmetics == (state.arithmetic,) else _JUDGED.get(state.arithmetics, "")
    not_judged = NOT_JUDGED if state.not_judged else ""
    return " ".join(filter(None, (judged, not_judged, _precision_sentence(state))))


def _precision_sentence(state: SearchState) -> str:
    """Whether the target's default precision was tried, where that is not this machine's."""
    settings, here = state.settings, state.float_precision
    if settings.target in ("cpu", "cpu_vnni"):
        return "" if here in ("", "f32") else _IN_F32
    missing = here == "f32" and settings.precision_hint != "f32"
    return _NO_BF16 if missing and settings.target in ("any", "cpu_bf16", "cpu_amx") else ""


_IN_F32 = "The rest runs in float32 on the target, and was evaluated so."
_NO_BF16 = (
    "The target may run in bfloat16, which is not this machine's default: all was evaluated in "
    "true f32, and is to run so."
)


_JUDGED: dict[tuple[Arithmetic, ...], str] = {
    ("exact",): "INT8 sums are exact on the target: accuracy was evaluated so, in float. Speed is "
    "this machine's.",
    ("saturating",): "INT8 sums saturate on the target: accuracy was evaluated so, without this "
    "processor's VNNI. Speed is this machine's.",
    (
        "exact",
        "saturating",
    ): "Accuracy is the worse of two: with exact INT8 sums, as with VNNI, and "
    "with sums that saturate, as without. Speed is this machine's.",
}


def _elsewhere(device: str) -> str:
    return (
        "Accuracy was evaluated on this machine's CPU, with exact INT8 sums, and not judged on the "
        f"{device}. Compare the recommended model there before relying on it."
    )


def kept_sentence(one: Candidate) -> str:
    """What a plan keeps in each arithmetic, where that is more than one; else empty."""
    if len(one.kept_in) < 2:
        return ""
    each = (f"{kept:.4f} {arithmetic_title(way)}" for way, kept in one.kept_in.items())
    return f"Accuracy kept: {', '.join(each)}."


def arithmetic_title(arithmetic: Arithmetic) -> str:
    """What a column of figures in this arithmetic is called."""
    return _ARITHMETICS[arithmetic]


_ARITHMETICS: dict[Arithmetic, str] = {
    "exact": "with VNNI",
    "saturating": "without VNNI",
    "float": "in float",
}


def activity_words(activity: Activity) -> str:
    """What is being done, and the best so far."""
    if activity.doing == "ranking":
        doing = "Ranking the layers by their error"
    elif activity.doing == "measuring":
        doing = "Speed"
    elif activity.plan is not None:
        doing = f"{activity.title}: {plan_summary(activity.plan)}"
    else:
        doing = activity.title
    return f"{doing} ({_best(activity)})"


def plan_summary(plan: QuantizationPlan) -> str:
    """How a plan differs from the default: not in what all plans of a search have alike."""
    default = QuantizationPlan()
    alike = {field: getattr(default, field) for field in ("subset_size", "seed", "target")}
    return summary(replace(plan, **alike))


def _best(activity: Activity) -> str:
    if activity.best_kept is None:
        return "no INT8 yet"
    speed = "" if activity.best_speed is None else f", {activity.best_speed:.2f}x"
    return f"best INT8 {activity.best_kept:.1%}{speed}"


def choice_sentence(state: SearchState) -> str:
    """What is recommended, and why; of a search that goes on, as far as it is."""
    found = state.candidate(state.choice.recommended)
    if found is None:
        sentence = _not_measured(state) if state.tried_int8 else _NO_INT8
    else:
        sentence = " ".join(filter(None, (_found(state, found), _against_parent(state, found))))
    if state.stopped or sentence.startswith(_NO_INT8_YET):
        return sentence
    return f"So far, {re.sub('^No ', 'no ', sentence)}"


def _not_measured(state: SearchState) -> str:
    """Of a search that nothing was measured of: the INT8 plan that keeps most."""
    plans = [one for one in state.candidates if one.making == "int8"]
    most = max(plans, key=_kept)
    if most.accuracy_kept is None:
        return "No INT8 plan could be made."
    kept = percent(_kept(most), state.settings.bar)
    return (
        f"No speed was measured. Of the INT8 plans, {candidate_label(most)} keeps the most of the "
        f"parent's accuracy: about {kept}."
    )


def _found(state: SearchState, found: Candidate) -> str:
    kept = percent(_kept(found), state.settings.bar)
    figures = (
        f"keeps about {kept} of the parent's accuracy and runs at {_speed(found):.2f} times the "
        "parent's speed in true f32"
    )
    if found.rounds:
        figures += f", the median of {found.rounds} rounds{_interval(found)}"
    settings, label = state.settings, candidate_label(found)
    if lossless(found, settings):
        if not state.tried_int8:
            tried = _NO_INT8 if state.stopped else _NO_INT8_YET
            return f"{tried} Of the other settings, {label} is the fastest lossless: it {figures}."
        of = "INT8 plan" if settings.allowed == "int8" else "setting"
        sure = "" if _judged(state) else ", as far as it could be judged"
        return f"{label} is the fastest lossless {of}{sure}: it {figures}."
    return (
        f"No INT8 plan stays within a loss of {settings.loss:.1%}. The nearest, {label}, {figures}."
    )


def _judged(state: SearchState) -> bool:
    """Whether plans were evaluated in every way that the target may compute them."""
    settings = state.settings
    elsewhere = settings.target in ("gpu", "npu") and settings.judged_on == DEFAULT_DEVICE
    return not state.not_judged and not elsewhere


def _against_parent(state: SearchState, found: Candidate) -> str:
    """How the best INT8 plan does against the parent at its best lossless setting."""
    parent = fastest_lossless_parent(state.candidates, state.settings)
    int8 = state.candidate(state.choice.best_int8)
    if parent is None or int8 is None:
        return ""
    label = candidate_label(parent)
    if not lossless(int8, state.settings):
        if found.id == int8.id and state.settings.allowed == "int8":
            return f"The parent's best lossless setting is {label}."
        kept = percent(_kept(int8), state.settings.bar)
        return f"No INT8 plan tried is lossless; the nearest keeps about {kept}."
    return _lossless_int8(int8, found, parent)


def _lossless_int8(int8: Candidate, found: Candidate, parent: Candidate) -> str:
    """How the best INT8 plan, which is lossless, does against what is recommended."""
    label, best = candidate_label(parent), candidate_label(int8)
    ratio = _speed(int8) / _speed(parent)
    if int8.measurement < found.measurement:
        return f"{best} is lossless, too, and not measured beside it yet: resume the search."
    if ratio < FASTER:
        return (
            f"No lossless INT8 plan is faster here than {label}: the best, {best}, has "
            f"{ratio:.2f} times its speed. On a processor without that precision it may be."
        )
    if found.id == int8.id:
        return f"That is {ratio:.2f} times {label}."
    return f"The best INT8 plan, {best}, is lossless at {_speed(int8):.2f} times."


def _interval(one: Candidate) -> str:
    """The 95% interval of its speed, where it has one."""
    if one.speed is None or one.speed.low == one.speed.high:
        return ""
    return f" (95% interval {one.speed.low:.2f} to {one.speed.high:.2f})"


def _kept(one: Candidate) -> float:
    return one.accuracy_kept if one.accuracy_kept is not None else 0.0


def _speed(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0
