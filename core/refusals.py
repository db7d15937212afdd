"""What the system would not do, in sentences that name the user's file and a fitting remedy."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

from core.errors import InputError, WorkbenchError, shown
from core.files import is_special
from core.unfinished import is_unfinished

_PERMISSIONS = "Check its permissions, or choose another place."
_WAYS_OUT = {
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ELOOP: "It leads back to itself: replace the link by the file that is meant.",
    errno.EACCES: _PERMISSIONS,
    errno.EPERM: _PERMISSIONS,
    errno.EROFS: _PERMISSIONS,
    errno.ENOTDIR: "A part of its path is a file and no folder: choose another place.",
    errno.EEXIST: "A file lies where a folder is needed: choose another place.",
}

_ROOM_BYTES = 2**20  # a disk with less is full
_NO_PLACE = "the system takes no files there"


def refused_by_system(error: OSError, place: Path | None = None) -> WorkbenchError | None:
    """What the system would not do; None where it does not say with which file.

    A file that is not finished yet has a name that the user never sees: its folder is named.
    `place` is a folder that was written to, for a full disk.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(error, place)
    if not isinstance(error.filename, (str, bytes)) or error.strerror is None:
        return None
    path = Path(os.fsdecode(error.filename))
    hidden = next((one for one in (path, *path.parents) if is_unfinished(one)), None)
    if hidden is None and (folder := _closed(path, error)) is not None:
        what = f"The folder {shown(folder)} cannot be read: {error.strerror}."
        return WorkbenchError(what, _PERMISSIONS)
    if hidden is None:
        way_out = _WAYS_OUT.get(error.errno or 0, "Check the path, and what it leads to.")
        return WorkbenchError(f"{shown(path)} cannot be used: {error.strerror}.", way_out)
    return _unwritable(hidden.parent, _NO_PLACE if error.errno == errno.ENOENT else error.strerror)


def _full(error: OSError, place: Path | None) -> WorkbenchError:
    """Which disk is full: that of the file which the system names, or one without free space."""
    places = [place] if place else []
    if isinstance(error.filename, (str, bytes)):
        places.insert(0, Path(os.fsdecode(error.filename)).absolute().parent)
    temporary = Path(tempfile.gettempdir())
    found = next((one for one in (*places, temporary) if _has_no_room(one)), None)
    found = found or next(iter(places), None)
    if found is None:
        return WorkbenchError("The disk is full.", "Free some space and start again.")
    hidden = next((one for one in (found, *found.parents) if is_unfinished(one)), None)
    folder = hidden.parent if hidden else found
    elsewhere = ", or set TMPDIR to another folder," if folder == temporary else ""
    return WorkbenchError(
        f"The disk of the folder {shown(folder)} is full.",
        f"Free some space there{elsewhere} and start again.",
    )


def _has_no_room(folder: Path) -> bool:
    there = next((one for one in (folder, *folder.parents) if one.exists()), None)
    try:
        return there is not None and shutil.disk_usage(there).free < _ROOM_BYTES
    except OSError:
        return False


def _closed(path: Path, error: OSError) -> Path | None:
    """The folder above `path` that nobody but others may enter, or itself if it is one."""
    if error.errno != errno.EACCES:
        return None
    own = os.access in os.supports_effective_ids
    for folder in (*reversed(path.parents), path):
        if not os.access(folder, os.X_OK, effective_ids=own) and folder.is_dir():
            return folder
    return None


def explained(error: OSError, place: Path | None = None) -> WorkbenchError:
    """The same, whatever the system says."""
    return refused_by_system(error, place) or WorkbenchError(
        f"A file cannot be written: {error.strerror or error}.",
        "Check the folder's permissions and the free space.",
    )


def require_there(path: Path, next_step: str) -> None:
    """Raises InputError where no file or folder lies at `path`, or none that can be reached."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL is in no name
        raise InputError(f"There is no file {shown(path)}.", next_step) from None
    except OSError as error:
        problem = explained(error)
        raise InputError(problem.what, problem.next_step) from error


def require_regular(path: Path, next_step: str) -> None:
    """Raises InputError where `path` is no file: missing, a folder, a pipe or a device."""
    require_there(path, next_step)
    if not path.is_file():
        what = "a folder" if path.is_dir() else "not a regular file"
        raise InputError(f"{shown(path)} is {what}.", next_step)


def require_writable(output: Path) -> None:
    """Raises InputError where the file or folder `output` can be neither made nor replaced."""
    parents = output.absolute().parents
    try:
        folder = next(one for one in parents if one.exists())
    except OSError as error:  # a name too long, a folder that nobody may look into
        problem = explained(error)
        raise InputError(problem.what, problem.next_step) from error
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        problem = _unwritable(folder, os.strerror(errno.EACCES))
        raise InputError(problem.what, problem.next_step)


def require_file(output: Path, *others: Path | None) -> None:
    """Raises InputError where `output` cannot become a file, or is one of the `others`.

    Those are what is read, which it would replace, and what else is written.
    """
    if any(other is not None and _same(output, other) for other in others):
        raise InputError(f"{shown(output)} is named twice.", "Specify another file.")
    require_writable(output)
    if output.is_dir():
        raise InputError(f"{shown(output)} is a folder.", "Specify a file.")
    if is_special(output):
        raise InputError(f"{shown(output)} is not a regular file.", "Specify another file.")


def _same(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve()
    except (OSError, ValueError):  # one that leads back to itself, or has a NUL in its name
        return False


def require_folder(output: Path) -> None:
    """Raises InputError where `output` cannot become a folder, or files cannot be put into it."""
    require_writable(output)
    if output.is_dir():
        require_writable(output / "any")
    elif output.exists():
        raise InputError(f"{shown(output)} exists and is not a folder.", "Specify a folder.")


def require_new(output: Path) -> None:
    """Raises InputError where something is called `output` already, or nothing can be."""
    require_writable(output)
    if output.exists():
        raise InputError(f"{shown(output)} already exists.", "Choose another name.")


def require_empty(output: Path) -> None:
    """Raises InputError where `output` cannot become a folder of its own."""
    require_folder(output)
    if output.is_dir() and any(output.iterdir()):
        raise InputError(
            f"{shown(output)} already exists and is not empty.", "Specify a new folder."
        )


def _unwritable(folder: Path, why: str) -> WorkbenchError:
    if folder.exists() and not folder.is_dir():
        return WorkbenchError(f"{shown(folder)} is a file and no folder.", "Choose another place.")
    return WorkbenchError(
        f"Nothing can be written to the folder {shown(folder)}: {why}.",
        "Check its permissions, or choose another place.",
    )
