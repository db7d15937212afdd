"""Where benchmarks and profiles are made: the choice on the performance tab, with a real host."""

from __future__ import annotations

import json
import socket
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.performance.run_on import RunOn
from app.shell.main_window import MainWindow
from app.transfer.self_test_dialog import SelfTestDialog
from core.machines.machine import new_machine
from core.machines.store import add_machine, forget, machine_named
from tests.support import user
from tests.support.images import write_images
from tests.support.sshd import Host, needs_ssh, there
from tests.support.window import JOB_TIMEOUT_MS, open_stored, show_tab, wait_for_jobs

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

__all__ = ["there"]

HOST = socket.gethostname()
pytestmark = [needs_ssh, pytest.mark.timeout(600)]


@pytest.fixture
def window(
    qtbot: QtBot, there: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    there.reached_by(monkeypatch)
    opened = open_stored(qtbot, tmp_path / "workspace", monkeypatch)
    opened.parts.session.select_project(opened.parts.session.rows[0].id)
    show_tab(qtbot, opened, "performance")
    return opened


def run_on(window: MainWindow) -> RunOn:
    (found,) = window.findChildren(RunOn)
    return found


def answered(button: str) -> None:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert "Send images and models to board (ssh://board)?" in box.text()
    user.press(box, button)


def test_without_a_host_there_is_nothing_to_choose(qtbot: QtBot, window: MainWindow) -> None:
    add_machine(new_machine("lab", "tcp://127.0.0.1:9", agreed=True))
    show_tab(qtbot, window, "project")
    show_tab(qtbot, window, "performance")
    assert not run_on(window).isVisible(), "nothing is measured on a scheduler's workers"


def test_a_host_measures_once_the_user_agrees(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    add_machine(new_machine("board", "ssh://board"))
    show_tab(qtbot, window, "project")
    show_tab(qtbot, window, "performance")
    where = run_on(window)
    assert where.isVisible()

    QTimer.singleShot(0, partial(answered, "Cancel"))
    user.choose(where.choice, "board: ssh://board")
    assert where.choice.machine is None, "who does not agree stays here"
    QTimer.singleShot(0, partial(answered, "Agree"))
    user.choose(where.choice, "board: ssh://board")
    assert where.choice.machine == "board" and machine_named("board").agreed

    page = window.tabs.performance.speed
    page.form.amount.setValue(2)
    user.click(page.run if page.currentWidget() is page.page else page.empty.action)
    wait_for_jobs(qtbot, window)
    qtbot.waitUntil(lambda: ", on board (" in page.machine.text(), timeout=JOB_TIMEOUT_MS)
    assert page.runs.table.model().index(0, page.runs.table.model().columnCount() - 2).data() == (
        "board"
    )

    report_is_made_there(qtbot, window, write_images(tmp_path / "images", 2))
    package_is_tested_there(qtbot, window, tmp_path)
    machines_are_compared(qtbot, window, tmp_path)

    forget("board")
    show_tab(qtbot, window, "project")
    show_tab(qtbot, window, "performance")
    assert not where.isVisible() and where.choice.machine is None


def report_is_made_there(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    """Both models run on the host, and the report says so; nothing is divided as well."""
    parts = window.parts
    parts.session.select_project(parts.session.rows[1].id)
    show_tab(qtbot, window, "report")
    tab = window.tabs.report
    qtbot.waitUntil(lambda: tab.currentWidget() not in (tab.library, tab.opening))
    parts.reports.show_library()
    where = tab.library.where
    user.choose(where.detect_on, "board: ssh://board")
    user.choose(where.run_on, "board: ssh://board")
    assert where.detect_on.machine is None and not where.detect_on.isEnabled()
    tensors = next(row for row in tab.library.kinds if "tensor" in row.radio.text().lower())
    tensors.radio.setChecked(True)
    assert not where.run_on.isVisible() and where.run_on.machine is None
    tab.library.kinds[0].radio.setChecked(True)
    user.choose(where.run_on, "board: ssh://board")
    tab.library.dataset.set_path(folder)
    user.click(tab.library.start)
    wait_for_jobs(qtbot, window)
    qtbot.waitUntil(lambda: f"Run on board ({HOST})." in tab.header.runs.text())


def package_is_tested_there(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    package = folder / "package"
    package.mkdir()
    (package / "self_test.py").write_text("print('The self-test passed.')")
    (entry,) = (one for one in window.menus.entries if one.title == "Test a deployment package…")
    entry.action.trigger()
    (dialog,) = window.findChildren(SelfTestDialog)
    assert not dialog.start.isEnabled()
    dialog.package.set_path(folder / "none")
    user.click(dialog.start)
    assert "none" in dialog.note.text()
    dialog.package.set_path(package)
    user.choose(dialog.run_on, "board: ssh://board")
    user.click(dialog.start)
    qtbot.waitUntil(lambda: dialog.note.text().endswith("the self-test passed."), timeout=60_000)
    assert f", on board ({HOST})" in dialog.note.text()
    assert "The self-test passed." in dialog.lines.toPlainText()
    user.press(dialog, "Close")


def machines_are_compared(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    """One table; the report that was made on the host waits for a benchmark there."""
    show_tab(qtbot, window, "performance")
    tab = window.tabs.performance
    tab.setCurrentWidget(tab.machines)
    page = tab.machines
    missing = f"board ({HOST}): there is a report, and no benchmark yet."
    qtbot.waitUntil(lambda: missing in page.problems.text())
    cells = user.cells(page.table)
    assert {row[0] for row in cells} == {"This machine"} and len(cells) == 4
    assert [row[3] for row in cells if row[-1] != "–"] == ["default"], "what was judged"
    assert not run_on(window).isVisible()
    page.save(folder / "machines.csv")
    page.save(folder / "machines.json")
    assert (folder / "machines.csv").read_text("utf-8").count("\nthis,") == 4
    assert len(json.loads((folder / "machines.json").read_text("utf-8"))) == 4

    assert not page.measure.isEnabled()
    page.ticks["board"].click()
    user.click(page.measure)
    queue = window.parts.queue
    titles = {one.title for one in queue.all_jobs if not one.finished}
    assert titles == {
        "Benchmark ssd – INT8 performance on board",
        "Report on ssd – INT8 performance: Predictions on board",
    }
    for one in queue.all_jobs:
        queue.cancel(one.number)
    wait_for_jobs(qtbot, window)
