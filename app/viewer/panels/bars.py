"""The two rows of buttons above the images: where to go, and what to see."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QIcon, QShowEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from app.kit.elided_label import ElidedLabel
from app.kit.signals import Sends
from app.kit.text import tooltip
from app.kit.widgets import label
from app.viewer.keys import Action, hint
from app.viewer.scene.choices import Choices, Mode
from app.viewer.scene.colours import Colouring
from app.viewer.scene.scene import ViewedImage

_SPACING = 6
_GAP = 6  # pixels between groups
_ANY = 16777215  # Qt's largest width


class Bar(QToolBar):
    """A row of buttons; `asked` carries the `Action` of the one that was pressed.

    What finds no place in a narrow window goes into the tool bar's own menu.
    """

    asked = Sends[Action]()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setObjectName("toolrow")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is not None:  # its own icon is an arrow that is not seen on a dark ground
            more.setIcon(QIcon())
            more.setText("»")
            more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            more.setToolTip("More buttons")

    def button(self, text: str, action: Action, *, checkable: bool = False) -> QToolButton:
        """A button for an action, at the end of the row."""
        made = QToolButton(self)
        made.setText(text)
        made.setToolTip(tooltip(hint(action)))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setCheckable(checkable)
        made.setProperty("action", action)
        made.clicked.connect(self._on_clicked)
        made.setProperty("place", self.addWidget(made))
        return made

    def set_shown(self, button: QToolButton, shown: bool) -> None:
        """Whether there is such a button; the tool bar hides it by its place, not by itself."""
        place: QAction = button.property("place")
        place.setVisible(shown)

    def gap(self, *, wide: bool = False) -> None:
        """Room before what follows; all that there is, if `wide`."""
        room = QWidget(self)
        room.setFixedWidth(_GAP)
        if wide:
            room.setMinimumWidth(0)
            room.setMaximumWidth(_ANY)
            room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tighten()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._tighten()

    def _tighten(self) -> None:
        """The style gives a tool bar wide edges and no room between buttons, again and again."""
        row = self.layout()
        if row is not None:
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(_SPACING)

    def _on_clicked(self) -> None:
        self.asked.emit(self.sender().property("action"))


class NavigationBar(Bar):
    """Which image, and how close."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Images", parent)
        self.back = self.button("Back", Action.BACK)
        self.back.setToolTip("Back to the table (Esc)")
        self.gap()
        self.previous = self.button("Previous", Action.PREVIOUS)
        self.next = self.button("Next", Action.NEXT)
        self.difference = self.button("Next difference", Action.NEXT_DIFFERENCE)
        self.gap()
        self.position = label(wrap=False)
        self.name = ElidedLabel(self)
        self.addWidget(self.position)
        self.gap()
        self.addWidget(self.name)
        self.zoom_out = self.button("−", Action.ZOOM_OUT)
        self.zoom_out.setAccessibleName("Zoom out")
        self.zoom = label(wrap=False)
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("3200%") + 4)
        self.addWidget(self.zoom)
        self.zoom_in = self.button("+", Action.ZOOM_IN)
        self.zoom_in.setAccessibleName("Zoom in")
        self.fit = self.button("Fit", Action.FIT)
        self.full = self.button("Full screen", Action.FULL_SCREEN, checkable=True)

    def show_image(self, image: ViewedImage | None) -> None:
        """Its name, and where it stands in the list."""
        self.name.set_text(image.name if image else "")
        self.position.setText(f"{image.position + 1} / {image.total}" if image else "")
        self.previous.setEnabled(image is not None and image.position > 0)
        self.next.setEnabled(image is not None and image.position + 1 < image.total)
        self.difference.setEnabled(image is not None)

    def show_zoom(self, scale: float | None) -> None:
        """Screen pixels for each of the image's; None while there is no image."""
        for button in (self.zoom_in, self.zoom_out, self.fit):
            button.setEnabled(scale is not None)
        self.zoom.setText("" if scale is None else f"{scale:.0%}")


class ViewBar(Bar):
    """How the images are put together, and what else is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("View", parent)
        self.mode_buttons = {
            mode: self.button(mode.value, action, checkable=True)
            for mode, action in (
                (Mode.SIDE_BY_SIDE, Action.SIDE_BY_SIDE),
                (Mode.WIPE, Action.WIPE),
                (Mode.BLINK, Action.BLINK),
            )
        }
        self.gap()
        self.differences = self.button("Only differences", Action.ONLY_DIFFERENCES, checkable=True)
        self.by_class = self.button("Colour by class", Action.COLOURING, checkable=True)
        self.truth = self.button("Ground truth", Action.TRUTH, checkable=True)
        self.gap(wide=True)
        self.list = self.button("List", Action.LIST, checkable=True)
        self.strip = self.button("Strip", Action.STRIP, checkable=True)
        for button in (self.list, self.strip):
            button.setChecked(True)
        self.overview = self.button("Overview", Action.OVERVIEW, checkable=True)
        self.gap()
        self.copy = self.button("Copy", Action.COPY)
        self.save = self.button("Save", Action.SAVE)
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        menu = QMenu(self.save)
        for text, action in (
            ("As it is seen…", Action.SAVE),
            ("The whole image at its own resolution…", Action.SAVE_WHOLE),
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
