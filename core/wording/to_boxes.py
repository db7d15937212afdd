"""What a benchmark measured from an encoded image to boxes, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from core.benchmark.parts import PARTS, Parts
from core.benchmark.result import BenchmarkResult, BenchmarkRun
from core.wording.benchmark import speedup
from core.wording.words import beginning, precision, whom

PART_TITLES = {
    "decode": "decoding, ms",
    "prepare": "preparing, ms",
    "infer": "inference, ms",
    "boxes": "boxes, ms",
}
PART_WORDS = {
    "decode": "decoding",
    "prepare": "preparing",
    "infer": "inference",
    "boxes": "boxes",
}


def parts_cells(parts: Parts) -> list[str]:
    """Milliseconds of each part and its share in them all, in the order of `PART_TITLES`."""
    return [f"{getattr(parts, name):.2f} ({parts.share(name):.0%})" for name in PARTS]


def to_boxes_sentences(result: BenchmarkResult) -> list[str]:
    """How long an image takes with each model, by default where that was measured, and in what.

    One way to run after the other, so that models stand beside what they are compared with.
    """
    models = list(dict.fromkeys(run.model for run in result.runs))
    runs = [
        run
        for model in models
        for run in _usual([one for one in result.runs if one.model == model and one.parts_ms])
    ]
    found: list[str] = []
    for mode in dict.fromkeys(run.mode for run in runs):
        of_mode = [run for run in runs if run.mode == mode]
        found += [_run(run, alone=len(models) == 1) for run in of_mode]
        found += filter(None, (_ratios(result, run) for run in of_mode))
    return found


def parts_text(parts: Parts) -> str:
    """Such as ``decoding 9.10 ms (29%), preparing 3.00 ms (10%), ...``."""
    return ", ".join(
        f"{PART_WORDS[name]} {getattr(parts, name):.2f} ms ({parts.share(name):.0%})"
        for name in PARTS
    )


def _usual(runs: Sequence[BenchmarkRun]) -> list[BenchmarkRun]:
    """Those at OpenVINO's default precision, or else at the first one that was asked for."""
    hints = [run.precision_hint for run in runs]
    wanted = "default" if "default" in hints else next(iter(hints), None)
    return [run for run in runs if run.precision_hint == wanted]


def _run(run: BenchmarkRun, *, alone: bool) -> str:
    parts = run.parts_ms
    assert parts is not None
    how = precision(run.precision_hint, run.precision_executed)
    who = f"{beginning(whom(run.model, alone=alone))}, {how},"
    if run.requests == 1:
        return (
            f"{who} takes {1000 / run.throughput_fps:.2f} ms an image from {_way(run)}: "
            f"{parts_text(parts)}."
        )
    longest = parts.longest
    return (
        f"{who} reaches {run.throughput_fps:.1f} FPS from {_way(run)}; the longest part is "
        f"{PART_WORDS[longest]}, {getattr(parts, longest):.2f} ms of an image."
    )


def _way(run: BenchmarkRun) -> str:
    how = "one after the other" if run.requests == 1 else f"{run.requests} in flight"
    return f"{run.mode.start} to boxes, {how}"


def _ratios(result: BenchmarkResult, run: BenchmarkRun) -> str:
    """Its throughput against each of the first model's in the same mode; empty without any."""
    executed = {(one.model, one.precision_hint): one.precision_executed for one in result.runs}
    first = result.runs[0].model
    found = []
    for one in result.ratios:
        same = (one.model, one.precision_hint, one.mode)
        if same == (run.model, run.precision_hint, run.mode) and one.against == first != run.model:
            hint = one.against_precision_hint
            other = f"{whom(first)}, {precision(hint, executed[first, hint])}"
            found.append(speedup(one.throughput, other))
    if not found:
        return ""
    return f"{beginning(whom(run.model))}'s throughput from {_way(run)}, is {', and '.join(found)}."
