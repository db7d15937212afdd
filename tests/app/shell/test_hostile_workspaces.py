"""A part of the damaged workspaces that the window must open, or refuse, in a process of its own.

``python -m tests.hostile --window`` tries all of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.hostile.base import make_base
from tests.hostile.everything import SEED, attempt, share
from tests.hostile.inputs import windows

PART = 31  # one input of so many is tried here


@pytest.mark.skipif(sys.platform != "linux", reason="it watches files by Linux's means")
@pytest.mark.timeout(600)
def test_a_part_of_the_damaged_workspaces(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    faults, tried = [], 0
    with windows.start() as window:
        for case in share(windows.cases(base), PART, SEED):
            _, ran = attempt(window, base, case, SEED, tmp_path / str(tried))
            tried += 1
            if ran.faults:
                faults.append(f"{case.title}: {ran.faults}\n  {ran.err[-500:]}")
    assert not faults, "\n".join(faults)
    assert tried > 3
