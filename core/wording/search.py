"""What a search does, tries, finds and recommends, in words."""

from __future__ import annotations

from msgspec.structs import replace

from core.models.plan import DEFAULT_SUBSET
from core.optimize.parameters import SATURATING
from core.search.candidates import Activity, Candidate, Reason, SearchState, Stopped
from core.search.pareto import fastest_lossless_parent, lossless
from core.search.strategy import FASTER
from core.wording.plan_choices import PARTS
from core.wording.plans import summary

_REASONS = {
    "reference": "What everything is compared with.",
    "default_precision": "As OpenVINO runs it by itself.",
    "fp16_weights": "Half the size; computes as before.",
    "int8_weights": "A quarter of the size; computes in float.",
    "nncf_default": "What NNCF does by default.",
    "asymmetric": "Asymmetric ranges waste none of the 256 steps.",
    "first_layer_fix": "All 8 bits of the weights, but in the first layer.",
    "ignored_subgraph": "Subgraph {place} of {count} of the network, from its input on, in float.",
    "ignored_subgraphs": "The {count} best subgraphs in float.",
    "ignored_layers": "The {count} layers that add most error in float.",
    "range_without_outliers": "Ranges without outlier images.",
    "full_range": "Ranges that clip nothing.",
    "fewer_ignored_layers": "Fewer layers in float.",
    "symmetric": "Symmetric ranges, which are faster.",
}
_STOPPED: dict[Stopped, str] = {
    "": "",
    "found": "A lossless plan was found, and none with less in float is lossless and faster.",
    "exhausted": "Every part, layer and range was tried: nothing better is left to try.",
    "time": "The time was used up.",
    "cancelled": "Cancelled; it can be resumed.",
}


def candidate_label(one: Candidate) -> str:
    """The model and how it runs, such as ``Parent by default (bf16)``."""
    if one.precision_hint != "default":
        how = f"in {one.precision_hint}"
    elif one.making == "int8" or not one.precision_executed:
        how = "by default"
    else:
        how = f"by default ({one.precision_executed})"
    return f"{one.title}, rest {how}" if one.making == "int8" else f"{one.title} {how}"


def reason_sentence(reason: Reason) -> str:
    """Why a candidate was tried."""
    if reason.part is not None:
        title, meaning = PARTS[reason.part]
        if reason.code == "quantized_part":
            return f"The {title.lower()} in INT8 again."
        return f"{title} in float: {meaning}."
    return _REASONS[reason.code].format(place=reason.place, count=reason.count)


def failure_sentence(one: Candidate) -> str:
    """Why there is no such model; empty where there is one."""
    return f"{one.failure.what} {one.failure.next_step}".strip() if one.failure else ""


def about_sentence(one: Candidate) -> str:
    """Why it failed, or why it was tried."""
    return failure_sentence(one) or reason_sentence(one.reason)


def stopped_sentence(state: SearchState) -> str:
    """Why the search ended; empty while it runs."""
    return _STOPPED[state.stopped]


def judged_sentence(state: SearchState) -> str:
    """What the evaluation does not say of the target; empty where it says all."""
    target, arithmetic = state.settings.target, state.arithmetic
    if target in ("gpu", "npu"):
        return f"Accuracy was evaluated on this machine's CPU, not on the {target.upper()}."
    if target in SATURATING and arithmetic == "exact":
        return (
            "Accuracy was evaluated with exact INT8 sums. On a CPU without VNNI they saturate, and "
            "it is not known there: compare the model on such a CPU."
        )
    if target not in SATURATING and arithmetic == "saturating":
        return (
            "Accuracy was evaluated with INT8 sums that saturate, as on this machine; with VNNI it "
            "is not known: compare the model on such a CPU."
        )
    return ""


def activity_words(activity: Activity) -> str:
    """What is being done, and the best so far."""
    if activity.doing == "ranking":
        doing = "Ranking the layers by their error"
    elif activity.doing == "measuring":
        doing = "Measuring speed in turns"
    elif activity.plan is not None:
        plan = replace(activity.plan, subset_size=DEFAULT_SUBSET, seed=0)
        doing = f"{activity.title}: {summary(plan)}"
    else:
        doing = activity.title
    return f"{doing} ({_best(activity)})"


def _best(activity: Activity) -> str:
    if activity.best_kept is None:
        return "none measured yet"
    speed = "" if activity.best_speed is None else f", {activity.best_speed:.2f}x"
    return f"best {activity.best_kept:.1%}{speed}"


def choice_sentence(state: SearchState) -> str:
    """What is recommended, and why."""
    found = state.candidate(state.choice.recommended)
    if found is None:
        return "No candidate could be measured."
    return " ".join(filter(None, (_found(state, found), _against_parent(state, found))))


def _found(state: SearchState, found: Candidate) -> str:
    figures = (
        f"keeps about {_kept(found):.1%} of the parent's accuracy and runs at "
        f"{_speed(found):.2f} times the parent's speed in true f32"
    )
    settings, label = state.settings, candidate_label(found)
    if lossless(found, settings):
        of = "INT8 plan" if settings.allowed == "int8" else "setting"
        return f"{label} is the fastest lossless {of}: it {figures}."
    return (
        f"No INT8 plan stays within a loss of {settings.loss:.1%}. The nearest, {label}, {figures}."
    )


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
        return f"No INT8 plan is lossless; the nearest keeps about {_kept(int8):.1%}."
    ratio = _speed(int8) / _speed(parent)
    if ratio < FASTER:
        best = candidate_label(int8)
        return (
            f"No lossless INT8 plan is faster here than {label}: the best, {best}, has "
            f"{ratio:.2f} times its speed. On a processor without that precision it may be."
        )
    return f"That is {ratio:.2f} times {label}." if found.id == int8.id else ""


def _kept(one: Candidate) -> float:
    return one.accuracy_kept if one.accuracy_kept is not None else 0.0


def _speed(one: Candidate) -> float:
    return one.speed.value if one.speed is not None else 0.0
