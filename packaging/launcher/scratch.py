"""Where the tests write: in memory where the system has a folder there and enough of it.

Thousands of folders are made and removed, and as many databases; on a disk each waits for it.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
MEMORY_TABLE = Path("/proc/meminfo")
NEEDED_BYTES = 4 * 2**30  # a run leaves 1 GiB there
PREFIX = "workbench-suite-"


def make() -> Path:
    """A new folder for this process; those of processes that have ended are removed."""
    place = IN_MEMORY if is_enough(IN_MEMORY) else Path(tempfile.gettempdir())
    _sweep(place)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    folder.chmod(0o755)  # some tests run the program as somebody else
    return folder


def remove(folder: Path) -> None:
    """With all that is in it, as far as that may be removed."""
    shutil.rmtree(folder, ignore_errors=True)


def is_enough(place: Path, needed: int = NEEDED_BYTES) -> bool:
    """Whether programs can be put there and run, and there is so much of it and as much besides."""
    if sys.platform != "linux":
        return False
    try:
        room = os.statvfs(place)
        table = MEMORY_TABLE.read_text("ascii").splitlines()
        (available,) = (line.split()[1] for line in table if line.startswith("MemAvailable:"))
    except (OSError, ValueError):
        return False
    return (
        os.access(place, os.W_OK | os.X_OK)
        and not room.f_flag & os.ST_NOEXEC
        and room.f_bavail * room.f_frsize >= needed
        and int(available) * 1024 >= 2 * needed
    )


def _sweep(place: Path) -> None:
    if sys.platform == "win32":  # where asking whether a process runs ends it
        return
    for folder in place.glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if folder.lstat().st_uid == os.geteuid() and number.isdecimal() and not _runs(int(number)):
            remove(folder)


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is somebody else's by now
        return True
    return True
