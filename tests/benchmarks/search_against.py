"""A search against that of another checkout: the same candidates, in how much time.

    python -m tests.benchmarks.search_against MODEL IMAGES --before CHECKOUT
        [--pairs N] [--minutes M] [--only int8|all] [--seed N] [--max-loss L]

Both search with the same images and seed, alternately, in processes of their own, each from its own
checkout with the same Python. Plans that both tried in the same order are compared: the seconds of
the search until the last of them was judged, until the first INT8 plan that loses nothing was, and
in all. It says where weights, or what they keep, differ: both are to be the same. Speeds are
measured, and decide which plans are tried in the end: from there on, searches may differ.

Seconds until a plan was judged are sampled while it runs, from the record that a search writes
after each candidate. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic, sleep
from typing import Any

from core.search.settings import DEFAULT_LOSS
from tests.benchmarks.window_start import interval
from tests.support.checkout import ROOT
from tests.support.unwinding import unwind_when_ended

LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Searched:
    """One search: seconds until each plan was recorded, what it keeps and its weights; and in all.

    `plans` are in their order, as they are stored.
    """

    plans: tuple[dict[str, Any], ...]
    seconds: tuple[float, ...]
    kept: tuple[float | None, ...]
    weights: tuple[str, ...]
    in_all: float
    bar: float

    @property
    def first_lossless(self) -> int | None:
        """Its place among the plans."""
        good = (place for place, kept in enumerate(self.kept) if (kept or 0.0) >= self.bar)
        return next(good, None)


def searched(checkout: Path, options: argparse.Namespace, folder: Path) -> Searched:
    """One search by that checkout, with an empty cache."""
    output = folder / "search"
    line = [sys.executable, "-P", "-m", "core.cli", "optimize", str(options.model)]
    line += [str(options.images), "--search", "--only", options.only, "--output", str(output)]
    line += ["--budget-minutes", str(options.minutes), "--seed", str(options.seed)]
    line += ["--max-loss", str(options.max_loss)]
    places = dict.fromkeys(("XDG_CACHE_HOME", "XDG_DATA_HOME"), str(folder / "cache"))
    environment = {**os.environ, **places, "PYTHONPATH": str(checkout)}
    begun = monotonic()
    seen: dict[str, float] = {}
    log = (folder / "log.txt").open("wb")
    with log, subprocess.Popen(line, cwd=folder, env=environment, stdout=log, stderr=log) as run:
        while run.poll() is None:
            for one in _plans(output, folder):
                seen.setdefault(one["id"], monotonic() - begun)
            sleep(LOOK_SECONDS)
    in_all = monotonic() - begun
    if run.returncode:
        sys.exit((folder / "log.txt").read_text("utf-8", "replace"))
    plans = _plans(output, folder)
    return Searched(
        plans=tuple(one["plan"] for one in plans),
        seconds=tuple(seen.get(one["id"], in_all) for one in plans),
        kept=tuple(one["accuracy_kept"] for one in plans),
        weights=tuple(_weights(output / one["model"]) for one in plans),
        in_all=in_all,
        bar=1.0 - options.max_loss,
    )


def _plans(output: Path, folder: Path) -> list[dict[str, Any]]:
    """The INT8 plans in true f32 that are recorded by now; the record may lie in a work folder."""
    for record in (output / "search.json", *folder.glob(".job-*/search.json")):
        try:
            state = json.loads(record.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        made = [one for one in state["candidates"] if one.get("making") == "int8"]
        return [one for one in made if one["precision_hint"] == "f32" and not one.get("failure")]
    return []


def _weights(xml: Path) -> str:
    card = json.loads(xml.with_name(f"{xml.stem}.card.json").read_text("utf-8"))
    return str(card["weights_sha256"])


def alike(before: Searched, now: Searched) -> int:
    """How many plans both tried in the same order, as far as both have the same settings."""
    for place, (one, other) in enumerate(zip(before.plans, now.plans, strict=False)):
        if any(one[name] != other[name] for name in one.keys() & other.keys()):
            return place
    return min(len(before.plans), len(now.plans))


def told(before: Searched, now: Searched) -> dict[str, float]:
    """What is printed of a pair, and its ratios."""
    count = alike(before, now)
    for name in ("kept", "weights"):
        one, other = getattr(before, name)[:count], getattr(now, name)[:count]
        same = sum(a == b for a, b in zip(one, other, strict=True))
        print(f"  {name} of {same} of {count} plans are the same")
    found = {"in all": (before.in_all, now.in_all)}
    if count:
        found["same plans"] = (before.seconds[count - 1], now.seconds[count - 1])
    firsts = before.first_lossless, now.first_lossless
    if firsts[0] is not None and firsts[1] is not None:
        found["first lossless"] = (before.seconds[firsts[0]], now.seconds[firsts[1]])
    print(f"  {len(before.plans)} plans before, {len(now.plans)} now, {count} the same")
    for name, (one, other) in found.items():
        print(f"  {name}: {one:.1f} s before, {other:.1f} s now: {other / one:.2f}", flush=True)
    return {name: other / one for name, (one, other) in found.items()}


def main() -> None:
    """Print every pair, then the medians of the ratios with their intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="an IR that was imported, with its card")
    parser.add_argument("images", type=Path)
    parser.add_argument("--before", type=Path, required=True, help="another checkout")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--only", default="int8", choices=("int8", "all"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-loss", type=float, default=DEFAULT_LOSS)
    options = parser.parse_args()
    ratios: list[dict[str, float]] = []
    for number in range(options.pairs):
        found: dict[str, Searched] = {}
        checkouts = {"before": options.before.absolute(), "now": ROOT}
        for name in checkouts if number % 2 == 0 else reversed(checkouts):
            with tempfile.TemporaryDirectory() as temporary:
                found[name] = searched(checkouts[name], options, Path(temporary))
        print(f"pair {number + 1}")
        ratios.append(told(found["before"], found["now"]))
    for name in ratios[0]:
        each = [one[name] for one in ratios if name in one]
        low, high = interval(each)
        print(f"{name}, now / before: {median(each):.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    unwind_when_ended()
    main()
