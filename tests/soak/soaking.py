"""A window in a process of its own that soaks, and what its figures say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.values import from_json
from tests.kills.room import make_room, make_shared
from tests.soak.held import Entry
from tests.support.catalogue_server import running

WARM_UP_JOBS = 20
MOST_GROWTH = 0.05


def soak(folder: Path, seed: int, jobs: int, *, few: bool = False) -> Iterator[Entry]:
    """Let a window do so many jobs; gives what it holds after each. Raises where it dies.

    `few`: rounds of a few quick steps.
    """
    with running() as server:
        shared = make_shared(folder / "shared", server)
        room = make_room(folder / "room", shared)
        command = [sys.executable, "-P", "-m", "tests.soak.window"]
        with (
            room.stderr.open("wb") as stderr,
            subprocess.Popen(
                [
                    *command,
                    str(room.root),
                    str(shared),
                    str(seed),
                    str(jobs),
                    *(["few"] if few else []),
                ],
                env=room.environment("soak"),
                stdout=subprocess.PIPE,
                stderr=stderr,
            ) as process,
        ):
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    yield from_json(line, Entry)
            finally:
                process.terminate()
        said = room.stderr.read_text("utf-8", "replace")
        assert process.returncode == 0, said
        assert "Traceback" not in said, said


def verdict(entries: Sequence[Entry]) -> list[str]:
    """What is wrong: at the ends of rounds, when everything that was made is deleted again."""
    found = [f"{one.title}: {one.failed}" for one in entries if one.failed]
    ends = [one for one in entries if one.round and one.jobs >= WARM_UP_JOBS]
    if len(ends) < 2:
        return [*found, f"only {len(ends)} rounds ended after {WARM_UP_JOBS} jobs"]
    first, last = ends[0].held, ends[-1].held
    growth = last.rss_bytes / first.rss_bytes - 1
    if growth >= MOST_GROWTH:
        jobs = f"between job {ends[0].jobs} and {ends[-1].jobs}"
        found.append(f"the memory grew by {growth:.1%} {jobs}")
    return [*found, *differences(ends)]


def differences(ends: Sequence[Entry]) -> list[str]:
    """What is not the same at the ends of all rounds, with the threads by their names."""
    found = []
    for what in ("threads", "python_threads", "handles", "children"):
        series = [getattr(one.held, what) for one in ends]
        if len(set(series)) > 1:
            found.append(f"{what}, round after round: {series}")
    if found:
        found += [f"threads after {one.title}: {', '.join(one.held.names)}" for one in ends]
    return found
