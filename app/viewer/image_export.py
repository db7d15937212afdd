"""Copying and saving what the viewer shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from app.kit.memory import left_at, start_folder
from app.kit.signals import Sends
from app.viewer.panes.image_feed import ImageFeed
from app.viewer.panes.pane_area import PaneArea
from app.viewer.panes.whole_image import WholeImage, file_name
from app.viewer.scene.choice_state import ChoiceState
from app.viewer.scene.scene import Side, ViewedImage
from app.workers.decoding import LoadedImage
from app.workers.image_writer import ImageWriter

_FORMATS = "PNG (*.png);;JPEG (*.jpg *.jpeg)"


class ImageExport(QObject):
    """`told` carries a sentence on how it went."""

    reported = Sends[str]()

    def __init__(self, panes: PaneArea, choices: ChoiceState, parent: QObject) -> None:
        super().__init__(parent)
        self._panes, self._choices = panes, choices
        self.writer = ImageWriter(self)
        self.writer.reported.connect(self.reported)
        # As for the thread that decodes: closing the window sends no close event.
        self.destroyed.connect(self.writer.close)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.writer.close)

    def copy(self) -> None:
        """Put the panes as they are seen, with their titles, on the clipboard."""
        QGuiApplication.clipboard().setImage(self._seen())
        self.reported.emit("The image is on the clipboard.")

    def save(self, image: ViewedImage | None, feed: ImageFeed, *, whole: bool) -> None:
        """Save the panes, or the `whole` image; say why where there is nothing to save."""
        photo = feed.photo
        if image is None or photo is None:
            self.reported.emit("There is no image to save.")
        elif not whole:
            self.save_seen(image)
        elif feed.is_whole:
            self.save_whole(image, photo)
        else:
            self.reported.emit("The image is still being loaded.")

    def save_seen(self, image: ViewedImage) -> None:
        """Ask for a name, and save the panes as they are seen."""
        path = self._ask(file_name(image, self._panes.sides_seen))
        if path is not None:
            seen = self._seen().convertToFormat(QImage.Format.Format_BGR888)
            self.writer.write(path, lambda: _pixels(seen))

    def save_whole(self, image: ViewedImage, photo: LoadedImage) -> None:
        """Ask for a name, and save the whole image of every side at its own resolution."""
        truth = image.truth is not None and self._choices.value.truth
        sides = (Side.PARENT, Side.OPTIMIZED, *((Side.TRUTH,) if truth else ()))
        path = self._ask(file_name(image, sides))
        if path is not None:
            whole = WholeImage(image, photo, sides, self._choices.value, self._panes.font())
            self.writer.write(path, whole.draw, self._panes.main_pane.warning)

    def _seen(self) -> QImage:
        return self._panes.grab().toImage()

    def _ask(self, name: str) -> Path | None:
        images = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = start_folder("image")
        folder = Path(images) if images and folder == Path.home() else folder
        chosen, _ = QFileDialog.getSaveFileName(
            self._panes, "Save the image", str(folder / name), _FORMATS
        )
        if not chosen:
            return None
        left_at("image", chosen)
        path = Path(chosen)
        return path if path.suffix else path.with_name(f"{path.name}.png")


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """Uint8 BGR ``[height, width, 3]`` of a BGR888 image."""
    shape = (image.height(), image.bytesPerLine())
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(shape)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
