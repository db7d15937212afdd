"""What a user is told beside what they do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends
from app.kit.text import shortened


@dataclass(frozen=True)
class Notice:
    """Something that the user must be told.

    `made` is a file or folder that can be opened, `undo` what was deleted: its number in the trash.
    """

    text: str
    failed: bool = False
    log: Path | None = None
    made: Path | None = None
    undo: int | None = None


def cut_off(sentence: str) -> Notice:
    """Of a job that did not come to its end; `sentence` says so."""
    way_out = "Start it again if you need it, or resume it where its page offers that."
    return Notice(f"{sentence} {way_out}", failed=True)


def deleted_elsewhere(name: str) -> Notice:
    """Of what was shown, and is gone: otherwise another page would come of itself."""
    sentence = f"{shortened(name)} was deleted in another window or in the terminal."
    return Notice(f"{sentence} It can be restored while it is in the trash.")


class Notices(QObject):
    """Where every part of the program says what the user must be told."""

    posted = Sends[Notice]()

    def post(self, notice: Notice) -> None:
        """Tell the user."""
        self.posted.emit(notice)

    def refuse(self, error: Exception) -> None:
        """Tell that something could not be done, and why."""
        self.posted.emit(Notice(str(error), failed=True))
