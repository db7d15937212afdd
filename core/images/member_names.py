"""Names of files in archives of strangers: which are refused, on whatever system this is."""

from __future__ import annotations

import re
import unicodedata

MAX_DEPTH = 32
MAX_NAME_BYTES = 255  # of one part, as most file systems allow
MAX_PATH_BYTES = 1024
_DRIVE = re.compile(r"^[A-Za-z]:")
_CONTROL = re.compile(r"[\0-\x1f]")
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


class BadNameError(ValueError):
    """A name that is refused; its text is a clause that says why."""


def name_parts(name: str) -> list[str]:
    """The folders and the name of a file, composed (NFC), without ``.``; of ``./`` none.

    Raises BadNameError for what leads out, has control characters, or is no name on some system.
    """
    shown = name.encode("utf-8", "backslashreplace").decode()[:200]
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if not name or _CONTROL.search(name):
        raise BadNameError("an entry has no name, or one with control characters")
    if name.startswith("/") or _DRIVE.match(name):
        raise BadNameError(f"{shown} is an absolute path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise BadNameError(f"{shown} leads out of the folder")
    if len(parts) > MAX_DEPTH or len(name.encode("utf-8", "surrogateescape")) > MAX_PATH_BYTES:
        raise BadNameError("one of its paths is too long")
    for part in parts:
        if len(part.encode("utf-8", "surrogateescape")) > MAX_NAME_BYTES:
            raise BadNameError("one of its names is too long")
        if ":" in part or _RESERVED.match(part) or part.endswith((" ", ".")):
            raise BadNameError(f"{shown} is not a valid name on every system")
    return parts


def is_hidden(parts: list[str]) -> bool:
    """Whether a file is passed over, as the hidden ones of a folder are."""
    return not parts or any(part.startswith(".") or part == "__MACOSX" for part in parts)
