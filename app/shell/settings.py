"""What the window remembers between two starts, in one INI file in the workspace."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from app.kit.theme import Theme

THEMES: tuple[Theme, ...] = ("system", "light", "dark")


class Settings:
    """Typed access to the few things that are remembered."""

    def __init__(self, workspace: Path) -> None:
        self._store = QSettings(str(workspace / "window.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> Theme:
        """The chosen theme."""
        value = self._store.value("theme", "system")
        return value if value in THEMES else "system"

    @theme.setter
    def theme(self, value: Theme) -> None:
        self._store.setValue("theme", value)

    @property
    def geometry(self) -> QByteArray | None:
        """Where the window was."""
        value = self._store.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("geometry", value)
