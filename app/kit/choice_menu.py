"""A button whose menu has things to tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton

from app.kit.text import on_a_button
from app.kit.theme import FIELD_HEIGHT


class ChoiceMenu(QPushButton):
    """Says what is ticked; tells when that changes."""

    changed = Signal()

    def __init__(self, name: str, summary: Callable[[Sequence[str]], str]) -> None:
        """`told` makes the button's text of the titles that are ticked."""
        super().__init__()
        self._summary = summary
        self.setObjectName("choice")
        self.setAccessibleName(name)
        self.setMinimumHeight(FIELD_HEIGHT)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._menu.triggered.connect(self._on_triggered)

    @property
    def chosen(self) -> tuple[object, ...]:
        """What is ticked."""
        return tuple(action.data() for action in self._actions() if action.isChecked())

    def offer(self, things: Sequence[tuple[object, str, bool]], fixed: object = None) -> None:
        """Offer these: what each is, its title, whether it is ticked; `fixed` stays ticked."""
        self._menu.clear()
        for thing, title, ticked in things:
            action = self._menu.addAction(on_a_button(title))
            action.setCheckable(True)
            action.setData(thing)
            action.setChecked(ticked or thing == fixed)
            action.setEnabled(thing != fixed)
        self._show_summary()

    def _actions(self) -> list[QAction]:
        return list(self._menu.actions())

    def _show_summary(self) -> None:
        titles = [a.text().replace("&&", "&") for a in self._actions() if a.isChecked()]
        self.setText(f"  {on_a_button(self._summary(titles))}")  # Qt pads no button that has a menu

    def _on_triggered(self, action: QAction) -> None:
        if not self.chosen:
            action.setChecked(True)  # one at least
        self._show_summary()
        self.changed.emit()
