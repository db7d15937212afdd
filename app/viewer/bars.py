"""The two rows of buttons above the pictures: where to go, and what to see."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from app.elided_label import ElidedLabel
from app.viewer.choices import Choices, Mode
from app.viewer.colours import Colouring
from app.viewer.keys import Action, hint
from app.viewer.scene import ViewedImage

_GAP = 6


class Bar(QWidget):
    """A row of buttons; `asked` carries the `Action` of the one that was pressed."""

    asked = Signal(object)  # Action

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolrow")
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(_GAP)

    def button(self, text: str, action: Action, *, checkable: bool = False) -> QToolButton:
        """A button for an action, at the end of the row."""
        made = QToolButton(self)
        made.setText(text)
        made.setToolTip(hint(action))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setCheckable(checkable)
        made.setProperty("action", action)
        made.clicked.connect(self._on_clicked)
        self.row.addWidget(made)
        return made

    def _on_clicked(self) -> None:
        self.asked.emit(self.sender().property("action"))


class NavigationBar(Bar):
    """Which image, and how close."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.back = self.button("Back", Action.BACK)
        self.back.setToolTip("Back to the table (Esc)")
        self.row.addSpacing(_GAP)
        self.previous = self.button("Previous", Action.PREVIOUS)
        self.next = self.button("Next", Action.NEXT)
        self.difference = self.button("Next difference", Action.NEXT_DIFFERENCE)
        self.row.addSpacing(_GAP)
        self.position = QLabel(self)
        self.name = ElidedLabel(self)
        self.row.addWidget(self.position)
        self.row.addSpacing(_GAP)
        self.row.addWidget(self.name, 1)
        self.zoom_out = self.button("−", Action.ZOOM_OUT)
        self.zoom_out.setAccessibleName("Zoom out")
        self.zoom = QLabel(self)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("3200 %") + 4)
        self.row.addWidget(self.zoom)
        self.zoom_in = self.button("+", Action.ZOOM_IN)
        self.zoom_in.setAccessibleName("Zoom in")
        self.fit = self.button("Fit", Action.FIT)

    def show_image(self, image: ViewedImage | None) -> None:
        """Its name, and where it stands in the list."""
        self.name.set_text(image.name if image else "")
        self.position.setText(f"{image.position + 1} / {image.total}" if image else "")
        self.previous.setEnabled(image is not None and image.position > 0)
        self.next.setEnabled(image is not None and image.position + 1 < image.total)
        self.difference.setEnabled(image is not None)

    def show_zoom(self, scale: float | None) -> None:
        """Screen pixels for each of the image's; None while there is no picture."""
        for button in (self.zoom_in, self.zoom_out, self.fit):
            button.setEnabled(scale is not None)
        self.zoom.setText("" if scale is None else f"{scale:.0%}".replace("%", " %"))


class ViewBar(Bar):
    """How the pictures are put together, and what else is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modes = QButtonGroup(self)
        self.mode_buttons = {
            mode: self.button(mode.value, action, checkable=True)
            for mode, action in (
                (Mode.SIDE_BY_SIDE, Action.SIDE_BY_SIDE),
                (Mode.WIPE, Action.WIPE),
                (Mode.BLINK, Action.BLINK),
            )
        }
        self.row.addSpacing(_GAP)
        self.differences = self.button("Only differences", Action.ONLY_DIFFERENCES, checkable=True)
        self.by_class = self.button("Colour by class", Action.COLOURING, checkable=True)
        self.truth = self.button("Ground truth", Action.TRUTH, checkable=True)
        self.row.addStretch(1)
        self.list = self.button("List", Action.LIST, checkable=True)
        self.strip = self.button("Strip", Action.STRIP, checkable=True)
        for button in (self.list, self.strip):
            button.setChecked(True)
        self.overview = self.button("Overview", Action.OVERVIEW, checkable=True)
        self.row.addSpacing(_GAP)
        self.copy = self.button("Copy", Action.COPY)
        self.save = self.button("Save", Action.SAVE)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(self.save)
        for text, action in (
            ("As it is seen…", Action.SAVE),
            ("The whole picture at its own resolution…", Action.SAVE_WHOLE),
        ):
            menu.addAction(text).setData(action)
        menu.triggered.connect(self._on_menu_chosen)
        self.save.setMenu(menu)
        self.keys = self.button("?", Action.KEYS)
        self.keys.setAccessibleName("Keys")

    def _on_menu_chosen(self, chosen: QAction) -> None:
        self.asked.emit(chosen.data())

    def show_choices(self, choices: Choices) -> None:
        """Press the buttons of what is chosen."""
        for mode, button in self.mode_buttons.items():
            button.setChecked(mode is choices.mode)
        self.differences.setChecked(choices.only_differences)
        self.by_class.setChecked(choices.colouring is Colouring.CLASS)
        self.truth.setChecked(choices.truth)
