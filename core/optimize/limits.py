"""What the numbers of a plan may be: for the forms, and for plans from files and flags."""

from __future__ import annotations

from core.errors import InputError
from core.limits import Limits, require_within
from core.models.input_size import require_input_size
from core.models.plan import QuantizationPlan
from core.optimize.patterns import require_pattern

MOST_PATTERNS = 100


PLAN_LIMITS = {
    "subset_size": Limits("number of calibration images", 1, 100_000),
    "seed": Limits("seed", 0, 2**31 - 1),
}
TARGET_LIMITS = {
    "max_drop": Limits("maximum drop", 0.0, 1.0),
    "images": Limits("number of images to measure on", 1, 100_000),
    "minutes": Limits("time in minutes", 0.01, 7 * 24 * 60),
    "attempts": Limits("number of attempts", 1, 10_000),
}


def plan_problem(plan: QuantizationPlan) -> str:
    """What `require_valid` would say; "" where it says nothing."""
    try:
        require_valid(plan)
    except InputError as error:
        return str(error)
    return ""


def require_valid(plan: QuantizationPlan) -> None:
    """Raises InputError where a number is out of its limits, or a pattern cannot be matched."""
    require_within(plan, PLAN_LIMITS, "plan")
    if plan.accuracy is not None:
        require_within(plan.accuracy, TARGET_LIMITS, "plan")
    if len(plan.ignored_patterns) > MOST_PATTERNS:
        raise InputError(
            f"The plan has {len(plan.ignored_patterns):,} patterns; at most {MOST_PATTERNS} are "
            "read.",
            "Name types or parts instead.",
        )
    for pattern in plan.ignored_patterns:
        require_pattern(pattern)
    _require_smoothed(plan)
    _require_size(plan)


def _require_size(plan: QuantizationPlan) -> None:
    """Raises InputError where no input can have that size, or the method does not go with it."""
    if plan.input_size is None:
        return
    require_input_size(plan.input_size)
    if plan.accuracy is not None:
        raise InputError(
            "The method Accuracy-aware keeps the model's own input size.",
            "Leave out the input size, or use the method Default.",
        )


def _require_smoothed(plan: QuantizationPlan) -> None:
    """Raises InputError where SmoothQuant is asked for, which NNCF runs for a transformer only."""
    asked = {
        "attention": plan.smooth_attention,
        "convolutions": plan.smooth_convolutions,
    }
    for what, alpha in asked.items():
        if alpha not in ("default", "off") and plan.model_type != "transformer":
            raise InputError(
                f"SmoothQuant of {what} ({alpha}) does nothing: it is for the model type "
                "transformer only.",
                "Choose that model type, or leave SmoothQuant at its default.",
            )
