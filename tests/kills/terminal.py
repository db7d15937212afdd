"""``python -m tests.kills.terminal SHARED ...``: the terminal, with a model that is here."""

from __future__ import annotations

import sys
from pathlib import Path

from core.cli import catalogue
from core.cli.main import main
from tests.kills.room import Room


def run(shared: Path, arguments: list[str]) -> int:
    """One command, as typed; the catalogue has the model of these tests."""
    entry = Room(shared, shared).entry
    catalogue.entry_named = lambda name: entry  # type: ignore[attr-defined]
    return main(arguments)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
