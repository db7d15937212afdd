"""The short form of the soak; ``python -m tests.soak`` is the whole of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.soaking import differences, soak

JOBS = 6  # three rounds
SEED = 1


@pytest.mark.timeout(600)  # a whole round, on a machine that may be busy
def test_a_round_of_jobs_leaves_no_thread_handle_or_process(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    entries = list(soak(tmp_path / "soak", SEED, JOBS, few=True))
    assert [one.failed for one in entries if one.failed] == []
    ends = [one for one in entries if one.round]
    assert len(ends) == 3
    assert differences(ends[1:]) == []  # in the first one, pages make their threads
    assert {one.held.children for one in ends} == {0}
