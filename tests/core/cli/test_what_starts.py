"""What the terminal imports before it does anything; see the test of this name of the window.

Asked in a process of its own. ``--help`` answers at once, and no command waits in this process for
what the process of its job needs.
"""

from __future__ import annotations

import pytest

from tests.support.checkout import run_python
from tests.support.imported import modules, newcomers

HELP = modules(
    """
    core: causes errors text
    core.cli: ahead arguments main parser table
    """
)
HEAVY = {"dataclasses", "inspect", "json", "pathlib", "subprocess", "tempfile", "urllib"}
"""Of Python's own, what argparse does without. The rest differs from one version to the next."""

LIGHT = (
    "inspect",
    "import",
    "optimize",
    "plan",
    "catalogue",
    "target",
    "edit-project",
    "trash",
    "restore",
)
"""Commands that need no arrays in this process, or not before they know what is asked for."""
LIBRARIES = {"appdirs", "msgspec", "typing_extensions"}

ASKED = """
import argparse, sys
before = set(sys.modules)
from core.cli.main import main
try:
    main(["--help"])
except SystemExit:
    pass
print(*sorted(name for name in set(sys.modules) - before if sys.modules[name] is not None))
"""
LOADED = """
import sys
from core.cli.table import ENTRIES
ENTRIES[sys.argv[1]].load()
print(*sorted(name for name, module in sys.modules.items() if module is not None))
"""
BARE = "import sys; print(*sorted(sys.modules))"


def imported_by(program: str, *arguments: str) -> set[str]:
    """The modules on the last line that it prints."""
    return set(run_python(program, *arguments).splitlines()[-1].split())


def test_help_imports_little_but_argparse() -> None:
    imported = imported_by(ASKED)
    assert newcomers(imported, HELP, ()) == set()
    assert imported & HEAVY == set()


@pytest.mark.parametrize("command", LIGHT)
def test_a_command_leaves_to_its_job_what_its_job_needs(command: str) -> None:
    imported = imported_by(LOADED, command) - imported_by(BARE)
    assert newcomers(imported, imported, LIBRARIES | {"core"}) == set()


def test_a_folder_is_a_dataset_without_a_reader_of_datasets() -> None:
    """The terminal looks at it before it asks for a job."""
    program = """
import sys
from pathlib import Path
from core.datasets.source import require_dataset
require_dataset(Path(sys.argv[1]))
print(*sorted(name for name, module in sys.modules.items() if module is not None))
"""
    imported = imported_by(program, ".") - imported_by(BARE)
    assert newcomers(imported, imported, LIBRARIES | {"core"}) == set()
