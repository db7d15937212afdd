"""The logs of the jobs: a list of them, and the text of one, with search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QFontDatabase,
    QKeySequence,
    QShortcut,
    QStandardItem,
    QStandardItemModel,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QDialog,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QWidget,
)

from app.kit.boxes import across, divided, down
from app.kit.signals import Sends
from app.kit.text import displayable, tooltip
from app.kit.theme import GAP
from app.kit.widgets import button, label
from app.logs.reader import LogReader
from core.jobs.logs import LogFile, Piece, log_files, title_in
from core.sizes import megabytes

_OTHERS = {
    "examine.log": "Examining models",
    "checks.log": "Looking at datasets",
    "window.log": "The window",
}  # which no job of its own writes
_ROOM = 6  # pixels above and below the two lines of a log
_PATH = Qt.ItemDataRole.UserRole


class LogsDialog(QDialog):
    """Beside the window, so that a job can be watched."""

    open_requested = Sends[Path]()

    def __init__(
        self, parent: QWidget | None, folder: Path, shown: Path | None, running: bool
    ) -> None:
        """`shown` comes first, and is followed where its job is `running`."""
        super().__init__(parent)
        self.setWindowTitle("Logs")
        self.resize(1000, 640)
        self._folder = folder
        self._path: Path | None = None
        self._piece: Piece | None = None
        self.reader = LogReader(self)
        self._make_list()
        self._make_text()
        self._lay_out()
        self._connect()
        self.follow.setChecked(running)
        self._show_files(log_files(folder), shown)

    def _make_list(self) -> None:
        self.list = QListView()
        self.list.setAccessibleName("Logs")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setSpacing(3)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)

    def _make_text(self) -> None:
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName("Text of the log")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.words = QLineEdit()
        self.words.setPlaceholderText("Search (Ctrl+F)")
        self.words.setAccessibleName("Search in the log")
        self.previous = button("Previous")
        self.next = button("Next")
        self.follow = QCheckBox("Follow")
        self.follow.setToolTip("Show what is added while the job runs")
        self.place = label(quiet=True, wrap=False)
        self.start = button("Start")
        self.earlier = button("Earlier")
        self.later = button("Later")
        self.end = button("End")
        self.copy = button("Copy")
        self.copy.setToolTip("Copy what is selected, or else the lines that are shown")
        self.outside = button("Open externally")
        self.close_button = button("Close")
        for one in (self.next, self.previous, self.copy, self.outside, self.close_button):
            one.setAutoDefault(False)

    def _lay_out(self) -> None:
        search = across((self.words, 1), self.previous, self.next, self.follow, spacing=6)
        move = across((self.place, 1), self.start, self.earlier, self.later, self.end, spacing=6)
        right = QWidget()
        down(search, (self.text, 1), move, spacing=GAP, margins=0, on=right)
        both = divided(self.list, right, (300, 700), (0, 1))
        below = across(self.copy, self.outside, 1, self.close_button, spacing=6)
        down((both, 1), below, spacing=GAP, margins=GAP, on=self)

    def _connect(self) -> None:
        reader = self.reader
        reader.piece_read.connect(self._show_piece)
        reader.found.connect(self._show_found)
        reader.not_found.connect(self._on_not_found)
        reader.failed.connect(self._on_failed)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.words.returnPressed.connect(self._on_next)
        self.next.clicked.connect(self._on_next)
        self.previous.clicked.connect(self._on_previous)
        self.follow.toggled.connect(self._on_follow_toggled)
        for one, show in (
            (self.start, reader.show_start),
            (self.earlier, reader.show_earlier),
            (self.later, reader.show_later),
            (self.end, reader.show_end),
        ):
            one.setAutoDefault(False)
            one.clicked.connect(self._stop_following)
            one.clicked.connect(show)
        self.copy.clicked.connect(self._on_copy)
        self.outside.clicked.connect(self._on_outside)
        self.close_button.clicked.connect(self.accept)
        QShortcut(QKeySequence.StandardKey.Find, self, self.words.setFocus)

    def show_log(self, path: Path) -> None:
        """Show this log, listing it where it is new."""
        self._show_files(log_files(self._folder), path)

    def done(self, result: int) -> None:
        self.reader.close()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reader.close()
        super().closeEvent(event)

    # What is shown

    def _show_files(self, files: Sequence[LogFile], shown: Path | None) -> None:
        known = [one.path for one in files]
        if shown is not None and shown.is_file() and shown not in known:
            stat = shown.stat()
            files = (LogFile(shown, stat.st_mtime, stat.st_size), *files)
        self._model.clear()
        high = 2 * self.list.fontMetrics().lineSpacing() + _ROOM
        for one in files:
            when = datetime.fromtimestamp(one.modified)
            size = megabytes(one.size, 1) if one.size >= 1e5 else f"{one.size:,} bytes"
            title = title_in(one.path) or _OTHERS.get(one.path.name, one.path.stem)
            item = QStandardItem(displayable(title) + f"\n{when:%Y-%m-%d %H:%M} · {size}")
            item.setData(str(one.path), _PATH)
            item.setSizeHint(QSize(1, high))  # as wide as the list: long titles are elided
            item.setToolTip(tooltip(f"{title}\n{one.path}"))
            self._model.appendRow(item)
        row = next((n for n, one in enumerate(files) if one.path == shown), 0)
        if files:
            self.list.setCurrentIndex(self._model.index(row, 0))
        else:
            self.place.setText("No job has run in this workspace yet.")
        for widget in (self.copy, self.outside, self.next, self.previous, self.follow):
            widget.setEnabled(bool(files))
        self._show_moves()

    def _show_piece(self, piece: Piece) -> None:
        bar = self.text.verticalScrollBar()
        same = self._piece is not None and piece.start == self._piece.start
        at_end = bar.value() == bar.maximum() or not same
        kept = bar.value()
        self._piece = piece
        self.text.setPlainText(piece.text)
        bar.setValue(bar.maximum() if at_end and piece.end == piece.size else kept * same)
        part = "" if piece.start == 0 and piece.end == piece.size else _part(piece)
        self.place.setText(part)
        self._show_moves()

    def _show_moves(self) -> None:
        piece = self._piece
        before, after = bool(piece and piece.start), bool(piece and piece.end < piece.size)
        for one, possible in (
            (self.start, before),
            (self.earlier, before),
            (self.later, after),
            (self.end, after),
        ):
            one.setEnabled(possible)

    def _show_found(self, piece: Piece, line: int, words: str) -> None:
        self._show_piece(piece)
        block = self.text.document().findBlockByNumber(line)
        place = block.position() + max(block.text().lower().find(words.lower()), 0)
        cursor = self.text.textCursor()
        cursor.setPosition(place)
        cursor.setPosition(place + len(words), QTextCursor.MoveMode.KeepAnchor)
        self.text.setTextCursor(cursor)
        self.text.centerCursor()

    def _on_not_found(self, words: str) -> None:
        self.place.setText(displayable(f"There is no more “{words}” in this direction."))

    def _on_failed(self, sentence: str) -> None:
        self._stop_following()
        self.place.setText(displayable(sentence))

    # What the user does

    def _on_current_changed(self, current: QModelIndex) -> None:
        if not current.isValid():
            return
        self._path = Path(current.data(_PATH))
        self._piece = None
        self.text.clear()
        self.reader.show(self._path, follow=self.follow.isChecked())

    def _on_next(self) -> None:
        self._stop_following()
        self.reader.find(self.words.text(), backwards=False)

    def _on_previous(self) -> None:
        self._stop_following()
        self.reader.find(self.words.text(), backwards=True)

    def _on_follow_toggled(self, wanted: bool) -> None:
        self.reader.follow(wanted)
        if wanted:
            self.reader.show_end()

    def _stop_following(self) -> None:
        self.follow.setChecked(False)

    def _on_copy(self) -> None:
        selected = self.text.textCursor().selectedText().replace("\u2029", "\n")
        QApplication.clipboard().setText(selected or self.text.toPlainText())

    def _on_outside(self) -> None:
        if self._path is not None:
            self.open_requested.emit(self._path)


def _part(piece: Piece) -> str:
    begin, end, size = (megabytes(place) for place in (piece.start, piece.end, piece.size))
    return f"{begin} to {end} of {size}"
