"""The short form of the soak; ``python -m tests.soak`` is the whole of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.soaking import soak

JOBS = 6
SEED = 1


@pytest.mark.timeout(600)  # a whole round, on a machine that may be busy
def test_a_round_of_jobs_leaves_no_thread_handle_or_process(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    entries = list(soak(tmp_path / "soak", SEED, JOBS, few=True))
    assert [one.failed for one in entries if one.failed] == []
    first, *others = (one for one in entries if one.round)
    assert others, "two rounds and more"
    for one in others:
        assert one.threads <= first.threads
        assert one.handles <= first.handles
        assert one.children == 0
