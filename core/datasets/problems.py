"""What was left out of annotations, or read otherwise than it stands there."""

from __future__ import annotations

from collections import Counter

from core.remarks.remark import Remark, remark


class Problems:
    """What was left out: a remark for each kind, with a count and the first place."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, tuple[tuple[str, str], ...]]] = Counter()
        self._first: dict[tuple[str, tuple[tuple[str, str], ...]], str] = {}

    def add(self, code: str, place: str, count: int = 1, **facts: str) -> None:
        """Count something; `code` says what and why, with `facts` that are the same for all."""
        if count:
            key = code, tuple(facts.items())
            self._counts[key] += count
            self._first.setdefault(key, place)

    def follow(self, others: Problems) -> None:
        """Count what another one has counted, behind what is known here."""
        for (code, facts), count in others._counts.items():
            self.add(code, others._first[code, facts], count, **dict(facts))

    def remarks(self) -> tuple[Remark, ...]:
        """Of each kind, with `count` and `first`."""
        return tuple(
            remark(code, count=count, first=self._first[code, facts], **dict(facts))
            for (code, facts), count in self._counts.items()
        )
