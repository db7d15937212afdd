"""A project leaves by the File menu, as a package and as a file, and comes in elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.shell.main_window import MainWindow
from app.transfer.package_dialog import PackageDialog
from tests.support import user
from tests.support.window import import_project, make_material, open_window, wait_for_jobs


def choose(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    """Give the open file dialog a path, as its *Save* does."""
    (dialog,) = [one for one in window.findChildren(QFileDialog) if one.isVisible()]
    dialog.fileSelected.emit(str(path))
    dialog.close()
    wait_for_jobs(qtbot, window)


def test_out_by_the_menu_and_in_elsewhere(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    over = window.menus.transfer
    assert not over.package.isEnabled()
    material = make_material(tmp_path)
    import_project(window, material.model, material.validation)
    wait_for_jobs(qtbot, window)
    assert over.package.isEnabled()

    over.package.trigger()
    (dialog,) = [one for one in window.findChildren(PackageDialog) if one.isVisible()]
    user.choose(dialog.places, "In the graph")
    assert not dialog.nms.isEnabled(), "this SSD lists its detections already"
    assert not dialog.free.isEnabled(), "nothing is measured"
    user.choose(dialog.aims, "Shortest time of one image")
    assert dialog.free.isEnabled() and not dialog.limit.isEnabled()
    dialog.choose.click()
    choose(qtbot, window, tmp_path / "package")
    tested = subprocess.run(
        [sys.executable, "self_test.py"],
        cwd=tmp_path / "package", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout + tested.stderr
    settings = json.loads((tmp_path / "package" / "detector.json").read_text())
    assert settings["preprocessing"]["element_type"] == "u8"
    assert settings["run"]["goal"] == {"aim": "latency", "most_ms": None, "cores_free": 0}
    assert str(tmp_path / "package") in window.notices.said
    assert "preprocessing is inside" in window.notices.said
    assert "For the shortest time of one image: " in window.notices.said

    over.export.trigger()
    choose(qtbot, window, tmp_path / "tiny.dwproject")
    qtbot.wait(QGuiApplication.styleHints().mouseDoubleClickInterval() + 50)  # else it is one click
    window.parts.transfer.export_project(tmp_path / "tiny.dwproject")
    assert "already exists" in window.notices.said
    window.close()

    other = open_window(qtbot, tmp_path / "elsewhere", monkeypatch)
    other.parts.transfer.import_project(tmp_path / "tiny.dwproject")
    wait_for_jobs(qtbot, other)
    (project,) = other.parts.workspace.projects()
    assert (project.name, project.state) == ("tiny ssd", "ready")
    assert other.parts.session.selected == project.id
    assert other.parts.workspace.artifacts(project.id, "benchmark")
    other.close()
