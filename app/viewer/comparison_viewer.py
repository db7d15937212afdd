"""Both models' boxes on one image: the parts of the viewer, put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QToolButton, QWidget

from app.kit.boxes import across, divided, down
from app.kit.signals import Sends
from app.viewer.folding import Folding
from app.viewer.full_screen import FullScreen
from app.viewer.image_export import ImageExport
from app.viewer.keys import Action
from app.viewer.panels.bars import NavigationBar, ViewBar
from app.viewer.panels.class_legend import class_of_key
from app.viewer.panels.key_sheet import KeySheet
from app.viewer.panels.legend import Legend
from app.viewer.panels.score_slider import ScoreSlider
from app.viewer.panels.side_panel import SidePanel
from app.viewer.panes.image_feed import ImageFeed
from app.viewer.panes.pane_area import PaneArea
from app.viewer.panes.toast import Toast
from app.viewer.picking import Picking
from app.viewer.scene.choice_state import ChoiceState
from app.viewer.scene.choices import Choices, Mode
from app.viewer.scene.scene import Overlay, Side, ViewedImage
from app.viewer.scene.view_state import ViewState
from app.viewer.shortcuts import Shortcuts
from app.viewer.strip.thumbnail_items import Thumbnails
from app.viewer.strip.thumbnails import ThumbnailView

_ZOOM_STEP = 1.25
_PANEL_WIDTH = 315


class ComparisonViewer(QWidget):
    """Shows one image twice, with the parent's and the optimized model's boxes.

    Pan and zoom are shared. Which image comes next, and which boxes a threshold leaves, others
    decide: the signals say what the user asks for, `show_image` what is then to be seen.
    """

    next_requested = Signal()
    previous_requested = Signal()
    next_difference_requested = Signal()
    image_requested = Sends[int]()  # the image's number in the report
    box_picked = Sends[int, int]()  # the image's number, the box's class id
    score_threshold_changed = Sends[float]()
    back_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: ViewedImage | None = None
        self.body = QWidget()
        self.place = FullScreen(self.body)
        self.view_state = ViewState(self)
        self.choices = ChoiceState(self)
        self._make_parts()
        self._lay_out()
        self._actions = self._make_actions()
        self._connect()
        self.body.setAccessibleName("Viewer")
        self.body.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self.body)
        self._on_choices_changed(self.choices.value)
        self.show_image(None)

    # What is shown

    def show_image(self, image: ViewedImage | None) -> None:
        """Show an image and its boxes; None: say how to get one.

        The same image with other boxes, as after a moved threshold, keeps pan and zoom, and
        the box that was picked if it is still there.
        """
        before, self._image = self._image, image
        same = before is not None and image is not None and before.path == image.path
        has_truth = image is not None and image.truth is not None
        self.panes.set_has_truth(has_truth)
        self.view_bar.set_shown(self.view_bar.truth, has_truth)
        for side in Side:
            self.panes.panes[side].set_overlay(image.overlay(side) if image else Overlay.none())
        self.panes.set_titles(image)
        self.navigation.show_image(image)
        if image is None:
            self.legend.clear_counts()
        else:
            self.legend.call(*image.only)
            self.legend.set_counts(image.parent, image.optimized)
            size = (float(image.width), float(image.height))
            if not same or self.view_state.image_size != size:
                self.view_state.set_image_size(size)
        self.side_panel.show_image(image, self.choices.value)
        self.picking.show_image(image, same=same)
        self.feed.show_image(image)
        if not same:
            self._show_overview(False)
        self._mark_thumbnail()

    def show_thumbnails(self, items: Thumbnails) -> None:
        """The images that are walked through, for strip and overview."""
        self.strip.show_items(items)
        self.overview.show_items(items)
        self._mark_thumbnail()

    def close_workers(self) -> None:
        """End the threads that decode images, and wait for them."""
        self.feed.close()
        self.strip.close_workers()
        self.overview.close_workers()
        self.export.writer.close()

    # Building

    def _make_parts(self) -> None:
        self.navigation = NavigationBar(self)
        self.view_bar = ViewBar(self)
        self.panes = PaneArea(self.view_state, self)
        self.parent_pane = self.panes.panes[Side.PARENT]
        self.optimized_pane = self.panes.panes[Side.OPTIMIZED]
        self.truth_pane = self.panes.panes[Side.TRUTH]
        self.feed = ImageFeed(tuple(self.panes.panes.values()), self)
        self.side_panel = SidePanel(self)
        self.picking = Picking(self.panes, self.side_panel.list, self.view_state, self)
        self.strip = ThumbnailView(self, strip=True)
        self.overview = ThumbnailView(self)
        self.legend = Legend(self)
        self.score = ScoreSlider(self)
        self.export = ImageExport(self.panes, self.choices, self)
        bar = self.view_bar
        parts = {"list": (self.side_panel, bar.list), "strip": (self.strip, bar.strip)}
        self.folding = Folding(parts, self.body)

    def _lay_out(self) -> None:
        self.images = QStackedWidget(self)
        self.images.addWidget(self.panes)
        self.images.addWidget(self.overview)
        splitter = divided(self.images, self.side_panel, (1000, _PANEL_WIDTH), (1, 0), parent=self)
        splitter.setHandleWidth(8)
        bottom = across((self.legend, 1), self.score)
        parts = (self.navigation, self.view_bar, (splitter, 1), self.strip, bottom)
        down(*parts, spacing=6, margins=8, on=self.body)
        down((self.place, 1), margins=0, on=self)
        self.key_sheet = KeySheet(self.body)  # over all others, as is the toast
        self.toast = Toast(self.body)

    def _make_actions(self) -> dict[Action, Callable[[], object]]:
        bar, choices = self.navigation, self.choices
        return {
            Action.PREVIOUS: partial(_if_enabled, bar.previous, self.previous_requested.emit),
            Action.NEXT: partial(_if_enabled, bar.next, self.next_requested.emit),
            Action.NEXT_DIFFERENCE: partial(
                _if_enabled, bar.difference, self.next_difference_requested.emit
            ),
            Action.FIT: self.view_state.fit,
            Action.ZOOM_IN: partial(self._zoom, _ZOOM_STEP),
            Action.ZOOM_OUT: partial(self._zoom, 1 / _ZOOM_STEP),
            Action.SIDE_BY_SIDE: partial(choices.choose, mode=Mode.SIDE_BY_SIDE),
            Action.WIPE: partial(choices.choose, mode=Mode.WIPE),
            Action.WIPE_LEFT: partial(self.panes.move_wipe, -1),
            Action.WIPE_RIGHT: partial(self.panes.move_wipe, 1),
            Action.BLINK: self._blink,
            Action.ONLY_DIFFERENCES: choices.toggle_differences,
            Action.COLOURING: choices.toggle_colouring,
            Action.TRUTH: choices.toggle_truth,
            Action.LIST: partial(self.folding.toggle, "list"),
            Action.STRIP: partial(self.folding.toggle, "strip"),
            Action.OVERVIEW: self._toggle_overview,
            Action.ALL_CLASSES: choices.show_everything,
            Action.COPY: self.export.copy,
            Action.SAVE: partial(self._save, whole=False),
            Action.SAVE_WHOLE: partial(self._save, whole=True),
            Action.FULL_SCREEN: self._toggle_full,
            Action.KEYS: self._toggle_keys,
            Action.BACK: self._go_back,
        }

    def _connect(self) -> None:
        shortcuts = Shortcuts(self.body)
        for source in (self.navigation, self.view_bar, shortcuts):
            source.asked.connect(self._on_asked)
        shortcuts.class_asked.connect(self._on_class_asked)
        self.side_panel.classes.class_toggled.connect(self.choices.toggle_class)
        self.legend.status_toggled.connect(self.choices.toggle_status)
        self.choices.changed.connect(self._on_choices_changed)
        self.picking.box_picked.connect(self.box_picked)
        self.score.changed.connect(self.score_threshold_changed)
        self.strip.image_chosen.connect(self.image_requested)
        self.overview.image_chosen.connect(self._on_overview_chosen)
        self.view_state.changed.connect(self._show_zoom)
        self.feed.changed.connect(self._show_zoom)
        self.export.reported.connect(self.toast.say)
        self.place.full_changed.connect(self.navigation.full.setChecked)

    # What the user does

    def _on_asked(self, action: Action) -> None:
        self._actions[action]()

    def _on_class_asked(self, number: int) -> None:
        class_id = class_of_key(self._image, number) if self._image else None
        if class_id is not None:
            self.choices.toggle_class(class_id)

    def _on_overview_chosen(self, image: int) -> None:
        self._show_overview(False)
        self.image_requested.emit(image)

    def _zoom(self, factor: float) -> None:
        if self.navigation.zoom_in.isEnabled():
            self.view_state.zoom(self.panes.main_pane.size_shown, factor)

    def _blink(self) -> None:
        if self.choices.value.mode is Mode.BLINK:
            self.panes.blink()
        self.choices.choose(mode=Mode.BLINK)

    def _save(self, *, whole: bool) -> None:
        self.export.save(self._image, self.feed, whole=whole)

    def _toggle_overview(self) -> None:
        self._show_overview(self.images.currentWidget() is self.panes)

    def _toggle_full(self) -> None:
        self.place.set_full(not self.place.full)

    def _toggle_keys(self) -> None:
        self.key_sheet.set_open(not self.key_sheet.isVisible())

    def _go_back(self) -> None:
        if self.key_sheet.isVisible():
            self.key_sheet.set_open(False)
        elif self.place.full:
            self.place.set_full(False)
        elif self.images.currentWidget() is self.overview:
            self._show_overview(False)
        else:
            self.back_requested.emit()

    # What follows

    def _on_choices_changed(self, choices: Choices) -> None:
        self.panes.set_choices(choices)
        self.view_bar.show_choices(choices)
        self.legend.show_choices(choices)
        self.side_panel.show_image(self._image, choices)
        self.picking.refresh()
        self._show_zoom()

    def _show_overview(self, wanted: bool) -> None:
        before = self.images.currentWidget()
        self.images.setCurrentWidget(self.overview if wanted else self.panes)
        self.view_bar.overview.setChecked(wanted)
        if wanted:
            self.overview.setFocus()
            self._mark_thumbnail()
        elif before is self.overview:
            self.body.setFocus()  # it was in what is hidden now

    def _mark_thumbnail(self) -> None:
        for view in (self.strip, self.overview):
            view.mark_image(self._image.number if self._image else None)

    def _show_zoom(self) -> None:
        there = self.feed.photo is not None
        scale = self.panes.main_pane.view.scale * self.devicePixelRatioF()
        self.navigation.show_zoom(scale if there else None)

    # Qt's own events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.body.setFocus(Qt.FocusReason.OtherFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.place.set_full(False)  # another page is seen

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_workers()
        super().closeEvent(event)


def _if_enabled(button: QToolButton, act: Callable[[], object]) -> None:
    if button.isEnabled():
        act()
