"""What users read has the field's words: docs/glossary.md says which, and what they replace."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from launcher.checkout import ROOT

REPLACED = re.compile(
    r"\b(pictures?|(?<!-)variants?|held back|go(es|ne)? on with|go-on|mend(s|ed|ing)?|blam(e|es|ed)"
    r"|culprits?|(is|are|was|were) told(?! apart)|does not tell|told by|for want of|nothing but"
    r"|is there\.|as it should be|computes in(?! (float|8-bit))|darker, the|time the layers)\b",
    re.IGNORECASE,
)
DOCUMENTS = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/*.md", "resources/help/*.md")
MOST_WORDS = 150  # of a paragraph
OF_US = {"docs/glossary.md", "docs/architecture.md"}  # name what is replaced; has a picture


def sentences(source: str) -> Iterator[str]:
    """Texts with a space in them that are no docstrings: what a program shows."""
    module = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if not isinstance(node, ast.Constant) or id(node) in alone:
            continue
        if isinstance(node.value, str) and " " in node.value and "<svg" not in node.value:
            yield node.value


def replaced_in(texts: Iterator[str] | list[str]) -> list[str]:
    """The texts that have a word which another one replaces."""
    return [text for text in texts if REPLACED.search(text)]


@pytest.mark.parametrize("room", ["app", "core", "resources/deployment"])
def test_what_the_program_shows_has_the_words_of_the_field(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    found = {
        str(path.relative_to(ROOT)): replaced_in(sentences(path.read_text("utf-8")))
        for path in files
    }
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_documents_for_users_have_the_words_of_the_field() -> None:
    files = {path for pattern in DOCUMENTS for path in ROOT.glob(pattern)}
    named = {path.relative_to(ROOT).as_posix(): path for path in files}
    lines = {
        name: replaced_in(path.read_text("utf-8").splitlines())
        for name, path in named.items()
        if name not in OF_US
    }
    assert len(lines) > 10
    assert {name: texts for name, texts in lines.items() if texts} == {}


def paragraphs(markdown: str) -> list[str]:
    """What is read in one go: a paragraph, an item of a list, a row of a table; no code."""
    text = re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=\|)", text)
    return [part for part in parts if not part.startswith("    ")]


def test_no_paragraph_is_long() -> None:
    files = sorted(
        {*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("resources/**/*.md")}
    )
    files = [path for path in files if path.name != "THIRD_PARTY_NOTICES.md"]  # made by a script
    assert len(files) > 30
    long = {
        (path.relative_to(ROOT).as_posix(), part[:60]): words
        for path in files
        for part in paragraphs(path.read_text("utf-8"))
        if (words := len(part.split())) >= MOST_WORDS
    }
    assert long == {}


def test_a_paragraph_ends_where_the_next_one_begins() -> None:
    assert paragraphs("a b\nc\n\nd\n- e\n- f\n\n    code\n") == ["a b\nc", "d", "- e", "- f"]


def test_a_replaced_word_is_found() -> None:
    shown = '"""A picture."""\nX = "2 pictures"\nY = "picture"\nZ = "cannot be told apart"\n'
    assert replaced_in(sentences(shown)) == ["2 pictures"]
