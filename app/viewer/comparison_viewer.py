"""Both models' boxes on one image, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.elided_label import ElidedLabel
from app.text import counted
from app.viewer.legend import Legend
from app.viewer.pane import ImagePane
from app.viewer.photo import PhotoRenderer
from app.viewer.scene import BoxStatus, Overlay, ViewedImage
from app.viewer.view_state import ViewState
from app.workers.decoding import LoadedImage
from app.workers.image_loader import ImageLoader

_EMPTY = "Choose an image in the table."
_LOADING = "Loading the picture …"
_PATIENCE_MS = 150  # a picture that comes sooner needs no word
_ZOOM_STEP = 1.25


class ComparisonViewer(QWidget):
    """Shows one image twice, with the parent's and the optimized model's boxes.

    Pan and zoom are shared. Which image comes next, and which boxes a threshold leaves, others
    decide: the signals say what the user asks for, `show_image` what is then to be seen.
    """

    next_requested = Signal()
    previous_requested = Signal()
    next_difference_requested = Signal()
    score_threshold_changed = Signal(object)  # float
    back_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: ViewedImage | None = None
        self._loader = ImageLoader(self)
        self._loader.loaded.connect(self._on_loaded)
        self._waiting = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._waiting.timeout.connect(self._on_waited)
        self.view_state = ViewState(self)
        photos = PhotoRenderer()
        self.parent_pane = ImagePane(self.view_state, photos, self)
        self.optimized_pane = ImagePane(self.view_state, photos, self)
        self._make_controls()
        self._lay_out()
        self._make_shortcuts()
        self.view_state.changed.connect(self._show_zoom)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # Closing the window that the viewer is in sends it no close event.
        self.destroyed.connect(self._loader.close)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._loader.close)
        self.show_image(None)

    # What is shown

    def show_image(self, image: ViewedImage | None) -> None:
        """Show an image and its boxes; None: say how to get one.

        The same picture with other boxes, as after a moved threshold, keeps pan and zoom.
        """
        before, self._image = self._image, image
        self._show_overlays(image)
        if image is None:
            self._waiting.stop()
            self._show_message(_EMPTY)
            return
        same = before is not None and before.path == image.path
        size = (float(image.width), float(image.height))
        if not same or self.view_state.image_size != size:
            self.view_state.set_image_size(size)
        if not same or self.parent_pane.photo is None:
            self._show_picture(self._loader.fetch(image.path))

    def set_score_threshold(self, value: float) -> None:
        """Put the slider at a score, without a signal."""
        blocked = self.threshold_slider.blockSignals(True)
        self.threshold_slider.setValue(round(value * 100))
        self.threshold_slider.blockSignals(blocked)
        self._show_threshold()

    def prefetch(self, paths: Sequence[Path]) -> None:
        """Decode these pictures, most likely first, while nothing else is to be decoded."""
        self._loader.prefetch(paths)

    def close_workers(self) -> None:
        """End the thread that decodes pictures, and wait for it."""
        self._loader.close()

    # Building

    def _make_controls(self) -> None:
        self.back_button = self._button("Back", "Back to the table (Esc)", self.back_requested.emit)
        self.previous_button = self._button("Previous", "Previous image (A or ←)", self._go_back)
        self.next_button = self._button("Next", "Next image (D or →)", self._go_on)
        self.difference_button = self._button(
            "Next difference",
            "Next image in which the two models differ (N)",
            self._go_to_difference,
        )
        self.zoom_out_button = self._button("−", "Zoom out (−)", self._zoom_out)
        self.zoom_in_button = self._button("+", "Zoom in (+)", self._zoom_in)
        self.fit_button = self._button(
            "Fit", "Show the whole image (F, or double click)", self.view_state.fit
        )
        self.zoom_label = QLabel(self)
        self.zoom_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom_label.setMinimumWidth(self.fontMetrics().horizontalAdvance("3200 %") + 4)
        self.name_label = ElidedLabel(self)
        self.position_label = QLabel(self)
        self.parent_title = QLabel(self)
        self.optimized_title = QLabel(self)
        for title in (self.parent_title, self.optimized_title):
            title.setTextFormat(Qt.TextFormat.RichText)
        self.legend = Legend(self)
        self.threshold_slider = QSlider(Qt.Orientation.Horizontal, self)
        self.threshold_slider.setRange(1, 100)
        self.threshold_slider.setPageStep(5)
        self.threshold_slider.setValue(30)
        self.threshold_slider.setMinimumWidth(90)
        self.threshold_slider.setMaximumWidth(200)
        self.threshold_slider.setAccessibleName("Score threshold")
        self.threshold_slider.setToolTip(
            "Only detections with at least this score are compared, of both models alike"
        )
        self.threshold_slider.valueChanged.connect(self._on_slider_moved)
        self.threshold_label = QLabel(self)
        self._show_threshold()

    def _button(self, text: str, hint: str, action: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(hint)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.back_button)
        top.addSpacing(6)
        top.addWidget(self.previous_button)
        top.addWidget(self.next_button)
        top.addWidget(self.difference_button)
        top.addSpacing(6)
        top.addWidget(self.position_label)
        top.addSpacing(6)
        top.addWidget(self.name_label, 1)
        top.addWidget(self.zoom_out_button)
        top.addWidget(self.zoom_label)
        top.addWidget(self.zoom_in_button)
        top.addWidget(self.fit_button)

        panes = QGridLayout()
        panes.setHorizontalSpacing(8)
        panes.setVerticalSpacing(4)
        for column, (title, pane) in enumerate(
            ((self.parent_title, self.parent_pane), (self.optimized_title, self.optimized_pane))
        ):
            panes.addWidget(title, 0, column)
            panes.addWidget(pane, 1, column)
            panes.setColumnStretch(column, 1)
        panes.setRowStretch(1, 1)

        bottom = QHBoxLayout()
        bottom.addWidget(self.legend)
        bottom.addSpacing(18)
        bottom.addStretch(1)
        bottom.addWidget(QLabel("Score at least", self))
        bottom.addWidget(self.threshold_slider, 4)
        bottom.addWidget(self.threshold_label)

        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addLayout(panes, 1)
        whole.addLayout(bottom)

    def _make_shortcuts(self) -> None:
        keys: dict[Callable[[], object], str] = {
            self._go_back: "A Left",
            self._go_on: "D Right",
            self._go_to_difference: "N",
            self.view_state.fit: "F",
            self._zoom_in: "+ =",
            self._zoom_out: "-",
            self.back_requested.emit: "Esc",
        }
        for action, names in keys.items():
            for name in names.split():
                shortcut = QShortcut(QKeySequence(name), self)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(action)

    # What the user does

    def _go_back(self) -> None:
        if self.previous_button.isEnabled():
            self.previous_requested.emit()

    def _go_on(self) -> None:
        if self.next_button.isEnabled():
            self.next_requested.emit()

    def _go_to_difference(self) -> None:
        if self.difference_button.isEnabled():
            self.next_difference_requested.emit()

    def _zoom_in(self) -> None:
        self._zoom(_ZOOM_STEP)

    def _zoom_out(self) -> None:
        self._zoom(1 / _ZOOM_STEP)

    def _zoom(self, factor: float) -> None:
        if self.zoom_in_button.isEnabled():
            self.view_state.zoom(self.parent_pane.size_shown, factor)

    def _on_slider_moved(self) -> None:
        self._show_threshold()
        self.score_threshold_changed.emit(self.threshold_slider.value() / 100)

    # What follows

    def _on_loaded(self, loaded: LoadedImage) -> None:
        if self._image is not None and loaded.path == self._image.path:
            self._show_picture(loaded)

    def _on_waited(self) -> None:
        self._show_message(_LOADING)

    def _show_picture(self, loaded: LoadedImage | None) -> None:
        self._waiting.stop()
        if loaded is None:
            self._show_message("")
            self._waiting.start()
        elif loaded.error:
            self._show_message(loaded.error)
        else:
            warning = self._size_warning(loaded)
            for pane in (self.parent_pane, self.optimized_pane):
                pane.set_photo(loaded, warning)
            self._enable_zoom(True)

    def _size_warning(self, loaded: LoadedImage) -> str:
        image, picture = self._image, loaded.levels[0]
        if image is None or (picture.width(), picture.height()) == (image.width, image.height):
            return ""
        return (
            f"The picture was changed after the report was made: it has {picture.width()} × "
            f"{picture.height()} pixels, the boxes belong to {image.width} × {image.height}."
        )

    def _show_message(self, message: str) -> None:
        for pane in (self.parent_pane, self.optimized_pane):
            pane.set_message(message)
        self._enable_zoom(False)

    def _show_overlays(self, image: ViewedImage | None) -> None:
        parent = image.parent if image else Overlay.none()
        optimized = image.optimized if image else Overlay.none()
        self.parent_pane.set_overlay(parent)
        self.optimized_pane.set_overlay(optimized)
        self.name_label.set_text(image.name if image else "")
        self.position_label.setText(f"{image.position + 1} / {image.total}" if image else "")
        self.previous_button.setEnabled(image is not None and image.position > 0)
        self.next_button.setEnabled(image is not None and image.position + 1 < image.total)
        self.difference_button.setEnabled(image is not None)
        if image is None:
            self.legend.clear_counts()
        else:
            self.legend.set_counts(parent, optimized)
        missed = parent.count(BoxStatus.ONLY_PARENT)
        extra = optimized.count(BoxStatus.ONLY_OPTIMIZED)
        self.parent_title.setText(_title("Parent", parent, missed, image is not None))
        self.optimized_title.setText(_title("Optimized", optimized, extra, image is not None))

    def _show_zoom(self) -> None:
        if not self.zoom_in_button.isEnabled():
            self.zoom_label.setText("")
            return
        scale = self.parent_pane.view.scale * self.devicePixelRatioF()
        self.zoom_label.setText(f"{scale:.0%}".replace("%", " %"))

    def _enable_zoom(self, enabled: bool) -> None:
        for button in (self.zoom_in_button, self.zoom_out_button, self.fit_button):
            button.setEnabled(enabled)
        self._show_zoom()

    def _show_threshold(self) -> None:
        self.threshold_label.setText(f"{self.threshold_slider.value() / 100:.2f}")

    # Qt's own events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_workers()
        super().closeEvent(event)


def _title(model: str, overlay: Overlay, alone: int, shown: bool) -> str:
    if not shown:
        return f"<b>{model}</b>"
    only = f", {alone} only here" if alone else ""
    return f"<b>{model}</b>&nbsp;&nbsp;{counted(len(overlay), 'box', 'boxes')}{only}"
