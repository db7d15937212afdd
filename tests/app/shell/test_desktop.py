"""The desktop is told of the end of a long job, where the user looks at something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from app.project.preferred import Preferences
from app.shell.main_window import MainWindow
from app.workers.queued import JobState, QueuedJob
from tests.support.queues import Stage
from tests.support.window import open_window


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """A window behind another one."""
    made = open_window(qtbot, tmp_path / "workspace", monkeypatch)
    monkeypatch.setattr(made, "isActiveWindow", lambda: False)
    return made


@pytest.fixture
def alerts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    said: list[object] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    monkeypatch.setattr(QApplication, "alert", said.append)
    return said


def end(window: MainWindow, state: JobState, seconds: float) -> None:
    job = QueuedJob(1, Stage().job("Search for it"), state, seconds=seconds)
    window.parts.queue.job_changed.emit(job)


def test_a_desktop_without_messages_marks_the_window(
    window: MainWindow, alerts: list[object]
) -> None:
    end(window, "succeeded", 59)
    end(window, "cancelled", 90)
    assert alerts == []
    end(window, "failed", 61)
    assert alerts == [window]


def test_it_can_be_turned_off_or_kept_for_long_jobs(
    window: MainWindow, alerts: list[object]
) -> None:
    window.parts.settings.preferences = Preferences(notifies=False)
    end(window, "succeeded", 90)
    assert alerts == []
    window.parts.settings.preferences = Preferences(notable_seconds=120)
    end(window, "succeeded", 119)
    assert alerts == []
    end(window, "succeeded", 120)
    assert alerts == [window]


def test_nobody_is_told_who_looks(
    window: MainWindow, alerts: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "isActiveWindow", lambda: True)
    end(window, "succeeded", 90)
    assert alerts == []


def test_a_message_says_which_job_and_how_long(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[str, str]] = []

    def show(icon: QSystemTrayIcon, title: str, text: str, *others: object) -> None:
        shown.append((title, text))

    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", show)
    end(window, "succeeded", 120)
    assert shown == [("Done", "Search for it (2 min)")]
