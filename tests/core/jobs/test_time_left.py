"""The time left is that of the whole job, or none."""

from __future__ import annotations

import pytest

from core.importing.service import plan_import
from core.jobs.time_left import TimeLeft, remember_stages, usual_stages
from core.unfinished import user_cache
from tests.core.conftest import Made
from tests.support.jobs import run

USUAL = (("Looking", 1.0), ("Detecting", 60.0), ("Comparing", 30.0))


def at(stage: str, usual: tuple[tuple[str, float], ...] = USUAL) -> TimeLeft:
    made = TimeLeft(usual)
    made.begin("Looking", 0.0)
    if stage != "Looking":
        made.begin(stage, 2.0)
    return made


def test_what_follows_takes_its_share() -> None:
    """Everything takes twice as long as the last time: half of Detecting is over."""
    left = at("Detecting").left(50, 100, 62.0)
    assert left is not None
    assert abs(left - (60 + 60)) < 1


def test_in_the_last_stage_it_is_that_of_the_stage() -> None:
    job = at("Detecting")
    job.begin("Comparing", 122.0)
    assert job.left(30, 40, 152.0) == 10.0


def test_a_guess_that_would_be_most_of_it_is_not_made() -> None:
    assert at("Looking").left(5, 10, 1.0) is None


def test_nothing_is_said_of_what_was_never_seen() -> None:
    assert at("Detecting", ()).left(50, 100, 62.0) is None
    assert at("Ranking").left(50, 100, 62.0) is None
    assert at("Detecting").left(0, 100, 62.0) is None
    assert at("Detecting").left(5, None, 62.0) is None


def test_a_pause_is_no_work() -> None:
    job = at("Detecting")
    job.begin("Comparing", 122.0)
    job.paused(100.0)
    assert job.left(30, 40, 252.0) == 10.0


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        '{"version": 1, "jobs": {"import": [["Looking", -5]]}}',
        '{"version": 1, "jobs": {"import": [["Looking", 1e300]]}}',
        '{"version": 1, "jobs": {"import": "Looking"}}',
    ],
)
def test_a_damaged_file_is_as_none(damage: str) -> None:
    remember_stages("import", (("Looking", 1.0),))
    path = user_cache() / "stage-times.json"
    path.write_text(damage)
    assert usual_stages("import") == ()
    remember_stages("import", (("Looking", 2.0),))
    assert usual_stages("import") == (("Looking", 2.0),)
    path.unlink()


def test_a_job_remembers_its_stages_for_the_next_one(made: Made) -> None:
    remember_stages("import", ())
    assert run(made.workspace, plan_import(made.workspace, made.model, made.images))
    stages = [stage for stage, _ in usual_stages("import")]
    assert stages[0] == "Looking at the images"
    assert "Running it once" in stages
