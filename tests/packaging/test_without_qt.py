"""What is out of reach in the core's run stays out of reach in the processes that it starts."""

import os
import subprocess
import sys

import pytest

from launcher.suite import BLOCKER

START_CHILD = (
    "import subprocess, sys; "
    "sys.exit(subprocess.run([sys.executable, '-c', sys.argv[1]]).returncode)"
)


@pytest.mark.parametrize("module", ["PySide6", "PySide6.QtCore", "shiboken6", "pyqtgraph"])
def test_qt_cannot_be_imported_in_a_child_of_a_child(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START_CHILD, f"import {module}"],
        env={**os.environ, "PYTHONPATH": str(BLOCKER)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "is out of reach in this run" in done.stderr


def test_everything_else_can() -> None:
    subprocess.run(
        [sys.executable, "-c", "import json, msgspec"],
        env={**os.environ, "PYTHONPATH": str(BLOCKER)},
        check=True,
    )
