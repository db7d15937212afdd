"""The keys of a viewer, connected to what they do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from app.kit.signals import Sends
from app.viewer.keys import CLASS_KEYS, KEYS, Action


class Shortcuts(QObject):
    """`asked` carries the `Action` of a key, `class_asked` the number of a class's, 1 to 9."""

    asked = Sends[Action]()
    class_asked = Sends[int]()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        for key in KEYS:
            for sequence in key.sequences:
                self._add(widget, sequence, key.action, self._on_key)
        for number in CLASS_KEYS:
            self._add(widget, number, int(number), self._on_number)

    def _add(
        self, widget: QWidget, sequence: str, meaning: object, slot: Callable[[], None]
    ) -> None:
        shortcut = QShortcut(QKeySequence(sequence), widget)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.setProperty("meaning", meaning)
        shortcut.activated.connect(slot)

    def _on_key(self) -> None:
        action = self.sender().property("meaning")
        focused = QApplication.focusWidget()
        if action is Action.BLINK and isinstance(focused, QAbstractButton):
            focused.click()  # the space bar belongs to the button that has the focus
        else:
            self.asked.emit(action)

    def _on_number(self) -> None:
        self.class_asked.emit(self.sender().property("meaning"))
