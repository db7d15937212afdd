"""The arguments of a command of the terminal."""

from __future__ import annotations

import argparse

from core.cli.table import ENTRIES


def arguments_of(command: str) -> list[argparse.Action]:
    """Those that its help explains."""
    explained: list[argparse.Action] = []

    class Noting(argparse.HelpFormatter):
        def add_argument(self, action: argparse.Action) -> None:
            explained.append(action)
            super().add_argument(action)

    parser = argparse.ArgumentParser(formatter_class=Noting)
    ENTRIES[command].load().add_arguments(parser)
    parser.format_help()
    return explained
