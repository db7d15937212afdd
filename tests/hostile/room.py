"""A place of its own for one hostile input, and what the program must not have done there."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import stat
import struct
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.unfinished import WORK_PREFIX
from tests.support.images import write_image

Look = tuple[int, int, int]
"""Of a file or folder: its kind, size and time of change."""


@dataclass(frozen=True)
class Room:
    """Folders of one case below `root`; the program may write to some of them alone.

    Attributes:
        root: of all.
        token: a text that stands in the files of `victim` and nowhere else.
    """

    root: Path
    token: str

    @property
    def work(self) -> Path:
        """Inputs; nothing in it may change."""
        return self.root / "work"

    @property
    def out(self) -> Path:
        """Where results are asked for, and where the program stands."""
        return self.root / "out"

    @property
    def temporary(self) -> Path:
        """Empty before and after."""
        return self.root / "tmp"

    @property
    def workspace(self) -> Path:
        """The workspace that a command is given; it may change."""
        return self.root / "workspace"

    @property
    def victim(self) -> Path:
        """Somebody else's files: nobody may open, change or pack them."""
        return self.root / "victim"

    @property
    def secret(self) -> Path:
        """A text of the victim."""
        return self.victim / "secret.txt"

    @property
    def variables(self) -> dict[str, str]:
        """What makes a process keep to the room."""
        folders = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "cache"}
        folders |= {"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
        return {name: str(self.root / folder) for name, folder in folders.items()}


def make_room(root: Path) -> Room:
    """A room with a victim in it."""
    room = Room(root, f"secret-{secrets.token_hex(12)}")
    for folder in ("work", "out", "tmp", "home", "cache", "data", "config", "victim/folder"):
        (root / folder).mkdir(parents=True)
    room.secret.write_text(f"{room.token}\n")
    (room.victim / "folder" / "kept.txt").write_text(f"{room.token}\n")
    write_image(room.victim / "photo.jpg", 40, 30)
    with (room.victim / "photo.jpg").open("ab") as photo:
        photo.write(room.token.encode())  # behind the picture: decoders do not mind
    return room


def seen(room: Room) -> dict[str, Look]:
    """Everything in the room that the program must leave as it is."""
    free = ("out", "tmp", "cache", "data", "config", "home", "workspace", "stdout", "stderr")
    return {
        str(path.relative_to(room.root)): _look(path)
        for path in _all_below(room.root)
        if path.relative_to(room.root).parts[0] not in free
    }


def left_behind(room: Room) -> list[str]:
    """Unfinished files anywhere in the room."""
    found = [path for path in _all_below(room.temporary) if path != room.temporary]
    for path in _all_below(room.root):
        if path.name.startswith(WORK_PREFIX) or path.suffix == ".tmp":
            found.append(path)
    return sorted({str(path.relative_to(room.root)) for path in found})


def leaked(room: Room) -> list[str]:
    """Files that the program wrote with the victim's text in them, also inside archives."""
    token = room.token.encode()
    found = []
    for top in ("out", "workspace", "cache", "data", "config", "home"):
        for path in _all_below(room.root / top):
            if stat.S_ISREG(path.lstat().st_mode) and any(token in data for data in _texts(path)):
                found.append(str(path.relative_to(room.root)))
    return found


def _texts(path: Path) -> Iterator[bytes]:
    if path.lstat().st_size < 2**26:
        yield path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.file_size < 2**24:
                    yield archive.read(member)


def clear(room: Room) -> None:
    """Remove the room, whatever its permissions are."""

    for folder in [room.root, *_all_below(room.root)]:
        if stat.S_ISDIR(folder.lstat().st_mode):
            folder.chmod(0o700)
    shutil.rmtree(room.root)


def _all_below(top: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(top):
        for name in [*folders, *files]:
            yield Path(folder, name)


def _look(path: Path) -> Look:
    status = path.lstat()
    kind = stat.S_IFMT(status.st_mode)
    if stat.S_ISDIR(kind):
        return kind, 0, 0
    return kind, status.st_size, status.st_mtime_ns


_OF_FOLDER = 0x40000000


class Guard:
    """Hears of every file of a folder that any process opens or changes; on Linux alone."""

    _EVENTS = 0x20 | 0x2 | 0x4 | 0x100 | 0x200 | 0x40 | 0x80  # open modify attrib create ...

    def __init__(self, folder: Path) -> None:
        self._descriptor = -1
        if sys.platform == "linux":
            library = ctypes.CDLL(None, use_errno=True)
            self._descriptor = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            self._names: dict[int, str] = {}
            for place in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
                watch = library.inotify_add_watch(
                    self._descriptor, os.fsencode(place), self._EVENTS
                )
                self._names[watch] = place.name

    def heard(self) -> list[str]:
        """The files that were touched since it was made; it hears no more afterwards."""
        if self._descriptor < 0:
            return []
        try:
            data = os.read(self._descriptor, 2**16)
        except BlockingIOError:
            data = b""
        os.close(self._descriptor)
        self._descriptor = -1
        found = []
        place = 0
        while place + 16 <= len(data):
            watch, mask, _, length = struct.unpack_from("iIII", data, place)
            event = mask & ~0x20 if mask & _OF_FOLDER else mask  # who lists a folder learns nothing
            name = data[place + 16 : place + 16 + length].rstrip(b"\0").decode("utf-8", "replace")
            place += 16 + length
            if name and event & self._EVENTS:
                found.append(f"{self._names.get(watch, '?')}/{name}")
        return sorted(set(found))
