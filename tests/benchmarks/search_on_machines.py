"""One search alone, on local Dask workers, and on a host by SSH: plans, weights and what is kept.

    .venv/bin/python -m tests.benchmarks.search_on_machines [MODEL] [IMAGES] [--minutes M]
        [--workers N] [--at-least N] [--on here|workers|host ...] [--folder DIR]

Each has the same time, in which each must try some plans at least; without a model it is the sample
that comes with the program. What was tried in the same order must be the same plan, with the same
hash of its weights, and must keep the same of the accuracy, to the last bit; what is timed is timed
on this machine, and differs from run to run. The host is an ``sshd`` on the loopback,
or what stands in for it. With a folder, what was searched there before is taken, and not searched
again. Prints a line for each plan, and ends with one line of JSON; the exit status says whether
anything differs, or too few plans were compared.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.datasets.source import DatasetSource
from core.importing.service import plan_import
from core.machines.machine import Machine
from core.sample import sample
from core.search.candidates import STATE_FILE, Candidate
from core.search.job import SearchJob
from core.search.resuming import search_state
from core.search.settings import SearchSettings
from core.workspace.projects import model_of
from core.workspace.store import Workspace
from tests.support.dask_workers import Cluster
from tests.support.jobs import run
from tests.support.searched import differences, tried
from tests.support.spreading import ran
from tests.support.sshd import WHY_NOT, needs_ssh, running
from tests.support.unwinding import unwind_when_ended

PLACES = ("here", "workers", "host")


@contextmanager
def machine_at(place: str, folder: Path, workers: int) -> Iterator[Machine | None]:
    """Where it is searched, for as long."""
    if place == "here":
        yield None
    elif place == "workers":
        with Cluster(folder / "cluster") as cluster:
            cluster.add(workers)
            cluster.wait(workers)
            yield cluster.machine()
    else:
        if needs_ssh.args[0]:
            sys.exit(f"No host can be had: {WHY_NOT}.")
        with running(folder / "sshd") as host:
            before = os.environ["PATH"]
            os.environ["PATH"] = f"{host.folder / 'here'}{os.pathsep}{before}"
            try:
                yield host.machine()
            finally:
                os.environ["PATH"] = before


def imported(model: Path, images: Path, folder: Path) -> Path:
    """The parent's IR."""
    workspace = Workspace(folder)
    if not workspace.projects():
        end = run(workspace, plan_import(workspace, model, images)).end
        assert end.project_id is not None, end.outcome.error
    return model_of(workspace.projects()[0])


def searched(
    root: Path, place: str, job: Callable[[Path, Machine | None], SearchJob], n: int
) -> Path:
    """The folder of the finished search at that place."""
    folder = root / place
    if not (folder / STATE_FILE).exists():
        with (
            tempfile.TemporaryDirectory(prefix="machines-") as scratch,
            machine_at(place, Path(scratch), n) as machine,
        ):
            made = ran(job(folder, machine), folder)
        if made.outcome.error is not None:
            sys.exit(f"{place}: {made.outcome.error}")
        for line in made.said:
            print(f"{place}: {line}", flush=True)
    return folder


def _line(one: Candidate) -> str:
    seconds = f"{one.seconds:6.1f} s, there after {one.after_seconds:6.1f} s"
    return f"  {one.title:<14} keeps {one.accuracy_kept or 0:.6f}, {seconds}  {one.reason.code}"


def _told(folder: Path) -> dict[str, Any]:
    state = search_state(folder)
    assert state is not None
    best = state.candidate(state.choice.best_int8)
    return {
        "plans": len(tried(folder)),
        "seconds": state.seconds,
        "stopped": state.stopped,
        "best_int8": best.title if best else "",
    }


def main() -> int:
    """The comparison; gives the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", nargs="?", type=Path, default=sample().model)
    parser.add_argument("images", nargs="?", type=Path, default=sample().calibration)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--at-least", type=int, default=3, help="plans to be compared")
    parser.add_argument("--on", nargs="+", choices=PLACES, default=list(PLACES))
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="search-on-machines-") as temporary:
        root = options.folder or Path(temporary)
        root.mkdir(parents=True, exist_ok=True)
        return compared(options, root)


def compared(options: argparse.Namespace, root: Path) -> int:
    """Search, compare and say what was found; gives the exit status."""
    parent = imported(options.model, options.images, root / "workspace")
    settings = SearchSettings(allowed="int8", minutes=options.minutes, target="cpu_vnni")

    def job(folder: Path, machine: Machine | None) -> SearchJob:
        dataset = DatasetSource(path=options.images, role="calibration")
        return SearchJob(
            model=parent, dataset=dataset, folder=folder, settings=settings, machine=machine
        )

    found = {place: searched(root, place, job, options.workers) for place in options.on}
    for place, folder in found.items():
        print(place, *map(_line, tried(folder)), sep="\n")
    first, *others = found.values()
    wrong = [said for folder in others for said in differences(first, folder)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    shortest = min(len(tried(folder)) for folder in found.values())
    if shortest < options.at_least:
        print(f"Only {shortest} plans were compared: give more --minutes.")
    places = {place: _told(folder) for place, folder in found.items()}
    print(json.dumps({"compared": shortest, "differences": len(wrong), "places": places}))
    return bool(wrong) or shortest < options.at_least


if __name__ == "__main__":
    unwind_when_ended()
    sys.exit(main())
