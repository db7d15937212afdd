"""Imports modules in a thread before they are needed, while the window answers."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from PySide6.QtCore import QObject

from app.workers.waiting_thread import WaitingThread


class ImportAhead(WaitingThread):
    """Imports modules one after the other; `stop` ends it after the one that it is at."""

    def __init__(self, modules: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__("imports", parent)
        self._modules = tuple(modules)

    def run(self) -> None:
        """In the thread."""
        for module in self._modules:
            if self.stopping:
                return
            import_module(module)
