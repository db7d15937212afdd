"""A button whose menu has things to tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton

from app.kit.text import on_a_button, shortened, tooltip
from app.kit.theme import FIELD_HEIGHT

_LONGEST = 32  # characters on the button: it is as wide as its text, and pages are not

More = Callable[[], Mapping[object, str]]


class ChoiceMenu(QPushButton):
    """Says what is ticked; tells when that changes."""

    changed = Signal()

    def __init__(
        self, name: str, summary: Callable[[Sequence[str]], str], meaning: str = ""
    ) -> None:
        """`summary` makes the button's text of the titles that are ticked.

        `meaning` is its tooltip, unless that says what the button has no room for.
        """
        super().__init__()
        self._summary, self._meaning = summary, meaning
        self.setObjectName("choice")
        self.setAccessibleName(name)
        self.setMinimumHeight(FIELD_HEIGHT)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(self._on_triggered)
        self._offered: dict[object, str] = {}
        self._things: dict[object, str] = {}
        self._more: More = dict
        self._ticked: set[object] = set()
        self._fixed: object = None

    @property
    def chosen(self) -> tuple[object, ...]:
        """What is ticked."""
        return tuple(thing for thing in self._things if thing in self._ticked)

    def offer(
        self,
        things: Sequence[tuple[object, str, bool]],
        fixed: object = None,
        more: More = dict,
    ) -> None:
        """Offer these: what each is, its title, whether it is ticked; `fixed` stays ticked.

        `more` gives the titles of all that there is once the menu opens.
        """
        self._offered = self._things = {thing: title for thing, title, _ in things}
        self._ticked = {thing for thing, _, ticked in things if ticked or thing == fixed}
        self._fixed, self._more = fixed, more
        self._show_summary()

    def _fill(self) -> None:
        """Only now: of hundreds of things it takes longer than a user waits for a page."""
        ticked = {thing: self._things[thing] for thing in self.chosen}
        self._things = {**self._offered, **ticked, **self._more()}
        self._menu.clear()
        for thing, title in self._things.items():
            action = self._menu.addAction(on_a_button(title))
            action.setCheckable(True)
            action.setData(thing)
            action.setChecked(thing in self._ticked)
            action.setEnabled(thing != self._fixed)

    def _show_summary(self) -> None:
        summary = self._summary([self._things[thing] for thing in self.chosen])
        shown = shortened(summary, _LONGEST)
        self.setText(f"  {on_a_button(shown)}")  # Qt pads no button that has a menu
        self.setToolTip(tooltip(self._meaning if shown == summary else summary))

    def _on_triggered(self, action: QAction) -> None:
        if not action.isChecked() and self._ticked == {action.data()}:
            action.setChecked(True)  # one at least
            return
        self._ticked ^= {action.data()}
        self._show_summary()
        self.changed.emit()
