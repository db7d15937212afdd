"""What to do next with a project: a sentence, and the buttons for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.text import visible

if TYPE_CHECKING:
    from core.models.plan import Target
    from core.models.stored import ModelCard
    from core.workspace.store import Artifact, Project

Action = Literal[
    "",
    "optimize",
    "optimize_and_compare",
    "search",
    "rest",
    "benchmark",
    "compare",
    "images",
    "child",
]


@dataclass(frozen=True)
class NextStep:
    """What to do now: a sentence, and the button for it, if there is one; `second` is another."""

    text: str
    action: Action = ""
    button: str = ""
    second: Action = ""
    second_button: str = ""


def next_step(
    project: Project,
    card: ModelCard | None,
    benchmark: Artifact | None,
    report: Artifact | None,
    child: Project | None,
    calibration: Path,
    judged: Target | None,
    *,
    not_safe: bool,
) -> NextStep:
    """Of a project with its newest benchmark and report, which is `judged` for a target.

    `not_safe` is what the report says of it.
    """
    if project.state == "in_progress":
        return NextStep("The optimized model is being made: see Jobs below.")
    if card is None:
        return NextStep(project.message)
    if project.parent_id is None:
        return _next_step_of_parent(card, child, calibration)
    if benchmark is not None and report is not None and judged not in (None, project.target):
        from core.targets.titles import judged_for, named

        return NextStep(
            f"Its report is {judged_for(judged)}, not for {named(project.target)}. Create another.",
            "compare",
            "Create accuracy report",
            "images",
            "Show report",
        )
    if benchmark is not None and not_safe:
        return _NOT_SAFE
    return _STEPS[benchmark is not None, report is not None]


_NOT_SAFE = NextStep(
    "It loses too much. Let a search look for a plan that does not, or look at the images that "
    "changed.",
    "search",
    "Search…",
    "images",
    "Show report",
)


_STEPS: dict[tuple[bool, bool], NextStep] = {  # of an optimized model: benchmarked, compared
    (False, False): NextStep(
        "Measure it in turns with its parent, then compare what both detect.",
        "rest",
        "Benchmark and compare",
    ),
    (False, True): NextStep(
        "Benchmark it, in turns with its parent.", "benchmark", "Run benchmark"
    ),
    (True, False): NextStep(
        "See whether it still finds what its parent finds.", "compare", "Create accuracy report"
    ),
    (True, True): NextStep(
        "It is benchmarked and compared. Look at the images that changed, then decide.",
        "images",
        "Show report",
    ),
}


def _next_step_of_parent(card: ModelCard, child: Project | None, calibration: Path) -> NextStep:
    if card.info.quantized:
        return NextStep(
            "This model is quantized already: it can be benchmarked, but not optimized again.",
            "benchmark",
            "Run benchmark",
        )
    if child is not None and child.state == "in_progress":
        return NextStep(
            "It is being optimized: see Jobs below.",
            "child",
            "Show optimized project",
        )
    if child is not None:
        return NextStep(
            "It has been optimized. Look at the optimized project, or optimize it another way.",
            "child",
            "Show optimized project",
            "optimize",
            "Optimize…",
        )
    return NextStep(
        "Quantize the model to INT8, measure it in turns with this one, and compare what both "
        f"detect. Calibrated on the images in {visible(calibration.name)}.",
        "optimize_and_compare",
        "Optimize and compare",
        "optimize",
        "Optimize…",
    )
