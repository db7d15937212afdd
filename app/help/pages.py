"""The pages of help: Markdown that comes with the program, and what stands where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent.parent.parent / "resources" / "help"
_MARKUP = re.compile(r"[*`|#]|\]\([^)]*\)|\[")

NAMES = ("tutorial", "project", "optimize", "performance", "report", "viewer", "datasets")
"""In the order in which they are listed."""


@dataclass(frozen=True)
class HelpPage:
    """A page: its name, its title and its Markdown."""

    name: str
    title: str
    markdown: str

    def has(self, words: str) -> bool:
        """Whether all of these words stand in it."""
        text = _MARKUP.sub(" ", self.markdown).lower()
        return all(word in text for word in words.lower().split())


@cache
def help_pages() -> tuple[HelpPage, ...]:
    """All of them."""
    return tuple(map(_read, NAMES))


def _read(name: str) -> HelpPage:
    markdown = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return HelpPage(name, markdown.split("\n", 1)[0].removeprefix("# "), markdown)
