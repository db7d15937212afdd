"""Regular expressions of a plan, which may be anyone's: matched in time linear in a name's length.

Python's own engine tries every way to match, so that `(.*)*(.*)*x` keeps it busy for longer than
anyone waits. RE2 does not, in a few megabytes, at the price of what needs trying: references to
groups and looking around are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.errors import InputError

LONGEST_PATTERN = 1000  # characters
_SHOWN = 60  # characters
_MEMORY = 2**20  # bytes of a compiled pattern
_NOT_TAKEN = "Look-around, references to groups and more than 1000 repetitions are not supported."


def require_pattern(pattern: str) -> None:
    """Raises InputError where it is no regular expression that can be matched safely."""
    _compiled(pattern)


def names_matching(pattern: str, names: Iterable[str]) -> frozenset[str]:
    """Those of the names whose beginning the pattern matches; raises as `require_pattern`."""
    expression = _compiled(pattern)
    return frozenset(name for name in names if expression.match(name))


def shown(pattern: str) -> str:
    """A pattern as sentences name it: the beginning of a long one."""
    return pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}…"


def _compiled(pattern: str) -> Any:
    import re2

    name = shown(pattern)
    if len(pattern) > LONGEST_PATTERN:
        raise InputError(
            f"The pattern '{name}' has {len(pattern):,} characters; at most "
            f"{LONGEST_PATTERN:,} are read.",
            "Divide it into several patterns.",
        )
    options = re2.Options()
    options.log_errors = False
    options.never_capture = True  # a group costs time in every match, and none is asked for
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except UnicodeEncodeError as error:
        raise InputError(
            f"The pattern {name!a} has characters that no name can have.", "Leave them out."
        ) from error
    except re2.error as error:
        (reason,) = error.args
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise InputError(
            f"The pattern '{name}' is not a regular expression that is supported: {text}.",
            f"Fix it, for example by a backslash before . or (. {_NOT_TAKEN}",
        ) from error
