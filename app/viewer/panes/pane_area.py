"""The panes, put together as the user wants: side by side, under a wipe, or one at a time."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QRegion, QResizeEvent
from PySide6.QtWidgets import QSlider, QWidget

from app.kit.text import tooltip
from app.kit.widgets import markup_label
from app.viewer.panes.divider import GRIP, Divider
from app.viewer.panes.pane import ImagePane
from app.viewer.panes.photo import PhotoRenderer
from app.viewer.panes.titles import NAMES, plain_title_of, title_of
from app.viewer.scene.arrangement import Cell, Rect, side_by_side, stacked
from app.viewer.scene.choices import Choices, Mode
from app.viewer.scene.scene import Side, ViewedImage
from app.viewer.scene.view_state import ViewState

_STEPS = 1000  # of the wipe's slider
_STEP = 20  # that a key moves it


class PaneArea(QWidget):
    """Lays the panes out; where two lie on top of each other, only the arrangement knows.

    In the wipe, the parent is seen left of the divider, the optimized model right of it.
    """

    def __init__(self, state: ViewState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        photos = PhotoRenderer()
        self._state = state
        self._choices = Choices()
        self._titled: ViewedImage | None = None
        self._has_truth = False
        self._parent_in_front = True
        self.panes = {side: ImagePane(state, photos, self) for side in Side}
        self.titles = {side: markup_label(self) for side in Side}
        for side, title in self.titles.items():
            title.setWordWrap(False)
            self.panes[side].setAccessibleName(NAMES[side])
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _STEPS)
        self.slider.setValue(_STEPS // 2)
        self.slider.setSingleStep(_STEP)
        self.slider.setAccessibleName("Wipe between parent and optimized")
        self.slider.setToolTip("Left of the line the parent, right of it the optimized model")
        self.slider.valueChanged.connect(self._arrange)
        self.divider = Divider(self)
        self.divider.dragged.connect(self._on_divider_dragged)
        state.changed.connect(self._on_view_changed)
        self.setMinimumSize(320, 160)

    @property
    def sides_seen(self) -> tuple[Side, ...]:
        """The panes that are seen now, from the left."""
        if self._choices.mode is Mode.BLINK:
            return (Side.PARENT if self._parent_in_front else Side.OPTIMIZED,)
        third = (Side.TRUTH,) if self._has_third else ()
        return (Side.PARENT, Side.OPTIMIZED, *third)

    @property
    def main_pane(self) -> ImagePane:
        """One that is seen, and as large as the others."""
        return self.panes[self.sides_seen[0]]

    def set_choices(self, choices: Choices) -> None:
        """Arrange the panes as chosen, and let them show what is chosen."""
        for pane in self.panes.values():
            pane.set_choices(choices)
        self._choices = choices
        self._arrange()

    def set_has_truth(self, there: bool) -> None:
        """Whether there is a third image to be shown."""
        if there != self._has_truth:
            self._has_truth = there
            self._arrange()

    def set_titles(self, image: ViewedImage | None) -> None:
        """Say above each pane what is in it."""
        self._titled = image
        for side in Side:
            self.titles[side].setToolTip(tooltip(plain_title_of(side, image)) if image else "")
        self._arrange()

    def blink(self) -> None:
        """Put the other model in front."""
        self._parent_in_front = not self._parent_in_front
        self._arrange()

    def move_wipe(self, steps: int) -> None:
        """Move the divider by key presses, to the right if positive."""
        self.slider.setValue(self.slider.value() + steps * _STEP)

    @property
    def _has_third(self) -> bool:
        side_by_side = self._choices.mode is Mode.SIDE_BY_SIDE
        return side_by_side and self._has_truth and self._choices.truth

    def _arrange(self) -> None:
        seen = self.sides_seen
        head = self.titles[Side.PARENT].sizeHint().height() + 4
        area = (self.width(), self.height())
        wipe = self._choices.mode is Mode.WIPE
        if self._choices.mode is Mode.SIDE_BY_SIDE:
            cells = side_by_side(area, self._state.image_size, len(seen), head)
        else:
            bar = self.slider.sizeHint().height() + 4 if wipe else 0
            cells = [stacked(area, head + bar)] * len(seen)
        for side in Side:
            self.panes[side].setVisible(side in seen)
            self.titles[side].setVisible(side in seen)
        for side, cell in zip(seen, cells, strict=True):
            title = Rect(cell.title.x, cell.title.y, cell.title.width, head)
            self.panes[side].setGeometry(_as_qt(cell.pane))
            self.titles[side].setGeometry(_as_qt(title))
            width = title.width // 2 if wipe else title.width
            self.titles[side].setText(title_of(side, self._titled, self.font(), width))
            on_right = wipe and side is Side.OPTIMIZED
            across = Qt.AlignmentFlag.AlignRight if on_right else Qt.AlignmentFlag.AlignLeft
            self.titles[side].setAlignment(across | Qt.AlignmentFlag.AlignTop)
        self._arrange_wipe(cells[0], head, wipe)

    def _arrange_wipe(self, cell: Cell, head: int, wipe: bool) -> None:
        pane = cell.pane
        self.slider.setVisible(wipe)
        self.divider.setVisible(wipe)
        if not wipe:
            self.panes[Side.PARENT].clearMask()
            return
        at = round(pane.width * self.slider.value() / _STEPS)
        self.slider.setGeometry(0, head, pane.width, self.slider.sizeHint().height())
        # A mask of no width would be none at all.
        self.panes[Side.PARENT].setMask(QRegion(0, 0, max(at, 1), pane.height))
        self.panes[Side.PARENT].raise_()
        self.divider.setGeometry(at - GRIP, pane.y, 2 * GRIP, pane.height)
        self.divider.raise_()

    def _on_divider_dragged(self, x: int) -> None:
        self.slider.setValue(round(x / max(1, self.main_pane.width()) * _STEPS))

    def _on_view_changed(self) -> None:
        if self._has_third:  # which arrangement shows most depends on the image
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _as_qt(rect: Rect) -> QRect:
    return QRect(rect.x, rect.y, rect.width, rect.height)
