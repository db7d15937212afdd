"""That a desktop finds the menu's entry of an open window."""

from __future__ import annotations

import re

from launcher import shortcut
from launcher.checkout import ROOT


def test_entries_name_the_class_that_qt_gives_the_window() -> None:
    start = (ROOT / "app" / "__main__.py").read_text(encoding="utf-8")
    linux = ROOT / "packaging" / "bundling" / "linux" / "detection-workbench.desktop"
    (called,) = re.findall(r'setApplicationName\("(.+)"\)', start)  # X11
    (file,) = re.findall(r'setDesktopFileName\("(.+)"\)', start)  # Wayland

    for entry in (linux.read_text(encoding="utf-8"), shortcut.desktop_entry("from-shortcut")):
        assert f"\nStartupWMClass={called}\n" in entry
    assert file == linux.stem
