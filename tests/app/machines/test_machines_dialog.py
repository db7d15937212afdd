"""Machines in the window: added, checked, agreed to, worked on and removed, with real workers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.machines.add_dialog import AddMachineDialog
from app.machines.dialog import MachinesDialog
from app.shell.main_window import MainWindow
from core.machines.machine import new_machine
from core.machines.store import add_machine, machine_named, machines
from tests.support import user
from tests.support.dask_workers import Cluster
from tests.support.window import JOB_TIMEOUT_MS, open_stored


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as made:
        made.add(1)
        made.wait(1)
        yield made


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return open_stored(qtbot, tmp_path / "workspace", monkeypatch)


def answered(button: str, said: str) -> None:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert said in box.text()
    user.press(box, button)


THIS = ["This machine", "–", "–"]


def opened(window: MainWindow) -> MachinesDialog:
    (entry,) = (one for one in window.menus.entries if one.title == "Machines…")
    entry.action.trigger()
    (dialog,) = window.findChildren(MachinesDialog)
    return dialog


def test_a_machine_is_added_checked_agreed_to_and_removed(
    qtbot: QtBot, window: MainWindow, cluster: Cluster
) -> None:
    dialog = opened(window)
    assert "You have added none" in dialog.note.text()
    assert dialog.check.isEnabled(), "this machine is chosen"
    user.press(dialog, "Add…")
    (form,) = dialog.findChildren(AddMachineDialog)
    form.name.setText("lab")
    form.address.setText("tcp://192.168.0.7:8786")
    user.press(form, "Add")
    assert "is not encrypted" in form.note.text() and machines() == ()
    form.address.setText(cluster.address)
    user.press(form, "Add")
    assert user.cells(dialog.table) == [THIS, ["lab", "no", cluster.address]]
    assert dialog.check.isEnabled(), "it is chosen"
    dialog.table.selectRow(0)
    assert dialog.check.isEnabled() and not dialog.remove.isEnabled()
    user.press(dialog, "Check")
    qtbot.waitUntil(lambda: "what this machine would bring" in dialog.note.text(), timeout=60_000)
    (row,) = user.cells(dialog.workers)
    assert row[:2] == ["this", "yes"] and "OpenVINO" in str(row[-1])
    qtbot.waitUntil(dialog.check.isEnabled)
    dialog.table.selectRow(1)

    user.press(dialog, "Check")
    assert not dialog.check.isEnabled()
    qtbot.waitUntil(lambda: "1 of 1 worker can take part" in dialog.note.text(), timeout=60_000)
    (row,) = user.cells(dialog.workers)
    assert row[1] == "yes" and "OpenVINO" in str(row[-1])
    qtbot.waitUntil(dialog.check.isEnabled)

    for answer, agreed in (("Cancel", "no"), ("Agree", "yes")):
        QTimer.singleShot(0, partial(answered, answer, "Send images and models to lab"))
        user.press(dialog, "Agree…")
        assert user.cells(dialog.table) == [THIS, ["lab", agreed, cluster.address]]
    assert not dialog.agree.isEnabled()

    QTimer.singleShot(0, partial(answered, "Remove", "Remove lab"))
    user.press(dialog, "Remove…")
    qtbot.waitUntil(lambda: "Removed lab" in dialog.note.text(), timeout=60_000)
    assert user.cells(dialog.table) == [THIS] and machines() == ()
    user.press(dialog, "Close")
    window.close()


def test_one_that_was_never_agreed_to_is_taken_off_the_list(window: MainWindow) -> None:
    add_machine(new_machine("lab", "tcp://127.0.0.1:9"))
    dialog = opened(window)
    dialog.table.selectRow(1)
    user.press(dialog, "Remove…")
    assert dialog.note.text() == "lab is no longer listed. Nothing was sent there."
    assert user.cells(dialog.table) == [THIS] and machines() == ()
    user.press(dialog, "Close")
    window.close()


def test_a_report_is_made_on_a_machine_once_the_user_agrees(
    qtbot: QtBot, window: MainWindow, cluster: Cluster
) -> None:
    add_machine(new_machine("lab", cluster.address))
    parts = window.parts
    child = parts.session.rows[1]
    parts.session.select_project(child.id)
    window.tabs.show_tab("report")
    tab = window.tabs.report
    qtbot.waitUntil(lambda: tab.currentWidget() not in (tab.library, tab.opening))
    parts.reports.show_library()
    library = tab.library
    where = library.where
    assert where.detect_on.isVisible() and not where.run_on.isVisible(), "no host was added"
    library.fresh.setChecked(True)
    user.choose(where.detect_on, f"lab: {cluster.address}")
    QTimer.singleShot(0, partial(answered, "Cancel", "Send images and models to lab"))
    user.click(library.start)
    assert not parts.queue.state.title and not machine_named("lab").agreed

    QTimer.singleShot(0, partial(answered, "Agree", "Send images and models to lab"))
    user.click(library.start)
    assert machine_named("lab").agreed
    qtbot.waitUntil(lambda: not parts.queue.state.title, timeout=JOB_TIMEOUT_MS)
    log = parts.session.log.read_text("utf-8")
    assert "Detecting on lab: 1 worker has joined." in log
    window.close()
