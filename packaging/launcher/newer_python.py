"""What to do when started by a Python that is too old.

This file and launch.py are read by that old Python: no syntax newer than 3.6 here, and
annotations that it would evaluate stay in quotes.
"""

import os
import sys

OLDEST = (3, 11)
TRIED = ("python3.14", "python3.13", "python3.12", "python3.11")


def restart_with_newer_python() -> None:
    """Return on a Python that is new enough; otherwise start again with one, or stop."""
    if is_new_enough(sys.version_info[:2]):
        return
    import subprocess  # here and below: not needed, and not read, at a normal start

    newer = find_newer_python()
    sys.stderr.write(sentence(sys.version_info[:2], newer) + "\n")
    if newer is None:
        sys.exit(2)
    sys.stderr.flush()
    command = [newer, *sys.argv]
    if os.name == "nt":  # os.execv returns to the Windows shell at once
        sys.exit(subprocess.call(command))
    os.execv(newer, command)


def is_new_enough(version: "tuple[int, int]") -> bool:
    return version >= OLDEST


def find_newer_python() -> "str | None":
    """Path of the first of `TRIED` that is there and starts, or None."""
    import shutil

    for name in TRIED:
        path = shutil.which(name)
        if path is not None and _starts(path):
            return path
    return None


def sentence(version: "tuple[int, int]", newer: "str | None") -> str:
    says = "Detection Workbench needs Python 3.11 or newer, and this is Python {}.{}; ".format(
        *version
    )
    if newer is not None:
        return says + "going on with " + newer + "."
    return says + "none of " + ", ".join(TRIED) + " is on the PATH either."


def _starts(path: str) -> bool:
    """False for a stand-in that only says "not installed" (pyenv, Windows Store)."""
    import subprocess

    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return (
            subprocess.call(
                [path, "-c", check], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            == 0
        )
    except OSError:
        return False
