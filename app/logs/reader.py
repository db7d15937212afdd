"""Reads pieces of a log in a thread, and says which piece is there now."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from app.kit.signals import Sends
from app.workers.computer import Computer
from core.errors import WorkbenchError
from core.jobs.logs import Piece, find, piece_around, piece_from, piece_until

_FOLLOW_MS = 700


class LogReader(QObject):
    """One log at a time; `show` it first."""

    piece_read = Sends[Piece]()
    found = Sends[Piece, int, str]()  # a number of a line in it, where words stand
    not_found = Sends[str]()
    failed = Sends[str]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._piece: Piece | None = None
        self._found: int | None = None  # where the line starts that has what was searched last
        self._computer = Computer(self)
        self._computer.failed.connect(self._on_failed)
        self._timer = QTimer(self, interval=_FOLLOW_MS)
        self._timer.timeout.connect(self.show_end)

    def show(self, path: Path, *, follow: bool) -> None:
        """Read the end of this log, and whatever is added to it if `follow`."""
        self._path, self._piece, self._found = path, None, None
        self.show_end()
        self.follow(follow)

    def follow(self, wanted: bool) -> None:
        """Whether the end is read anew now and then."""
        if wanted:
            self._timer.start()
        else:
            self._timer.stop()

    def show_end(self) -> None:
        """Read the last lines."""
        self._ask(piece_until)

    def show_start(self) -> None:
        """Read the first lines."""
        self._ask(lambda path: piece_from(path, 0))

    def show_earlier(self) -> None:
        """Read the lines before those that were read last."""
        if self._piece is not None and self._piece.start:
            self._ask(partial(_until, end=self._piece.start))

    def show_later(self) -> None:
        """Read the lines after them."""
        if self._piece is not None and self._piece.end < self._piece.size:
            self._ask(partial(_from, start=self._piece.end))

    def find(self, words: str, *, backwards: bool) -> None:
        """Find words in the whole log, from what is shown, or was found last, on."""
        path, piece, last = self._path, self._piece, self._found
        if path is None or piece is None or not words:
            return
        place = last if last is not None else piece.end if backwards else piece.start
        wanted = self._computer.is_wanted

        def task() -> tuple[int, Piece, int] | None:
            start = find(
                path, words, place, backwards=backwards, beyond=last is not None, stop=wanted
            )
            return None if start is None else (start, *piece_around(path, start))

        def deliver(found: tuple[int, Piece, int] | None) -> None:
            if found is None:
                self.not_found.emit(words)
            else:
                self._found, self._piece, line = found
                self.found.emit(self._piece, line, words)

        self._computer.ask("find", task, deliver)

    def close(self) -> None:
        """End what runs, and wait for it."""
        self._timer.stop()
        self._computer.close()

    def _ask(self, read: Callable[[Path], Piece]) -> None:
        path = self._path
        if path is not None:
            self._computer.ask("read", lambda: read(path), self._deliver)

    def _deliver(self, piece: Piece) -> None:
        if piece != self._piece:
            self._piece, self._found = piece, None
            self.piece_read.emit(piece)

    def _on_failed(self, error: WorkbenchError) -> None:
        self.failed.emit(str(error))


def _until(path: Path, end: int) -> Piece:
    return piece_until(path, end)


def _from(path: Path, start: int) -> Piece:
    return piece_from(path, start)
