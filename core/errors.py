"""What can go wrong, in sentences that a user can act on."""

from __future__ import annotations

import errno
import os


class WorkbenchError(Exception):
    """A failure that is explained: what happened (naming the file), and what to do next.

    ``str(error)`` is both sentences together.
    """

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what, next_step)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what} {self.next_step}".strip()


class InputError(WorkbenchError):
    """The user's input cannot be used; it is refused before any work starts."""


class ClassNamesMissing(InputError):
    """A model does not tell what its classes are: a list of their names is the way out."""


class UnexpectedError(WorkbenchError):
    """A failure that the program has no sentence for: a fault of the program, not of the user."""


def refused_by_system(error: OSError) -> WorkbenchError | None:
    """What the system would not do, where it says with which file; None where it does not."""
    if error.filename is None or error.strerror is None:
        return None
    name = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else "A file"
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}…"
    way_out = _WAYS_OUT.get(error.errno or 0, "Check the path, and what it leads to.")
    return WorkbenchError(f"{name} cannot be used: {error.strerror}.", way_out)


_PERMISSIONS = "Check its permissions, or choose another place."
_WAYS_OUT = {
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ELOOP: "It leads back to itself: replace the link by the file that is meant.",
    errno.EACCES: _PERMISSIONS,
    errno.EPERM: _PERMISSIONS,
    errno.EROFS: _PERMISSIONS,
    errno.ENOTDIR: "A part of its path is a file and no folder: choose another place.",
}
_LONGEST_NAME = 200  # characters of a path that is shown


def unexpected(error: BaseException, next_step: str) -> UnexpectedError:
    """What the user is told of an exception that nothing explains."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    last = (lines[-1] if lines else type(error).__name__).rstrip(".")[:_LONGEST]
    return UnexpectedError(f"Unexpected error: {last}.", next_step)


_LONGEST = 300  # characters of somebody else's message


class JobCancelled(BaseException):
    """The user cancelled; raised at the next safe point inside a job.

    Not an Exception, so that no library's ``except Exception`` takes it for a failure.
    """
