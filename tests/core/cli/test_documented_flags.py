"""Every flag of every command, and every value it may have, stands in docs/cli.md."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from core.cli.table import ENTRIES
from tests.support.commands import arguments_of

DOCUMENT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
SECTIONS = {
    title: text
    for level in ("##", "###")
    for title, text in re.findall(
        rf"^{level} (.*?)\n(.*?)(?=^{level} |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL
    )
}
ANCHORS = {title.lower().replace(" ", "-"): title for title in SECTIONS}
ELSEWHERE = {"optimize": ["optimize --search"], "plan": ["optimize"]}
OF_THE_MODEL = {"--layout"}  # inspect lists those of a model


def what_is_said(command: str) -> str:
    """The section of a command, and those that it leads to."""
    own = SECTIONS[command]
    linked = [ANCHORS[one] for one in re.findall(r"\]\(#([\w-]+)\)", own) if one in ANCHORS]
    return "\n".join([own, *(SECTIONS[title] for title in linked + ELSEWHERE.get(command, []))])


def missing(actions: list[argparse.Action], text: str) -> list[str]:
    """Flags, and values of them, that do not stand in a text."""
    found = []
    for action in actions:
        name = action.option_strings[-1] if action.option_strings else action.dest
        flags = [name] if action.option_strings and name != "--help" else []
        values = [] if name in OF_THE_MODEL else map(str, action.choices or ())
        for word in (*flags, *values):
            if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
                found.append(f"{name}: {word}")
    return found


@pytest.mark.parametrize("command", ENTRIES)
def test_every_flag_is_documented(command: str) -> None:
    assert missing(arguments_of(command), what_is_said(command)) == []


def test_a_flag_or_value_that_is_not_documented_is_found() -> None:
    parser = argparse.ArgumentParser()
    actions = [parser.add_argument("--seed"), parser.add_argument("--hint", choices=("low", "up"))]
    assert missing(actions, "`--seed-images N`, `--hint low`") == ["--seed: --seed", "--hint: up"]


@pytest.mark.parametrize("command", ENTRIES)
def test_help_says_what_kind_of_value_a_flag_takes(command: str) -> None:
    """``--output DIR`` and not ``--output OUTPUT``."""
    unsaid = [
        action.option_strings[-1]
        for action in arguments_of(command)
        if action.option_strings
        and action.nargs != 0
        and action.metavar is None
        and action.choices is None
    ]
    assert unsaid == []
