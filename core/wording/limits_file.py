"""Limits as a file: what a project has now, to start from."""

from __future__ import annotations

from core.check.limits import KINDS, CheckLimits, LimitName
from core.check.present import Present, starting_limit
from core.models.plan import Target
from core.text import counted, visible
from core.wording.check import SIDES, TITLES, written
from core.wording.plan_choices import CHOICES

_HOW: dict[LimitName, str] = {
    "accuracy_kept": "make a report on predictions",
    "ap_drop": "make a report on annotations",
    "predictions_changed": "make a report on predictions",
    "throughput_ratio": "run a benchmark with the parent",
    "latency_ms": "run a benchmark",
}

_AGAIN = "make another one, run as the target computes"
_OTHERWISE: dict[Target, str] = {
    "any": "a report runs in one of them; write what a check with --target any finds"
}


def limits_file(title: str, present: Present) -> bytes:
    """A TOML file with a limit for each figure; a comment for what was not measured so.

    `title` is the project's, and may be anything.
    """
    target = present.target
    choice = next(one for one in CHOICES["target"] if one.value == target)
    lines = [
        "# Limits for: detection-workbench check PARENT OPTIMIZED DATASET --limits FILE",
        f"# They are what {visible(title)} has now: the ends of its 95% intervals.",
        "# Accuracy is as the target computes, by the newest reports; so a check judges it, too.",
        "# Loosen what may change, and remove what need not be measured.",
        "",
        f"version = {CheckLimits().version}",
        f'target = "{target}"  # {choice.title}: {choice.text}',
        "",
        *(_line(name, present) for name in KINDS),
    ]
    return ("\n".join(lines) + "\n").encode()


def _line(name: LimitName, present: Present) -> str:
    kind, figure = KINDS[name], present.figures.get(name)
    said = f"{TITLES[name]}, {SIDES[kind.side]}"
    if name in present.otherwise:
        return (
            f"# {name}: {said}; the newest report did not run in each way that the target "
            f"computes: {_OTHERWISE.get(present.target, _AGAIN)}"
        )
    if figure is None:
        return f"# {name}: {said}; not measured yet: {_HOW[name]}"
    found = figure.interval
    now = written(name, found.value)
    if figure.sample != "file":
        ends = f"{written(name, found.low)} to {written(name, found.high)}"
        now += f" ({ends}, over {counted(figure.count, figure.sample.removesuffix('s'))})"
    limit = starting_limit(name, figure)
    if limit is None:
        return f"# {name}: {said}; now {now}, which leaves nothing to limit"
    return f"{name} = {limit!r}  # {said}; now {now}"
