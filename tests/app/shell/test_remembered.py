"""What 0.2.0's window remembered, as its `Settings` wrote it, is found again by this version."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from app.kit.memory import MEMORY
from app.project.preferred import Preferences
from app.shell.settings import Settings, preferred_workspace
from core.folders import user_settings

STORED = Path(__file__).parents[2] / "core" / "stored" / "0.2.0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copy(STORED / "window.ini", tmp_path)
    return Settings(tmp_path)


def test_how_the_window_was(settings: Settings) -> None:
    assert settings.theme == "dark"
    assert settings.geometry == QByteArray(b"where it was")
    assert (settings.folded("details"), settings.folded("sums")) == (True, None)
    assert settings.pending_notices == ("The import failed: 猫.",)
    assert MEMORY.text("folders/limits") == "/images/caf\u00e9"
    settings.close()


def test_what_the_user_prefers(settings: Settings) -> None:
    assert settings.preferences == Preferences(
        device="AUTO",
        threads=2,
        score=0.4,
        safe_kept=0.99,
        not_safe_kept=0.9,
        most_changed=0.2,
        proxy="none",
        units="binary",
        notifies=False,
        notable_seconds=30,
    )
    settings.close()


@pytest.mark.skipif(sys.platform == "win32", reason="the file names a folder as Linux does")
def test_which_workspace_was_open() -> None:
    user_settings().mkdir(parents=True, exist_ok=True)
    shutil.copy(STORED / "user-window.ini", user_settings() / "window.ini")
    assert preferred_workspace() == Path("/workspaces/one")
