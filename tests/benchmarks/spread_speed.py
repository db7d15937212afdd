"""Detecting on 1, 2 and 4 local workers against the plain program on the same cores, in slices.

    .venv/bin/python -m tests.benchmarks.spread_speed [--seconds S] [--images N] [--side PIXELS]
        [--workers 1,2,4] [--slice S] [--control] [--folder DIR]

All runs are begun: a prediction without a machine, and one for each number of workers with a
scheduler and workers of its own. All but one are stopped, and each has the machine for a slice, in
another order each time; a run's clock counts its slices alone. Once all detect, each does so for so
many seconds of its own, and is ended. Ends with one line of JSON. ``overhead`` is the seconds of
an image on workers against the plain program's, less 1: the median of blocks of some cycles and
that of all, each with its 95% interval (bootstrap over blocks). ``start_seconds`` are those of a
run's clock before its first images are detected on, ``engine_seconds`` those of them in which
scheduler and workers start; ``cpu_ms`` are those of a core for an image, by who had them. With
``--control`` the plain program is compared with itself, which says what this can resolve.

Images and network are of usual size, 900 x 700 and 640 x 640: an image takes 8.6 ms of a core
plain (Intel Xeon of the Sapphire Rapids kind), where users' networks take 5 to 30. What workers
cost hangs on images and time, not on the network: with ``--side 64`` an image takes 2 ms, most of
which decodes it, and what is done beside shows four times as large. Some 90 000 images are used in
300 s, or 400 000 with side 64; each has 43 kB.

How far a run is, is counted in bytes of images that were read by the process that detects, of which
0.2 % are what it is asked: what the program says of its progress moves by whole parts. Linux only.
Avoid other load.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil

from core.importing.service import plan_import
from core.inference.processor import this_processor
from core.inference.processor_words import processor_name
from core.jobs.events import Event, LogLine, Progress
from core.machines.session import LEASE_SECONDS
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support import models
from tests.support.dask_workers import Cluster
from tests.support.images import write_many
from tests.support.jobs import run
from tests.support.slices import Sliced, closing, orders
from tests.support.spreading import Asked, ran
from tests.support.unwinding import unwind_when_ended

PLAIN = 0
FEWEST = 4
_RESAMPLED = 2000
_READY_SECONDS = 600.0  # most of which are others' slices
_STOPPED_SECONDS = 0.7 * LEASE_SECONDS  # a worker that hears nothing for longer takes us for gone
_ROLES = {
    "distributed.cli.dask_scheduler": "scheduler",
    "distributed.cli.dask_worker": "workers",
    "detector": "detecting",
    "job": "home",
}


def prepared(folder: Path, images: int, side: int) -> Asked:
    """A model of this input size, and as many images of usual size."""
    root = write_many(folder / "images", images, 900, 700)
    model = models.save(models.ssd(side), folder / "model", "ssd", models.CLASSES)
    workspace, some = Workspace(folder / "workspace"), folder / "some"
    some.mkdir()
    for path in sorted(root.iterdir())[:64]:
        os.link(path, some / path.name)
    assert run(workspace, plan_import(workspace, model, some)).end.project_id is not None
    (made,) = workspace.projects()
    return Asked(model_of(made), model_of(made), root)


class Detecting:
    """One run, in slices: how far it is, and what its processes had."""

    def __init__(self, name: str, workers: int, asked: Asked, folder: Path) -> None:
        self.workers, self.folder = workers, folder / name
        given = [workers, asked.parent, asked.images, self.folder]
        command = [sys.executable, "-m", "tests.benchmarks.spread_speed", "run", *map(str, given)]
        os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")  # each has the machine's turn
        self.program = Sliced(name, command, folder)
        self.stamps: dict[str, float] = {}  # of its clock, by what it then was at
        self.cycles: list[tuple[int, float]] = []  # bytes of images, and seconds
        self.counted: list[int] = []  # the processes that detect, once slices count
        self._before: dict[str, float] = {}
        self._after: dict[str, float] = {}

    def slice(self, seconds: float) -> bool:
        """Have a slice of so many seconds, which may count; whether images are left."""
        before = self._read()
        took = self.program.slice(seconds, self._look)
        if self.program.ended:
            wrong = self.program.log.read_text()
            if wrong or not self.counted:
                sys.exit(f"{self.program.name} ended too soon: {wrong or 'give more images'}")
            return False
        if self.counted:
            if not (now := self._numbers()):
                return False
            if now != self.counted:
                sys.exit(f"{self.program.name} lost workers. It said: {self.said()}")
            self.cycles.append((self._read() - before, took))
            self._after = self._cpu()
        return True

    def begin_to_count(self) -> None:
        """All slices count from now on."""
        self.counted, self._before = self._numbers(), self._cpu()
        if len(self.counted) != (self.workers or 1):
            sys.exit(f"{self.program.name}: {len(self.counted)} processes detect.")

    @property
    def detects(self) -> bool:
        """Whether the first images were detected on."""
        return "detecting" in self.stamps

    def images(self, image_bytes: float) -> float:
        """That it detected on in the slices that count."""
        return sum(read for read, _ in self.cycles) / image_bytes

    def cpu_ms(self, images: float) -> dict[str, float]:
        """Of a core, for each of so many images, by who had them in the slices that count."""
        had = self._after.items()
        each = {one: seconds - self._before.get(one, 0.0) for one, seconds in had}
        return {one: round(1000 * seconds / images, 3) for one, seconds in each.items()}

    def said(self) -> list[str]:
        """What the job told its user."""
        with suppress(OSError):
            return (self.folder / "said.txt").read_text().splitlines()
        return []

    def _look(self) -> None:
        for path in self.folder.glob("at *"):
            self.stamps.setdefault(path.name.removeprefix("at "), self.program.seconds)

    def _read(self) -> int:
        with suppress(psutil.Error):
            return sum(one.io_counters().read_chars for one in self._detectors())
        return 0

    def _detectors(self) -> list[psutil.Process]:
        role = "detecting" if self.workers else "home"
        return [one for one in self.program.processes if _role(one) == role]

    def _numbers(self) -> list[int]:
        return sorted(one.pid for one in self._detectors())

    def _cpu(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for one in self.program.processes:
            with suppress(psutil.Error):
                times, role = one.cpu_times(), _role(one)
                found[role] = found.get(role, 0.0) + times.user + times.system
        return found


def _role(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        for word in process.cmdline():
            if word in _ROLES:
                return _ROLES[word]
    return "other"


def detect(workers: int, model: Path, images: Path, folder: Path) -> None:
    """What a run does: files beside say when it got where."""
    folder.mkdir(exist_ok=True)
    asked = Asked(model, model, images)

    def at(what: str) -> None:
        if not (path := folder / f"at {what}").exists():
            path.touch()

    def hear(event: Event) -> None:
        if isinstance(event, Progress) and event.stage.startswith("Detecting") and event.done:
            at("detecting")
        if isinstance(event, LogLine):
            with (folder / "said.txt").open("a") as file:
                file.write(f"{event.text}\n")

    with ExitStack() as stack:
        machine = None
        if workers:
            at("starting the engine")
            there = Cluster(folder / "cluster", ready_seconds=_READY_SECONDS)
            cluster = stack.enter_context(there)
            cluster.add(workers, {"XDG_CACHE_HOME": str(folder / "workers")})  # of one user
            cluster.wait(workers)
            machine = cluster.machine()
        at("beginning")
        ran(asked.predict(folder / "stored", machine), folder / "out", hear=hear).outcome.require()


def in_turns(runs: Sequence[Detecting], seconds: float, slice_seconds: float, settle: int) -> None:
    """Slices for all, until each has had so many seconds that count, or one has no images left."""
    by_name, chance = {one.program.name: one for one in runs}, random.Random(0)
    for number, order in enumerate(orders(list(by_name), chance)):
        if all(one.detects for one in runs) and not runs[0].counted:
            settle -= 1
            if settle < 0:
                for one in runs:
                    one.begin_to_count()
        if not all(by_name[name].slice(slice_seconds) for name in order):
            print("A run has no images left: give more.", file=sys.stderr)
            return
        had = min(sum(took for _, took in one.cycles) for one in runs)
        if number % 10 == 0:
            print(f"cycle {number}: {had:.0f} s each that count", file=sys.stderr)
        if had >= seconds:
            return


def overhead(
    runs: Sequence[tuple[int, float]], plain: Sequence[tuple[int, float]], of_a_block: int
) -> dict[str, Any]:
    """Seconds of an image against the plain program's, less 1, with intervals."""
    chance = random.Random(0)
    pairs = list(zip(runs, plain, strict=False))  # one may have ended before
    size = max(1, min(of_a_block, len(pairs) // 4))
    blocks = [pairs[n : n + size] for n in range(0, len(pairs) - size + 1, size)]
    drawn = [chance.choices(blocks, k=len(blocks)) for _ in range(_RESAMPLED)]

    def shown(of: Callable[[Sequence[Any]], float]) -> list[float]:
        found = sorted(map(of, drawn))
        ends = found[round(0.025 * _RESAMPLED)], found[round(0.975 * _RESAMPLED) - 1]
        return [round(one, 4) for one in (of(blocks), *ends)]

    return {
        "median": shown(lambda some: statistics.median(map(_ratio, some)) - 1),
        "of_all": shown(lambda some: _ratio([pair for block in some for pair in block]) - 1),
        "blocks": len(blocks),
    }


def _ratio(pairs: Sequence[tuple[tuple[int, float], tuple[int, float]]]) -> float:
    """Seconds of an image, against the plain program's."""
    mine, plain = zip(*pairs, strict=True)
    (images, seconds), (usual, before) = (
        map(sum, zip(*each, strict=True)) for each in (mine, plain)
    )
    return (seconds / images) / (before / usual)


def figures(runs: Sequence[Detecting], image_bytes: float, of_a_block: int) -> dict[str, Any]:
    """What was found of each run."""
    found: dict[str, Any] = {}
    if min(len(one.cycles) for one in runs) < FEWEST:
        sys.exit(f"Fewer than {FEWEST} slices of each count: give more seconds, or more images.")
    for one in runs:
        images = one.images(image_bytes)
        seconds = sum(took for _, took in one.cycles)
        begun, stamps = one.stamps.get("beginning", 0.0), one.stamps
        found[one.program.name] = {
            "seconds": round(seconds, 1),
            "images": round(images),
            "images_per_second": round(images / seconds, 2),
            "start_seconds": round(stamps["detecting"] - begun, 1),
            "engine_seconds": round(begun - stamps.get("starting the engine", begun), 1),
            "cpu_ms": one.cpu_ms(images),
            "overhead": overhead(one.cycles, runs[0].cycles, of_a_block),
        }
    return found


def main() -> int:
    """Measure, and say so in JSON; or be one of the runs."""
    if sys.argv[1:2] == ["run"]:
        detect(int(sys.argv[2]), *map(Path, sys.argv[3:]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--side", type=int, default=640, help="pixels of the network's input")
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--slice", type=float, default=2.0)
    parser.add_argument("--block", type=int, default=5, help="cycles that are drawn together")
    parser.add_argument("--settle", type=int, default=5, help="cycles before the first that counts")
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    kinds = {"plain": PLAIN, "plain again": PLAIN}
    if not options.control:
        kinds = {"plain": PLAIN}
        kinds |= {f"{one} workers": int(one) for one in options.workers.split(",")}
    longest = len(kinds) * options.slice
    if longest > _STOPPED_SECONDS:
        parser.error(f"A run would be stopped for {longest:g} s, and lose its workers.")
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        asked, runs = prepared(folder, options.images, options.side), list[Detecting]()
        sizes = [one.stat().st_size for one in asked.images.iterdir()]
        with ExitStack() as stack:
            for name, workers in kinds.items():
                runs.append(Detecting(name, workers, asked, folder))
                stack.enter_context(closing([runs[-1].program]))
            in_turns(runs, options.seconds, options.slice, options.settle)
            found = figures(runs, statistics.mean(sizes), options.block)
        for one in runs:
            print(f"{one.program.name}:", *one.said(), sep="\n  ", file=sys.stderr)
        found["processor"] = processor_name(this_processor())
        found["load"] = os.getloadavg()[0]
        print(json.dumps(found), flush=True)
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
