"""A helper process that says one thing and ends, asked by a window that does not wait for it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from app.kit.signals import Sends
from core.processes import command, environment


class AskedProcess(QObject):
    """One helper at a time; what it printed is `answered`, empty where it could not be started."""

    answered = Sends[bytes]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.finished.connect(self._on_end)
        self._process.errorOccurred.connect(self._on_error)
        self.destroyed.connect(partial(_end, self._process))  # without having been closed

    @property
    def asking(self) -> bool:
        """Whether it runs."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def ask(self, helper: str) -> None:
        """Start it, unless it runs."""
        if self.asking:
            return
        whole = QProcessEnvironment()
        for name, value in environment().items():
            whole.insert(name, value)
        self._process.setProcessEnvironment(whole)
        program, *arguments = command(helper)
        self._process.start(program, arguments)

    def close(self) -> None:
        """End what still runs, unheard: a process must not outlive the window."""
        self._process.blockSignals(True)
        _end(self._process)
        self._process.blockSignals(False)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._on_end()

    def _on_end(self) -> None:
        self.answered.emit(bytes(self._process.readAllStandardOutput().data()))


def _end(process: QProcess, *_: object) -> None:
    if process.state() != QProcess.ProcessState.NotRunning:
        process.kill()
        process.waitForFinished(1000)
