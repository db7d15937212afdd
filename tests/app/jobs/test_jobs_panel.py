"""The jobs panel, driven as a user drives it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.jobs.panel import JobsPanel
from app.shell.main_window import MainWindow
from app.workers import job_queue
from tests.support import user
from tests.support.checkout import run_python, running_python
from tests.support.queues import LIGHT, Stage
from tests.support.window import (
    import_project,
    make_material,
    open_imported,
    open_window,
    wait_for_jobs,
)

OTHER = """
import sys, time
from pathlib import Path
from core.jobs.events import Progress
from core.jobs.registry import Announcement, Ended
one = Announcement("optimize yolo.xml photos", "terminal", Path("/work"))
one.say("running", Progress(stage="Collecting statistics", done=30, total=300, seconds_left=70))
print("ready", flush=True)
while not one.cancel_wanted:
    time.sleep(0.02)
one.end(Ended(state="cancelled", seconds=3))
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No jobs but those of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_window(qtbot, tmp_path / "workspace", monkeypatch)


@pytest.fixture
def stage(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage()
    monkeypatch.setattr(job_queue, "run_planned", made.run)
    return made


@pytest.fixture
def panel(qtbot: QtBot, window: MainWindow) -> JobsPanel:
    return unfolded(qtbot, window)


def unfolded(qtbot: QtBot, window: MainWindow) -> JobsPanel:
    """The panel, by its button."""
    user.click(window.job_bar.jobs)
    qtbot.waitUntil(window.jobs.isVisible)
    return window.jobs


@pytest.fixture
def other(cache: None) -> Iterator[subprocess.Popen[str]]:
    with running_python(OTHER) as process:
        yield process


def shown(panel: JobsPanel, *columns: int) -> list[list[str | None]]:
    return [[row[number] for number in columns] for row in user.cells(panel.table)]


def until(qtbot: QtBot, panel: JobsPanel, wanted: list[list[str | None]]) -> None:
    def there() -> None:
        assert shown(panel, 0, 2) == wanted

    qtbot.waitUntil(there, timeout=30_000)


def test_it_unfolds_and_says_what_belongs_there(window: MainWindow, panel: JobsPanel) -> None:
    assert panel.empty.isVisible()
    assert "other windows" in panel.empty.text()
    for one in (panel.cancel, panel.earlier, panel.later, panel.open_log, panel.open_result):
        assert not one.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert not panel.isVisible()


def test_a_job_leads_to_its_log_and_to_its_result(
    qtbot: QtBot, window: MainWindow, panel: JobsPanel, tmp_path: Path
) -> None:
    material = make_material(tmp_path)
    assert import_project(window, material.model, material.validation)
    until(qtbot, panel, [["Import tiny ssd.xml", "Running"]])
    wait_for_jobs(qtbot, window)
    until(qtbot, panel, [["Benchmark tiny ssd", "Done"], ["Import tiny ssd.xml", "Done"]])
    assert shown(panel, 1)[0] == ["tiny ssd"]
    window.parts.session.select_project(None)
    user.click_cell(panel.table, 1)
    logs: list[Path] = []
    panel.log_requested.connect(logs.append)
    user.click(panel.open_log)
    assert logs[0].parent == window.parts.workspace.logs
    assert not panel.cancel.isEnabled() and not panel.earlier.isEnabled()
    user.click(panel.open_result)
    assert window.parts.session.selected == window.parts.workspace.projects()[0].id
    window.parts.session.select_project(None)
    user.double_click(panel.table, 0)
    assert window.parts.session.selected == window.parts.workspace.projects()[0].id
    assert window.tabs.currentIndex() == 2, "its speed"


def test_those_that_wait_are_put_in_order_and_cancelled(
    qtbot: QtBot, window: MainWindow, panel: JobsPanel, stage: Stage
) -> None:
    queue = window.parts.queue
    for title in ("first", "second", "third"):
        queue.submit(stage.job(title))
    queue.submit(stage.job("look", LIGHT))
    until(
        qtbot,
        panel,
        [["first", "Running"], ["look", "Running"], ["second", "Waiting"], ["third", "Waiting"]],
    )
    user.click_cell(panel.table, 2)
    assert not panel.earlier.isEnabled() and panel.later.isEnabled(), "it is the next"
    user.click_cell(panel.table, 3)
    assert not panel.later.isEnabled(), "it is the last"
    user.click(panel.earlier)
    qtbot.waitUntil(lambda: user.column(panel.table) == ["first", "look", "third", "second"])
    assert panel.row is not None and panel.row.title == "third", "it stays selected"
    QTest.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: user.column(panel.table) == ["first", "look", "second", "third"])
    user.click(panel.cancel)
    until(
        qtbot,
        panel,
        [["first", "Running"], ["look", "Running"], ["second", "Waiting"], ["third", "Cancelled"]],
    )
    user.click_cell(panel.table, 1)
    assert not panel.earlier.isEnabled(), "it runs"
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: ["look", "Cancelled"] in shown(panel, 0, 2), timeout=30_000)
    assert ["first", "Running"] in shown(panel, 0, 2), "the others go on"


def test_jobs_of_the_terminal_are_seen_and_cancelled(
    qtbot: QtBot, panel: JobsPanel, other: subprocess.Popen[str]
) -> None:
    until(qtbot, panel, [["optimize yolo.xml photos", "Running"]])
    ((stage_text, left, where),) = shown(panel, 3, 4, 5)
    assert (stage_text, left) == ("Collecting statistics   30 / 300", "70 s")
    assert where == "terminal"
    user.click_cell(panel.table, 0)
    assert not panel.open_log.isEnabled()
    user.click(panel.cancel)
    assert other.wait(60) == 0
    until(qtbot, panel, [["optimize yolo.xml photos", "Cancelled"]])
    assert shown(panel, 3, 5) == [["took 3 s", "terminal"]]
    assert not panel.cancel.isEnabled()


def test_a_job_of_a_killed_process_has_failed(
    qtbot: QtBot, panel: JobsPanel, other: subprocess.Popen[str]
) -> None:
    until(qtbot, panel, [["optimize yolo.xml photos", "Running"]])
    other.kill()
    until(qtbot, panel, [["optimize yolo.xml photos", "Failed"]])
    assert shown(panel, 3) == [["Its process ended without a word."]]


def test_what_another_window_made_is_opened_here(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = make_material(tmp_path)
    given = material.model, material.validation
    window = open_imported(qtbot, tmp_path / "workspace", monkeypatch, *given)
    panel = unfolded(qtbot, window)
    (project,) = window.parts.workspace.projects()
    line = f"""
from pathlib import Path
from core.jobs.registry import Announcement, Ended
root = Path({str(window.parts.workspace.root)!r})
one = Announcement("Benchmark it", "window", root, {project.id})
one.end(Ended(state="succeeded", project_id={project.id}, makes="benchmark"))
"""
    run_python(line)
    said = ["Benchmark it", project.name, "Done", "closed window"]
    qtbot.waitUntil(lambda: said in shown(panel, 0, 1, 2, 5), timeout=30_000)
    window.parts.session.select_project(None)
    user.click_cell(panel.table, user.column(panel.table).index("Benchmark it"))
    user.click(panel.open_result)
    assert window.parts.session.selected == project.id
    assert window.tabs.currentIndex() == 2, "its speed"


def test_what_runs_stands_above_what_waits(qtbot: QtBot, window: MainWindow) -> None:
    """Also of another process, whose jobs are in no order."""
    script = """
import sys
from pathlib import Path
from core.jobs.registry import Announcement
for number in range(16):
    Announcement("job", "window", Path("/work")).say("running" if number % 2 else "waiting")
print("ready", flush=True)
sys.stdin.read()
"""
    with running_python(script):
        user.click(window.job_bar.jobs)
        qtbot.waitUntil(lambda: len(user.cells(window.jobs.table)) == 16, timeout=30_000)
        states = [state for (state,) in shown(window.jobs, 2)]
        assert states == ["Running"] * 8 + ["Waiting"] * 8


def test_a_job_that_failed_says_why(
    qtbot: QtBot, window: MainWindow, panel: JobsPanel, tmp_path: Path
) -> None:
    material = make_material(tmp_path)
    material.model.with_suffix(".bin").write_bytes(b"")
    assert import_project(window, material.model, material.validation)
    wait_for_jobs(qtbot, window)
    until(qtbot, panel, [["Import tiny ssd.xml", "Failed"]])
    ((why,),) = shown(panel, 3)
    assert why and "tiny ssd" in why


def test_progress_moves_rows_and_rebuilds_nothing(
    qtbot: QtBot, window: MainWindow, panel: JobsPanel, stage: Stage
) -> None:
    queue = window.parts.queue
    for number in range(100):
        queue.submit(stage.job(f"job {number}"))
    qtbot.waitUntil(lambda: len(user.column(panel.table)) == 100, timeout=30_000)
    qtbot.waitUntil(lambda: shown(panel, 3)[0] == ["job 0 works   1 / 2"], timeout=30_000)
    resets: list[None] = []
    panel.table.model().modelReset.connect(lambda: resets.append(None))
    user.click_cell(panel.table, 50)
    panel.table.verticalScrollBar().setValue(40)
    with qtbot.waitSignal(panel.table.model().dataChanged, timeout=30_000):
        pass  # it looks for other processes, and shows the rows again
    assert not resets
    assert panel.table.verticalScrollBar().value() == 40
    assert panel.row is not None and panel.row.title == "job 50"
