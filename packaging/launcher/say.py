"""Telling the user something, also where a double-click left no terminal to print into."""

import shutil
import subprocess
import sys

TITLE = "Detection Workbench"
# The first of these that the desktop has; each shows a box, or a notification, with the text.
DIALOGS = (
    ("zenity", "--info", "--no-markup", "--title", TITLE, "--text"),
    ("kdialog", "--title", TITLE, "--msgbox"),
    ("notify-send", TITLE),
    ("xmessage", "-center"),
)


def say(text: str, *, from_shortcut: bool) -> None:
    """Print to stderr; after a double-click, show a box as well."""
    if sys.platform == "win32" and sys.stderr is None:  # pythonw
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, TITLE, 0x40)
        return
    print(text, file=sys.stderr, flush=True)
    if from_shortcut:
        _show(text)


def notify(text: str) -> None:
    """A passing notification, where the desktop has them."""
    if shutil.which("notify-send"):
        subprocess.run(["notify-send", TITLE, text], check=False)


def _show(text: str) -> None:
    for command in DIALOGS:
        program = shutil.which(command[0])
        if program and subprocess.run([program, *command[1:], text], check=False).returncode == 0:
            return
