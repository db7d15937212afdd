"""Small images by their paths, for whatever paints them: decoded as they come into view."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.viewer.strip.thumbnails import thumbnail_loader
from app.workers.decoding import LoadedImage

_MOST_PENDING = 200  # more than are ever in view


class SmallImages(QObject):
    """`changed` says that one that was asked for is there, or cannot be read.

    `close` ends the thread that decodes, and so does deleting the parent.
    """

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._loader = thumbnail_loader(self)
        self._loader.loaded.connect(self._on_loaded)
        parent.destroyed.connect(self._loader.close)
        self.close = self._loader.close
        self._pending: dict[Path, None] = {}  # asked for last first
        self._failed: set[Path] = set()
        self._asking = QTimer(self, singleShot=True, interval=0)
        self._asking.timeout.connect(self._ask)

    def get(self, path: Path) -> LoadedImage | None:
        """The image, or None while it is not there: it is asked for."""
        found = self._loader.get(path)
        if found is None and path not in self._failed and path not in self._pending:
            self._pending = {path: None, **self._pending}
            self._asking.start()
        return found

    def failed(self, path: Path) -> bool:
        """Whether it cannot be read."""
        return path in self._failed

    def _ask(self) -> None:
        while len(self._pending) > _MOST_PENDING:
            self._pending.popitem()
        self._loader.prefetch(tuple(self._pending))

    def _on_loaded(self, image: LoadedImage) -> None:
        self._pending.pop(image.path, None)
        if image.error:
            self._failed.add(image.path)
        self.changed.emit()
