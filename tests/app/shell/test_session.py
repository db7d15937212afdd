"""The window's state, without a window: what is refused, and what is told."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from app.kit.notice import Notice
from app.project.navigation import Tab
from app.project.presenting import Surroundings
from app.project_views import ProjectView, project_rows
from app.shell.composition import log_to_workspace
from app.shell.keeping import Keeping
from app.shell.parts import Parts
from app.shell.session import Session
from core.benchmark.job import BenchmarkJob
from core.importing.service import plan_import
from core.jobs.events import JobOutcome
from core.jobs.planned import JobEnd, Part, PlannedJob
from core.workspace.store import Workspace
from tests.support.queues import HEAVY, StandingQueue
from tests.support.window import make_material

LAST = Part(("Optimize", "Benchmark", "Report"), 2)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session whose queue never starts anything."""
    workspace = Workspace(tmp_path / "workspace")
    return Session(Surroundings(workspace, StandingQueue(workspace)))


def _notices(session: Session) -> list[Notice]:
    said: list[Notice] = []
    session.queue.notices.posted.connect(said.append)
    return said


def test_an_import_of_nothing_is_refused_at_once(session: Session, tmp_path: Path) -> None:
    said = _notices(session)
    workspace = session.workspace
    assert not session.queue.start(lambda: plan_import(workspace, tmp_path / "none.xml", tmp_path))
    assert said[0].failed
    assert "There is no file" in said[0].text
    assert not session.queue.jobs


def test_a_project_with_a_waiting_job_cannot_be_deleted(session: Session, tmp_path: Path) -> None:
    workspace = session.workspace
    keeping = Keeping(Surroundings(workspace, session.queue))
    root = workspace.root
    parent = workspace.add_project("p", root / "m" / "m.xml", root / "m" / "d.json", "CPU")
    child = workspace.begin_optimized(workspace.project(parent), "c")
    plan = plan_import(
        session.workspace, make_material(tmp_path).model, tmp_path / "photos" / "val"
    ).job
    assert not isinstance(plan, BenchmarkJob)
    session.queue.submit(PlannedJob("Optimize p", plan, root / "x", child, lambda folder: child))
    said = _notices(session)
    assert keeping.contents(parent) is None, "there is no question"
    keeping.delete(parent)
    assert "Cancel that job first" in said[0].text
    assert {project.id for project in workspace.projects()} == {parent, child}


def test_a_project_deleted_elsewhere_leads_back_to_the_start_page(session: Session) -> None:
    root = session.workspace.root
    workspace = session.workspace
    project = workspace.add_project("p", root / "m" / "m.xml", root / "m" / "d.json", "CPU")
    session.show_project(project)
    shown: list[ProjectView | None] = []
    session.project_shown.connect(shown.append)
    Workspace(root).delete_project(project)  # as another window would
    said = _notices(session)
    session.refresh()
    assert shown == [None]
    (notice,) = said
    assert notice.text.startswith("p was deleted in another window or in the terminal.")
    session.refresh()
    assert len(said) == 1


@pytest.mark.parametrize("writable", [True, False])
def test_the_unexpected_is_logged_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writable: bool
) -> None:
    """Also where the workspace is somebody else's, and open for looking."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's
    parts = Parts(tmp_path / "workspace")
    log = parts.workspace.logs / "window.log"
    if not writable:
        log.mkdir()
    said: list[Notice] = []
    parts.notices.posted.connect(said.append)
    log_to_workspace(parts)
    sys.excepthook(ValueError, ValueError("an odd thing"), None)
    assert "an odd thing" in said[0].text
    assert said[0].log == (log if writable else None)
    assert not writable or "an odd thing" in log.read_text("utf-8")
    for handler in logging.getLogger().handlers:
        handler.close()


def test_a_change_here_reads_its_project_and_those_below_it_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others are read by a thread: with hundreds of them the window stood still meanwhile."""
    workspace, root = session.workspace, session.workspace.root
    first, second = (
        workspace.add_project(name, root / "m" / "m.xml", root / "m" / "d.json", "CPU")
        for name in ("a", "b")
    )
    child = workspace.begin_optimized(workspace.project(first), "INT8")
    session.start()
    workspace.rename_project(second, "not looked at")
    asked: list[None] = []
    session.reading_wanted.connect(lambda: asked.append(None))
    monkeypatch.setattr(Workspace, "projects", None)
    session.rename_project(first, "c")
    assert [row.title for row in session.rows] == ["c", "b", "c – INT8"]
    number = workspace.trash.add_project(first)
    session.show_changed(first, None)
    assert [row.id for row in session.rows] == [second]
    workspace.trash.restore(number)
    session.show_changed(first, child)
    assert [row.title for row in session.rows] == ["c", "b", "c – INT8"]
    assert not asked
    session.refresh()
    assert asked


def test_the_list_after_a_change_is_that_which_is_read_anew(session: Session) -> None:
    workspace, root = session.workspace, session.workspace.root
    parent = workspace.add_project("a", root / "m" / "m.xml", root / "m" / "d.json", "CPU")
    session.start()
    child = workspace.begin_optimized(workspace.project(parent), "INT8")
    session.show_project(child)
    assert session.rows == project_rows(workspace)
    session.rename_project(child, "gate")
    assert session.rows == project_rows(workspace)


def made_by(session: Session, looked_at: str) -> str | None:
    """What is selected once `a` was optimized, where the user `looked_at` another meanwhile."""
    workspace, root = session.workspace, session.workspace.root
    numbers = {
        name: workspace.add_project(name, root / "m" / "m.xml", root / "m" / "d.json", "CPU")
        for name in ("a", "b")
    }
    session.start()
    session.select_project(numbers["a"])
    child = workspace.begin_optimized(workspace.project(numbers["a"]), "INT8")
    job = PlannedJob("it", HEAVY, root, child, lambda folder: child, makes="optimized model")
    session.queue.submit(job)
    session.select_project({**numbers, "INT8": child}[looked_at])
    session.queue.job_ended.emit(job, JobEnd(JobOutcome("succeeded"), child))
    names = {number: name for name, number in numbers.items()}
    assert session.selected is not None
    return names.get(session.selected)


@pytest.mark.parametrize("looked_at", ["a", "INT8"])
def test_an_optimized_model_is_shown_where_it_was_asked_for(
    session: Session, looked_at: str
) -> None:
    assert made_by(session, looked_at) is None, "the new one"


def test_who_went_on_to_another_project_stays_there(session: Session) -> None:
    assert made_by(session, "b") == "b"


def on_a_project(session: Session) -> tuple[int, list[str]]:
    """A new project that is looked at, and the pages that the session goes to from now on."""
    workspace, root = session.workspace, session.workspace.root
    number = workspace.add_project("a", root / "m" / "m.xml", root / "m" / "d.json", "CPU")
    session.start()
    session.select_project(number)
    went: list[str] = []
    session.go.show_tab.connect(went.append)
    return number, went


@pytest.mark.parametrize("shown", [True, False])
def test_a_report_is_gone_to_unless_it_is_for_a_table(session: Session, shown: bool) -> None:
    """Who compared machines was taken to the report of each, away from the table."""
    root, (number, went) = session.workspace.root, on_a_project(session)
    job = PlannedJob("it", HEAVY, root, number, lambda _: number, makes="report", shown=shown)
    session.queue.submit(job)
    session.queue.job_ended.emit(job, JobEnd(JobOutcome("succeeded"), number))
    assert went == (["report"] if shown else [])


@pytest.mark.parametrize(
    ("part", "asked_on", "ended_on", "shown"),
    [
        (None, "project", "project", ["report"]),
        (None, "project", "performance", []),
        (LAST, "project", "optimize", ["project"]),
        (LAST, "project", "performance", []),
        (LAST, "performance", "performance", []),
    ],
)
def test_what_ends_takes_nobody_from_what_is_looked_at(
    session: Session, part: Part | None, asked_on: Tab, ended_on: Tab, shown: list[Tab]
) -> None:
    """Who set up a benchmark lost the page under the mouse when a chain of jobs had ended."""
    root, (number, went) = session.workspace.root, on_a_project(session)
    session.look_at(asked_on)
    job = PlannedJob("it", HEAVY, root, number, lambda _: number, makes="report", part=part)
    session.queue.submit(job)
    session.look_at(ended_on)
    session.queue.job_ended.emit(job, JobEnd(JobOutcome("succeeded"), number))
    assert went == shown


def test_a_new_project_is_shown_on_its_page(session: Session) -> None:
    root = session.workspace.root
    number = session.workspace.add_project("a", root / "m" / "m.xml", root / "m" / "d.json", "CPU")
    shown: list[str] = []
    session.go.show_tab.connect(shown.append)
    job = PlannedJob("it", HEAVY, root, None, lambda folder: number, makes="model")
    session.queue.submit(job)
    session.queue.job_ended.emit(job, JobEnd(JobOutcome("succeeded"), number))
    assert session.selected == number
    assert shown == ["project"], "not on the tab that was in front for another one"
