"""What can go wrong, in sentences that a user can act on."""

from __future__ import annotations

from core.causes import cause


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


def shown(path: object) -> str:
    """A path in a sentence; where a name in it is longer than any can be, the beginning of it."""
    text = str(path)
    names = text.replace("\\", "/").split("/")
    return f"{text[:_SHOWN]}…" if max(map(len, names)) > _LONGEST_NAME else text


_LONGEST_NAME = 255  # characters, on every system
_SHOWN = 100


def unexpected(error: BaseException, next_step: str) -> UnexpectedError:
    """What the user is told of an exception that nothing explains."""
    return UnexpectedError(f"Unexpected error: {cause(error)}.", next_step)


IN_THE_LOG = "The log has the details."
"""The next step where what happened is known from the log alone; a face without one replaces it."""


class JobCancelled(BaseException):
    """The user cancelled; raised at the next safe point inside a job.

    May have a sentence, where something is left that the user can go on with.
    Not an Exception, so that no library's ``except Exception`` takes it for a failure.
    """
