"""A large report in the window beside a plain pass over the same tables, which is the baseline.

Run: ``python -m tests.benchmarks.report_ratios [--images N] [--rounds N] [--against CHECKOUT]``.
The plain pass reads both models' tables by `numpy.load` and sorts the scores of each once: less
than any report needs. In each round it and `report_window` take turns, each in a process of its
own; with `--against` also the `report_window` of another checkout. Each of its processes writes
tables of its own, of the same seed, which are in the system's memory when they are opened: the
process is new, what the disk gives is not measured.

The last line is JSON: for `open` and `move` (until figures are seen, of a large report an estimate
or those of the job) and `open_all` and `move_all` (until all images are), the `ratio` to the plain
pass, its limit, and with `--against` what the other checkout takes, `before`, by ours: medians of
the rounds' ratios with their 95% intervals. `coco` are COCO's twelve statistics of 5 000 images,
whose baseline is faster-coco-eval, given the same boxes as its users have them. Ends with 1 where a
median is beyond its limit.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import numpy as np

from core.inference.processor import this_processor
from core.metrics.speed.figures import Interval
from core.metrics.speed.statistics import ratio_interval
from tests.benchmarks.accuracy_speed import coco_turns, made
from tests.support.unwinding import unwind_when_ended

LIMITS = {"open": 1.0, "move": 0.75, "open_all": 4.0, "move_all": 2.0}
"""Of the time that the plain pass takes."""
COCO_LIMIT = 0.2
"""Of the time that faster-coco-eval takes."""
TABLES = ("parent.npz", "optimized.npz")
_LINE = re.compile(
    r"^ {2}(?P<name> *\S.*?) +(?P<s>[\d.]+) s; .*? (?P<gap>\d+) ms,.* (?P<mb>\d+) MB$"
)


def plain_pass(folder: Path) -> float:
    """Seconds to read both tables and to sort their scores; once before, unmeasured."""
    for _ in range(2):
        start = time.perf_counter()
        for name in TABLES:
            with np.load(folder / name) as arrays:
                table = {column: arrays[column] for column in arrays.files}
            np.argsort(-table["scores"], kind="stable")
        seconds = time.perf_counter() - start
    return seconds


def window(checkout: Path, images: int) -> dict[str, float]:
    """What `report_window` of a checkout says: seconds by name, `gap` in ms and `memory` in MB."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.report_window", str(images)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [found for line in result.stdout.splitlines() if (found := _LINE.match(line))]
    if not rows:
        raise SystemExit(f"{checkout} measured nothing: {result.stderr.strip()}")
    seconds = [(row["name"].strip(), float(row["s"])) for row in rows]
    whole = dict.fromkeys(("open", "move after rest"), 0.0)  # with all images, where they are apart
    for (name, taken), (after, more) in zip(seconds, [*seconds[1:], ("", 0.0)], strict=True):
        if name in whole:
            whole[name] = taken + (more if after == "all images" else 0.0)
    return {
        "open": dict(seconds)["open"],
        "move": median(taken for name, taken in seconds if name == "move"),
        "open_all": whole["open"],
        "move_all": whole["move after rest"],
        "gap": max(float(row["gap"]) for row in rows),
        "memory": max(float(row["mb"]) for row in rows),
    }


def _said(found: Interval) -> dict[str, float]:
    values = {"value": found.value, "low": found.low, "high": found.high}
    return {name: round(value, 3) for name, value in values.items()}


def main() -> None:
    """Take turns, say each, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    own = Path(__file__).parents[2]
    checkouts = {"now": own} | ({"before": options.against} if options.against else {})
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for table, name in zip(made(options.images), TABLES, strict=True):
            table.save(folder / name)
        for number in range(options.rounds):
            taken["plain", ""].append(plain_pass(folder))
            print(f"round {number + 1}: plain pass {taken['plain', ''][-1]:.2f} s", flush=True)
            for which, checkout in checkouts.items():
                found = window(checkout, options.images)
                for name, value in found.items():
                    taken[which, name].append(value)
                said = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
                print(f"  {which}: {said}", flush=True)
    line: dict[str, object] = {
        "images": options.images,
        "rounds": options.rounds,
        "processor": this_processor().name,
        "plain_pass_seconds": round(median(taken["plain", ""]), 3),
    }
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        coco = ratio_interval(*pool.apply(coco_turns, (options.rounds,)))
    line["coco"] = {"ratio": _said(coco), "limit": COCO_LIMIT}
    beyond = coco.value > COCO_LIMIT
    for name, limit in LIMITS.items():
        ratio = ratio_interval(taken["now", name], taken["plain", ""])
        beyond |= ratio.value > limit
        figures: dict[str, object] = {"ratio": _said(ratio), "limit": limit}
        if options.against:
            figures["before"] = _said(ratio_interval(taken["before", name], taken["now", name]))
        line[name] = figures
    for name in ("gap", "memory"):
        line[name] = {which: round(max(taken[which, name])) for which in checkouts}
    print(json.dumps(line))
    sys.exit(int(beyond))


if __name__ == "__main__":
    unwind_when_ended()
    main()
