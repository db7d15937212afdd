"""A part of the damaged workspaces that the window must open, or refuse, in a process of its own.

``python -m tests.hostile --window`` tries all of them.
"""

from __future__ import annotations

import sys

import pytest

from tests.hostile.base import make_base
from tests.hostile.everything import SEED, attempt, share
from tests.hostile.inputs import windows
from tests.hostile.user import ordinary, place_for_all

PART = 31  # one input of so many is tried here


@pytest.mark.skipif(sys.platform != "linux", reason="it watches files by Linux's means")
@pytest.mark.timeout(600)
def test_a_part_of_the_damaged_workspaces() -> None:
    faults, tried = [], 0
    with place_for_all() as place, windows.start(ordinary(place)) as window:
        base = make_base(place / "base")
        for case in share(windows.cases(base), PART, SEED):
            _, ran = attempt(window, base, case, SEED, place / f"room-{tried}")
            tried += 1
            if ran.faults:
                faults.append(f"{case.title}: {ran.faults}\n  {ran.err[-500:]}")
    assert not faults, "\n".join(faults)
    assert tried > 3
