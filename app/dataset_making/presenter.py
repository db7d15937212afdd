"""The state of a dataset that is about to be made: its sources, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.workers.augmenting import AugmentWorker, Shown
from core.images.augment import Augmentation

_SETTLE_MS = 40


class CreatingPresenter(QObject):
    """Keeps sources and augmentation, and shows what the augmentation does to an image."""

    sources_changed = Sends[tuple[Path, ...]]()
    shown = Sends[Shown]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sources: tuple[Path, ...] = ()
        self._augmentation = Augmentation()
        self._worker: AugmentWorker | None = None
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._show)

    @property
    def sources(self) -> tuple[Path, ...]:
        """Images and folders, each once."""
        return self._sources

    @property
    def augmentation(self) -> Augmentation:
        """What is made of each image."""
        return self._augmentation

    def add(self, paths: Iterable[Path]) -> None:
        """More images or folders."""
        self._set(tuple(dict.fromkeys((*self._sources, *paths))))

    def remove(self, paths: Iterable[Path]) -> None:
        """Leave these out."""
        gone = set(paths)
        self._set(tuple(path for path in self._sources if path not in gone))

    def set_augmentation(self, augmentation: Augmentation) -> None:
        """Make other augmented images."""
        if augmentation != self._augmentation:
            self._augmentation = augmentation
            self._settle.start()

    def close(self) -> None:
        """End the thread, and wait for it."""
        self._settle.stop()
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.stop()

    def _set(self, sources: tuple[Path, ...]) -> None:
        if sources != self._sources:
            self._sources = sources
            self.sources_changed.emit(sources)
            self._settle.start()

    def _show(self) -> None:
        if not self._sources:
            self.shown.emit(())
            return
        if self._worker is None:
            self._worker = AugmentWorker(self)
            self._worker.made.connect(self.shown)
            self._worker.start()
        self._worker.want(self._sources, self._augmentation)
