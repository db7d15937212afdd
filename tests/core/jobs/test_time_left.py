"""The time left is that of the whole job, or none."""

from __future__ import annotations

import pytest

from core.importing.service import plan_import
from core.jobs.time_left import FIRST, TimeLeft, remember_stages, usual_stages
from core.models.plan import QuantizationPlan
from core.optimize.service import plan_optimize
from core.reports.service import plan_report
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
    job = at("Detecting")
    job.left(10, 100, 14.0)
    left = job.left(50, 100, 62.0)
    assert left is not None
    assert abs(left - (60 + 60)) < 1


def test_what_prepared_the_first_items_does_not_count_for_the_others() -> None:
    """Models are compiled for 40 seconds, then an image takes one."""
    job = at("Detecting", (("Looking", 1.0), ("Detecting", 60.0)))
    assert job.left(1, 100, 43.0) is None, "it would be more than an hour"
    assert job.left(3, 100, 45.0) == 97.0
    assert job.left(100, 100, 142.0) == 0.0


def test_in_the_last_stage_it_is_that_of_the_stage() -> None:
    job = at("Detecting")
    job.begin("Comparing", 122.0)
    job.left(10, 40, 132.0)
    assert job.left(30, 40, 152.0) == 10.0


def test_a_guess_that_would_be_most_of_it_is_not_made() -> None:
    job = at("Looking")
    job.left(1, 10, 0.2)
    assert job.left(5, 10, 1.0) is None


def test_nothing_is_said_of_what_was_never_seen() -> None:
    for job in (at("Detecting", ()), at("Ranking")):
        job.left(10, 100, 14.0)
        assert job.left(50, 100, 62.0) is None
    known = at("Detecting")
    known.left(1, 100, 3.0)
    assert known.left(0, 100, 62.0) is None
    assert known.left(5, None, 62.0) is None


def test_a_pause_is_no_work() -> None:
    job = at("Detecting")
    job.begin("Comparing", 122.0)
    job.left(10, 40, 132.0)
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


def test_the_first_job_of_a_kind_knows_its_stages(made: Made) -> None:
    for tag in FIRST:
        remember_stages(tag, ((tag, 1.0),))
    plan = QuantizationPlan(subset_size=2)
    child = run(made.workspace, plan_optimize(made.workspace, made.parent.id, made.images, plan))
    assert child.end.project_id is not None
    run(made.workspace, plan_report(made.workspace, child.end.project_id))
    for tag, stages in FIRST.items():
        gone_through = {stage for stage, _ in usual_stages(tag)}
        missing = {stage for stage, _ in stages} - gone_through
        assert missing <= {"Measuring the accuracy"}, "only where there are annotations"
