"""An entry in the desktop's menu, and on the desktop itself, that opens this checkout's window."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from launcher.checkout import ICON, LAUNCH, ROOT

NAME = "detection-workbench.desktop"


def install(command: str) -> str:
    """Write the entry that starts launch.py with `command`; gives the sentence that says where."""
    if sys.platform == "win32":
        return f"Double-click {ROOT / 'packaging' / 'detection-workbench.vbs'}"
    if sys.platform == "darwin":
        return f"Double-click {ROOT / 'packaging' / 'detection-workbench.command'}"
    menu = data_home() / "applications"
    menu.mkdir(parents=True, exist_ok=True)
    entry = desktop_entry(command)
    written = [_write(menu, entry)]
    desktop = desktop_folder()
    if desktop is not None:
        written.append(_write(desktop, entry))
        _trust(written[-1])
    return "Written: " + ", ".join(str(path) for path in written)


def desktop_entry(command: str) -> str:
    # Not sys.executable: when that is the one inside .venv, it may be gone at the next start.
    python = getattr(sys, "_base_executable", None) or sys.executable
    exec_line = " ".join(exec_argument(part) for part in (python, str(LAUNCH), command))
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Version=1.0\n"
        "Name=Detection Workbench\n"
        "Comment=Quantize object detectors and see what it costs and brings\n"
        f"Exec={_value(exec_line)} %f\n"  # %f: the model file that was dropped on it, if any
        f"Icon={_value(str(ICON))}\n"
        f"Path={_value(str(ROOT))}\n"
        "Terminal=false\n"
        "Categories=Development;\n"
        "StartupWMClass=Detection Workbench\n"  # what Qt calls the window, after the application
    )


def exec_argument(argument: str) -> str:
    """One argument of an Exec line, in the quoting of the Desktop Entry specification."""
    quoted = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return f'"{quoted}"'


def data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def desktop_folder() -> Path | None:
    """The user's desktop, under the name that it has in their language; None without one."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folder = Path.home() / "Desktop"
    try:
        text = (config / "user-dirs.dirs").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    if named := re.search(r'^\s*XDG_DESKTOP_DIR="(.+)"', text, re.MULTILINE):
        folder = Path(named[1].replace("$HOME", str(Path.home())))
    # A desktop set to the home folder itself means that there is none.
    return folder if folder.is_dir() and folder != Path.home() else None


def _value(text: str) -> str:
    """Any value in a desktop file is unescaped once more when it is read."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _write(folder: Path, entry: str) -> Path:
    path = folder / NAME
    path.write_text(entry, encoding="utf-8")
    path.chmod(0o755)
    return path


def _trust(path: Path) -> None:
    """GNOME starts a file on the desktop only when it is marked; elsewhere this does nothing."""
    gio = shutil.which("gio")
    if gio is not None:
        command = [gio, "set", str(path), "metadata::trusted", "true"]
        subprocess.run(command, capture_output=True, check=False)
