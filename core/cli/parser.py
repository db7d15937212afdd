"""Reading the command line: the list of commands, or the arguments of the one that is named."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.cli.arguments import Parser, meant
from core.cli.table import ENTRIES, GROUPS, Entry

if TYPE_CHECKING:
    from core.cli.command import Command

PROGRAM = "detection-workbench"
_DESCRIPTION = "Quantize an object detector to INT8, and see what it gains and what it loses."
_MANUAL = "docs/cli.md explains every flag and the keys of --json."


def parse(arguments: Sequence[str]) -> tuple[Command[Any], argparse.Namespace]:
    """The command that was typed, and its arguments; leaves with a message where that is wrong."""
    name = arguments[0] if arguments else ""
    entry = ENTRIES.get(name)
    if entry is None:
        if not arguments:
            _root().print_help(sys.stderr)
            raise SystemExit(2)
        _root().parse_args(arguments)  # --help and --version leave here
        raise SystemExit(_unknown(name))
    command = entry.load()
    return command, _of(entry, command).parsed(arguments[1:])


def _root() -> argparse.ArgumentParser:
    parser = Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} COMMAND ... [--json] [--log FILE]",
        description=_DESCRIPTION,
        epilog=_commands(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="one of those below")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _commands() -> str:
    wide = max(map(len, ENTRIES))
    lines = []
    for title, entries in GROUPS.items():
        lines.append(f"{title}:")
        lines += [f"  {entry.name:<{wide}}  {entry.help}" for entry in entries]
        lines.append("")
    return "\n".join([*lines, f"{PROGRAM} COMMAND --help shows its arguments. {_MANUAL}"])


def _of(entry: Entry, command: Command[Any]) -> Parser:
    parser = Parser(
        prog=f"{PROGRAM} {entry.name}",
        description=entry.help,
        epilog=f"example:\n  {PROGRAM} {command.example}\n\n{_MANUAL}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    output = parser.add_argument_group("what is printed")
    output.add_argument("--json", action="store_true", help="one JSON object, and nothing else")
    output.add_argument(
        "--log", type=Path, metavar="FILE", help="append what the jobs' processes write"
    )
    return parser


def _unknown(name: str) -> int:
    """Say which command may have been meant; gives the exit status."""
    message = f"There is no command {name!r}.{meant(name, ENTRIES)} {PROGRAM} --help lists them."
    print(message.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
    return 2
