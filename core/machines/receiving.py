"""The files that a job left on a host, brought here: all of them, or none."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from core.errors import WorkbenchError
from core.machines.host import Host
from core.machines.talk import FileBytes, NamedFile, is_plain
from core.sizes import gigabytes

MOST_FILES = 10_000
_SPARE_BYTES = 256 * 2**20  # that must be left free on the disk


def receive(
    host: Host,
    files: tuple[NamedFile, ...],
    folder: Path,
    scratch: Path,
    most_bytes: int,
    progress: Callable[[int, int], None],
) -> None:
    """Bring these into `folder`, by way of `scratch`; `progress` is told bytes, and of how many.

    Raises WorkbenchError where a name is none, where there is more than may be, or where what
    comes is not what was announced; OSError of this disk.
    """
    total = _require_acceptable(host, files, most_bytes)
    scratch.mkdir(parents=True)
    if shutil.disk_usage(scratch).free < total + _SPARE_BYTES:
        raise WorkbenchError(
            f"The disk of this machine has no room for {gigabytes(total)} of results.",
            "Free some space and start again.",
        )
    done = 0
    for number, file in enumerate(files):
        _receive_one(host, number, file, scratch / file.name)
        done += file.size
        progress(done, total)
    for path in scratch.iterdir():
        path.replace(folder / path.name)


def _require_acceptable(host: Host, files: tuple[NamedFile, ...], most_bytes: int) -> int:
    """The bytes of all files; raises WorkbenchError where they are not taken."""
    again = "Nothing of it was stored. Check what runs on that machine."
    for file in files:
        if not is_plain(file.name):
            raise host.error(f"A file of the result is called {file.name[:100]!r}.", again)
        if file.size < 0:
            raise host.error(f"The size of {file.name} is none.", again)
    names = {file.name.casefold() for file in files}
    above = {name[:place] for name in names for place, one in enumerate(name) if one == "/"}
    if len(names) < len(files) or names & above:
        raise host.error("Two files of the result have one name.", again)
    total = sum(file.size for file in files)
    if len(files) > MOST_FILES or total > most_bytes:
        raise host.error(
            f"The result has {len(files):,} files and {gigabytes(total)}, more than such a job "
            "leaves.",
            again,
        )
    return total


def _receive_one(host: Host, number: int, file: NamedFile, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, arrived = hashlib.sha256(), 0
    with path.open("wb") as written:
        while arrived < file.size:
            said, data = host.hear(FileBytes)
            if (said.number, said.offset) != (number, arrived) or not data:
                raise host.error(f"{file.name} came in another order than it was announced.", "")
            arrived += len(data)
            digest.update(data)
            written.write(data)
    if arrived != file.size or digest.hexdigest() != file.digest:
        raise host.error(
            f"{file.name} is not what was announced: it changed there, or on the way.",
            "Nothing was stored. Start again.",
        )
