"""Where benchmarks and profiles are made: the choice on the performance tab, with a real host."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from app.performance.run_on import RunOn
from app.shell.main_window import MainWindow
from core.machines.machine import new_machine
from core.machines.store import add_machine, forget, machine_named
from tests.support import user
from tests.support.sshd import Host, needs_sshd, running
from tests.support.window import JOB_TIMEOUT_MS, open_stored, show_tab, wait_for_jobs

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

pytestmark = [needs_sshd, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with running(tmp_path_factory.mktemp("host") / "sshd") as host:
        yield host


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


def test_a_host_measures_once_the_user_agrees(qtbot: QtBot, window: MainWindow) -> None:
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

    forget("board")
    show_tab(qtbot, window, "project")
    show_tab(qtbot, window, "performance")
    assert not where.isVisible() and where.choice.machine is None
