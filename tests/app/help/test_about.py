"""Versions, licences and diagnostics in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.help.about import AboutDialog
from app.help.diagnostics import DiagnosticsDialog
from app.shell.main_window import MainWindow
from core import __version__
from tests.support import user
from tests.support.window import open_window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    return open_window(qtbot, tmp_path / "workspace", monkeypatch)


def test_about_has_versions_the_processor_and_the_licences_of_all_parts(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.asking.show_about()
    (dialog,) = window.findChildren(AboutDialog)
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() > 20, timeout=20_000)
    assert f"Detection Workbench {__version__}" in [one.text() for one in user.labels(dialog)]
    qtbot.waitUntil(lambda: window.parts.machine.known is not None, timeout=60_000)
    shown = {one.accessibleName(): one.text() for one in user.labels(dialog)}
    assert {"Python", "OpenVINO", "NNCF", "PySide6", "Qt", "System"} <= set(shown)
    known = window.parts.machine.known
    assert known is not None
    assert shown["Processor"] == known.processor.name

    dialog.pages.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "Apache License" in dialog.text.toPlainText())
    names = user.column(dialog.table)
    user.click_cell(dialog.table, names.index("numpy"))
    qtbot.waitUntil(lambda: "NumPy Developers" in dialog.text.toPlainText())
    user.press(dialog, "Close")
    window.close()


def test_diagnostics_are_shown_without_names_and_copied_as_they_are_shown(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    (window.parts.workspace.logs / "a.log").write_text(
        f"[10:00:00] Failed: {tmp_path}/my.onnx is damaged. 1.0 s in all.\n"
    )
    window.asking.for_diagnostics()
    (dialog,) = window.findChildren(DiagnosticsDialog)
    qtbot.waitUntil(lambda: "Devices: CPU" in dialog.text.toPlainText(), timeout=60_000)
    assert "Failed: <path> is damaged." in dialog.text.toPlainText()
    assert str(tmp_path) not in dialog.text.toPlainText()
    user.press(dialog, "Copy")
    assert QApplication.clipboard().text() == dialog.text.toPlainText()
    dialog.named.click()
    assert f"Failed: {tmp_path}/my.onnx is damaged." in dialog.text.toPlainText()
    user.press(dialog, "Close")
    window.close()


def test_newer_versions_are_asked_for_when_the_button_is_pressed(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.asking.show_about()
    (dialog,) = window.findChildren(AboutDialog)
    assert dialog.newest.text().endswith("and never by itself.")
    user.press(dialog, "Check now")
    wanted = "This build has no address to ask for newer versions."
    qtbot.waitUntil(lambda: dialog.newest.text() == wanted, timeout=20_000)
    user.press(dialog, "Check now")
    user.press(dialog, "Close")  # while it asks
    window.close()


def test_the_licence_is_that_of_the_row_also_where_parts_are_sorted(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.asking.show_about()
    (dialog,) = window.findChildren(AboutDialog)
    qtbot.waitUntil(lambda: dialog.table.model().rowCount() > 20, timeout=20_000)
    dialog.pages.setCurrentIndex(1)
    user.click_header(dialog.table, 0)
    names = user.column(dialog.table)
    assert names[0] != "Detection Workbench"
    user.click_cell(dialog.table, names.index("numpy"))
    qtbot.waitUntil(lambda: "NumPy Developers" in dialog.text.toPlainText())
    user.press(dialog, "Close")
    window.close()
