"""Hosts reached by SSH in the window: added, looked at, made ready once agreed to, and removed."""

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
from tests.support.sshd import Host, host, needs_ssh, there
from tests.support.window import JOB_TIMEOUT_MS, open_stored

__all__ = ["host", "there"]

pytestmark = [needs_ssh, pytest.mark.timeout(300)]


@pytest.fixture
def dialog(
    qtbot: QtBot, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MachinesDialog]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    add_machine(new_machine("board", f"ssh://{host.alias}"))
    window = open_stored(qtbot, tmp_path / "workspace", monkeypatch)
    yield opened(window)
    window.close()


def opened(window: MainWindow) -> MachinesDialog:
    (entry,) = (one for one in window.menus.entries if one.title == "Machines…")
    entry.action.trigger()
    (dialog,) = window.findChildren(MachinesDialog)
    return dialog


def answered(button: str, said: str) -> None:
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    assert said in box.text() + box.informativeText()
    user.press(box, button)


def test_a_host_needs_no_files_of_tls(dialog: MachinesDialog) -> None:
    user.press(dialog, "Add…")
    (form,) = dialog.findChildren(AddMachineDialog)
    form.ca.edit.setText("/there/is/none.pem")
    form.address.setText("ssh://me@192.168.0.7:2222")
    assert not form.ca.isEnabled() and not form.key.isEnabled()
    form.name.setText("other")
    user.press(form, "Add")
    assert machine_named("other").ca is None
    assert [row[2] for row in user.cells(dialog.table)] == [
        "–",
        "ssh://board",
        "ssh://me@192.168.0.7:2222",
    ]


def test_it_is_looked_at_made_ready_once_agreed_to_and_removed(
    qtbot: QtBot, dialog: MachinesDialog, host: Host
) -> None:
    user.press(dialog, "Check")
    qtbot.waitUntil(lambda: "is there, and not ready" in dialog.note.text(), timeout=60_000)
    (row,) = user.cells(dialog.workers)
    assert str(row[1]).startswith("no: It is not ready") and "GB" in str(row[4])
    assert not host.ours.exists()
    qtbot.waitUntil(dialog.check.isEnabled)

    QTimer.singleShot(0, partial(answered, "Agree", "made ready there first"))
    user.press(dialog, "Agree…")
    assert machine_named("board").agreed
    doing = "Making board ready… Getting packages"
    qtbot.waitUntil(lambda: doing in dialog.note.text(), timeout=JOB_TIMEOUT_MS)
    user.press(dialog, "Cancel")
    qtbot.waitUntil(lambda: dialog.note.text() == "Cancelled.", timeout=60_000)
    assert not dialog.stop.isVisible()

    user.press(dialog, "Check")
    qtbot.waitUntil(lambda: dialog.note.text() == "board is ready.", timeout=JOB_TIMEOUT_MS)
    (row,) = user.cells(dialog.workers)
    assert row[1] == "yes" and "OpenVINO" in str(row[-1])
    qtbot.waitUntil(dialog.check.isEnabled)

    QTimer.singleShot(0, partial(answered, "Remove", "Remove board"))
    user.press(dialog, "Remove…")
    qtbot.waitUntil(lambda: "Removed board" in dialog.note.text(), timeout=60_000)
    assert machines() == ()
