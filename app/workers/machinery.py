"""What models can run on here: devices, and the processor; asked for in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.workers.asked_process import AskedProcess

if TYPE_CHECKING:
    from core.inference.processor import Machinery

Devices = tuple[tuple[str, str], ...]
"""Each as OpenVINO names it, and what it calls itself."""

USUAL_DEVICES: Devices = (("CPU", "processor"), ("AUTO", "OpenVINO chooses"))
_AFTER_MS = 300  # the page that asks is painted first


class MachineAsker(QObject):
    """Asks OpenVINO once; importing it here would hold the window up."""

    found = Sends["Machinery"]()
    devices_changed = Sends[Devices]()
    _known: Machinery | None = None  # of the class: a machine is the same for every window

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = AskedProcess(self)
        self._process.answered.connect(self._on_answered)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(lambda: self._process.ask("devices"))

    @property
    def known(self) -> Machinery | None:
        """The answer, once there is one."""
        return self._known

    def ask(self) -> None:
        """Ask, unless that was done; `found` says what there is, at once where it is known."""
        if self._known is not None:
            self._publish(self._known)
        elif not self._process.asking:
            self._timer.start()

    def close(self) -> None:
        """End what still runs."""
        self._timer.stop()
        self._process.close()

    def _on_answered(self, answer: bytes) -> None:
        import msgspec

        from core.inference.processor import Machinery
        from core.values import from_json

        try:
            found = from_json(answer, Machinery)
        except msgspec.DecodeError:  # it could not be started, or was ended: nobody hears of it
            return
        MachineAsker._known = found
        self._publish(found)

    def _publish(self, found: Machinery) -> None:
        self.found.emit(found)
        self.devices_changed.emit(tuple(found.devices.items()))
