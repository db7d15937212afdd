"""What is wrong with a stored value, in plain words: msgspec's are for programmers."""

from __future__ import annotations

import re
from collections.abc import Callable

_LONGEST = 300
_WHERE = re.compile(r"(?P<what>.*?)(?: - at (?P<where>`.*))?", re.DOTALL)
_TYPES = {
    "object": "a group of named values",
    "array": "a list",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}
_IN_WORDS: tuple[tuple[re.Pattern[str], Callable[[str, re.Match[str]], str]], ...] = (
    (
        re.compile(r"Invalid enum value (.+)", re.DOTALL),
        lambda place, found: f"{place or 'it'} is {found[1]}, which is not known",
    ),
    (
        re.compile(r"Invalid value (.+)", re.DOTALL),
        lambda place, found: f"{place or 'it'} is {found[1]}, which is not known",
    ),
    (
        re.compile(r"Object missing required field `(.*)`"),
        lambda place, found: f"{_inside(place, found[1])} is missing",
    ),
    (
        re.compile(r"Object contains unknown field `(.*)`", re.DOTALL),
        lambda place, found: f"{_inside(place, found[1])} is not known",
    ),
    (
        re.compile(r"Expected `([^`]+)`, got `([^`]+)`"),
        lambda place, found: f"{place or 'it'} is {_kinds(found[2])}, and not {_kinds(found[1])}",
    ),
    (
        re.compile(r"Expected `array` of (at (?:least|most) )?length (\d+)(?:, got (\d+))?"),
        lambda place, found: f"{place or 'it'} has not {found[1] or ''}{found[2]} entries",
    ),
    (
        re.compile(r"Expected `([^`]+)` (of length )?([<>]=?) (\S+)"),
        lambda place, found: (
            f"{place or 'it'} is not {_kinds(found[1])} {found[2] or ''}{found[3]} {found[4]}"
        ),
    ),
    (
        re.compile(r"JSON is malformed: (.+)", re.DOTALL),
        lambda place, found: f"it is not JSON, by its {found[1]}",
    ),
    (re.compile(r"Input data was truncated"), lambda place, found: "its end is missing"),
)


def in_words(error: Exception) -> str:
    """Why something could not be decoded: ``projects[0].target is 'x', which is not known``."""
    parts = _WHERE.fullmatch(" ".join(str(error).split()).rstrip("."))
    assert parts is not None  # it takes anything
    what, place = parts["what"], _place(parts["where"] or "")
    for pattern, words in _IN_WORDS:
        if found := pattern.fullmatch(what):
            return words(place, found)[:_LONGEST]
    return (f"{place}: {what}" if place else what)[:_LONGEST].rstrip(".")


def _place(where: str) -> str:
    """``projects[0].target`` of "`$.projects[0].target`"; entries of mappings are in words."""
    of_key = "key in " if where.startswith("`key` in ") else ""
    path = where.removeprefix("`key` in ").strip("`").removeprefix("$").removeprefix(".")
    entry = "an entry of " if path.endswith("[...]") else ""
    path = path.replace("[...]", "")
    words = f"a {of_key}" if of_key else entry
    return f"{words}{path or 'it'}" if words else path


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _kinds(names: str) -> str:
    return " or ".join(_TYPES.get(name, name) for name in names.split(" | "))
