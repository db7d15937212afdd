"""What the window remembers between two starts, in one INI file in the workspace.

Which workspace that is stands in another one, of the user. What is damaged there counts as never
written.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QByteArray, QSettings

from app.kit.memory import MEMORY
from app.kit.theme import Theme
from app.project.preferred import LONGEST_NOTABLE, Preferences
from core.folders import default_workspace, user_settings
from core.sizes import UNITS, Units

THEMES: tuple[Theme, ...] = ("system", "light", "dark")
MOST_THREADS = 1024
_MOST_PENDING = 10
_LONGEST = 1000  # characters of a text


class Settings:
    """Typed access to the few things that are remembered."""

    def __init__(self, workspace: Path) -> None:
        self._store = QSettings(str(workspace / "window.ini"), QSettings.Format.IniFormat)
        MEMORY.keep_in(self._store)

    def close(self) -> None:
        """Write nothing more."""
        MEMORY.keep_in(None)

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

    def folded(self, name: str) -> bool | None:
        """Whether the user folded a part of a page; None where they never chose."""
        return {"true": True, "false": False}.get(str(self._store.value(f"folded/{name}")))

    def keep_folded(self, name: str, folded: bool) -> None:
        """Remember that."""
        self._store.setValue(f"folded/{name}", "true" if folded else "false")

    @property
    def pending_notices(self) -> tuple[str, ...]:
        """Sentences for the next start: of jobs that ended while nobody could read it."""
        try:
            value = msgspec.json.decode(
                self._store.value("pending_notices") or "[]", type=list[str]
            )
        except (msgspec.DecodeError, TypeError):
            return ()
        return tuple(value[:_MOST_PENDING])

    @pending_notices.setter
    def pending_notices(self, value: tuple[str, ...]) -> None:
        self._store.setValue("pending_notices", msgspec.json.encode(value).decode())
        self._store.sync()

    @property
    def preferences(self) -> Preferences:
        """What the user prefers."""
        usual = Preferences()
        safe, unsafe = self._share("safe_kept"), self._share("not_safe_kept")
        if unsafe >= safe:  # one of them is damaged
            safe, unsafe = usual.safe_kept, usual.not_safe_kept
        return Preferences(
            device=self._text("device"),
            threads=self._number("threads", MOST_THREADS),
            score=self._share("score"),
            safe_kept=safe,
            not_safe_kept=unsafe,
            most_changed=self._share("most_changed"),
            proxy=self._text("proxy"),
            units=self._units(),
            notifies=str(self._value("notifies")).lower() != "false",
            notable_seconds=self._number("notable_seconds", LONGEST_NOTABLE),
        )

    @preferences.setter
    def preferences(self, value: Preferences) -> None:
        for name, one in asdict(value).items():
            self._store.setValue(f"preferences/{name}", one)

    def _value(self, name: str) -> Any:
        return self._store.value(f"preferences/{name}")

    def _text(self, name: str) -> str:
        usual: str = getattr(Preferences(), name)
        value = self._value(name)
        if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
            return usual
        return value or usual

    def _share(self, name: str) -> float:
        usual: float = getattr(Preferences(), name)
        try:
            value = float(self._value(name))
        except (TypeError, ValueError):
            return usual
        return value if 0 <= value <= 1 else usual

    def _number(self, name: str, most: int) -> int:
        usual: int = getattr(Preferences(), name)
        try:
            value = int(self._value(name))
        except (TypeError, ValueError):
            return usual
        return value if 0 <= value <= most else usual

    def _units(self) -> Units:
        value = self._value("units")
        return value if value in UNITS else Preferences().units


def preferred_workspace() -> Path:
    """The folder that the window opens where none is named."""
    value = _user_store().value("workspace")
    usable = isinstance(value, str) and "\0" not in value and Path(value).is_absolute()
    return Path(value) if usable else default_workspace()


def prefer_workspace(folder: Path) -> None:
    """Open this folder from the next start on."""
    _user_store().setValue("workspace", str(folder))


def _user_store() -> QSettings:
    return QSettings(str(user_settings() / "window.ini"), QSettings.Format.IniFormat)
