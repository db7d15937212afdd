"""Small building blocks that every page uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.kit.boxes import across, discard
from app.kit.memory import left_at, start_folder
from app.kit.text import breakable, on_a_button
from app.kit.theme import GAP, MARGIN, heading_font
from core.text import visible_lines

_LONGEST_WORD = 40  # characters that a text which wraps asks room for

Offers = Callable[[], Sequence[tuple[str, Path]]]
"""A title and a path each, to choose from."""


class PlainLabel(QLabel):
    """Text that is never taken for HTML, since it may hold a file's name.

    Of a text with half a character in it, such as a name that is not UTF-8, Qt shows nothing. Where
    it wraps, a name without an end makes no page wider.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)

    def text(self) -> str:
        """The text without the places to break it at."""
        return self._text

    def setText(self, text: str) -> None:
        """Show `text`, lines kept."""
        self._text = visible_lines(text)
        copied = bool(self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse)
        super().setText(self._text if copied else breakable(self._text))

    def minimumSizeHint(self) -> QSize:
        wanted = super().minimumSizeHint()
        if self.wordWrap():
            widest = self.fontMetrics().averageCharWidth() * _LONGEST_WORD
            wanted.setWidth(min(wanted.width(), widest))
        return wanted


def label(
    text: str = "", *, quiet: bool = False, selectable: bool = False, wrap: bool = True
) -> QLabel:
    """Plain text."""
    made = PlainLabel(text)
    made.setWordWrap(wrap)
    if quiet:
        made.setObjectName("quiet")
    if selectable:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return made


P = TypeVar("P", bound=QWidget)


def reserved(part: P, lines: int = 0) -> P:
    """Give what comes and goes on a page a place that stays, so that nothing moves under the mouse.

    `lines` is how many lines of text a hint has room for from the start; a constant one needs none.
    """
    policy = part.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    part.setSizePolicy(policy)
    if lines:
        part.setMinimumHeight(lines * part.fontMetrics().lineSpacing())
    return part


def heading(text: str = "", points_more: float = 4.0) -> QLabel:
    """A title."""
    made = label(text)
    made.setFont(heading_font(points_more))
    return made


def markup_label(parent: QWidget | None = None) -> QLabel:
    """Wrapping rich text: whoever sets it passes foreign text through `as_markup`."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setWordWrap(True)
    return made


def alert(parent: QWidget | None, title: str, text: str) -> None:
    """Say what went wrong, in a window of its own, and wait until it was read."""
    box = QMessageBox(QMessageBox.Icon.Critical, title, "", parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(visible_lines(text))
    box.exec()


class Button(QPushButton):
    """A button that, disabled or hidden while it has the focus, hands it to no other button.

    Qt hands it to the next widget, which beside a button that starts something is *Cancel*.
    """

    def focusNextPrevChild(self, next: bool) -> bool:
        if self.isEnabled() and self.isVisible():
            return super().focusNextPrevChild(next)
        # Not by previousInFocusChain: to PySide, what it gives belongs to whom it was asked of, and
        # is taken for deleted with it, be it the menus of the window.
        widgets = self.window().findChildren(QWidget)
        place = widgets.index(self) if self in widgets else 0
        for one in (*reversed(widgets[:place]), *reversed(widgets[place + 1 :])):
            usable = one.isEnabled() and one.isVisible() and one.window() is self.window()
            takes = bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if usable and takes and not isinstance(one, QAbstractButton):
                one.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return False


def button(text: str, *, primary: bool = False, flat: bool = False) -> QPushButton:
    """A push button; a page has one primary one at most."""
    made = Button(text)
    made.setObjectName("primary" if primary else "flat" if flat else "")
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


class Card(QFrame):
    """A titled box with rows of facts."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN - 4)
        self.box.setSpacing(GAP)
        self.title = heading(title, 1.5)
        self.box.addWidget(self.title)
        self._known_facts: list[tuple[str, str]] = []
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(MARGIN)
        self._facts.setVerticalSpacing(6)
        self._facts.setColumnStretch(1, 1)
        self.box.addLayout(self._facts)

    def set_facts(self, facts: list[tuple[str, str]]) -> None:
        """Replace the rows: a name and its value each; a value without a name is a sentence."""
        if facts == self._known_facts:  # as a rule: what was selected stays so
            return
        self._known_facts = list(facts)
        while (item := self._facts.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                discard(widget)
        top = Qt.AlignmentFlag.AlignTop
        for row, (name, value) in enumerate(facts):
            right = label(value, selectable=True)
            right.setAccessibleName(name)
            if not name:
                self._facts.addWidget(right, row, 0, 1, 2, top)
                continue
            left = label(name, quiet=True)
            left.setWordWrap(False)
            self._facts.addWidget(left, row, 0, top)
            self._facts.addWidget(right, row, 1, top)


class EmptyState(QWidget):
    """What a page shows while it has nothing: what belongs here, and how to get it."""

    def __init__(self, title: str, text: str, action: str = "") -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        box.setSpacing(GAP)
        self.title = heading(title)
        self.text = label(text, quiet=True)
        self.action = button(action, primary=True)
        box.addStretch(2)
        for widget in (self.title, self.text):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            widget.setMaximumWidth(620)
            box.addLayout(across(1, (widget, 4), 1))
        box.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        self.action.setVisible(bool(action))  # not sooner: it would be a window of its own
        box.addStretch(3)


class PathField(QWidget):
    """A path that is typed, chosen or dropped."""

    changed = Signal()

    def __init__(
        self, name: str, placeholder: str, *, files: str, offers: Offers | None = None
    ) -> None:
        """`files` is the file dialog's filter; `offers` are asked for when the menu opens."""
        super().__init__()
        self._files, self._kind = files, name.lower()
        self._offers = offers or tuple
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText(placeholder)
        self.edit.textChanged.connect(self.changed)
        self.browse = button("Choose…")
        self.browse.setAutoDefault(False)  # Enter in the line would open its menu
        menu = QMenu(self.browse)
        menu.aboutToShow.connect(self._fill_menu)
        menu.triggered.connect(self._on_offer_chosen)
        self.browse.setMenu(menu)
        self.setAcceptDrops(True)
        self.edit.setAcceptDrops(False)  # it would paste the URL; we take the path
        across((self.edit, 1), self.browse, margins=0, on=self)

    @property
    def path(self) -> Path | None:
        """The path, or None while the field is empty."""
        text = self.edit.text().strip()
        return Path(text).expanduser() if text else None

    def set_path(self, path: Path | None) -> None:
        """Show this path."""
        self.edit.setText(str(path) if path else "")

    def _fill_menu(self) -> None:
        menu = self.browse.menu()
        menu.clear()
        menu.addAction("File…", self._choose_file)
        menu.addAction("Folder…", self._choose_folder)
        offers = self._offers()
        if offers:
            menu.addSection("Created here")
        for title, path in offers:
            menu.addAction(on_a_button(title)).setData(path)

    def _on_offer_chosen(self, action: QAction) -> None:
        if action.data() is not None:
            self.set_path(action.data())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_path(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.set_path(dropped_path(event))
        event.acceptProposedAction()

    def _choose_file(self) -> None:
        start = str(self.path.parent if self.path else start_folder(self._kind))
        chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file", start, self._files)
        left_at(self._kind, chosen)
        if chosen:
            self.set_path(Path(chosen))

    def _choose_folder(self) -> None:
        start = str(self.path or start_folder(self._kind))
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", start)
        left_at(self._kind, chosen)
        if chosen:
            self.set_path(Path(chosen))


def dropped_path(event: QDropEvent) -> Path | None:
    """The first local file or folder that is being dropped."""
    return next(iter(dropped_paths(event)), None)


def dropped_paths(event: QDropEvent) -> tuple[Path, ...]:
    """The local files and folders that are being dropped."""
    urls = event.mimeData().urls()
    return tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
