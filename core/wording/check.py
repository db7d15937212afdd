"""What a check found, in sentences."""

from __future__ import annotations

from math import ceil

from core.benchmark.result import BenchmarkResult
from core.check.deciding import FEWEST, Computed, Decision, Sample, State
from core.check.job import CheckResult
from core.check.limits import KINDS, LimitName, Side, Unit
from core.documents.tables import Column, Table
from core.inference.words import HINTS, SUMS, executed_text
from core.remarks.sentences import sentences
from core.reports.wording import NOT_JUDGED_WORDS
from core.targets.titles import TARGETS
from core.text import counted, digits_beside, when_utc
from core.wording.benchmark import noise_sentences
from core.wording.benchmark_runs import ran_text
from core.workspace.projects import OPTIMIZED, PARENT

TITLES: dict[LimitName, str] = {
    "accuracy_kept": "Accuracy kept",
    "ap_drop": "AP drop",
    "predictions_changed": "Predictions changed",
    "throughput_ratio": "Throughput ratio",
    "latency_ms": "Latency p50",
    "size_mb": "Size",
    "size_share": "Share of parent size",
}
STATES: dict[State, str] = {"passed": "Passed", "failed": "Failed", "undecided": "Undecided"}
_MET: dict[State, str] = {"passed": "met", "failed": "missed", "undecided": "undecided"}
SIDES: dict[Side, str] = {"at_least": "at least", "at_most": "at most"}
_FORMS: dict[Unit, tuple[int, str]] = {
    "share": (4, "%"),
    "ap": (4, ""),
    "times": (2, " times"),
    "ms": (2, " ms"),
    "MB": (2, " MB"),
}
"""Digits behind the point, and what follows; of a share those of the share, not of its percent."""
_SMALL_MB = 0.1  # below, two digits that count are written, not 0.00
_ELSE_COMPUTED: dict[Sample, str] = {"images": "", "rounds": "this machine", "file": "–"}
_COLUMNS = (
    Column("limit", "Limit"),
    Column("allowed", "Allowed"),
    Column("measured", "Measured"),
    Column("interval", "95% interval"),
    Column("computed", "Computed"),
    Column("result", "Result"),
)


def summary_sentence(result: CheckResult) -> str:
    """Such as ``Failed: of 4 limits 1 is missed, 1 is undecided.``"""
    count, word = len(result.decisions), _MET[result.state]
    if all(one.state == result.state for one in result.decisions):
        every = "the limit is" if count == 1 else f"all {count} limits are"
        return f"{STATES[result.state]}: {every} {word}."
    parts = [
        f"{number} {'is' if number == 1 else 'are'} {word}"
        for state, word in _MET.items()
        if state != "passed" and (number := sum(one.state == state for one in result.decisions))
    ]
    return f"{STATES[result.state]}: of {counted(count, 'limit')} {', '.join(parts)}."


def decision_table(result: CheckResult) -> Table:
    """A row for each limit."""
    return Table.of_rows(_COLUMNS, [_row(one) for one in result.decisions])


def decision_sentence(one: Decision) -> str:
    """One limit in a sentence: what is asked, what was measured, and what would decide."""
    measured = f"{TITLES[one.limit]} is {written(one.limit, one.figure.value, one.allowed)}"
    if one.sample != "file":
        how = f"; {computed_text(one.computed)}" if one.computed else ""
        measured += f" (95% interval {interval_text(one)}, {sample_text(one)}{how})"
    judged = f"{measured}; the limit is {allowed_text(one)}."
    if one.state != "undecided":
        return f"{STATES[one.state]}: {judged}"
    return f"Undecided: {judged} {doubt_sentence(one)}"


def doubt_sentence(one: Decision) -> str:
    """Why nothing is decided, and what would decide; "" where it is decided."""
    fewest = FEWEST[one.sample]
    if one.doubt == "not_judged":
        return "It is met as far as it could be tried, but the target may compute otherwise."
    if one.doubt == "nothing_found":
        return "There is nothing to measure by: nothing is detected in these images."
    if one.doubt == "too_few":
        return f"At least {_more(one, max(one.needed or 0, fewest))} are needed."
    if one.doubt == "interval" and one.needed is None:
        return "The figure lies too near to the limit for any number of images or rounds."
    if one.doubt == "interval":
        return f"About {_more(one, one.needed or fewest)} would decide, if the figure stays."
    return ""


def allowed_text(one: Decision) -> str:
    """Such as ``at least 98.00%``."""
    return f"{SIDES[one.side]} {written(one.limit, one.allowed)}"


def interval_text(one: Decision) -> str:
    """Such as ``97.10% to 99.02%``; a dash for what is known exactly."""
    if one.sample == "file":
        return "–"
    ends = one.figure.low, one.figure.high
    low, high = (written(one.limit, end, one.allowed) for end in ends)
    return f"{low} to {high}"


def sample_text(one: Decision) -> str:
    """What the interval is over, such as ``over 128 images, estimated``."""
    how = ""
    if one.limit == "accuracy_kept" and one.doubt != "nothing_found":
        how = ", by annotations" if one.by_annotations else ", estimated"
    return f"over {counted(one.count, one.sample.removesuffix('s'))}{how}"


def computed_text(one: Computed) -> str:
    """Such as ``CPU, INT8 sums exact, rest bf16``."""
    sums = f", {SUMS[one.arithmetic]}" if one.arithmetic else ""
    rest = f", {'rest ' if sums else ''}{one.precision}" if one.precision else ""
    return f"{one.device}{sums}{rest}"


def how_sentences(result: CheckResult) -> list[str]:
    """Where and how it was measured: device, precision, threads, repeats and their spread."""
    machine = result.machine
    sets = ", ".join(machine.instruction_sets) or "unknown"
    found = [
        f"Machine: {machine.device_name}, {machine.logical_cores} logical cores, instruction "
        f"sets: {sets}. OpenVINO {machine.openvino}. Measured {when_utc(result.created)}."
    ]
    found += _target_sentences(result)
    if result.executions:
        thresholds = result.settings.thresholds
        parent, *optimized = result.executions
        ran = "; ".join(
            f"{role} {executed_text(one)}"
            for role, one in ((PARENT, parent), *((OPTIMIZED, one) for one in optimized))
        )
        found.append(f"Detections on {counted(result.images, 'image')}: {ran}.")
        if any(one.limit == "predictions_changed" for one in result.decisions):
            found.append(
                f"Changed predictions count from score {thresholds.score:g} on, match from IoU "
                f"{thresholds.iou:g} on, and move below IoU {thresholds.shifted_iou:g}."
            )
    if result.parent_ap is not None and result.optimized_ap is not None:
        found.append(
            f"COCO AP {result.parent_ap.value:.4f} for the parent, "
            f"{result.optimized_ap.value:.4f} for the optimized model."
        )
    if result.benchmark is not None:
        found += _benchmark_sentences(result.benchmark)
    return [*found, *sentences(result.used_differently)]


def _target_sentences(result: CheckResult) -> list[str]:
    """Where the model is to run, what of that could not be tried, and what speed is of."""
    found = [f"Target: {TARGETS[result.settings.target]}."]
    if result.not_judged:
        what = " and ".join(NOT_JUDGED_WORDS[one] for one in result.not_judged)
        found.append(
            f"What the target may compute could not be tried here: {what}. No limit of accuracy "
            "is passed then; check on a machine that can."
        )
    if result.benchmark is not None and not result.speed_on_target:
        found.append("Speed and latency are this machine's: they were not measured on the target.")
    return found + [decision_sentence(one) for one in result.other_ways]


def _row(one: Decision) -> tuple[str, ...]:
    return (
        TITLES[one.limit],
        allowed_text(one),
        written(one.limit, one.figure.value, one.allowed),
        interval_text(one),
        computed_text(one.computed) if one.computed else _ELSE_COMPUTED[one.sample],
        STATES[one.state],
    )


def written(limit: LimitName, value: float, *allowed: float) -> str:
    """A figure with its unit; with as many digits as show on which side of `allowed` it lies."""
    unit = KINDS[limit].unit
    if unit == "MB" and 0 < value < _SMALL_MB:
        return f"{value:.2g} MB"
    fewest, after = _FORMS[unit]
    digits = digits_beside(value, allowed, fewest)
    shown = f"{100 * value:.{digits - 2}f}" if unit == "share" else f"{value:.{digits}f}"
    return f"{shown}{after}"


def _more(one: Decision, needed: int) -> str:
    longer = "" if one.needed_seconds is None else f", --seconds {ceil(one.needed_seconds)}"
    were = "was" if one.count == 1 else "were"
    return f"{needed:,} {one.sample} ({one.count:,} {were} measured{longer})"


def _benchmark_sentences(result: BenchmarkResult) -> list[str]:
    found = [
        f"Speed on {result.machine.title} ({result.machine.device}): "
        f"{counted(result.rounds, 'round')} of at least {result.round_seconds:.2f} s for each run, "
        "in random order."
    ]
    for run in result.runs:
        fps, ms = run.throughput_spread_fps, run.latency_ms.p50_spread
        found.append(
            f"{run.model}, {run.mode.label}, asked {HINTS[run.precision_hint]}, executed "
            f"{ran_text(run, result)}, {counted(run.threads, 'thread')}: {fps.median:.1f} FPS "
            f"(quartiles {fps.low:.1f} to {fps.high:.1f}), p50 {ms.median:.2f} ms "
            f"(quartiles {ms.low:.2f} to {ms.high:.2f})."
        )
    return [*found, *noise_sentences(result.noise)]
