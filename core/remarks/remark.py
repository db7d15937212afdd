"""What was noticed while working: a code and its facts, stored as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from core.values import Value

Fact = bool | int | float | str | tuple[bool | int | float | str, ...]


class Remark(Value):
    """Something that the user should know: of a model, a dataset, or an image that was left out.

    Attributes:
        code: what it is; `core.remarks.sentences` has a sentence for each.
        facts: the figures and names that the sentence has in it, by its own words for them.
    """

    code: str
    facts: dict[str, Fact] = msgspec.field(default_factory=dict)


def remark(code: str, **facts: Any) -> Remark:
    """A remark; paths among the facts become text, lists tuples, and NumPy's numbers plain ones."""
    return Remark(code=code, facts={name: _plain(fact) for name, fact in facts.items()})


def _plain(fact: Any) -> Fact:
    if isinstance(fact, Path):
        return str(fact)
    if isinstance(fact, (list, tuple)):
        return tuple(_plain(one) for one in fact)  # type: ignore[misc]  # no list is in a list
    plain: Fact = fact.item() if hasattr(fact, "item") else fact
    return plain
