"""Brings the image of the current image into the panes, or the reason why not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.kit.text import displayable
from app.viewer.panes.pane import ImagePane
from app.viewer.scene.scene import ViewedImage
from app.workers.decoding import LoadedImage, load_coarse
from app.workers.image_loader import ImageLoader

_EMPTY = "Choose an image in the table."
_LOADING = "Loading the image …"
_COARSE_BYTES = 32 * 1024 * 1024
_PATIENCE_MS = 150  # an image that comes sooner needs no word


class ImageFeed(QObject):
    """`changed` follows when there is an image now, or none any more."""

    changed = Signal()

    def __init__(self, panes: Sequence[ImagePane], parent: QObject) -> None:
        super().__init__(parent)
        self._panes = tuple(panes)
        self._image: ViewedImage | None = None
        self._stand_in: LoadedImage | None = None
        self.loader = ImageLoader(self)
        self.loader.loaded.connect(self._on_loaded)
        # In a thread of its own: the other one may be busy with an image that was passed by.
        self.coarse = ImageLoader(self, _COARSE_BYTES, load_coarse)
        self.coarse.loaded.connect(self._on_coarse_loaded)
        self._waiting = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._waiting.timeout.connect(self._on_waited)
        # Closing the window that the viewer is in sends it no close event.
        application = QGuiApplication.instance()
        for loader in (self.loader, self.coarse):
            self.destroyed.connect(loader.close)
            if application is not None:
                application.aboutToQuit.connect(loader.close)

    @property
    def photo(self) -> LoadedImage | None:
        """The image that is shown; of a large one perhaps a small copy as yet."""
        return self._panes[0].photo

    @property
    def is_whole(self) -> bool:
        """Whether that is the image itself."""
        return self.photo is not None and self.photo is not self._stand_in

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Decode these, most likely first; of large ones small copies too, as more find room."""
        self.loader.prefetch(paths)
        self.coarse.prefetch(paths)

    def close(self) -> None:
        """End the threads that decode, and wait for them."""
        self.loader.close()
        self.coarse.close()

    def show_image(self, image: ViewedImage | None) -> None:
        """Show its image, now or as soon as it is decoded; None: say how to get one."""
        before, self._image = self._image, image
        if image is None:
            self._waiting.stop()
            self._show_message(_EMPTY)
        elif before is None or before.path != image.path or self.photo is None:
            self._stand_in = None
            loaded = self.loader.fetch(image.path)
            self._show(loaded)
            if loaded is None:
                self._on_coarse_loaded(self.coarse.fetch(image.path))

    def _on_loaded(self, loaded: LoadedImage) -> None:
        if self._image is not None and loaded.path == self._image.path:
            self._show(loaded)

    def _on_coarse_loaded(self, loaded: LoadedImage | None) -> None:
        image = self._image
        if loaded is None or not loaded.pixels or image is None or loaded.path != image.path:
            return
        if self.photo is None:  # else the image itself came first
            self._stand_in = loaded
            self._set_photo(loaded, "")

    def _on_waited(self) -> None:
        self._show_message(_LOADING)

    def _show(self, loaded: LoadedImage | None) -> None:
        self._waiting.stop()
        if loaded is None:
            self._show_message("")
            self._waiting.start()
        elif loaded.error:
            self._show_message(loaded.error)
        else:
            self._set_photo(loaded, self._warning(loaded))

    def _set_photo(self, photo: LoadedImage, warning: str) -> None:
        self._waiting.stop()
        for pane in self._panes:
            pane.set_photo(photo, warning)
        self.changed.emit()

    def _show_message(self, message: str) -> None:
        for pane in self._panes:
            pane.set_message(message)
        self.changed.emit()

    def _warning(self, loaded: LoadedImage) -> str:
        """What is to be said where it is not the image that the boxes were found in."""
        from core.images.marks import change_of
        from core.remarks.sentences import sentence

        image = self._image
        if image is None:
            return ""
        height, width = loaded.pixels[0].shape[:2]
        then, now = ((image.width, image.height), image.mark), ((width, height), loaded.mark)
        changed = change_of(displayable(image.path.name), then, now)
        return "" if changed is None else sentence(changed)
