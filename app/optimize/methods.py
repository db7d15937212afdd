"""The ways to optimize, one beside the other, and the page of the chosen one."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.kit.signals import Sends
from app.kit.theme import FIELD_HEIGHT, GAP
from app.kit.widgets import label


class Methods(QWidget):
    """A row of buttons of which one is pressed; below, what it means, and its page."""

    chosen = Sends[int]()

    def __init__(self) -> None:
        super().__init__()
        self._pages: list[QWidget] = []
        self._texts: list[str] = []
        self._group = QButtonGroup(self)
        self._group.idToggled.connect(self._on_toggled)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addStretch(1)
        self.text = label(quiet=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self._column.addLayout(self._row)
        self._column.addWidget(self.text)

    def add(self, title: str, text: str, page: QWidget) -> int:
        """Add a method; several may share a page. Gives its number."""
        number = len(self._pages)
        pressed = QPushButton(title)
        pressed.setObjectName("next_segment" if number else "segment")
        pressed.setCheckable(True)
        pressed.setFixedHeight(FIELD_HEIGHT)
        self._group.addButton(pressed, number)
        self._row.insertWidget(number, pressed)
        self._texts.append(text)
        if page not in self._pages:
            page.hide()
            self._column.addWidget(page)
        self._pages.append(page)
        if number == 0:
            pressed.setChecked(True)
        for one in self._group.buttons():
            one.setVisible(number > 0)  # a single one is no choice
        self.text.setVisible(number > 0)
        return number

    @property
    def current(self) -> int:
        """Number of the chosen method."""
        return self._group.checkedId()

    def choose(self, number: int) -> None:
        """Choose a method."""
        self._group.button(number).setChecked(True)

    def choose_page(self, page: QWidget) -> None:
        """Choose the method that has this page."""
        self.choose(self._pages.index(page))

    def _on_toggled(self, number: int, checked: bool) -> None:
        if not checked:
            return
        for page in self._pages:
            page.setVisible(page is self._pages[number])
        self.text.setText(self._texts[number])
        self.chosen.emit(number)
