"""What is found again at the next start: folders of file dialogs, widths of columns.

It is kept as long as the program runs; the window says where it is stored. What is damaged there
counts as never stored.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

_LONGEST = 4096  # characters


class Memory:
    """Texts by their keys."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._store: QSettings | None = None

    def keep_in(self, store: QSettings | None) -> None:
        """Read from and write to this from now on; None: to nothing."""
        self._texts.clear()
        self._store = store

    def text(self, key: str) -> str:
        """What was remembered; empty where nothing was."""
        if key not in self._texts and self._store is not None:
            stored = self._store.value(f"memory/{key}")
            usable = isinstance(stored, str) and len(stored) <= _LONGEST
            self._texts[key] = stored if usable else ""
        return self._texts.get(key, "")

    def remember(self, key: str, text: str) -> None:
        """Find this again under its key."""
        self._texts[key] = text
        if self._store is not None:
            self._store.setValue(f"memory/{key}", text)


MEMORY = Memory()


def start_folder(dialog: str) -> Path:
    """Where a kind of file dialog opens: where the last one was left, if that is still there."""
    known = Path(MEMORY.text(f"folders/{dialog}"))
    try:
        return known if known.is_absolute() and known.is_dir() else Path.home()
    except (OSError, ValueError):  # a NUL, a name too long
        return Path.home()


def left_at(dialog: str, chosen: str) -> None:
    """What was chosen in a kind of file dialog; nothing where it was cancelled."""
    if chosen:
        path = Path(chosen)
        MEMORY.remember(f"folders/{dialog}", str(path if path.is_dir() else path.parent))
