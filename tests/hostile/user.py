"""Whom hostile inputs are tried as, and what of the machine is looked at before and after.

A fault that replaces a file does little in the hands of an ordinary user; in root's it has
replaced /dev/null.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.checkout import environment

Look = tuple[int, ...]
_NOBODY = "nobody"
_TRIES = """
import os, sys
import core.capabilities, core.cli.main, openvino
sys.exit(not all(os.access(place, os.R_OK | os.X_OK) for place in sys.argv[1:]))
"""


@dataclass(frozen=True)
class User:
    """Somebody who owns nothing."""

    number: int
    group: int


def is_root() -> bool:
    """Whether this process may do everything."""
    return sys.platform != "win32" and os.geteuid() == 0


def ordinary(*needed: Path) -> User | None:
    """Whom root can try the program as: somebody who can run it, and read these folders.

    None where this user is no root, or where Python or the checkout lies in a folder of root's.
    """
    if sys.platform == "win32" or not is_root():
        return None
    import pwd

    try:
        entry = pwd.getpwnam(_NOBODY)
        subprocess.run(
            [sys.executable, "-P", "-c", _TRIES, *needed],
            env=environment(HOME="/"),
            cwd="/",
            user=entry.pw_uid,
            group=entry.pw_gid,
            extra_groups=[],
            stderr=subprocess.DEVNULL,
            check=True,
        )
    except (KeyError, OSError, subprocess.CalledProcessError):
        return None
    return User(entry.pw_uid, entry.pw_gid)


def give(top: Path, user: User) -> None:
    """Make everything below a folder somebody's; what a link leads to stays whose it is."""
    for folder, folders, files in os.walk(top):
        for name in ["", *folders, *files]:
            os.chown(Path(folder, name), user.number, user.group, follow_symlinks=False)


@contextmanager
def place_for_all() -> Iterator[Path]:
    """A temporary folder that whoever tries the inputs can enter."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        yield place


def watched(user: User | None) -> tuple[Path, ...]:
    """What no input has to do with: devices, and the home folder of whoever tries it."""
    if sys.platform == "win32":
        return ()
    import pwd

    home = Path(pwd.getpwuid(os.geteuid() if user is None else user.number).pw_dir)
    return Path("/dev"), home


def looks(folders: Sequence[Path]) -> dict[str, Look]:
    """What lies in these folders: the kind of each, and what changes when it is replaced."""
    found = {}
    for folder in folders:
        for path in folder.iterdir() if folder.is_dir() else ():
            try:
                found[str(path)] = _look(path.lstat())
            except FileNotFoundError:
                continue  # somebody else's, and gone already
    return found


def _look(status: os.stat_result) -> Look:
    kind = stat.S_IFMT(status.st_mode)
    if stat.S_ISREG(kind):
        return kind, status.st_ino, status.st_size, status.st_mtime_ns
    return kind, status.st_ino, stat.S_IMODE(status.st_mode)
