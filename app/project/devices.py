"""The devices that models can run on, asked for in a process of its own."""

from __future__ import annotations

import json

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment

from app.kit.signals import Sends
from core.processes import command, environment

Devices = tuple[tuple[str, str], ...]
"""Each as OpenVINO names it, and what it calls itself."""

USUAL_DEVICES: Devices = (("CPU", "processor"), ("AUTO", "OpenVINO chooses"))


class DeviceList(QObject):
    """Asks OpenVINO once; importing it here would hold the window up."""

    changed = Sends[Devices]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None

    def ask(self) -> None:
        """Ask, unless that was done; `changed` says what there is."""
        if self._process is not None:
            return
        process = QProcess(self)
        whole = QProcessEnvironment()
        for name, value in environment().items():
            whole.insert(name, value)
        process.setProcessEnvironment(whole)
        process.finished.connect(self._on_finished)
        self._process = process
        program, *arguments = command("devices")
        process.start(program, arguments)

    def close(self) -> None:
        """End what still runs: a process must not outlive the window."""
        process = self._process
        if process is not None and process.state() != QProcess.ProcessState.NotRunning:
            process.kill()
            process.waitForFinished(1000)

    def _on_finished(self) -> None:
        assert self._process is not None
        try:
            found = json.loads(bytes(self._process.readAllStandardOutput().data()))
        except ValueError:  # it could not be started, or was ended: the usual ones stay
            return
        self.changed.emit(tuple(found.items()))
