"""What was left out of annotations, or read otherwise than it stands there."""

from __future__ import annotations


class Problems:
    """Sentences about what was left out: one for each kind, with a count and the first place."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def add(self, kind: str, place: str, count: int = 1) -> None:
        """Count something; `kind` says what and why, as ``Boxes left out because ...``."""
        if count:
            self._counts[kind] = self._counts.get(kind, 0) + count
            self._first.setdefault(kind, place)

    def sentences(self) -> tuple[str, ...]:
        """``Boxes left out because ...: 12 (first in labels/a.txt).``"""
        return tuple(
            f"{kind}: {count:,} (first in {self._first[kind]})."
            for kind, count in self._counts.items()
        )
