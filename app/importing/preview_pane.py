"""One of the user's images with what the model finds in it, while choices change."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.importing.image_presenter import DRAWN_FROM
from app.importing.views import ImageView
from app.kit.boxes import across, down
from app.kit.elided_label import ElidedLabel
from app.kit.fields import Slider
from app.kit.signals import Sends
from app.kit.text import counted, tooltip
from app.kit.widgets import label
from app.viewer.panes.pane import ImagePane
from app.viewer.panes.photo import PhotoRenderer
from app.viewer.scene.scene import Overlay
from app.viewer.scene.view_state import ViewState
from app.workers.decoding import LoadedImage
from app.workers.image_loader import ImageLoader

NO_IMAGES = "Choose images to see what the model detects in them."


class PreviewPane(QWidget):
    """The image, ways to the others, and the score from which boxes are shown."""

    image_requested = Sends[int]()  # step, 1 or -1
    score_changed = Sends[float]()

    def __init__(self) -> None:
        super().__init__()
        self._image: ImageView | None = None
        self._state = ViewState(self)
        self.pane = ImagePane(self._state, PhotoRenderer())
        self._loader = ImageLoader(self)
        self._loader.loaded.connect(self._on_loaded)
        self.previous = _tool("Previous", "Previous image")
        self.previous.clicked.connect(self._on_previous_clicked)
        self.next = _tool("Next", "Next image")
        self.next.clicked.connect(self._on_next_clicked)
        self.position = label(wrap=False)
        self.name = ElidedLabel()
        self.score = Slider()
        self.score.setRange(1, 100)
        self.score.setPageStep(5)
        self.score.setValue(round(DRAWN_FROM * 100))
        self.score.setMaximumWidth(220)
        self.score.setAccessibleName("Min. score")
        self.score.valueChanged.connect(self._on_score_moved)
        self.score_label = label(wrap=False)
        self.status = label()
        self._lay_out()
        self._show_score()
        self.show_image(None)

    def show_image(self, image: ImageView | None) -> None:
        """Show this image and its boxes; None: that there is none."""
        before, self._image = self._image, image
        self.previous.setEnabled(image is not None and image.position > 0)
        self.next.setEnabled(image is not None and image.position + 1 < image.total)
        self.score.setEnabled(image is not None)
        self.position.setText(f"{image.position + 1} / {image.total}" if image else "")
        self.name.set_text(image.path.name if image else "")
        if image is None:
            self.status.setText("")
            self.pane.set_overlay(Overlay.none())
            self.pane.set_message(NO_IMAGES)
            return
        if image.overlay is not None or before is None or before.path != image.path:
            self.pane.set_overlay(image.overlay or Overlay.none())
        seen = image.seen
        if seen is not None and seen.width:
            size = (float(seen.width), float(seen.height))
            if self._state.image_size != size:
                self._state.set_image_size(size)
        if before is None or before.path != image.path or self.pane.photo is None:
            self._show_photo(self._loader.fetch(image.path))
        self.status.setText(_status(image))

    def close_workers(self) -> None:
        """End the thread that decodes images, and wait for it."""
        self._loader.close()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        for widget in (self.previous, self.next, self.position):
            top.addWidget(widget)
        top.addSpacing(6)
        top.addWidget(self.name, 1)
        bottom = across(
            (self.status, 1), label("Min. score", wrap=False), self.score, self.score_label
        )
        down(top, (self.pane, 1), bottom, spacing=8, margins=0, on=self)

    def _show_photo(self, loaded: LoadedImage | None) -> None:
        if loaded is None:
            self.pane.set_message("")
        elif loaded.error:
            self.pane.set_message(loaded.error)
        else:
            image = loaded.levels[0]
            size = (float(image.width()), float(image.height()))
            if self._state.image_size != size:
                self._state.set_image_size(size)
            self.pane.set_photo(loaded)

    def _on_loaded(self, loaded: LoadedImage) -> None:
        if self._image is not None and loaded.path == self._image.path:
            self._show_photo(loaded)

    def _on_previous_clicked(self) -> None:
        self.image_requested.emit(-1)

    def _on_next_clicked(self) -> None:
        self.image_requested.emit(1)

    def _on_score_moved(self) -> None:
        self._show_score()
        self.score_changed.emit(self.score.value() / 100)

    def _show_score(self) -> None:
        self.score_label.setText(f"{self.score.value() / 100:.2f}")


def _status(image: ImageView) -> str:
    if image.note:
        return image.note
    if image.overlay is None or not image.current:
        return f"{image.waiting}…" if image.waiting else "Detecting…"
    return counted(len(image.overlay), "detection")


def _tool(text: str, hint: str) -> QToolButton:
    made = QToolButton()
    made.setText(text)
    made.setToolTip(tooltip(hint))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
