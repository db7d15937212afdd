"""What a user is told at the top of the window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Notice:
    """Something that the user must be told; `made` is a file or folder that can be opened."""

    text: str
    failed: bool = False
    log: Path | None = None
    made: Path | None = None
