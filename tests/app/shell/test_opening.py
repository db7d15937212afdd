"""Files that the desktop sends to the running program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.shell.opening import OpenedFiles


def test_a_double_clicked_file_is_opened(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    opened: list[Path] = []
    listening = OpenedFiles(qapp, opened.append)
    file = tmp_path / "Zoë's, one.dwproject"
    QApplication.sendEvent(qapp, QFileOpenEvent(str(file)))
    QApplication.sendEvent(qapp, QFileOpenEvent(QUrl("https://example.org/x.dwproject")))
    qapp.removeEventFilter(listening)
    assert opened == [file]
