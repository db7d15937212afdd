"""Help inside the window: pages with links into the program, and a search in all of them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QUrl
from PySide6.QtGui import QKeySequence, QShortcut, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLineEdit,
    QListView,
    QTextBrowser,
    QWidget,
)

from app.help.pages import HelpPage, help_pages
from app.kit.boxes import across, divided, down
from app.kit.signals import Sends
from app.kit.theme import GAP
from app.kit.widgets import button, label


class HelpDialog(QDialog):
    """Beside the window, so that a page and what it is about are seen together."""

    tab_requested = Sends[str]()
    action_requested = Sends[str]()

    def __init__(self, parent: QWidget | None, page: str) -> None:
        super().__init__(parent)
        self.setWindowTitle("Help")
        self.resize(900, 640)
        self._pages: tuple[HelpPage, ...] = ()
        self._page: HelpPage | None = None
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search (Ctrl+F)")
        self.words.setAccessibleName("Search in the help")
        self.words.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setAccessibleName("Pages of the help")
        self.list.setSpacing(3)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.text = QTextBrowser()
        self.text.setAccessibleName("Help")
        self.text.setOpenLinks(False)  # they lead into the program, and nowhere else
        self.text.document().setDocumentMargin(GAP)
        self.said = label(quiet=True, wrap=False)
        close = button("Close")
        close.setAutoDefault(False)
        left = QWidget()
        down(self.words, (self.list, 1), spacing=6, margins=0, on=left)
        both = divided(left, self.text, (220, 680), (0, 1))
        below = across((self.said, 1), close, spacing=GAP)
        down((both, 1), below, spacing=GAP, margins=GAP, on=self)
        self.words.textChanged.connect(self._on_words_changed)
        self.words.returnPressed.connect(self._find_next)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.text.anchorClicked.connect(self._on_link)
        close.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Find, self, self.words.setFocus)
        self._list(help_pages())
        self.show_page(page)

    def show_page(self, name: str) -> None:
        """Show the page of this name."""
        if name not in [page.name for page in self._pages]:
            self.words.clear()
        place = next(n for n, page in enumerate(self._pages) if page.name == name)
        self.list.setCurrentIndex(self._model.index(place, 0))

    def _list(self, pages: tuple[HelpPage, ...]) -> None:
        self._pages = pages
        selection = self.list.selectionModel()
        selection.blockSignals(True)  # a row that goes makes another one the current one
        self._model.setRowCount(0)
        for page in pages:
            self._model.appendRow(QStandardItem(page.title))
        selection.blockSignals(False)

    def _on_words_changed(self, words: str) -> None:
        fitting = tuple(page for page in help_pages() if page.has(words))
        self.said.setText("" if fitting else "No page has these words.")
        self._list(fitting)
        if fitting:
            place = fitting.index(self._page) if self._page in fitting else 0
            self.list.setCurrentIndex(self._model.index(place, 0))
            self._show_first(words)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if current.isValid():
            self._page = self._pages[current.row()]
            self.text.setMarkdown(self._page.markdown)
            self._show_first(self.words.text())

    def _show_first(self, words: str) -> None:
        self.text.moveCursor(self.text.textCursor().MoveOperation.Start)
        if words.split():
            self.text.find(words.split(maxsplit=1)[0])

    def _find_next(self) -> None:
        """The next place on this page, else the first on the next page that has the words."""
        words = self.words.text().split()
        if not words or self.text.find(words[0]):
            return
        row = (self.list.currentIndex().row() + 1) % max(1, len(self._pages))
        self.list.setCurrentIndex(self._model.index(row, 0))
        if len(self._pages) == 1:
            self._show_first(self.words.text())

    def _on_link(self, link: QUrl) -> None:
        kind, name = link.scheme(), link.path()
        if kind == "page":
            self.show_page(name)
        elif kind == "tab":
            self.tab_requested.emit(name)
        elif kind == "do":
            self.action_requested.emit(name)
