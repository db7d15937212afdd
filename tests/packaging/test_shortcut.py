"""The entry in the desktop's menu."""

import re
import sys
from pathlib import Path

import pytest

from launcher import checkout, shortcut
from launcher.commands import FROM_SHORTCUT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux desktops")


def read_exec(entry: str) -> list[str]:
    """The arguments that a desktop starts, read as the Desktop Entry specification says."""
    (value,) = re.findall(r"^Exec=(.*)$", entry, re.MULTILINE)
    value = re.sub(r"\\(.)", r"\1", value)  # first as any value
    arguments = re.findall(r'"((?:[^"\\]|\\.)*)"', value)  # then as an Exec line
    return [re.sub(r"\\(.)", r"\1", argument).replace("%%", "%") for argument in arguments]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    "folder",
    ["/opt/workbench", "/home/me/my tools", '/a "b"/$HOME/`id`', "/back\\slash", "/100%/%f"],
)
def test_a_path_comes_back_whatever_is_in_it(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    launch = Path(folder) / "packaging" / "launch.py"
    monkeypatch.setattr(shortcut, "LAUNCH", launch)

    python, path, word = read_exec(shortcut.desktop_entry(FROM_SHORTCUT))

    assert path == str(launch)
    assert Path(python).exists()
    assert word == "from-shortcut"


def test_it_is_written_into_the_menu(home: Path) -> None:
    says = shortcut.install(FROM_SHORTCUT)

    written = home / ".local/share/applications/detection-workbench.desktop"
    assert says == f"Written: {written}"
    assert written.read_text(encoding="utf-8").startswith("[Desktop Entry]\nType=Application\n")


def test_the_icon_is_there() -> None:
    assert checkout.ICON.is_file()
    assert f"Icon={checkout.ICON}\n" in shortcut.desktop_entry(FROM_SHORTCUT)


def test_it_is_written_onto_the_desktop_where_there_is_one(home: Path) -> None:
    (home / "Desktop").mkdir()

    shortcut.install(FROM_SHORTCUT)

    written = home / "Desktop/detection-workbench.desktop"
    assert written.stat().st_mode & 0o111, "a desktop starts only what may be executed"


def test_the_desktop_may_have_another_name(home: Path) -> None:
    (home / "Schreibtisch").mkdir()
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text(
        '# made by xdg-user-dirs-update\nXDG_DESKTOP_DIR="$HOME/Schreibtisch"\n', encoding="utf-8"
    )

    assert shortcut.desktop_folder() == home / "Schreibtisch"


def test_a_desktop_that_is_the_home_folder_is_none(home: Path) -> None:
    (home / ".config").mkdir()
    (home / ".config/user-dirs.dirs").write_text('XDG_DESKTOP_DIR="$HOME/"\n', encoding="utf-8")

    assert shortcut.desktop_folder() is None
