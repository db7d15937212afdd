"""Tells the desktop that a long job has ended, for a user who looks at something else."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from app.kit.text import displayable, time_text
from app.workers.queued import JobState, QueuedJob

_SHOWN_MS = 10_000
_ENDS: dict[JobState, str] = {"succeeded": "Done", "failed": "Failed"}


def notify_desktop(window: QWidget, job: QueuedJob) -> None:
    """A message of the desktop, which leads to the window; where it has none, a mark on it."""
    if job.state not in _ENDS:
        return  # whoever cancelled it knows
    tray = QSystemTrayIcon
    if not (tray.isSystemTrayAvailable() and tray.supportsMessages()):
        QApplication.alert(window)
        return
    icon = tray(window.windowIcon(), window)

    def to_window() -> None:
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.activateWindow()

    icon.messageClicked.connect(to_window)
    icon.activated.connect(to_window)
    icon.show()
    text = displayable(job.planned.title)
    icon.showMessage(_ENDS[job.state], f"{text} ({time_text(job.seconds)})", icon.icon(), _SHOWN_MS)
    QTimer.singleShot(_SHOWN_MS, icon, icon.deleteLater)
