"""A job that is killed or cancelled while it detects loses the shard that it was at, no more."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from core.datasets.open import open_dataset
from core.jobs.events import Event
from core.predict.parts import cut
from core.unfinished import WORK_PREFIX, user_cache
from tests.core.conftest import Made
from tests.core.predict.conftest import SLOW
from tests.support.jobs import job_processes, leftovers
from tests.support.shards import inferred, is_detecting, predicted, require_same, said, shards


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_a_kill_at_any_instant_loses_one_shard_at_most(
    made: Made, large: Path, tmp_path: Path
) -> None:
    cache, images = tmp_path / "cache", large
    ends = [part.stop for part in cut(open_dataset(images).images)]
    assert len(ends) > 4
    stored, random = 0, np.random.default_rng(17)
    for number in range(3):
        wait_for = int(random.integers(1, 40))

        def kill(event: Event, wait_for: int = wait_for) -> None:
            if is_detecting(event) and event.done >= wait_for:
                for process in job_processes():
                    process.send_signal(signal.SIGKILL)

        outcome, events = predicted(made, images, tmp_path / f"out {number}", cache, kill)
        assert outcome.state == "failed"
        assert not (tmp_path / f"out {number}").exists()
        assert leftovers(cache) == []
        begun = 0 if stored == 0 else ends[stored - 1]
        reached = begun + inferred(events)
        found = len(shards(cache))
        assert found >= sum(end < reached for end in ends), "but for the one that was being made"
        assert f"{stored} of {len(ends)} parts" in " ".join(said(events)) or not stored
        stored = found
    assert stored > 0
    outcome, events = predicted(made, images, tmp_path / "out", cache)
    assert inferred(events) == SLOW - ends[stored - 1]
    require_same(made, images, outcome.require())


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_what_a_killed_job_was_writing_into_the_cache_is_removed(
    made: Made, images: Path, tmp_path: Path
) -> None:
    cache, left = tmp_path / "cache", []
    cache.mkdir()

    def kill(event: Event) -> None:
        """Stop the job, let it look as if it had been writing, and kill it."""
        for process in job_processes() if is_detecting(event) else ():
            process.suspend()
            owner = f"{process.pid}.{round(process.create_time())}"
            left.append(cache / f"{WORK_PREFIX}{owner}-0123abcd")
            left[-1].write_bytes(b"half of it")
            note = user_cache() / "unfinished" / owner
            with note.open("ab") as file:
                file.write(bytes(left[-1]) + b"\0")
            process.kill()

    outcome, _ = predicted(made, images, tmp_path / "out", cache, kill)
    assert outcome.state == "failed"
    assert left
    assert leftovers(cache) == []


def test_a_cancel_in_the_middle_is_resumed(made: Made, large: Path, tmp_path: Path) -> None:
    cache, cancel, images = tmp_path / "cache", threading.Event(), large

    def stop(event: Event) -> None:
        if is_detecting(event) and event.done > 10:
            cancel.set()

    outcome, _ = predicted(made, images, tmp_path / "out", cache, stop, cancel)
    assert outcome.state == "cancelled"
    stored = len(shards(cache))
    assert stored > 0
    assert leftovers(cache) == []
    outcome, events = predicted(made, images, tmp_path / "out", cache)
    assert 0 < inferred(events) < SLOW
    parts = len(shards(cache))
    taken = f"Detections taken from an earlier run: {stored} of {parts} parts of the model."
    assert taken in said(events)
    require_same(made, images, outcome.require())
