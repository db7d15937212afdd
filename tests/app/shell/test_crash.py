"""A window that really crashes leaves a trace, and the next start tells of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.shell.crash import crash_folder, crashes, new_crash
from tests.support import user
from tests.support.checkout import ROOT
from tests.support.window import open_window

# The window as its command opens it; a moment later it does what it is told.
PROGRAM = """
import faulthandler, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.__main__ import main

application = QApplication([])
acts = {"crash": faulthandler._sigsegv, "close": application.closeAllWindows}
QTimer.singleShot(1000, acts[sys.argv[2]])
sys.exit(main(["--workspace", sys.argv[1]]))
"""


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))


def start(workspace: Path, act: str) -> int:
    """Start the program, which does this; gives its exit status."""
    return subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(workspace), act],
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    ).returncode


def test_a_crash_is_told_at_the_next_start_with_its_trace(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert start(tmp_path / "workspace", "crash") != 0
    window = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    window.report_crash()
    assert window.notices.said == "The program crashed last time. The log shows where it was."
    (trace,) = crashes()
    assert "Segmentation fault" in trace.read_text() or "access violation" in trace.read_text()
    assert "app/__main__.py" in trace.read_text().replace("\\", "/")
    user.press(window.notices, "Log")
    assert new_crash() is None  # once is enough
    window.close()


def test_a_window_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    assert start(tmp_path / "workspace", "close") == 0
    assert list(crash_folder().iterdir()) == []


def test_one_that_was_killed_and_one_that_runs_are_no_crashes() -> None:
    crash_folder().mkdir(parents=True)
    (crash_folder() / "running-4194305.log").touch()  # beyond all numbers of processes
    ours = crash_folder() / f"running-{os.getpid()}.log"
    ours.write_text("of a process that is still there")
    (crash_folder() / "running-x.log").write_text("somebody's")
    assert new_crash() is None
    assert ours.exists()
    assert not (crash_folder() / "running-4194305.log").exists()
