"""Brings the picture of the image that is looked at into the panes, or the reason why not."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.viewer.pane import ImagePane
from app.viewer.scene import ViewedImage
from app.workers.decoding import LoadedImage
from app.workers.image_loader import ImageLoader

_EMPTY = "Choose an image in the table."
_LOADING = "Loading the picture …"
_PATIENCE_MS = 150  # a picture that comes sooner needs no word


class PictureFeed(QObject):
    """`changed` follows when there is a picture now, or none any more."""

    changed = Signal()

    def __init__(self, panes: Sequence[ImagePane], parent: QObject) -> None:
        super().__init__(parent)
        self._panes = tuple(panes)
        self._image: ViewedImage | None = None
        self.loader = ImageLoader(self)
        self.loader.loaded.connect(self._on_loaded)
        self._waiting = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._waiting.timeout.connect(self._on_waited)
        # Closing the window that the viewer is in sends it no close event.
        self.destroyed.connect(self.loader.close)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.loader.close)

    @property
    def photo(self) -> LoadedImage | None:
        """The picture that is shown."""
        return self._panes[0].photo

    def show_image(self, image: ViewedImage | None) -> None:
        """Show its picture, now or as soon as it is decoded; None: say how to get one."""
        before, self._image = self._image, image
        if image is None:
            self._waiting.stop()
            self._show_message(_EMPTY)
        elif before is None or before.path != image.path or self.photo is None:
            self._show(self.loader.fetch(image.path))

    def _on_loaded(self, loaded: LoadedImage) -> None:
        if self._image is not None and loaded.path == self._image.path:
            self._show(loaded)

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
            warning = self._size_warning(loaded)
            for pane in self._panes:
                pane.set_photo(loaded, warning)
            self.changed.emit()

    def _show_message(self, message: str) -> None:
        for pane in self._panes:
            pane.set_message(message)
        self.changed.emit()

    def _size_warning(self, loaded: LoadedImage) -> str:
        image, picture = self._image, loaded.levels[0]
        if image is None or (picture.width(), picture.height()) == (image.width, image.height):
            return ""
        return (
            f"The picture was changed after the report was made: it has {picture.width()} × "
            f"{picture.height()} pixels, the boxes belong to {image.width} × {image.height}."
        )
