"""How 10 and 100 machines would do, simulated from parts that are timed here.

    .venv/bin/python -m tests.benchmarks.spread_simulated [--images N] [--simulate N] [--machines L]
        [--megabytes MB/S] [--latency MS] [--faster X] [--uneven X] [--model XML FOLDER]

Local workers, each kept to one core, detect for this process: one is timed part by part, then runs
of one and of two are compared with what the simulation says of them (`ratio`: real / simulated).
Where other load takes the cores, workers have a smaller share of theirs, `of_a_core`, in one run
than in another: `ratio_of_parts_at_equal_share` is what the ratio would be had they the same.
Bytes, the seconds of this process, the scheduler's seconds for a part, and what a session costs
before its first part are measured in the same runs. Then machines are simulated, by the rules of
`core.machines.crew`.

Assumed: all machines are as one core here, or `--faster` times as fast, up to `--uneven` times
slower than that; seconds and bytes of a part grow with its images, as two sizes of parts say; what
this program and the scheduler do while time passes counts as of the images, the most that it can
be; images lie in a folder that all see, or are sent, once, through this machine's network, whose
two ways do not disturb each other; making ready costs as much on many machines as on one, and their
models are sent one after the other; this machine's other work (hashes, results) is done before and
after, and grows with the images (`alone`: its share of all). `network`, `waiting` and `this
machine` are shares of the time of the parts: of the network's busier way, of machines without work,
of this program on a core. Nothing is killed. Ends with one line of JSON.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

from msgspec.structs import replace

from core.datasets.open import open_dataset
from core.importing.service import plan_import
from core.inference.processor import this_processor
from core.inference.processor_words import processor_name
from core.predict.parts import cut
from core.sample import sample
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.dask_workers import Cluster
from tests.support.jobs import run
from tests.support.spread_simulation import Costs, Simulated, simulated
from tests.support.spread_timed import Timed, kept_apart, real
from tests.support.unwinding import unwind_when_ended

HOUR = 3600.0
MEGA = 1e6
LARGE = 128  # images of a larger part


@dataclass(frozen=True)
class Network:
    """What goes through it for each image and each machine, a second, and how late it comes."""

    megabytes: float
    milliseconds: float
    image_bytes: float = 0.0
    model_bytes: float = 0.0


@dataclass(frozen=True)
class Measured:
    """What the simulation starts from; by image, part or session. Seconds and bytes."""

    part: float  # of a part without images
    image: float
    ratios: tuple[float, ...]  # of real parts to that
    home: tuple[float, float]  # of this machine for a part, and for each of its images
    scheduler: tuple[float, float]
    out: float
    back: float
    before: float  # of a session
    rest: float  # of this machine, for each image, before and after

    def seconds(self, sizes: Sequence[int], chance: random.Random) -> list[float]:
        """Of computing parts of so many images."""
        return [(self.part + self.image * n) * chance.choice(self.ratios) for n in sizes]


def by_size(small: Timed, large: Timed, of: str) -> tuple[float, float]:
    """Seconds for a part and for each of its images, from parts of two sizes."""
    counts = [len(one.ended) - 1 for one in (small, large)]
    sizes = [len(one.images) / count for one, count in zip((small, large), counts, strict=True)]
    each = [getattr(one, of) / count for one, count in zip((small, large), counts, strict=True)]
    slope, start = statistics.linear_regression(sizes, each)
    if slope < 0:
        return each[1], 0.0
    return (start, slope) if start >= 0 else (0.0, each[1] / sizes[1])


def measured(timed: Timed, large: Timed) -> Measured:
    """From runs on one worker, which always has a part ahead: what lies between two ends.

    `large` has larger parts.
    """
    ended = timed.ended
    each = [(n, now - last) for (last, _), (now, n) in pairwise(ended)]
    sizes, seconds = zip(*each, strict=True)
    slope, start = statistics.linear_regression(sizes, seconds)
    if start < 0 or slope <= 0:
        slope, start = sum(seconds) / sum(sizes), 0.0
    images = len(timed.images)
    return Measured(
        part=start,
        image=slope,
        ratios=tuple(took / (start + slope * n) for n, took in each),
        home=by_size(timed, large, "home"),
        scheduler=by_size(timed, large, "scheduler"),
        out=timed.out / images,
        back=timed.back / images,
        before=timed.ready,
        rest=(timed.whole - timed.ready - timed.spread) / images,
    )


def forecast(
    found: Measured, sizes: Sequence[int], slower: Sequence[float], network: Network
) -> tuple[float, Simulated]:
    """Seconds of all, and of the parts, on machines that are so many times slower."""
    images = sum(sizes)
    usual = images / len(sizes)
    costs = Costs(
        home=found.home[0] + found.home[1] * usual,
        scheduler=found.scheduler[0] + found.scheduler[1] * usual,
        out=(found.out + network.image_bytes) * usual,
        back=found.back * usual,
        network=network.megabytes * MEGA,
        latency=network.milliseconds / 1000,
    )
    parts = simulated(found.seconds(sizes, random.Random(0)), slower, costs)
    models = network.model_bytes * len(slower) / costs.network
    return found.before + models + found.rest * images + parts.seconds, parts


def table(found: Measured, network: Network, options: argparse.Namespace) -> list[Any]:
    """What so many machines would do, a line each; it is shown, too."""
    sizes = [len(one) for one in cut([f"{n:08}.jpg" for n in range(options.simulate)])]
    rows: list[Any] = []
    say("machines     hours  speed-up  network  waiting  this machine   alone  twice")
    for count in (int(one) for one in options.machines.split(",")):
        steps = range(count)
        slower = [(1 + options.uneven * n / max(1, count - 1)) / options.faster for n in steps]
        seconds, parts = forecast(found, sizes, slower, network)
        first = rows[0]["hours"] * HOUR if rows else seconds
        row = {
            "machines": count,
            "hours": seconds / HOUR,
            "speed_up": first / seconds,
            "network": parts.network_share,
            "waiting": parts.waiting_share,
            "this_machine": parts.home_share,
            "alone": 1 - parts.seconds / seconds,
            "twice": parts.twice,
        }
        rows.append({name: round(value, 5) for name, value in row.items()})
        say(
            "{machines:8} {hours:9.3f} {speed_up:9.2f} {network:8.1%} {waiting:8.1%} "
            "{this_machine:13.1%} {alone:7.1%} {twice:6}".format(**row)
        )
    return rows


def say(line: str) -> None:
    """To who looks on."""
    print(line, file=sys.stderr)


def asked() -> argparse.Namespace:
    """What is to be measured and simulated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1200)
    parser.add_argument("--simulate", type=int, default=1_000_000)
    parser.add_argument("--machines", default="1,2,10,100")
    parser.add_argument("--megabytes", type=float, default=110.0)
    parser.add_argument("--latency", type=float, default=1.0)
    parser.add_argument("--faster", type=float, default=1.0)
    parser.add_argument("--uneven", type=float, default=0.0)
    parser.add_argument("--model", type=Path, nargs=2, metavar=("XML", "FOLDER"))
    return parser.parse_args()


def given(options: argparse.Namespace, folder: Path) -> tuple[Path, Path]:
    """A stored model, and a folder of as many images as are wanted."""
    workspace, ours = Workspace(folder / "workspace"), sample()
    source, images = options.model or (None, ours.validation)
    if source is None:
        run(workspace, plan_import(workspace, ours.model, ours.validation))
        source = model_of(workspace.projects()[0])
    found = open_dataset(images)
    many = folder / "images"
    many.mkdir()
    for number in range(options.images):
        path = found.path(number % len(found.images))
        shutil.copyfile(path, many / f"{number:06}{path.suffix}")
    return source, many


def timed_runs(model: Path, images: Path, folder: Path) -> dict[str, Timed]:
    """Of one worker part by part, of one and of two, and of one with larger parts, sent or not."""
    runs: dict[str, Timed] = {}
    dataset = open_dataset(images)
    with Cluster(folder / "one") as one, Cluster(folder / "two") as two:
        for count, cluster in ((1, one), (2, two)):
            cluster.add(count)
            cluster.wait(count)
            kept_apart(cluster)
            real(model, dataset, cluster, folder / "warm")
        for name, cluster in (("timed", one), ("1", one), ("2", two)):
            runs[name] = real(model, dataset, cluster, folder / "run")
        os.chdir(images)  # which is another place for each process, as if it were not shared
        own = replace(dataset, root=Path("/proc/self/cwd"))
        with mock.patch("core.predict.parts._SMALLEST", LARGE):
            runs["large"] = real(model, dataset, one, folder / "run")
            runs["sent"] = real(model, own, one, folder / "run")
        os.chdir(folder)
    return runs


def compared(found: Measured, runs: dict[str, Timed]) -> dict[str, Any]:
    """The simulation of one and of two workers, and real runs of them."""
    sizes = [len(one) for one in cut(runs["timed"].images)]
    share, figures = runs["timed"].workers / runs["timed"].spread, {}
    for count in (1, 2):
        seconds, parts = forecast(found, sizes, [1.0] * count, Network(MEGA, 0.0))
        timed = runs[f"{count}"]
        figures[f"{count} workers"] = {
            "real_seconds": round(timed.whole, 2),
            "simulated_seconds": round(seconds, 2),
            "ratio": round(timed.whole / seconds, 3),
            "ratio_of_parts": round(timed.spread / parts.seconds, 3),
            "of_a_core": round(timed.workers / timed.spread / count, 3),
            "ratio_of_parts_at_equal_share": round(
                timed.workers / count / share / parts.seconds, 3
            ),
        }
        say(f"{count} workers: {figures[f'{count} workers']}")
    return figures


def main() -> int:
    """Measure, compare, simulate, and say so in JSON."""
    options = asked()
    folder = Path(tempfile.mkdtemp())
    for variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        os.environ[variable] = str(folder / variable.lower())
    try:
        model, images = given(options, folder)
        files = [one.stat().st_size for one in images.iterdir()]
        model_bytes = sum(model.with_suffix(one).stat().st_size for one in (".xml", ".bin"))
        runs = timed_runs(model, images, folder)
    finally:
        shutil.rmtree(folder)
    shared, sent = (measured(runs["timed"], runs[one]) for one in ("large", "sent"))
    figures: dict[str, Any] = {"compared": compared(shared, runs)}
    for name, found, each in (("shared", shared, 0.0), ("sent", sent, sum(files) / len(files))):
        say(f"Images that are {name}:")
        network = Network(options.megabytes, options.latency, each, model_bytes)
        figures[name] = {"machines": table(found, network, options), "measured": asdict(found)}
        del figures[name]["measured"]["ratios"]
        figures[name]["image_bytes"] = round(each)
    figures["processor"] = processor_name(this_processor())
    figures["load"] = os.getloadavg()[0]
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
