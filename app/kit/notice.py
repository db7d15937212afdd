"""What a user is told beside what they do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from app.kit.signals import Sends


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


class Notices(QObject):
    """Where every part of the program says what the user must be told."""

    posted = Sends[Notice]()

    def post(self, notice: Notice) -> None:
        """Tell the user."""
        self.posted.emit(notice)

    def refuse(self, error: Exception) -> None:
        """Tell that something could not be done, and why."""
        self.posted.emit(Notice(str(error), failed=True))
