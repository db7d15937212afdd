"""The short form of the kill suite; ``python -m tests.kills`` is the whole of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.capabilities import jobs
from tests.kills.cases import (
    CASES,
    NOT_IN_THE_TERMINAL,
    NOT_IN_THE_WINDOW,
    ON_OTHER_MACHINES,
    TERMINAL,
    WINDOW,
)
from tests.kills.suite import Suite
from tests.support.catalogue_server import running

KILLS = 6
SEED = 20296913  # draws quick jobs of six kinds, one of them with a helper, half from each face


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Suite]:
    with running() as server:
        yield Suite(tmp_path / "kills", server, SEED)


def test_every_kind_of_job_is_killed_from_both_faces() -> None:
    here = set(jobs()) - set(ON_OTHER_MACHINES)
    for face, left_out in ((TERMINAL, NOT_IN_THE_TERMINAL), (WINDOW, NOT_IN_THE_WINDOW)):
        assert {case.job for case in face} == here - set(left_out)
    assert {case.job for case in CASES} == here


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.timeout(600)  # many starts of the program, on a machine that may be busy
def test_a_few_kills_leave_nothing(suite: Suite) -> None:
    print(f"seed {SEED}")
    cheap = [one for one in CASES if "search" not in one.name and "project" not in one.name]
    for outcome in suite.kills(cheap, KILLS):
        print(f"{outcome.case.title}: {outcome.blow} ({outcome.struck})")
        assert outcome.faults == []
