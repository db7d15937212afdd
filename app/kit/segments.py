"""A row of buttons of which one is down: which of several views is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from app.kit.signals import Sends
from app.kit.text import tooltip

_PADDING = 34


class Segments(QWidget):
    """Names of views, from left to right."""

    chosen = Sends[int]()

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        """`names` are those of the views, each with its tooltip."""
        super().__init__()
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.buttons: list[QPushButton] = []
        for number, (name, hint) in enumerate(names):
            made = QPushButton(name)
            made.setObjectName("view_segment")
            made.setCheckable(True)
            made.setToolTip(tooltip(hint))
            made.setFixedWidth(made.fontMetrics().horizontalAdvance(name) + _PADDING)
            if number == len(names) - 1:
                made.setObjectName("last_view_segment")
            self._group.addButton(made, number)
            self.buttons.append(made)
            row.addWidget(made)
        self.buttons[0].setChecked(True)
        self._group.idToggled.connect(self._on_toggled)

    @property
    def current(self) -> int:
        """The place of the one that is down."""
        return self._group.checkedId()

    def rename(self, place: int, name: str) -> None:
        """Give one another name."""
        made = self.buttons[place]
        made.setText(name)
        made.setFixedWidth(made.fontMetrics().horizontalAdvance(name) + _PADDING)

    def choose(self, place: int) -> None:
        """Press one."""
        self.buttons[place].setChecked(True)

    def _on_toggled(self, place: int, down: bool) -> None:
        if down:
            self.chosen.emit(place)
